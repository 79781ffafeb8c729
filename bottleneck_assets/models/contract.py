"""What a table promises: a pandera model with Arrow types, strict, where every column is described with its unit.

Belongs here: the types, the ways to declare a column, what a contract promises as data (promise.py), and saying where a table breaks
it. Never here: any one table's columns.
"""

from __future__ import annotations

from copy import copy
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
import pyarrow as pa

from bottleneck_assets.engine.warehouse import Failures, literal
from bottleneck_assets.models.promise import Additive, Column, Promise
from bottleneck_assets.models.quiet_import import without_pyspark

with without_pyspark():
    import pandera.pandas as pandera
    from pandera.backends.pandas import builtin_checks  # noqa: F401 - pandera would import these later, and Spark with them
    from pandera.typing import pyspark, pyspark_sql  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bottleneck_assets.engine.warehouse import Candidate

Text = Annotated[pd.ArrowDtype, pa.string()]
Date = Annotated[pd.ArrowDtype, pa.date32()]
Flag = Annotated[pd.ArrowDtype, pa.bool_()]
Count = Annotated[pd.ArrowDtype, pa.int64()]
Ratio = Annotated[pd.ArrowDtype, pa.float64()]
Price = Annotated[pd.ArrowDtype, pa.decimal128(18, 8)]
Amount = Annotated[pd.ArrowDtype, pa.decimal128(18, 4)]
Factor = Annotated[pd.ArrowDtype, pa.decimal128(20, 19)]

LISTED_CASES = 20
_VALIDATING = Lock()
"""Pandera keeps state for all threads."""


class Contract(pandera.DataFrameModel):
    """The base of every contract: exactly these columns, in this order, of these types; nothing is coerced."""

    class Config(pandera.DataFrameModel.Config):
        """What pandera enforces. A table's own Config adds its key as `unique`."""

        strict = True
        ordered = True
        coerce = False


def column(description: str, *, unit: str = "", formula: str = "", additive: Additive = "no", nullable: bool = False, **checks: Any) -> Any:
    """Declare a column: what it means, its unit, the formula it follows, whether it adds up, and pandera's own checks (`ge`, `isin`...)."""
    metadata = {"unit": unit, "formula": formula, "additive": additive}
    return pandera.Field(nullable=nullable, description=description, metadata=metadata, **checks)


def euros(description: str, *, formula: str = "", additive: Additive = "yes", nullable: bool = False, **checks: Any) -> Any:
    """Declare a column in euros."""
    return column(description, unit="EUR", formula=formula, additive=additive, nullable=nullable, **checks)


def quantity(description: str, *, formula: str = "", additive: Additive = "yes", nullable: bool = False, **checks: Any) -> Any:
    """Declare a column in units sold or stocked (bottles, boxes)."""
    return column(description, unit="units", formula=formula, additive=additive, nullable=nullable, **checks)


def count_of(things: str, description: str, *, formula: str = "", additive: Additive = "yes", nullable: bool = False, **checks: Any) -> Any:
    """Declare a count of things that have a name of their own, such as rows or products."""
    return column(description, unit=things, formula=formula, additive=additive, nullable=nullable, **checks)


def ratio(description: str, *, formula: str = "", nullable: bool = True, **checks: Any) -> Any:
    """Declare a ratio (1 = 100 %). Null where its divisor is 0."""
    return column(description, unit="ratio", formula=formula, nullable=nullable, **checks)


def columns_of(contract: type[Contract]) -> list[Column]:
    """Return a contract's columns in order."""
    schema = contract.to_schema()
    return [
        Column(
            name=str(name),
            type=_sql_type(declared.dtype.type.pyarrow_dtype),
            unit=declared.metadata["unit"],
            is_nullable=declared.nullable,
            description=declared.description,
            formula=declared.metadata["formula"],
            additive=declared.metadata["additive"],
        )
        for name, declared in schema.columns.items()
    ]


def key_of(contract: type[Contract]) -> list[str]:
    """Return the columns that tell a contract's rows apart: its grain."""
    unique = contract.to_schema().unique
    return [unique] if isinstance(unique, str) else list(unique or [])


