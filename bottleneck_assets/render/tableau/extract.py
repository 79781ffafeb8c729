"""Writes Tableau extracts: `.hyper` files whose tables are declared, key by key, from the contracts.

Belongs here: the one way to a `.hyper`, and which tables the release's own holds. Never here: what Tableau shows of a field (fields.py), a
workbook (package.py), or a figure.

Rows go from the tables' Parquet files into tables that were declared before: what Hyper would make of a file by itself has no keys and
allows nulls everywhere. Its COPY refuses a column that must not be null where the file only happens to have none, so the rows are read
by a SELECT, which looks at each. The engine is a process that lives while a file is written; it logs nothing and reports nothing.
"""

# pyright: reportMissingImports=false, reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (an extra, which may not be installed where types are checked, and which has types in part)

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from bottleneck_assets.errors import ExtractError
from bottleneck_assets.models.catalog import models, of_layer, published
from bottleneck_assets.release.publishing import FACTS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tableauhyperapi import Connection

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion
    from bottleneck_assets.render.tableau.fields import Field

NAME = "bottleneck"
FILE = f"tableau/{NAME}.hyper"
IN_PACKAGE = f"Data/Extracts/{NAME}.hyper"
"""Where the extract lies in the package of a data source over it."""
SCHEMA = "Extract"
STAR: Mapping[str, str] = {"products": "clean.web", "months": "clean.months", "sales": "clean.sales", "promotions": "clean.promo"}
"""The star: its tables by their names in the extract, those that others refer to first."""
REFERENCES: Mapping[str, Mapping[str, str]] = {name: {"sku": "products", "month": "months"} for name in ("sales", "promotions")}
"""The foreign keys of the star: for a table, the columns and the tables that they refer to, by the same name there."""
NO_ENGINE = "tableauhyperapi is not installed: uv sync --extra tableau. It has no wheel for Linux or Windows on ARM, nor for Alpine."

_SETTINGS = {
    "log_config": "",  # else a log of 40 kB lands in the working directory
    "default_database_version": "2",  # which Tableau reads from 2021 on
}


_DATATYPES = {
    "BOOL": "boolean", "SMALL_INT": "integer", "INT": "integer", "BIG_INT": "integer", "NUMERIC": "real", "DOUBLE": "real", "FLOAT": "real",
    "TEXT": "string", "VARCHAR": "string", "CHAR": "string", "DATE": "date", "TIMESTAMP": "datetime", "TIMESTAMP_TZ": "datetime",
    "GEOGRAPHY": "spatial",
}  # fmt: skip
"""The types of extracts in Tableau's words."""


@dataclass(frozen=True)
class Table:
    """A table as an extract holds it: its columns with their types in Tableau's words, empty for any other, and how many rows it has."""

    columns: Mapping[str, str]
    rows: int


@dataclass(frozen=True)
class ExtractTable:
    """One table of an extract: its name there, its fields, the Parquet file with its rows, how many these are, and its foreign keys.

    A foreign key is a column and the table that it refers to, by a column of the same name; that table comes earlier.
    """

    name: str
    fields: Sequence[Field]
    parquet: Path
    rows: int
    refers_to: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ddl(self) -> str:
        """The statement that declares it: every type, NOT NULL and key that the contract promises.

        Hyper takes keys on trust (ASSUMED), and the contract is checked before a table is stored. A key of which a part may be null is
        one that is unique.
        """
        columns = [f"{_name(one.name)} {one.hyper_type}{'' if one.is_nullable else ' NOT NULL'}" for one in self.fields]
        key = [one for one in self.fields if one.is_key]
        kind = "UNIQUE" if any(one.is_nullable for one in key) else "PRIMARY KEY"
        keys = [f"ASSUMED {kind} ({', '.join(_name(one.name) for one in key)})"] if key else []
        references = [
            f"ASSUMED FOREIGN KEY ({_name(column)}) REFERENCES {_table(other)} ({_name(column)})"
            for column, other in self.refers_to.items()
        ]
        return f"CREATE TABLE {_table(self.name)} ({', '.join([*columns, *keys, *references])})"

    @property
    def filling(self) -> str:
        """The statement that fills it."""
        columns = ", ".join(_name(one.name) for one in self.fields)
        return f"INSERT INTO {_table(self.name)} SELECT {columns} FROM external({_literal(self.parquet.resolve())}, FORMAT => 'parquet')"


def unavailable() -> str | None:
    """Say why no extract can be written on this machine, None if one can."""
    return None if find_spec("tableauhyperapi") else NO_ENGINE


