"""Formulas are read as Tableau reads them: what it takes has its type and its level, and what it refuses is named."""

from __future__ import annotations

import pytest

from bottleneck_assets.render.tableau.formulas import Call, Choice, Constant, FormulaError, Kind, Name, kind_of, names_in, parsed

FIELDS = {
    "[n]": Kind("number", "row"),
    "[s]": Kind("string", "row"),
    "[b]": Kind("boolean", "row"),
    "[d]": Kind("date", "row"),
    "[total]": Kind("number", "aggregate"),
    "[along]": Kind("number", "table"),
    "[Parameter 1]": Kind("number", "constant"),
}


def kind(text: str) -> tuple[str, str]:
    found = kind_of(parsed(text), lambda name: FIELDS[name.name])
    return found.type, found.level


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * .5e1", ("number", "constant")),
        ("[n] / [Parameters].[Parameter 1]", ("number", "row")),
        ("SUM([n]) / SUM([n])", ("number", "aggregate")),
        ("sum([n]) / [total]", ("number", "aggregate")),
        ("[s] + ' of ' + STR([n])", ("string", "row")),
        ("'l''été' = \"d\"\"été\"", ("boolean", "constant")),
        ("IF [b] AND NOT ISNULL([n]) THEN 1 ELSEIF [s] <> 'x' THEN 2.5 END", ("number", "row")),
        ("CASE [s] WHEN 'a' THEN #2023-01-01# WHEN 'b' THEN [d] ELSE NULL END", ("date", "row")),
        ("IIF([n] > 0, 'up', 'down', 'unknown')", ("string", "row")),
        ("DATEDIFF('month', [d], TODAY()) + 1", ("number", "row")),
        ("[d] + 7", ("date", "row")),
        ("[d] - #2023-01-01#", ("number", "row")),
        ("{FIXED [s], YEAR([d]) : SUM([n])} * [n]", ("number", "row")),
        ("SUM({ INCLUDE [s] : MAX([n]) })", ("number", "aggregate")),
        ("MIN({SUM([n])})", ("number", "aggregate")),
        ("RUNNING_SUM(SUM([n])) - LOOKUP([total], -1)", ("number", "table")),
        ("IF FIRST() = 0 THEN WINDOW_MAX([total], 0, LAST()) END", ("number", "table")),
        ("MAX([n], 0)", ("number", "row")),
        ("MAX([d])", ("date", "aggregate")),
        ("[s] IN ('a', 'b') OR [s] NOT IN ('c')", ("boolean", "row")),
        ("[n] == 1 && ! [b] || [n] != 2", ("boolean", "row")),
        ("-[n] ^ 2 % 3 // of the rest\n /* and\nso on */ + 1", ("number", "row")),
        ("[a field]", ("any", "row")),
        ("ATTR([s])", ("string", "aggregate")),
        ("COUNTD(IF [b] THEN [n] END)", ("number", "aggregate")),
    ],
)
def test_what_tableau_takes_has_its_type_and_its_level(text: str, expected: tuple[str, str]) -> None:
    FIELDS["[a field]"] = Kind("any", "row")
    assert kind(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("SUM([n]", r"SUM\( has no \) before its end"),
        ("(1 + 2", r"\( has no \)"),
        ("1 + 2)", r"goes on with \)"),
        ("SUM([n)", "is not closed"),
        ("'open", "is not closed"),
        ("{FIXED [s] : SUM([n])", r"\{ has no \}"),
        ("{FIXED [s] SUM([n])}", "FIXED has no ,"),
        ("IF [b] THEN 1", "IF has no END"),
        ("IF [b] 1 END", "IF has no THEN"),
        ("CASE [s] WHEN 'a' THEN 1", "CASE has no END"),
        ("CASE [s] THEN 1 END", "CASE has no WHEN"),
        ("ELSE 1 END", "ELSE stands where a value should"),
        ("1 +", "it ends where something should follow"),
        ("[n] [n]", r"goes on with \[n\]"),
        ("[n] * / 2", "/ stands where a value should"),
        ("SUMME([n])", "no function SUMME"),
        ("revenue", "no function revenue"),
        ("SUM [n]", r"SUM has no \("),
        ("[n] ; 1", "';' means nothing"),
        ("SUM([n], [n])", "SUM takes 1 arguments, not 2"),
        ("DATEDIFF('month', [d])", "DATEDIFF takes 3 to 4 arguments, not 2"),
        ("DATEDIFF('months', [d], [d])", "knows no 'months'"),
        ("SUM([s])", "SUM takes number, not string"),
        ("LEFT([n], 2)", "LEFT takes string, not number"),
        ("[s] + [n]", r"\+ stands between string and number"),
        ("[s] = [n]", "= stands between string and number"),
        ("[n] AND [b]", "AND stands between number and boolean"),
        ("[d] + [d]", r"\+ stands between date and date"),
        ("IF [n] THEN 1 END", "IF asks for a flag with number"),
        ("IF [b] THEN 1 ELSE 'one' END", "the values of a choice are number and string"),
        ("CASE [s] WHEN 1 THEN 1 END", "CASE compares string with number"),
        ("SUM([n]) / [n]", "stands beside what is of a row"),
        ("IF [s] = 'x' THEN SUM([n]) END", "stands beside what is of a row"),
        ("SUM(SUM([n]))", "sums up what is summed up already"),
        ("AVG([total])", "sums up what is summed up already"),
        ("SUM([along])", "sums up what is summed up already"),
        ("RUNNING_SUM([n])", "runs over what is not summed up"),
        ("{FIXED [s] : [n]}", "holds what is not summed up"),
        ("{FIXED [s] : RUNNING_SUM(SUM([n]))}", "holds what is computed along a table"),
        ("{FIXED [total] : SUM([n])}", "goes by what is summed up"),
        ("IFNULL([n], 'none')", "the arguments of IFNULL are number and string"),
    ],
)
def test_what_tableau_refuses_is_named(text: str, said: str) -> None:
    with pytest.raises(FormulaError, match=said):
        kind(text)


def test_operators_bind_as_tableau_binds_them() -> None:
    one, two, three = (Constant("number", digit) for digit in "123")
    assert parsed("1 - 2 - 3") == Call("-", (Call("-", (one, two)), three))
    assert parsed("1 + 2 * 3") == Call("+", (one, Call("*", (two, three))))
    assert parsed("NOT 1 = 2 AND 3 = 3 OR 1 = 1") == parsed("((NOT (1 = 2)) AND (3 = 3)) OR (1 = 1)")


def test_a_field_is_named_with_its_data_source_and_a_bracket_in_it_is_doubled() -> None:
    formula = parsed("IF [a]]b] = [other source].[c] THEN COUNT([__tableau_internal_object_id__].[rows_1]) END")
    assert isinstance(formula, Choice)
    expected = [Name("", "[a]]b]"), Name("[other source]", "[c]"), Name("", "[__tableau_internal_object_id__].[rows_1]")]
    assert list(names_in(formula)) == expected
