"""Runs what stands on a sheet's shelves as SQL: a reader of workbooks that knows nothing of how they are declared or made.

Belongs here: the way from the XML of a sheet, with its filters and formulas, to a SELECT over its extract. Never here: expectations.

It turns into SQL what this workbook's formulas use of Tableau's language: arithmetic, comparisons, IF, CASE, a few functions, FIXED.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.formulas import Call, Choice, Constant, Fixed, Name, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element as Element

    from bottleneck_assets.render.tableau.formulas import Formula

TABLE = '"Extract"."Extract"'
_DERIVED = {"Sum": "SUM({})", "Avg": "AVG({})", "Min": "MIN({})", "Max": "MAX({})", "Count": "COUNT({})", "CountD": "COUNT(DISTINCT {})"}


@dataclass
class Shelves:
    """What a sheet shows, as SQL: its headers, its measures, its conditions. Names are those of its column instances."""

    source: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    measures: dict[str, str] = field(default_factory=dict[str, str])
    conditions: list[str] = field(default_factory=list[str])
    table: str = TABLE

    @property
    def select(self) -> str:
        """The SELECT: one row a mark."""
        columns = [f'{expression} AS "{name}"' for name, expression in (*self.headers.items(), *self.measures.items())]
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        grouped = f" GROUP BY {', '.join(str(place) for place, _ in enumerate(self.headers, start=1))}" if self.headers else ""
        return f'SELECT {", ".join(columns)} FROM {self.table} AS "Extract"{where}{grouped}'


def shelves_of(sheet: Element, workbook: Element) -> Shelves:
    """Return what stands on a sheet."""
    (depends,) = (found for found in sheet.iterfind(".//datasource-dependencies") if found.get("datasource") != "Parameters")
    columns = {str(column.get("name")): column for column in depends.iterfind("column")}
    instances = {str(instance.get("name")): instance for instance in depends.iterfind("column-instance")}
    parameters = _parameters(workbook)
    first = _chosen(sheet, instances, _Reader(columns, parameters), in_context=True)
    table = f"(SELECT * FROM {TABLE} WHERE {' AND '.join(first)})" if first else TABLE
    reader = _Reader(columns, parameters, table)
    found = Shelves(str(depends.get("datasource")), table=table)
    found.conditions += _chosen(sheet, instances, reader, in_context=False)
    names = re.findall(r"\.(\[[^\[\]]+\])", " ".join(_shown(sheet)))
    for name in dict.fromkeys(name for name in names if name in instances):
        reader.order = list(found.headers.values())
        column, derivation = str(instances[name].get("column")), str(instances[name].get("derivation"))
        if derivation == "None":
            found.headers[name] = reader.value(column)
        elif derivation == "Month-Trunc":
            found.headers[name] = f"DATE_TRUNC('month', {reader.value(column)})"
        elif derivation == "User":
            found.measures[name] = reader.value(column)
        else:
            found.measures[name] = _DERIVED[derivation].format(reader.value(column))
    for part in sheet.iterfind("table/view/filter"):
        name = re.findall(r"\.(\[[^\[\]]+\])", str(part.get("column")))[0]
        if part.get("included-values") == "non-null":
            found.conditions.append(f"{reader.value(str(instances[name].get('column')))} IS NOT NULL")
        if (first := part.find("groupfilter[@function='end']")) is not None:
            value, by = reader.value(str(instances[name].get("column"))), reader.formula(str(first[0].get("expression")))
            count = parameters[str(first.get("count"))]
            ranked = f"SELECT {value} FROM {table} AS ranked GROUP BY 1 ORDER BY {by} DESC NULLS LAST LIMIT {count}"
            found.conditions.append(f"{value} IN ({ranked})")
    return found


def _chosen(sheet: Element, instances: Mapping[str, Element], reader: _Reader, *, in_context: bool) -> list[str]:
    """Return the conditions of the filters that keep what is true: those in the context, which come before FIXED, or the others."""
    kept = [part for part in sheet.iterfind("table/view/filter") if part.find("groupfilter[@member='true']") is not None]
    names = [str(part.find("groupfilter").get("level")) for part in kept if (part.get("context") == "true") == in_context]
    return [reader.value(str(instances[name].get("column"))) for name in names]


def formula_reader(source: Element, workbook: Element) -> dict[str, str]:
    """Return the calculations of a data source over the rows of a mark, as SQL by their names; those along a table left out."""
    columns = {str(column.get("name")): column for column in source.iterfind("column")}
    reader = _Reader(columns, _parameters(workbook))
    formulas = {
        name: str(calculation.get("formula")) for name, column in columns.items() if (calculation := column.find("calculation")) is not None
    }
    return {name.strip("[]"): reader.formula(text) for name, text in formulas.items() if not re.search("(RUNNING|WINDOW)_", text)}


class Star:
    """Runs what is dragged from a data source of several related tables: a measure over its own table, as often as its rows are there.

    A dimension of another table chooses rows by way of the relationships, and never repeats one: so Tableau sums what is related.
    """

    def __init__(self, source: Element) -> None:
        self._columns = {str(column.get("name")): column for column in source.iterfind("column")}
        self._tables = {str(one.get("name")): str(one.get("table")) for one in source.iterfind("connection/relation/relation")}
        self._homes = dict[str, tuple[str, str]]()
        for one in source.iterfind("connection/cols/map"):
            table, remote = re.findall(r"\[([^\]]+)\]", str(one.get("value")))
            self._homes[str(one.get("key"))] = (table, remote)
        self._relationships = [
            [tuple(str(field.get("op")) for field in pair) for pair in one.iterfind(".//expression[@op='=']")]
            for one in source.iterfind("object-graph/relationships/relationship")
        ]

    def dragged(self) -> dict[str, str]:
        """Return what stands on a shelf for each measure that the data pane shows: its formula, or its column as it is summed up."""
        found = dict[str, str]()
        for name, column in self._columns.items():
            if column.get("role") == "measure" and column.get("hidden") != "true" and column.get("datatype") != "table":
                calculation = column.find("calculation")
                summed = f"{str(column.get('aggregation')).upper()}({name})"
                found[name.strip("[]")] = str(calculation.get("formula")) if calculation is not None else summed
        return found

    def select(self, formula: str, dimension: str = "", value: str = "") -> str:
        """Return the SELECT of a formula, over the rows that a value of a dimension is related to."""
        (home,) = {self._homes[name][0] for name in re.findall(r"\[\w+\]", formula)}
        renamed = [
            f'"{name}" AS (SELECT {", ".join(self._renamed(name))} FROM {table.replace("[", chr(34)).replace("]", chr(34))})'
            for name, table in self._tables.items()
        ]
        reader = _Reader(self._columns, {}, f'"{home}"')
        where = f" WHERE {self._related(home, dimension, value)}" if dimension else ""
        return f'WITH {", ".join(renamed)} SELECT {reader.formula(formula)} FROM "{home}" AS "Extract"{where}'

    def _renamed(self, table: str) -> list[str]:
        return [f'"{remote}" AS "{local[1:-1]}"' for local, (owner, remote) in self._homes.items() if owner == table]

    def _related(self, home: str, dimension: str, value: str) -> str:
        """Return the condition on a row of a table: that one of the rows which it is related to has the value."""
        aim = self._homes[dimension][0]
        meant = f"{dimension.replace('[', chr(34)).replace(']', chr(34))} = {value}"
        if home == aim:
            return meant
        (way,) = self._ways(home, aim, [])
        joins = [f'"{table}" ON {on}' for table, on in way[1:]]
        return f'EXISTS (SELECT 1 FROM "{way[0][0]}"{"".join(f" JOIN {join}" for join in joins)} WHERE {way[0][1]} AND {meant})'

    def _ways(self, home: str, aim: str, seen: list[str]) -> list[list[tuple[str, str]]]:
        """Return the ways from a table to another: the tables on each, with how they are joined to the one before."""
        if home == aim:
            return [[]]
        found = list[list[tuple[str, str]]]()
        for pairs in self._relationships:
            ends = {self._homes[field][0] for pair in pairs for field in pair}
            if home in ends and (other := (ends - {home}).pop()) not in seen:
                on = " AND ".join(" = ".join(f'"{field[1:-1]}"' for field in pair) for pair in pairs)
                found += [[(other, on), *rest] for rest in self._ways(other, aim, [*seen, home])]
        return found


def _parameters(workbook: Element) -> dict[str, str]:
    return {
        f"[Parameters].{column.get('name')}": "'{}'".format(value[1:-1].replace("'", "''")) if value.startswith('"') else value
        for column in workbook.iterfind(".//datasource[@name='Parameters']/column")
        for value in [str(column.get("value"))]
    }


def _shown(sheet: Element) -> list[str]:
    """Return every reference on the shelves; the headers first, since what runs along the table runs along them."""
    values = [str(member.get("member")) for member in sheet.iterfind(".//groupfilter[@level='[:Measure Names]']")]
    encoded = [str(encoding.get("column")) for encoding in sheet.iterfind(".//encodings/*")]
    return [sheet.findtext("table/cols") or "", sheet.findtext("table/rows") or "", *encoded, *values]


class _Reader:
    """Turns formulas, as the gate parses them, into SQL."""

    def __init__(self, columns: dict[str, Element], parameters: dict[str, str], table: str = TABLE) -> None:
        self._columns = columns
        self._parameters = parameters
        self._table = table
        self.order: list[str] = []

    def value(self, name: str) -> str:
        """Return a field: as it is stored, numbers as doubles, or what computes it."""
        column = self._columns[name]
        calculation = column.find("calculation")
        if calculation is not None:
            return f"({self.formula(str(calculation.get('formula')))})"
        stored = f'"{name[1:-1]}"'
        return f"CAST({stored} AS DOUBLE PRECISION)" if column.get("datatype") in {"integer", "real"} else stored

    def formula(self, text: str) -> str:
        """Return a formula as SQL."""
        return self._sql(parsed(text))

    def _sql(self, formula: Formula) -> str:
        match formula:
            case Constant(_, text):
                return text
            case Name("[Parameters]", name):
                return self._parameters[f"[Parameters].{name}"]
            case Name("", name):
                return self.value(name)
            case Fixed("FIXED", by, of):
                same = " AND ".join(f'"all".{name} = "Extract".{name}' for name in map(self._plain, by))
                return f'(SELECT {self._sql(of)} FROM {self._table} AS "all"{f" WHERE {same}" if same else ""})'
            case Choice(of, cases, other):
                said = " ".join(f"WHEN {self._sql(condition)} THEN {self._sql(value)}" for condition, value in cases)
                return f"CASE {f'{self._sql(of)} ' if of else ''}{said}{f' ELSE {self._sql(other)}' if other else ''} END"
            case Call(function, arguments):
                return self._call(function, arguments)
            case _:
                raise AssertionError(formula)

    def _plain(self, formula: Formula) -> str:
        assert isinstance(formula, Name)
        return f'"{formula.name[1:-1]}"'

    def _call(self, function: str, arguments: tuple[Formula, ...]) -> str:  # noqa: C901, PLR0911, PLR0912 - a line a function
        values = [self._sql(argument) for argument in arguments]
        match function, values:
            case "-", [value]:
                return f"(-{value})"
            case "NOT", [value]:
                return f"(NOT {value})"
            case "+", [left, right] if "'" in left + right or "TEXT" in left + right:
                return f"({left} || {right})"
            case "/", [left, right]:
                return f"(CAST({left} AS DOUBLE PRECISION) / NULLIF({right}, 0))"
            case "+" | "-" | "*" | "=" | "<>" | "<" | ">" | "<=" | ">=" | "AND" | "OR", [left, right]:
                return f"({left} {function} {right})"
            case "SUM" | "AVG" | "MIN" | "MAX" | "COUNT" | "ABS", [value]:
                return f"{function}({value})"
            case "COUNTD", [value]:
                return f"COUNT(DISTINCT {value})"
            case "DATEDIFF", ["'month'", *days]:
                return " - ".join(f"(EXTRACT(YEAR FROM {day}) * 12 + EXTRACT(MONTH FROM {day}))" for day in reversed(days))
            case "DATEADD", ["'month'", count, day]:
                return f"({day} + INTERVAL '1 month' * {count})"
            case "DATE", [value]:
                return f"CAST({value} AS DATE)"
            case "ISNULL", [value]:
                return f"({value} IS NULL)"
            case "YEAR" | "MONTH", [value]:
                return f"EXTRACT({function} FROM {value})"
            case "STR", [value]:
                return f"CAST(CAST({value} AS BIGINT) AS TEXT)"
            case "REPLACE", [value, old, new]:
                return f"REPLACE({value}, {old}, {new})"
            case "WINDOW_SUM", [value]:
                return f"SUM({value}) OVER ()"
            case "RUNNING_SUM", [value]:
                return f"SUM({value}) OVER (ORDER BY {', '.join(self.order)})"
            case _:
                raise AssertionError(function)
