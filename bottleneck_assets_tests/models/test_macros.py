"""Proves what each macro of the models stands for, against SQL written by hand, and that models write no type that a macro holds."""

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from bottleneck_assets.models import catalog
from bottleneck_assets.models.catalog import macros, models
from bottleneck_assets.models.functions import FUNCTIONS

FILE = Path(catalog.__file__).with_name("macros.sql")
WITH_SQL = {ref: model for ref, model in models().items() if model.sql is not None}
MEANT = {
    "euros(x)": "cast(x as decimal(18, 4))",
    "exact(x)": "cast(x as decimal(18, 8))",
    "as_count(sum(x))": "cast(sum(x) as bigint)",
    "as_number(x)": "cast(x as double)",
    "as_text(x)": "cast(x as varchar)",
    "times(x, y - z)": "cast(x as decimal(19, 0)) * (y - z)",
    "at_rate(x, y)": "cast(y as decimal(19, 8)) * x",
    "euros_of(x)": "coalesce(cast(try_cast(x as decimal(18, 8)) as decimal(18, 4)), cast(x as decimal(18, 4)))",
    "total(x)": "cast(sum(cast(x as decimal(28, 8))) as decimal(38, 8))",
    "type_name(x, y)": "case when count(*) over (partition by x) > 1 then x || ' (' || y || ')' else x end",
    "ratio(x - y, z)": "cast(x - y as double) / nullif(cast(z as double), 0)",
    "100 * ratio(x, y)": "100 * (cast(x as double) / nullif(cast(y as double), 0))",
    "mean_of(x)": "cast(cast(sum(cast(x as decimal(28, 8))) as decimal(38, 8)) as double) / nullif(cast(count(x) as double), 0)",
    "calendar_year(x)": "cast(extract(year from x) as bigint)",
    "calendar_month(x)": "cast(extract(month from x) as bigint)",
    "month_ordinal(x)": "cast(extract(year from x) as bigint) * 12 + cast(extract(month from x) as bigint)",
    "month_ordinal(x) = month_ordinal(y) + 1": (
        "(cast(extract(year from x) as bigint) * 12 + cast(extract(month from x) as bigint))"
        " = (cast(extract(year from y) as bigint) * 12 + cast(extract(month from y) as bigint)) + 1"
    ),
    "month_of(x)": "cast(date_trunc('month', x) as date)",
    "rounded(x)": "cast(x as decimal(18, 4))",
    "yearly(x, y)": "x * (cast(12 as double) / nullif(cast(y as double), 0))",
    "yearly_euros(x, y)": "try_cast(x * y as decimal(18, 4))",
    "confidence_of(x, y)": (
        "case when x = 'inconclusive' then 'low' when y >= 2.58 then 'high' when y >= 1.64 then 'medium' else 'low' end"
    ),
    "spread_of(x, y)": "greatest(x, sqrt(y))",
    "end_of_range(x)": "round(cast(x as double), 8)",
    "figure('lift', x)": "'lift' || '=' || cast(x as varchar)",
}


def defined() -> set[str]:
    return set(re.findall(r"^create macro (\w+)\(", FILE.read_text(encoding="utf-8"), re.MULTILINE))


def written(ref: str) -> exp.Expr:
    return sqlglot.parse_one(WITH_SQL[ref].sql or "", dialect="duckdb")


def called() -> dict[str, set[str]]:
    """Return the macros that each model calls."""
    return {ref: {call.name for call in written(ref).find_all(exp.Anonymous)} & defined() for ref in WITH_SQL}


@pytest.mark.parametrize("call", MEANT)
def test_a_macro_stands_for_this(call: str) -> None:
    def parsed(expression: str) -> exp.Expr:
        return sqlglot.parse_one(f"select {expression} as it from t", dialect="duckdb")

    assert macros().expanded("kpi.some", parsed(call)) == parsed(MEANT[call])


@pytest.mark.parametrize(
    ("call", "given"),
    [
        ("times(9999999, cast(9999999999.99999999 as decimal(18, 8)))", "99999989999999999.90000001"),
        ("at_rate(cast(99999999999999.9999 as decimal(18, 4)), 0.25)", "24999999999999.999975000000"),
        ("euros_of(times(1000, cast(9999999999.99999999 as decimal(18, 8))))", "10000000000000.0000"),
        ("total(cast(99999999999999.9999 as decimal(18, 4)))", "99999999999999.99990000"),
    ],
)
def test_a_product_or_sum_has_room_for_the_largest_amounts(call: str, given: str) -> None:
    select = macros().expanded("kpi.some", sqlglot.parse_one(f"select {call} as it", dialect="duckdb")).sql(dialect="duckdb")

    with duckdb.connect() as connection:
        assert connection.execute(select).fetchall() == [(Decimal(given),)]


def test_every_macro_is_written_out_above_and_called_somewhere() -> None:
    in_definitions = set(re.findall(r"\b(\w+)\(", FILE.read_text(encoding="utf-8").replace("create macro ", "create_macro_")))

    assert {re.findall(r"[a-z]\w*(?=\()", call)[0] for call in MEANT} == defined()
    assert set().union(*called().values()) | (in_definitions & defined()) == defined()


@pytest.mark.parametrize("ref", WITH_SQL)
def test_nothing_of_a_macro_is_left_in_what_is_run(ref: str) -> None:
    left = {call.name.lower() for call in sqlglot.parse_one(WITH_SQL[ref].select, dialect="duckdb").find_all(exp.Anonymous)}

    assert left <= {"html_unescape", *FUNCTIONS}


@pytest.mark.parametrize("ref", [ref for ref in WITH_SQL if not ref.startswith("clean.") and ref != "kpi.headline"])  # that is generated
def test_no_type_is_written_twice(ref: str) -> None:
    casts = {cast.sql(dialect="duckdb") for cast in written(ref).find_all(exp.Cast)}

    assert casts <= {"CAST(NULL AS DATE)"}


def test_a_changed_macro_changes_the_versions_of_the_models_that_call_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def versions() -> dict[str, str]:
        catalog.macros.cache_clear()
        return {ref: catalog.Model(model.layer, model.name, "", model.sql).code_version for ref, model in WITH_SQL.items()}

    calling = {ref for ref, names in called().items() if names & {"ratio", "mean_of"}}
    assert 10 < len(calling) < len(WITH_SQL)
    before = versions()
    changed = tmp_path / "macros.sql"
    changed.write_text(FILE.read_text(encoding="utf-8").replace("nullif(as_number(divisor), 0)", "as_number(divisor)"), encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(catalog, "_MACROS", (changed, *catalog._MACROS[1:]))
        after = versions()
    catalog.macros.cache_clear()

    assert {ref for ref in WITH_SQL if before[ref] != after[ref]} == calling


def test_an_effect_that_is_more_in_a_year_than_an_amount_may_be_is_unknown() -> None:
    with duckdb.connect() as connection:
        connection.execute(FILE.read_text(encoding="utf-8"))
        found = connection.execute("select yearly_euros(2.5, 4), yearly_euros(30000000000000, 4)").fetchone()
    assert found == (Decimal(10), None)
