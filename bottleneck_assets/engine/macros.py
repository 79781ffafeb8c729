"""Macros: named SQL expressions that a SELECT calls like functions, as in `euros(sum(revenue))`.

Belongs here: reading macros from a file, and expanding them in a SELECT before it is run, translated or analysed. Never here: any one
macro; they stand beside the SELECTs that call them.

A file of macros is plain DuckDB: `create macro ratio(numerator, divisor) as ...;`, one after the other, each of which may call those
above it. Whoever reads such a file into DuckDB can run a SELECT there as it is written. To use a macro, call it; to add one, add its
statement to the file.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

from bottleneck_assets.errors import BottleneckError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

DIALECT = "duckdb"
_NATIVE = frozenset(DuckDB.Parser.FUNCTIONS) | frozenset(DuckDB.Parser.FUNCTION_PARSERS)
_CALL = re.compile(r"\b(\w+)\(")


class MacroError(BottleneckError):
    """A macro that is called, or defined, as it cannot be."""


class Macro(NamedTuple):
    """A named expression over some parameters. What it calls in its turn is already expanded in it."""

    name: str
    parameters: tuple[str, ...]
    expression: exp.Expr

    def applied(self, arguments: Collection[exp.Expr]) -> exp.Expr:
        """Return the expression over the arguments of a call, each in brackets where it stands beside an operator."""
        values = dict(zip(self.parameters, arguments, strict=True))

        def given(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Column) and not node.table and node.name in values:
                return _bracketed(values[node.name].copy(), node.parent)
            return node

        return self.expression.transform(given)


class Macros:
    """The macros of some files, and the only functions beside them that a SELECT may call without sqlglot knowing them."""

    def __init__(self, paths: Sequence[Path], functions: Collection[str] = ()) -> None:
        """Take files of `create macro` statements, and the names of functions that every engine is given (`html_unescape`)."""
        self._paths = paths
        self._functions = frozenset(functions)

    def expanded(self, ref: str, tree: exp.Expr) -> exp.Expr:
        """Expand every macro in a SELECT's tree, in place, and return it.

        Raises MacroError, naming the table, if it calls a function that is neither a macro nor known, or a macro with too many arguments
        or too few.
        """
        return _expanded(f"Table {ref}", tree, self._macros, self._functions, self._files)

    def called_by(self, select: str) -> list[str]:
        """Return the definitions of the macros that a SELECT calls, by name. They belong to the version of its code."""
        names = sorted({name.lower() for name in _CALL.findall(select)} & self._macros.keys())
        return [f"{name}: {self._definitions[name]}" for name in names]

    @cached_property
    def _macros(self) -> Mapping[str, Macro]:
        found: dict[str, Macro] = {}
        statements = [(path.name, one) for path in self._paths for one in sqlglot.parse(path.read_text(encoding="utf-8"), dialect=DIALECT)]
        for file, statement in statements:
            macro = _defined(file, statement)
            if macro.name in found or macro.name.upper() in _NATIVE:
                problem = f"{file}: the macro {macro.name} has the name of another macro, or of a function of SQL."
                raise MacroError(problem, "Give it a name of its own.")
            expression = _expanded(f"Macro {macro.name}", macro.expression, found, self._functions, file)
            found[macro.name] = macro._replace(expression=expression)
        return found

    @cached_property
    def _definitions(self) -> Mapping[str, str]:
        return {macro.name: f"({', '.join(macro.parameters)}) {macro.expression.sql(DIALECT)}" for macro in self._macros.values()}

    @property
    def _files(self) -> str:
        return " and ".join(path.name for path in self._paths)


def _defined(file: str, statement: exp.Expr | None) -> Macro:
    if isinstance(statement, exp.Create) and statement.kind == "MACRO" and not isinstance(statement.expression, exp.Query):
        parameters = tuple(parameter.name for parameter in statement.this.expressions)
        return Macro(statement.this.this.name.lower(), parameters, statement.expression)
    problem = f"{file} holds what is not a macro: {statement.sql(DIALECT) if statement else 'nothing'}"
    raise MacroError(problem, "Keep it to statements such as `create macro ratio(numerator, divisor) as ...;`.")


def _expanded(caller: str, tree: exp.Expr, macros: Mapping[str, Macro], functions: Collection[str], file: str) -> exp.Expr:
    for call in reversed([*tree.find_all(exp.Anonymous)]):  # the innermost first
        macro = macros.get(call.name.lower())
        if macro is None:
            if call.name.lower() in functions:
                continue
            near = get_close_matches(call.name.lower(), [*macros, *functions], n=1)
            problem = f"{caller} calls {call.name}(), which is neither a macro nor a function that both engines know."
            raise MacroError(problem, f"{f'Perhaps {near[0]}() is meant. ' if near else ''}The macros are defined in {file}.")
        if len(call.expressions) != len(macro.parameters):
            problem = f"{caller} calls {macro.name}() with {len(call.expressions)} arguments instead of {len(macro.parameters)}."
            raise MacroError(problem, f"Call it as {macro.name}({', '.join(macro.parameters)}), as {file} defines it.")
        applied = _bracketed(macro.applied(call.expressions), call.parent)
        if call is tree:
            tree = applied
        else:
            call.replace(applied)
    return tree


def _bracketed(expression: exp.Expr, parent: exp.Expr | None) -> exp.Expr:
    return exp.paren(expression, copy=False) if _is_operator(expression) and _is_operator(parent) else expression


def _is_operator(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Binary | exp.Unary | exp.Between | exp.In) and not isinstance(node, exp.Paren)