def promise_of(contract: type[Contract]) -> Promise:
    """Return what a contract promises as plain data."""
    declared = contract.to_schema().columns.items()
    limits = {
        str(name): {str(check.name): next(value for value in check.statistics.values() if value is not None) for check in one.checks}
        for name, one in declared
    }
    doubts = [doubt for name, one in declared for doubt in _doubts(str(name), one)]
    return Promise(tuple(columns_of(contract)), tuple(key_of(contract)), limits, " or ".join(doubts) or "false")


def _doubts(name: str, declared: pandera.Column) -> Iterator[str]:
    if not declared.nullable:
        yield f"{name} is null"
    if pa.types.is_floating(declared.dtype.type.pyarrow_dtype):
        yield f"isnan({name})"
    for check in declared.checks:
        match check.name, check.statistics:
            case "greater_than_or_equal_to", {"min_value": int(least)}:
                yield f"{name} < {least}"
            case "greater_than", {"min_value": int(bound)}:
                yield f"{name} <= {bound}"
            case "less_than_or_equal_to", {"max_value": int(most)}:
                yield f"{name} > {most}"
            case "less_than", {"max_value": int(bound)}:
                yield f"{name} >= {bound}"
            case "isin", {"allowed_values": [*allowed]}:
                yield f"{name} not in ({', '.join(literal(value) for value in allowed)})"
            case "str_length", {"min_value": int(least), "max_value": None, "exact_value": None}:
                yield f"length({name}) < {least}"
            case _:
                yield "true"  # whatever else pandera knows it judges itself


def failures(contract: type[Contract], candidate: Candidate) -> Failures:
    """Say where a stored table breaks its contract: its types whole, its values in batches of rows, its key in the engine.

    Only columns that promise something of their values are read. A table of other columns or types is held against the contract
    without its rows: what their values should be is then no question.
    """
    schema = copy(contract.to_schema())  # pandera keeps one for all: it must not be changed
    schema.unique = None
    if [(field.name, field.type) for field in candidate.fields()] != _fields(contract):
        return _found(schema, [candidate.fields().empty_table()])
    promising = [str(name) for name, declared in schema.columns.items() if declared.checks or not declared.nullable]
    found = _found(schema.select_columns(promising), candidate.batches(promising) if promising else [])
    repeated = candidate.duplicates(key, LISTED_CASES) if (key := key_of(contract)) else Failures(0, [])
    cases = [{"column": ", ".join(key), "check": "unique", "failure_case": str(case), "index": ""} for case in repeated.cases]
    return Failures(found.count + repeated.count, [*found.cases, *cases][:LISTED_CASES])


def _fields(contract: type[Contract]) -> list[tuple[str, pa.DataType]]:
    return [(str(name), declared.dtype.type.pyarrow_dtype) for name, declared in contract.to_schema().columns.items()]


def _found(schema: pandera.DataFrameSchema, batches: Iterable[pa.Table]) -> Failures:
    count, cases, rows = 0, [], 0
    for batch in batches:
        frame = _without_nan(batch).to_pandas(types_mapper=pd.ArrowDtype)
        frame.index += rows  # a case tells its row in the table, not in the batch
        rows += len(frame)
        try:
            with _VALIDATING:
                schema.validate(frame, lazy=True)
        except pandera.errors.SchemaErrors as error:
            found = error.failure_cases[["column", "check", "failure_case", "index"]].astype(str)
            count += len(found)
            cases.extend(found.head(LISTED_CASES - len(cases)).to_dict("records"))
    return Failures(count, cases)


def _without_nan(batch: pa.Table) -> pa.Table:
    """Return a batch with null for every NaN: pandera takes a NaN for a value, also where none may be missing."""
    for place, field in enumerate(batch.schema):
        if pa.types.is_floating(field.type):
            numbers = batch.column(place).to_numpy()
            if (numbers != numbers).any():  # noqa: PLR0124 - a NaN is no number, not even itself; a null stands as one here
                batch = batch.set_column(place, field, pa.chunked_array([pa.array(numbers, field.type, from_pandas=True)]))
    return batch


def _sql_type(dtype: pa.DataType) -> str:
    if pa.types.is_decimal(dtype):
        return f"decimal({dtype.precision},{dtype.scale})"
    return {pa.string(): "varchar", pa.date32(): "date", pa.bool_(): "boolean", pa.int64(): "bigint", pa.float64(): "double"}[dtype]
