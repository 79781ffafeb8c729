"""Proves that a contract finds every way in which a table can break it, and says where."""

import datetime as dt
from contextlib import suppress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottleneck_assets.engine.warehouse import BrokenContractError, Candidate, Failures, Origin, Warehouse
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.contract import (
    LISTED_CASES,
    Amount,
    Contract,
    Count,
    Date,
    Flag,
    Price,
    Ratio,
    Text,
    column,
    columns_of,
    euros,
    failures,
    key_of,
    promise_of,
    quantity,
    ratio,
)
from bottleneck_assets.models.judging import failures as judged_by_both
from bottleneck_assets.models.promise import Column
from bottleneck_assets_tests.conftest import Refreshed


class Shelf(Contract):
    month: Date = column("First day of the month.")
    sku: Count = column("Product.", ge=0)
    name: Text = column("Name.", nullable=True, str_length={"min_value": 1})
    segment: Text = column("Segment.", isin=["Vin", "Huile"])
    is_open: Flag = column("Whether it is open.")
    price: Price = euros("Price.", additive="no", ge=0)
    revenue: Amount = euros("Revenue.", formula="units * price", nullable=True)
    units: Count = quantity("Units.", nullable=True, ge=0)
    share: Ratio = ratio("Share.", formula="a / b", ge=0, le=1)

    class Config(Contract.Config):
        unique = ["month", "sku"]  # noqa: RUF012 - pandera's way


class Counter(Contract):
    sku: Count = column("Product.")


MONTH = dt.date(2022, 10, 1)
GOOD: dict[str, tuple[pa.DataType, list[Any]]] = {
    "month": (pa.date32(), [MONTH, MONTH]),
    "sku": (pa.int64(), [1, 2]),
    "name": (pa.string(), ["Domaine", None]),
    "segment": (pa.string(), ["Vin", "Huile"]),
    "is_open": (pa.bool_(), [True, False]),
    "price": (pa.decimal128(18, 8), [Decimal("21.7"), Decimal(0)]),
    "revenue": (pa.decimal128(18, 4), [Decimal("21.7"), None]),
    "units": (pa.int64(), [1, None]),
    "share": (pa.float64(), [0.5, None]),
}


def shelf(**changed: tuple[pa.DataType, list[Any]] | None) -> pa.Table:
    """Return good rows with columns changed, or left out if None."""
    columns = {name: pa.array(values, dtype) for name, (dtype, values) in ({**GOOD, **{k: v for k, v in changed.items() if v}}).items()}
    return pa.table({name: values for name, values in columns.items() if name not in changed or changed[name] is not None})


def judged(folder: Path, rows: pa.Table, contract: type[Contract] = Shelf) -> Failures:
    """Store rows as a build does, and return what the contract finds; the promise must not say that it is kept where it is not."""
    found: list[Failures] = []

    def look(candidate: Candidate) -> Failures:
        found.append(failures(contract, candidate))
        assert promise_of(contract).is_kept_by(candidate) == (not found[0].count)
        return found[0]

    with suppress(BrokenContractError):
        Warehouse(folder).put("clean.shelf", rows, origin=Origin("export", "x", "1"), code_version="1", check=look)
    return found[0]


def test_rows_that_keep_their_contract_have_no_failures(tmp_path: Path) -> None:
    assert judged(tmp_path, shelf()) == Failures(0, [])


def test_an_empty_table_keeps_its_contract(tmp_path: Path) -> None:
    assert judged(tmp_path, shelf().slice(0, 0)) == Failures(0, [])


def test_an_empty_table_of_other_types_does_not(tmp_path: Path) -> None:
    assert judged(tmp_path, shelf(units=(pa.float64(), [1.0, 2.0])).slice(0, 0)).count


OTHER_TYPES: dict[str, tuple[pa.DataType, list[Any]]] = {
    "month": (pa.timestamp("us"), [dt.datetime(2022, 10, 1), None]),  # noqa: DTZ001 - a wrong type on purpose
    "sku": (pa.int32(), [1, 2]),
    "name": (pa.int64(), [1, 2]),
    "segment": (pa.int64(), [1, 2]),
    "is_open": (pa.int64(), [1, 0]),
    "price": (pa.decimal128(18, 4), [Decimal(1), Decimal(2)]),
    "revenue": (pa.decimal128(38, 4), [Decimal(1), Decimal(2)]),
    "units": (pa.float64(), [1.0, 2.0]),
    "share": (pa.string(), ["0.5", "x"]),
}


@pytest.mark.parametrize("name", OTHER_TYPES)
def test_a_column_of_another_type_is_a_failure_of_that_column(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path, shelf(**{name: OTHER_TYPES[name]}))

    assert found.count >= 1
    assert name in {case["column"] for case in found.cases}
    assert any("dtype" in case["check"] for case in found.cases)


