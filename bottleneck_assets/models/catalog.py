"""Finds every model (a SELECT and a contract), and says what it reads, what it promises and which version of its code it is.

A SELECT may call the macros of `macros.sql`. What is run and analysed is the SELECT with its macros expanded. One SELECT is written by
code, from the columns of the raw contracts: that of `clean.quarantine` (quarantined.py).

Belongs here: the way from the files `models/<layer>/<name>.{sql,py}` to one description of each table. Never here: running
them, Dagster. It reads source text alone; a contract, with pandas and pandera, is imported only where one is asked for.
"""

from __future__ import annotations

import ast
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.engine.remembered import remembered
from bottleneck_assets.models import quarantined
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.models.promise import Column, Promise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlglot import exp

    from bottleneck_assets.engine.macros import Macros
    from bottleneck_assets.models.contract import Contract

PRESENTATION = "presentation"
"""The layer that only documents read."""
LAYERS = ("raw", "clean", "kpi", "recommendation", "extract", PRESENTATION)
UNPUBLISHED = frozenset(
    {
        "kpi.basket",
        "kpi.basket_costs",
        "kpi.promo_comparison",
        "kpi.promo_placebo",
        "kpi.promo_resample",
        "kpi.stock_history",
        "recommendation.summary_figures",
    }
)
"""Tables that only others are made of: no release shows them among its KPIs and recommendations."""
_PACKAGE = "bottleneck_assets.models"
_FOLDER = Path(__file__).parent
_MACROS = (_FOLDER / "macros.sql", _FOLDER.parent / "source" / "spellings.sql")
_READERS = (Path(__file__), _FOLDER.parent / "engine" / "macros.py")
"""The code that reads SELECTs: what it has read of one is read again when it changes."""


@dataclass(frozen=True)
class Model:
    """One table: its layer and name, its catalogue text, and its SELECT as written (the raw layer has none: it is read from the export)."""

    layer: str
    name: str
    description: str
    sql: str | None

    @property
    def ref(self) -> str:
        """The name under which SQL reads it: `layer.name`."""
        return f"{self.layer}.{self.name}"

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that its SELECT reads, sorted."""
        return tuple(self._read_out["reads"])

    @property
    def select(self) -> str:
        """The SELECT that is run: its macros expanded, its comments gone. Raises MacroError if it calls one wrongly, or none there is."""
        return self._read_out["select"]

    @cached_property
    def parsed(self) -> exp.Expr:
        """The SELECT as a syntax tree, its macros expanded. Raises MacroError as `select` does."""
        import sqlglot

        from bottleneck_assets.engine.macros import DIALECT

        return macros().expanded(self.ref, sqlglot.parse_one(self.sql or "", dialect=DIALECT))

    @cached_property
    def _read_out(self) -> Mapping[str, Any]:
        """What is read out of its SELECT. Nobody parses one that has been read before: that takes longer than to import Dagster."""
        if self.sql is None:
            return {"reads": [], "macros": []}
        return remembered(f"{self.ref}.select", self._read, of=[self.sql, *_MACROS, *_READERS], by="sqlglot")

    def _read(self) -> dict[str, Any]:
        from sqlglot import exp
        from sqlglot.optimizer.scope import traverse_scope

        from bottleneck_assets.engine.macros import DIALECT

        sources = [source for scope in traverse_scope(self.parsed) for source in scope.sources.values()]
        return {
            "reads": sorted({f"{source.db}.{source.name}" for source in sources if isinstance(source, exp.Table)}),
            "macros": macros().called_by(self.sql or ""),
            "select": self.parsed.sql(dialect=DIALECT, comments=False),
        }

    @cached_property
    def code_version(self) -> str:
        """A hash that changes when its SELECT, a macro in it, its contract, what that is made of, or the sentences that it says change."""
        said = [Path(wording.__file__)] if self.sql and "sentence(" in self.sql else []
        sources = [
            self.sql or "",
            *self._read_out["macros"],
            *(path.read_text(encoding="utf-8") for path in (*_contract_sources(self.layer, self.name), *said)),
        ]
        return sha256("\n".join(sources).encode()).hexdigest()[:16]

    @cached_property
    def promise(self) -> Promise:
        """What its contract promises."""
        kept = remembered(f"{self.ref}.promise", self._promise, of=[self.code_version], by="pandera")
        return Promise(**{**kept, "columns": tuple(Column(**column) for column in kept["columns"]), "key": tuple(kept["key"])})

    def _promise(self) -> dict[str, Any]:
        from bottleneck_assets.models.contract import promise_of

        return asdict(promise_of(self.contract))

    @cached_property
    def contract(self) -> type[Contract]:
        """Its contract: the class named as the table, in camel case."""
        module = import_module(f"{_PACKAGE}.{self.layer}.{self.name}")
        return getattr(module, "".join(word.capitalize() for word in self.name.split("_")))


@cache
def models() -> Mapping[str, Model]:
    """Return every model by its reference, in the order of layers and names."""
    found = [_model(layer, path) for layer in LAYERS for path in sorted((_FOLDER / layer).glob("[!_]*.py"))]
    return {model.ref: model for model in found}


@cache
def macros() -> Macros:
    """Return the macros that every SELECT may call."""
    from bottleneck_assets.engine.macros import Macros

    return Macros(_MACROS, ("html_unescape", *FUNCTIONS))


def of_layer(layer: str) -> list[Model]:
    """Return the models of one layer, by name."""
    return [model for model in models().values() if model.layer == layer]


def made(*, reports: bool) -> Mapping[str, Model]:
    """Return the models that a refresh makes, by their references: without reports, none that only documents read."""
    return {ref: model for ref, model in models().items() if reports or model.layer != PRESENTATION}


def published(layer: str) -> list[Model]:
    """Return the models of one layer that a release shows, by name."""
    return [model for model in of_layer(layer) if model.ref not in UNPUBLISHED]


@cache
def exported_columns() -> Mapping[str, list[str]]:
    """Return the tables that an export should have, each with its columns as its raw contract declares them, the key first."""
    return {
        path.stem: [ast.unparse(column.target) for column in declared.body if isinstance(column, ast.AnnAssign)]
        for path in sorted((_FOLDER / "raw").glob("[!_]*.py"))
        for declared in _parsed(path).body
        if isinstance(declared, ast.ClassDef) and "ExportedTable" in map(ast.unparse, declared.bases)
    }


def _model(layer: str, path: Path) -> Model:
    description = ast.get_docstring(_parsed(path)) or ""
    if (layer, path.stem) == ("clean", "quarantine"):
        return Model(layer, path.stem, description, quarantined.select(exported_columns()))
    sql = path.with_suffix(".sql")
    return Model(layer, path.stem, description, sql.read_text(encoding="utf-8") if sql.exists() else None)


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _contract_sources(layer: str, name: str) -> tuple[Path, ...]:
    """Return the file of a contract and those of the models package that it imports, its parents first in depth."""
    path = _FOLDER / layer / f"{name}.py"
    imported = [node for node in _parsed(path).body if isinstance(node, ast.ImportFrom)]
    sources = [path]
    for module in (f"{node.module}.{alias.name}" for node in imported for alias in node.names):
        for parent in (module, module.rpartition(".")[0]):
            inside = parent.removeprefix(f"{_PACKAGE}.").split(".")
            if parent.startswith(f"{_PACKAGE}.") and (_FOLDER.joinpath(*inside[:-1]) / f"{inside[-1]}.py").exists():
                sources.extend(_contract_sources("/".join(inside[:-1]), inside[-1]))
    return tuple(dict.fromkeys(sources))
