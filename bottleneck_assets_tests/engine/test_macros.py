"""Proves that a macro is its expression in the place of its call, in DuckDB as in sqlglot, and that a wrong call or definition is named."""

from pathlib import Path

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from bottleneck_assets.engine.macros import MacroError, Macros

DEFINED = """
-- money
create macro euros(amount) as cast(amount as decimal(18, 4));
create macro sum_of(a, b) as a + b;
create macro quotient(a, b) as a / nullif(b, 0);
create macro nothing() as cast(null as double);
create macro total(amount) as euros(sum(amount));
"""


def macros(folder: Path, text: str = DEFINED) -> Macros:
    path = folder / "defined.sql"
    path.write_text(text, encoding="utf-8")
    return Macros([path], ["html_unescape"])


def parsed(select: str) -> exp.Expr:
    return sqlglot.parse_one(select, dialect="duckdb")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("select euros(t.x) as x from t", "select cast(t.x as decimal(18, 4)) as x from t"),
        ("select Euros(x) from t", "select cast(x as decimal(18, 4)) from t"),
        ("select nothing() as x", "select cast(null as double) as x"),
        ("select total(x) from t", "select cast(sum(x) as decimal(18, 4)) from t"),
        ("select quotient(euros(x), sum_of(x, 1)) from t", "select cast(x as decimal(18, 4)) / nullif(x + 1, 0) from t"),
        # each argument, and the expression as a whole, is one operand
        ("select quotient(x - 1, y) from t", "select (x - 1) / nullif(y, 0) from t"),
        ("select 100 * quotient(x, y) from t", "select 100 * (x / nullif(y, 0)) from t"),
        ("select -sum_of(x, y) from t", "select -(x + y) from t"),
        ("select sum_of(case when x > 1 then x end, y) from t", "select case when x > 1 then x end + y from t"),
        # only columns of no table are parameters
        ("select sum_of(a.b, b.a) from a, b", "select a.b + b.a from a, b"),
        ("select sum_of(b, a) from t", "select b + a from t"),
        ("with t as (select euros(x) as x from s) select html_unescape(x) from t where quotient(x, 2) > 1",
         "with t as (select cast(x as decimal(18, 4)) as x from s) select html_unescape(x) from t where (x / nullif(2, 0)) > 1"),
    ],
)  # fmt: skip
def test_a_macro_is_its_expression_in_the_place_of_its_call(tmp_path: Path, written: str, meant: str) -> None:
    assert macros(tmp_path).expanded("kpi.some", parsed(written)) == parsed(meant)


@pytest.mark.parametrize("call", ["euros(x * 1.5)", "100 * quotient(x - 1, y - 7)", "-sum_of(x, y)", "total(x)", "sum_of(nothing(), x)"])
def test_duckdb_reads_the_same_file_and_gives_the_same(tmp_path: Path, call: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(DEFINED)
        connection.execute("create table t as select range + 2.34567 as x, range * 3 as y from range(5)")
        written = f"select {call} as made, typeof({call}) as type from t group by all order by all"
        ours = macros(tmp_path).expanded("kpi.some", parsed(written)).sql("duckdb")

        assert "euros" not in ours
        assert connection.execute(ours).fetchall() == connection.execute(written).fetchall()


@pytest.mark.parametrize(
    ("select", "problem", "remedy"),
    [
        ("select eurso(x) from t", "Table kpi.some calls eurso()", r"Perhaps euros\(\) is meant. .* defined.sql"),
        ("select wholly_other(x) from t", "Table kpi.some calls wholly_other()", "^The macros are defined in defined.sql"),
        ("select quotient(x) from t", r"Table kpi.some calls quotient\(\) with 1 arguments? instead of 2", r"quotient\(a, b\)"),
        ("select nothing(x) from t", r"Table kpi.some calls nothing\(\) with 1 arguments? instead of 0", r"nothing\(\)"),
    ],
)
def test_a_wrong_call_names_the_table_and_the_macro(tmp_path: Path, select: str, problem: str, remedy: str) -> None:
    with pytest.raises(MacroError, match=problem.replace("()", r"\(\)")) as raised:
        macros(tmp_path).expanded("kpi.some", parsed(select))

    raised.match(f"(?m){remedy}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("select 1", "defined.sql holds what is not a macro: SELECT 1"),
        ("create table t as select 1;", "defined.sql holds what is not a macro: CREATE TABLE t"),
        ("create macro rows_of(x) as table select 1;", "defined.sql holds what is not a macro"),
        ("create macro e(x) as x; create macro e(y) as y;", "the macro e has the name of another macro"),
        ("create macro date_trunc(x) as x;", "the macro date_trunc has the name of another macro, or of a function"),
        ("create macro early(x) as late(x); create macro late(x) as x;", r"Macro early calls late\(\)"),
    ],
)
def test_a_definition_that_cannot_be_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(MacroError, match=problem):
        macros(tmp_path, text).expanded("kpi.some", parsed("select 1"))


def test_the_definitions_that_a_select_calls_are_told_whole_and_no_others(tmp_path: Path) -> None:
    before = macros(tmp_path).called_by("select total(x), nothing() from t")
    after = macros(tmp_path, DEFINED.replace("18, 4", "18, 2")).called_by("select total(x), nothing() from t")

    assert [text.partition(":")[0] for text in before] == ["nothing", "total"]
    assert before[0] == after[0]
    assert before[1] != after[1]  # euros, which total calls, has changed