@pytest.mark.parametrize(
    ("name", "values", "check", "case"),
    [
        ("sku", [1, -2], "greater_than_or_equal_to", "-2"),
        ("name", ["", "x"], "str_length", ""),
        ("segment", ["Vin", "Bière"], "isin", "Bière"),
        ("price", [Decimal(1), Decimal("-0.00000001")], "greater_than_or_equal_to", "-1E-8"),
        ("units", [-1, None], "greater_than_or_equal_to", "-1"),
        ("share", [1.5, None], "less_than_or_equal_to", "1.5"),
    ],
)
def test_a_value_out_of_its_limits_is_a_failure_with_its_case(tmp_path: Path, name: str, values: list[Any], check: str, case: str) -> None:
    found = judged(tmp_path, shelf(**{name: (GOOD[name][0], values)}))

    assert found.count == 1
    assert found.cases[0]["column"] == name
    assert check in found.cases[0]["check"]
    assert found.cases[0]["failure_case"] == case


@pytest.mark.parametrize("name", ["month", "sku", "segment", "is_open", "price"])
def test_a_null_where_none_may_be_is_a_failure(tmp_path: Path, name: str) -> None:
    dtype, values = GOOD[name]
    found = judged(tmp_path, shelf(**{name: (dtype, [values[0], None])}))

    assert found.count == 1
    assert (found.cases[0]["column"], found.cases[0]["check"]) == (name, "not_nullable")


@pytest.mark.parametrize("name", ["name", "revenue", "units", "share"])
def test_a_null_where_one_may_be_is_none(tmp_path: Path, name: str) -> None:
    assert judged(tmp_path, shelf(**{name: (GOOD[name][0], [None, None])})).count == 0


def test_a_repeated_key_is_a_failure_with_the_key(tmp_path: Path) -> None:
    found = judged(tmp_path, shelf(sku=(pa.int64(), [2, 2])))

    assert found.count == 1
    (case,) = found.cases
    assert (case["column"], case["check"]) == ("month, sku", "unique")
    assert "'sku': 2" in case["failure_case"]
    assert "'row_count': 2" in case["failure_case"]


def test_half_a_key_may_repeat(tmp_path: Path) -> None:
    assert judged(tmp_path, shelf(month=(pa.date32(), [MONTH, MONTH]))).count == 0


@pytest.mark.parametrize("name", list(GOOD))
def test_a_missing_column_is_a_failure(tmp_path: Path, name: str) -> None:
    found = judged(tmp_path, shelf(**{name: None}))

    assert found.count >= 1
    assert any(name in str(case.values()) for case in found.cases)


def test_a_column_more_is_a_failure(tmp_path: Path) -> None:
    found = judged(tmp_path, shelf().append_column("margin", pa.array([1, 2])))

    assert found.count >= 1
    assert any("margin" in str(case.values()) for case in found.cases)


def test_columns_in_another_order_are_a_failure(tmp_path: Path) -> None:
    names = list(GOOD)
    found = judged(tmp_path, shelf().select([names[1], names[0], *names[2:]]))

    assert found.count >= 1
    assert any("order" in case["check"] for case in found.cases)


def test_every_failure_is_counted_and_only_the_first_are_listed(tmp_path: Path) -> None:
    rows = pa.table({"sku": pa.array([None] * 300, pa.int64())})
    found = judged(tmp_path, rows, Counter)

    assert (found.count, len(found.cases)) == (300, LISTED_CASES)


def test_failures_of_several_kinds_are_all_counted(tmp_path: Path) -> None:
    found = judged(tmp_path, shelf(sku=(pa.int64(), [-1, -1]), segment=(pa.string(), [None, "Bière"])))

    assert found.count == 5
    assert {case["column"] for case in found.cases} == {"sku", "segment", "month, sku"}


def test_a_failure_beyond_the_first_batch_is_found(tmp_path: Path) -> None:
    numbers: list[int | None] = list(range(260_000))
    numbers[-1] = None

    assert judged(tmp_path, pa.table({"sku": pa.array(numbers, pa.int64())}), Counter).count == 1


def test_a_failure_beyond_the_first_batch_tells_its_row_in_the_table(tmp_path: Path) -> None:
    numbers: list[int | None] = list(range(510_000))
    numbers[505_123] = None

    (case,) = judged(tmp_path, pa.table({"sku": pa.array(numbers, pa.int64())}), Counter).cases
    assert case["index"] == "505123"


def test_a_contract_tells_its_columns_in_order_for_the_dictionary() -> None:
    assert columns_of(Shelf) == [
        Column("month", "date", "", is_nullable=False, description="First day of the month.", formula="", additive="no"),
        Column("sku", "bigint", "", is_nullable=False, description="Product.", formula="", additive="no"),
        Column("name", "varchar", "", is_nullable=True, description="Name.", formula="", additive="no"),
        Column("segment", "varchar", "", is_nullable=False, description="Segment.", formula="", additive="no"),
        Column("is_open", "boolean", "", is_nullable=False, description="Whether it is open.", formula="", additive="no"),
        Column("price", "decimal(18,8)", "EUR", is_nullable=False, description="Price.", formula="", additive="no"),
        Column("revenue", "decimal(18,4)", "EUR", is_nullable=True, description="Revenue.", formula="units * price", additive="yes"),
        Column("units", "bigint", "units", is_nullable=True, description="Units.", formula="", additive="yes"),
        Column("share", "double", "ratio", is_nullable=True, description="Share.", formula="a / b", additive="no"),
    ]