def extract_table(warehouse: Warehouse, name: str, ref: str, refers_to: Mapping[str, str] | None = None) -> ExtractTable:
    """Return a stored table as one of an extract, under a name of its own."""
    from bottleneck_assets.render.tableau.fields import fields

    stored = warehouse.table(ref)
    return ExtractTable(name, fields(models()[ref]), stored.path, stored.rows, refers_to or {})


def write_extracts(extracts: Mapping[Path, Sequence[ExtractTable]]) -> dict[Path, dict[str, Table]]:
    """Write extracts, each with its tables in their order: beside its place, read back once it is closed, then renamed into it.

    Return what each was found to hold, as `tables_in` does. Raises ExtractError if that cannot be done; a file that was there before then
    stays.
    """
    found: dict[Path, dict[str, Table]] = {}
    with _failing_clearly(", ".join(path.name for path in extracts)), _engine() as connected:
        for path, tables in extracts.items():
            beside = path.with_name(f".{path.stem}.tmp{path.suffix}")
            try:
                with _failing_clearly(path.name), connected(beside, new=True) as connection:
                    connection.execute_command(f"CREATE SCHEMA {_name(SCHEMA)}")
                    for table in tables:
                        connection.execute_command(table.ddl)
                        connection.execute_command(table.filling)
                # again: on a full disk Hyper closes without a word a file that holds nothing
                with _failing_clearly(path.name), connected(beside) as connection:
                    found[path] = dict(_tables(connection))
                _prove(found[path], tables, path)
                beside.chmod(0o644)  # Hyper lets nobody else read
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
    return found


def tables_in(extracts: Iterable[Path]) -> dict[Path, dict[str, Table] | None]:
    """Return the tables of extracts, each by its name as Tableau writes it; None for a file that cannot be read."""
    from tableauhyperapi import HyperException

    found: dict[Path, dict[str, Table] | None] = {}
    with _engine() as connected:
        for path in extracts:
            try:
                with connected(path) as connection:
                    found[path] = dict(_tables(connection))
            except HyperException:
                found[path] = None
    return found


def _tables(connection: Connection) -> Iterator[tuple[str, Table]]:
    catalog = connection.catalog
    for schema in catalog.get_schema_names():
        for name in catalog.get_table_names(schema):
            columns = catalog.get_table_definition(name).columns
            types = {column.name.unescaped: _DATATYPES.get(column.type.tag.name, "") for column in columns}
            rows: Any = connection.execute_scalar_query(f"SELECT COUNT(*) FROM {name}")
            yield f"[{schema.name.unescaped}].[{name.name.unescaped}]", Table(types, rows)


@contextmanager
def _engine() -> Generator[Callable[..., Connection], None, None]:
    """Start the engine, and give the way to connect it to files."""
    from tableauhyperapi import Connection, CreateMode, HyperProcess, Telemetry

    with HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=_SETTINGS) as hyper:

        def connected(file: Path, *, new: bool = False) -> Connection:
            return Connection(hyper.endpoint, file, CreateMode.CREATE_AND_REPLACE if new else CreateMode.NONE)

        yield connected


@contextmanager
def _failing_clearly(files: str) -> Generator[None, None, None]:
    """Raise what the engine complains of as ExtractError, with the names of the files."""
    from tableauhyperapi import HyperException

    try:
        yield
    except HyperException as error:
        problem = f"{files} could not be written: {' '.join(str(error.main_message).split())}."
        raise ExtractError(problem, "Free disk space or memory if they are named; with the setting reports off, there is none.") from error


def _prove(found: Mapping[str, Table], tables: Iterable[ExtractTable], path: Path) -> None:
    """Raise ExtractError if a file does not hold as many rows of every table as it should."""
    for table in tables:
        held = found.get(f"[{SCHEMA}].[{table.name}]")
        if (rows := held.rows if held else 0) != table.rows:
            problem = f"{path.name} does not hold what was written: table {table.name} has {rows} rows, not {table.rows}."
            raise ExtractError(problem, "Free disk space, and make it again; with the setting reports off, there is none.")


def _table(name: str) -> str:
    return f"{_name(SCHEMA)}.{_name(name)}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def tables_of_release() -> dict[str, str]:
    """Return the tables that the release's extract holds, by their names there: the star, the KPIs, the tabs, and what figures sum."""
    kpis = {f"kpi_{model.name}": model.ref for model in published("kpi")}
    tabs = {model.name: model.ref for model in of_layer("extract")}
    return {**STAR, **kpis, **tabs, **{models()[ref].name: ref for ref in FACTS}}


def render(occasion: Occasion, folder: Path) -> dict[str, Table]:
    """Write the release's extract under a folder, and return what it was found to hold."""
    tables = [extract_table(occasion.warehouse, name, ref, REFERENCES.get(name)) for name, ref in tables_of_release().items()]
    return write_extracts({folder / FILE: tables})[folder / FILE]
