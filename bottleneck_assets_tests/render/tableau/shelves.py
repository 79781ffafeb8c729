"""Runs what stands on a sheet's shelves as SQL: a reader of workbooks that knows nothing of how they are declared or made.

Belongs here: the way from the XML of a sheet, with its filters and formulas, to a SELECT over its extract. Never here: expectations.

It reads what this workbook's formulas use of Tableau's language: arithmetic, comparisons, IF, a few functions, aggregations, and FIXED.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TABLE = '"Extract"."Extract"'
_TOKEN = re.compile(r"\s*(\[Parameters\]\.\[[^\]]+\]|\[\w+\]|'[^']*'|\d+(?:\.\d+)?|[A-Z_]+\b|<=|>=|<>|[-+*/()=<>{}:,])")
_AGGREGATES = {"SUM", "AVG", "MIN", "MAX", "COUNT"}
_DERIVED = {"Sum": "SUM({})", "Avg": "AVG({})", "Min": "MIN({})", "Max": "MAX({})", "Count": "COUNT({})", "CountD": "COUNT(DISTINCT {})"}


@dataclass
class Shelves:
    """What a sheet shows, as SQL: its headers, its measures, its conditions. Names are those of its column instances."""

    source: str
    headers: dict[str, str] = field(default_factory=dict[str, str])
    measures: dict[str, str] = field(default_factory=dict[str, str])
    conditions: list[str] = field(default_factory=list[str])

    @property
    def select(self) -> str:
        """The SELECT: one row a mark."""
        columns = [f'{expression} AS "{name}"' for name, expression in (*self.headers.items(), *self.measures.items())]
        where = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        grouped = f" GROUP BY {', '.join(str(place) for place, _ in enumerate(self.headers, start=1))}" if self.headers else ""
        return f"SELECT {', '.join(columns)} FROM {TABLE}{where}{grouped}"


def shelves_of(sheet: Element, workbook: Element) -> Shelves:
    """Return what stands on a sheet."""
    (depends,) = (found for found in sheet.iterfind(".//datasource-dependencies") if found.get("datasource") != "Parameters")
    columns = {str(column.get("name")): column for column in depends.iterfind("column")}
    instances = {str(instance.get("name")): instance for instance in depends.iterfind("column-instance")}
    reader = _Reader(columns, (parameters := _parameters(workbook)))
    found = Shelves(str(depends.get("datasource")))
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
            ranked = f"SELECT {value} FROM {TABLE} GROUP BY 1 ORDER BY {by} DESC NULLS LAST LIMIT {parameters[str(first.get('count'))]}"
            found.conditions.append(f"{value} IN ({ranked})")
    return found


def formula_reader(source: Element, workbook: Element) -> dict[str, str]:
    """Return the calculations of a data source over the rows of a mark, as SQL by their names; those along a table left out."""
    columns = {str(column.get("name")): column for column in source.iterfind("column")}
    reader = _Reader(columns, _parameters(workbook))
    formulas = {
        name: str(calculation.get("formula")) for name, column in columns.items() if (calculation := column.find("calculation")) is not None
    }
    return {name.strip("[]"): reader.formula(text) for name, text in formulas.items() if not text.startswith("RUNNING_")}


def _parameters(workbook: Element) -> dict[str, str]:
    return {
        f"[Parameters].{column.get('name')}": str(column.get("value"))
        for column in workbook.iterfind(".//datasource[@name='Parameters']/column")
    }


def _shown(sheet: Element) -> list[str]:
    """Return every reference on the shelves; the headers first, since what runs along the table runs along them."""
    values = [str(member.get("member")) for member in sheet.iterfind(".//groupfilter[@level='[:Measure Names]']")]
    encoded = [str(encoding.get("column")) for encoding in sheet.iterfind(".//encodings/*")]
    return [sheet.findtext("table/cols") or "", sheet.findtext("table/rows") or "", *encoded, *values]


class _Reader:
    """Reads formulas, from their tokens, one level of precedence a method."""

    def __init__(self, columns: dict[str, Element], parameters: dict[str, str]) -> None:
        self._columns = columns
        self._parameters = parameters
        self._tokens: list[str] = []
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
        before, self._tokens = self._tokens, _TOKEN.findall(text)
        assert _TOKEN.sub("", text).strip() == "", f"{text!r} holds what this reader does not know"
        read = self._comparison()
        assert not self._tokens, f"{text!r} goes on with {self._tokens}"
        self._tokens = before
        return read

    def _next(self) -> str:
        return self._tokens.pop(0)

    def _is(self, *expected: str) -> bool:
        return bool(self._tokens) and self._tokens[0] in expected

    def _expect(self, token: str) -> None:
        assert self._next() == token

    def _comparison(self) -> str:
        left = self._sum()
        while self._is("=", "<", ">", "<=", ">=", "<>"):
            left = f"({left} {self._next()} {self._sum()})"
        return left

    def _sum(self) -> str:
        left = self._product()
        while self._is("+", "-"):
            sign, right = self._next(), self._product()
            joins = sign == "+" and ("'" in left + right or "TEXT" in left + right)
            left = f"({left} {'||' if joins else sign} {right})"
        return left

    def _product(self) -> str:
        left = self._unary()
        while self._is("*", "/"):
            sign, right = self._next(), self._unary()
            left = f"({left} * {right})" if sign == "*" else f"(CAST({left} AS DOUBLE PRECISION) / NULLIF({right}, 0))"
        return left

    def _unary(self) -> str:
        if self._is("-"):
            self._next()
            return f"(-{self._unary()})"
        if self._is("NOT"):
            self._next()
            return f"(NOT {self._unary()})"
        return self._primary()

    def _primary(self) -> str:
        met = self._next()
        if met == "(":
            inner = self._comparison()
            self._expect(")")
            return f"({inner})"
        if met == "{":
            self._expect("FIXED")
            by = "" if self._is(":") else self._next()
            self._expect(":")
            inner = self._comparison()
            self._expect("}")
            same = f' WHERE "all"."{by[1:-1]}" = "Extract"."{by[1:-1]}"' if by else ""
            return f'(SELECT {inner} FROM {TABLE} AS "all"{same})'
        if met == "IF":
            return self._choice()
        if met in self._parameters:
            return self._parameters[met]
        if met.startswith("["):
            return self.value(met)
        return self._call(met) if self._is("(") else met

    def _choice(self) -> str:
        said = "CASE"
        while True:
            condition = self._comparison()
            self._expect("THEN")
            said += f" WHEN {condition} THEN {self._comparison()}"
            if self._is("ELSEIF"):
                self._next()
                continue
            if self._is("ELSE"):
                self._next()
                said += f" ELSE {self._comparison()}"
            self._expect("END")
            return f"{said} END"

    def _arguments(self) -> list[str]:
        found = [self._comparison()]
        while self._is(","):
            self._next()
            found.append(self._comparison())
        self._expect(")")
        return found

    def _call(self, function: str) -> str:
        self._expect("(")
        argument, *more = self._arguments()
        if function in _AGGREGATES:
            return f"{function}({argument})"
        known = {
            "COUNTD": f"COUNT(DISTINCT {argument})",
            "DATEDIFF": " - ".join(f"(EXTRACT(YEAR FROM {day}) * 12 + EXTRACT(MONTH FROM {day}))" for day in reversed(more)),
            "ISNULL": f"({argument} IS NULL)",
            "ABS": f"ABS({argument})",
            "STR": f"CAST(CAST({argument} AS BIGINT) AS TEXT)",
            "RUNNING_SUM": f"SUM({argument}) OVER (ORDER BY {', '.join(self.order)})",
        }
        return known[function]