def test_a_contract_tells_its_key() -> None:
    assert key_of(Shelf) == ["month", "sku"]
    assert key_of(Counter) == []


def test_judging_does_not_use_up_the_contracts_key(tmp_path: Path) -> None:
    for folder in ("once", "again"):
        assert judged(tmp_path / folder, shelf(sku=(pa.int64(), [2, 2]))).count == 1


def test_rows_become_an_arrow_table_of_the_contracts_types() -> None:
    row: dict[str, Any] = {name: values[0] for name, (_, values) in GOOD.items()}

    promise = promise_of(Shelf)
    assert promise.arrow_table([row]).schema == shelf().schema
    assert promise.arrow_table([]).schema == shelf().schema
    assert promise.arrow_table([row]).to_pylist() == [row]


# --- The engine's judgement and pandera's -------------------------------------------------------------------------------------------

TEXT = st.sampled_from(["", " ", "a", "é", "e\u0301", "🍷", "L'huile", "Vin", "vin"])
DOUBLE = st.sampled_from([-1.0, -0.0, 0.0, 5e-324, 0.5, 1.0, 1.0000000000000002, float("inf"), float("-inf"), float("nan")])
KINDS: dict[str, tuple[Any, pa.DataType, st.SearchStrategy[Any]]] = {
    "text": (Text, pa.string(), TEXT),
    "count": (Count, pa.int64(), st.sampled_from([-(2**63), -1, 0, 1, 2, 2**53 + 1, 2**63 - 1])),
    "ratio": (Ratio, pa.float64(), DOUBLE),
    "price": (Price, pa.decimal128(18, 8), st.sampled_from([Decimal("-0.00000001"), Decimal(0), Decimal(1), Decimal("1.00000001")])),
    "amount": (Amount, pa.decimal128(18, 4), st.sampled_from([Decimal("-99999999999999.9999"), Decimal(0), Decimal(1)])),
}
LIMITS = st.dictionaries(st.sampled_from(["ge", "gt", "le", "lt", "eq", "ne"]), st.sampled_from([-1, 0, 1]), max_size=2)
SPELLED = st.sampled_from(
    [{}, {"isin": ["Vin", "L'huile"]}, {"str_length": {"min_value": 1}}, {"str_length": {"max_value": 1}}, {"str_matches": "^[a-z]*$"}]
)


@st.composite
def promised_and_stored(draw: st.DrawFn) -> tuple[type[Contract], pa.Table]:
    """Draw a contract of a few columns, and a table of its types that keeps it or does not."""
    declared, stored, rows = {}, {}, draw(st.integers(0, 4))
    for place, kind in enumerate(draw(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3))):
        dtype, arrow, values = KINDS[kind]
        checks: dict[str, Any] = draw(SPELLED if kind == "text" else LIMITS)
        declared[f"c{place}"] = (dtype, column("Drawn.", nullable=draw(st.booleans()), **checks))
        stored[f"c{place}"] = pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), arrow)
    annotations = {name: dtype for name, (dtype, _) in declared.items()}
    return type("Drawn", (Contract,), {"__annotations__": annotations, **{name: field for name, (_, field) in declared.items()}}), pa.table(
        stored
    )


def found_by_pandera_alone(contract: type[Contract], rows: pa.Table) -> int:
    """Count what pandera finds in all rows. A NaN counts as missing."""
    from pandera.errors import SchemaErrors  # once the contracts have imported pandera without PySpark

    missing = {name: [None if value != value else value for value in values] for name, values in rows.to_pydict().items()}  # noqa: PLR0124
    frame = pa.table(missing, schema=rows.schema).to_pandas(types_mapper=pd.ArrowDtype)
    try:
        contract.to_schema().validate(frame, lazy=True)
    except SchemaErrors as error:
        return len(error.failure_cases)
    return 0


def test_the_engine_passes_over_nothing_that_pandera_objects_to(tmp_path: Path) -> None:
    stored = tmp_path / "drawn.parquet"
    with duckdb.connect() as connection:

        @settings(max_examples=50, deadline=None)
        @given(promised_and_stored())
        def hold(drawn: tuple[type[Contract], pa.Table]) -> None:
            contract, rows = drawn
            pq.write_table(rows, stored)
            with connection.cursor() as cursor:
                is_kept = promise_of(contract).is_kept_by(Candidate(cursor, stored))
            assert not (is_kept and found_by_pandera_alone(contract, rows))

        hold()


def test_of_a_table_that_keeps_its_contract_no_row_is_read(refreshed_sample: Refreshed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Candidate, "batches", lambda *_: pytest.fail("pandera was asked about rows that the engine has passed"))
    warehouse = Warehouse(refreshed_sample.data_dir / "warehouse")
    for model in models().values():
        assert warehouse.judge(model.ref, partial(judged_by_both, model)) == Failures(0, [])
