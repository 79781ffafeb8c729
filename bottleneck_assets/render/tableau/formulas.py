"""Reads formulas as Tableau does: their words, their grammar, the functions there are, and of which type and level each part is.

Belongs here: the language of calculated fields, from a text to a tree, and what Tableau refuses in one. Never here: a field (the caller
says what each name is), a workbook (gate/), or SQL.

A part is constant, of a row, summed up over the rows of a mark, or computed along the marks of a table. What is of a row cannot stand
beside what is summed up, and what is summed up cannot be summed up again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Type = Literal["any", "number", "string", "boolean", "date", "spatial"]
Level = Literal["constant", "row", "aggregate", "table"]

_TYPES: dict[str, Type] = {"n": "number", "s": "string", "b": "boolean", "d": "date", "g": "spatial", "a": "any"}
_LEVELS: tuple[Level, ...] = ("constant", "row", "aggregate", "table")
DATATYPES: dict[str, Type] = {
    "integer": "number", "real": "number", "string": "string", "boolean": "boolean", "date": "date", "datetime": "date",
    "spatial": "spatial",
}  # fmt: skip
"""The types of Tableau's fields, as far as formulas tell them apart."""

_BY_ROW = """
    ABS(n)n ACOS(n)n ASIN(n)n ATAN(n)n ATAN2(n,n)n CEILING(n)n COS(n)n COT(n)n DEGREES(n)n DIV(n,n)n EXP(n)n FLOOR(n)n HEXBINX(n,n)n
    HEXBINY(n,n)n LN(n)n LOG(n,n?)n PI()n POWER(n,n)n RADIANS(n)n ROUND(n,n?)n SIGN(n)n SIN(n)n SQRT(n)n SQUARE(n)n TAN(n)n ZN(n)n
    ASCII(s)n CHAR(n)s CONTAINS(s,s)b ENDSWITH(s,s)b STARTSWITH(s,s)b FIND(s,s,n?)n FINDNTH(s,s,n)n LEFT(s,n)s RIGHT(s,n)s LEN(s)n
    LOWER(s)s UPPER(s)s PROPER(s)s LTRIM(s)s RTRIM(s)s TRIM(s)s MID(s,n,n?)s REPLACE(s,s,s)s SPACE(n)s SPLIT(s,s,n)s DOMAIN(s)s HOST(s)s
    TLD(s)s PARSE_URL(s,s)s PARSE_URL_QUERY(s,s)s GET_JSON_OBJECT(s,s)s REGEXP_EXTRACT(s,s)s REGEXP_EXTRACT_NTH(s,s,n)s REGEXP_MATCH(s,s)b
    REGEXP_REPLACE(s,s,s)s XPATH_BOOLEAN(s,s)b XPATH_DOUBLE(s,s)n XPATH_FLOAT(s,s)n XPATH_INT(s,s)n XPATH_LONG(s,s)n XPATH_SHORT(s,s)n
    XPATH_STRING(s,s)s
    DATEADD(s,n,d)d DATEDIFF(s,d,d,s?)n DATENAME(s,d,s?)s DATEPARSE(s,s)d DATEPART(s,d,s?)n DATETRUNC(s,d,s?)d DAY(d)n WEEK(d)n MONTH(d)n
    QUARTER(d)n YEAR(d)n ISOWEEK(d)n ISOWEEKDAY(d)n ISOQUARTER(d)n ISOYEAR(d)n ISDATE(s)b MAKEDATE(n,n,n)d MAKEDATETIME(a,d)d
    MAKETIME(n,n,n)d NOW()d TODAY()d RANDOM()n TIMESTAMP_TO_USEC(d)n USEC_TO_TIMESTAMP(n)d
    IFNULL(1,1)1 IIF(b,1,1,1?)1 ISNULL(a)b DATE(a)d DATETIME(a)d FLOAT(a)n INT(a)n STR(a)s
    USERNAME()s FULLNAME()s USERDOMAIN()s ISUSERNAME(s)b ISFULLNAME(s)b ISMEMBEROF(s)b USERATTRIBUTE(s)s USERATTRIBUTEINCLUDES(s,s)b
    MAKEPOINT(n,n,n?)g MAKELINE(g,g)g DISTANCE(g,g,s)n BUFFER(g,n,s)g AREA(g,s)n LENGTH(g,s)n INTERSECTS(g,g)b OUTLINE(g)g
    DIFFERENCE(g,g)g INTERSECTION(g,g)g SYMDIFFERENCE(g,g)g SHAPETYPE(g)s VALIDATE(g)g
    RAWSQL_BOOL(s,a*)b RAWSQL_DATE(s,a*)d RAWSQL_DATETIME(s,a*)d RAWSQL_INT(s,a*)n RAWSQL_REAL(s,a*)n RAWSQL_SPATIAL(s,a*)g
    RAWSQL_STR(s,a*)s
"""
_OVER_ROWS = """
    SUM(n)n AVG(n)n MEDIAN(n)n MIN(1)1 MAX(1)1 COUNT(a)n COUNTD(a)n ATTR(1)1 STDEV(n)n STDEVP(n)n VAR(n)n VARP(n)n CORR(n,n)n COVAR(n,n)n
    COVARP(n,n)n PERCENTILE(n,n)n COLLECT(g)g GROUP_CONCAT(s)s
    RAWSQLAGG_BOOL(s,a*)b RAWSQLAGG_DATE(s,a*)d RAWSQLAGG_DATETIME(s,a*)d RAWSQLAGG_INT(s,a*)n RAWSQLAGG_REAL(s,a*)n RAWSQLAGG_STR(s,a*)s
"""
_ALONG_A_TABLE = """
    FIRST()n INDEX()n LAST()n SIZE()n LOOKUP(1,n?)1 PREVIOUS_VALUE(1)1 TOTAL(1)1 RANK(a,s?)n RANK_DENSE(a,s?)n RANK_MODIFIED(a,s?)n
    RANK_PERCENTILE(a,s?)n RANK_UNIQUE(a,s?)n RUNNING_AVG(n)n RUNNING_COUNT(a)n RUNNING_MAX(1)1 RUNNING_MIN(1)1 RUNNING_SUM(n)n
    WINDOW_AVG(n,n?,n?)n WINDOW_COUNT(a,n?,n?)n WINDOW_MAX(1,n?,n?)1 WINDOW_MEDIAN(n,n?,n?)n WINDOW_MIN(1,n?,n?)1
    WINDOW_PERCENTILE(n,n,n?,n?)n WINDOW_STDEV(n,n?,n?)n WINDOW_STDEVP(n,n?,n?)n WINDOW_SUM(n,n?,n?)n WINDOW_VAR(n,n?,n?)n
    WINDOW_VARP(n,n?,n?)n WINDOW_CORR(n,n,n?,n?)n WINDOW_COVAR(n,n,n?,n?)n WINDOW_COVARP(n,n,n?,n?)n
    SCRIPT_BOOL(s,a*)b SCRIPT_INT(s,a*)n SCRIPT_REAL(s,a*)n SCRIPT_STR(s,a*)s MODEL_PERCENTILE(a,a,a*)n MODEL_QUANTILE(n,a,a*)n
    MODEL_EXTENSION_BOOL(s,s,a*)b MODEL_EXTENSION_INT(s,s,a*)n MODEL_EXTENSION_REAL(s,s,a*)n MODEL_EXTENSION_STR(s,s,a*)s
"""
"""Every function that Tableau documents: its arguments and its value, each a number, text, flag, date, shape or anything, or of one type
that those marked 1 share; with ? an argument may be missing, with * it may be there several times."""
_DATE_PARTS = {
    "year", "quarter", "month", "dayofyear", "day", "weekday", "week", "hour", "minute", "second", "iso-year", "iso-quarter", "iso-week",
    "iso-weekday",
}  # fmt: skip
_OF_PARTS = {"DATEADD", "DATEDIFF", "DATENAME", "DATEPART", "DATETRUNC"}
_WORDS = {"IF", "THEN", "ELSEIF", "ELSE", "END", "CASE", "WHEN", "AND", "OR", "NOT", "IN", "TRUE", "FALSE", "NULL"}
_LEVELS_OF_DETAIL = {"FIXED", "INCLUDE", "EXCLUDE"}
_SAME = {"==": "=", "!=": "<>", "&&": "AND", "||": "OR", "!": "NOT"}
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?\*/
    |(?P<name>\[(?:[^\]]|\]\])+\](?:\s*\.\s*\[(?:[^\]]|\]\])+\])*)
    |(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    |(?P<date>\#[^#\n]+\#)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<word>[^\W\d]\w*)
    |(?P<sign><=|>=|<>|!=|==|&&|\|\||[-+*/%^()=<>{}:,!])""",
    re.VERBOSE | re.DOTALL,
)


class FormulaError(ValueError):
    """A formula that Tableau refuses; says why."""


def _refuse(why: str) -> NoReturn:
    raise FormulaError(why)


@dataclass(frozen=True)
class Kind:
    """What a part of a formula is: its type and its level."""

    type: Type
    level: Level


@dataclass(frozen=True)
class Constant:
    """A number, a text, a date, a flag or null, as it is written."""

    type: Type
    text: str


@dataclass(frozen=True)
class Name:
    """A field or a parameter: its own name, and that of its data source, both in brackets, the latter empty if it is not said."""

    source: str
    name: str


@dataclass(frozen=True)
class Call:
    """A function or an operator, in capitals, over its arguments; the sign before a number is `-` with one argument."""

    function: str
    arguments: tuple[Formula, ...]


@dataclass(frozen=True)
class Choice:
    """IF or CASE: what is compared (None for IF), the conditions with their values, and what is left."""

    of: Formula | None
    cases: tuple[tuple[Formula, Formula], ...]
    other: Formula | None


@dataclass(frozen=True)
class Fixed:
    """A level of detail: its kind (FIXED, INCLUDE, EXCLUDE), by what, and what is summed up there."""

    kind: str
    by: tuple[Formula, ...]
    of: Formula


Formula = Constant | Name | Call | Choice | Fixed


@dataclass(frozen=True)
class _Function:
    arguments: tuple[str, ...]
    value: str
    level: Literal["row", "aggregate", "table"]


def _functions(text: str, level: Literal["row", "aggregate", "table"]) -> dict[str, _Function]:
    found = re.findall(r"(\w+)\(([^)]*)\)(\w)", text)
    return {name: _Function(tuple(filter(None, arguments.split(","))), value, level) for name, arguments, value in found}


_FUNCTIONS = {**_functions(_BY_ROW, "row"), **_functions(_OVER_ROWS, "aggregate"), **_functions(_ALONG_A_TABLE, "table")}


@cache
def parsed(text: str) -> Formula:
    """Return the tree of a formula. Raises FormulaError if it is none."""
    try:
        return _Parser(text).whole()
    except RecursionError:
        _refuse("its brackets are too deep")


def names_in(formula: Formula) -> Iterator[Name]:
    """Yield every field and parameter that a formula reads, in its order."""
    match formula:
        case Name():
            yield formula
        case Constant():
            return
        case _:
            for part in _parts(formula):
                yield from names_in(part)


def kind_of(formula: Formula, named: Callable[[Name], Kind]) -> Kind:
    """Return of which type and level a formula is, where `named` says it of each name. Raises FormulaError if its parts do not fit."""
    match formula:
        case Constant(kind, _):
            return Kind(kind, "constant")
        case Name():
            return named(formula)
        case Fixed(_, by, of):
            return _fixed([kind_of(part, named) for part in by], kind_of(of, named))
        case Choice(of, cases, other):
            return _choice(of, cases, other, named)
        case Call(function, arguments):
            kinds = [kind_of(part, named) for part in arguments]
            return _operation(function, kinds) if function in _OPERATORS else _called(function, arguments, kinds)


def _fixed(by: Iterable[Kind], of: Kind) -> Kind:
    if any(kind.level in {"aggregate", "table"} for kind in by):
        _refuse("a level of detail goes by what is summed up")
    if of.level != "aggregate":
        _refuse(f"a level of detail holds what is {'computed along a table' if of.level == 'table' else 'not summed up'}")
    return Kind(of.type, "row")


def _parts(formula: Call | Choice | Fixed) -> Iterable[Formula]:
    match formula:
        case Call(_, arguments):
            return arguments
        case Fixed(_, by, of):
            return (*by, of)
        case Choice(of, cases, other):
            return [part for part in (of, *(part for case in cases for part in case), other) if part is not None]


def _choice(of: Formula | None, cases: Iterable[tuple[Formula, Formula]], other: Formula | None, named: Callable[[Name], Kind]) -> Kind:
    asked = kind_of(of, named) if of is not None else Kind("boolean", "constant")
    conditions = [kind_of(condition, named) for condition, _ in cases]
    values = [kind_of(value, named) for value in (*(value for _, value in cases), *([other] if other is not None else []))]
    for condition in conditions:
        if not _fit(asked.type, condition.type):
            _refuse(f"{'CASE compares' if of else 'IF asks'} {asked.type if of else 'for a flag'} with {condition.type}")
    return Kind(_common("the values of a choice", [value.type for value in values]), _mixed([asked, *conditions, *values]))


_LOGICAL, _COMPARING = {"AND", "OR", "NOT"}, {"=", "<>", "<", ">", "<=", ">=", "IN"}
_OPERATORS = {"+", "-", "*", "/", "%", "^"} | _LOGICAL | _COMPARING


def _operation(sign: str, kinds: list[Kind]) -> Kind:
    types: list[Type] = [kind.type for kind in kinds]
    if sign in _LOGICAL:
        fits = all(_fit(one, "boolean") for one in types)
    elif sign in _COMPARING:
        fits = all(_comparable(types[0], one) for one in types[1:])
    else:
        return Kind(_computed(sign, types), _mixed(kinds))
    if not fits:
        _refuse(f"{sign} stands between {' and '.join(types)}")
    return Kind("boolean", _mixed(kinds))


def _computed(sign: str, types: list[Type]) -> Type:
    """Return what arithmetic gives: of numbers a number, of texts a text, of a date and days a date, of two dates days."""
    if "any" in types:
        return "any"
    match sign, types:
        case "-", ["date", "date"]:
            return "number"
        case ("+" | "-", ["date", "number"]) | ("+", ["number", "date"]):
            return "date"
        case "+", ["string", "string"]:
            return "string"
        case _ if set(types) == {"number"}:
            return "number"
        case _:
            return _refuse(f"{sign} stands between {' and '.join(types)}")


def _called(function: str, arguments: tuple[Formula, ...], kinds: list[Kind]) -> Kind:
    # of two values, MIN and MAX are those of a row
    known = _Function(("1", "1"), "1", "row") if function in {"MIN", "MAX"} and len(kinds) > 1 else _FUNCTIONS[function]
    least, most = sum(one[-1] not in "?*" for one in known.arguments), len(known.arguments)
    if len(kinds) < least or (len(kinds) > most and known.arguments[-1:] != ("a*",)):
        _refuse(f"{function} takes {least}{f' to {most}' if most > least else ''} arguments, not {len(kinds)}")
    if function in _OF_PARTS and isinstance(first := arguments[0], Constant) and first.text[1:-1].lower() not in _DATE_PARTS:
        _refuse(f"{function} knows no {first.text}")
    levels = {kind.level for kind in kinds}
    if known.level == "aggregate" and levels & {"aggregate", "table"}:
        _refuse(f"{function} sums up what is summed up already")
    if known.level == "table" and "row" in levels:
        _refuse(f"{function} runs over what is not summed up")
    return Kind(_value(function, known, [kind.type for kind in kinds]), _mixed(kinds) if known.level == "row" else known.level)


def _value(function: str, known: _Function, types: list[Type]) -> Type:
    """Return the type of a function's value, once its arguments are of theirs."""
    wanted = [*known.arguments, *known.arguments[-1:] * len(types)][: len(types)]
    for given, want in zip(types, wanted, strict=True):
        if want[0] != "1" and not _fit(given, _TYPES[want[0]]):
            _refuse(f"{function} takes {_TYPES[want[0]]}, not {given}")
    shared = _common(f"the arguments of {function}", [given for given, want in zip(types, wanted, strict=True) if want[0] == "1"])
    return shared if known.value == "1" else _TYPES[known.value]


def _mixed(kinds: Iterable[Kind]) -> Level:
    levels: set[Level] = {kind.level for kind in kinds}
    if "row" in levels and levels & {"aggregate", "table"}:
        _refuse("what is summed up stands beside what is of a row")
    return _LEVELS[max((_LEVELS.index(level) for level in levels), default=0)]


def _common(what: str, types: Iterable[Type]) -> Type:
    known: list[Type] = list(dict.fromkeys(one for one in types if one != "any"))
    if len(known) > 1:
        _refuse(f"{what} are {' and '.join(known)}")
    return known[0] if known else "any"


def _fit(one: Type, other: Type) -> bool:
    return one == other or "any" in {one, other}


def _comparable(one: Type, other: Type) -> bool:
    return _fit(one, other) or {one, other} in ({"boolean", "number"}, {"date", "string"})


class _Parser:
    """Reads a formula from its tokens, one level of precedence a method."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def whole(self) -> Formula:
        if not self._tokens:
            _refuse("it is empty")
        formula = self._either()
        if self._at < len(self._tokens):
            _refuse(f"it goes on with {self._tokens[self._at][1]}")
        return formula

    def _is(self, *expected: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][0] in {"word", "sign"} and self._word() in expected

    def _word(self) -> str:
        return _SAME.get(self._tokens[self._at][1], self._tokens[self._at][1].upper())

    def _take(self) -> str:
        self._at += 1
        return _SAME.get(self._tokens[self._at - 1][1], self._tokens[self._at - 1][1].upper())

    def _expect(self, word: str, after: str) -> None:
        if not self._is(word):
            found = self._tokens[self._at][1] if self._at < len(self._tokens) else "its end"
            _refuse(f"{after} has no {word} before {found}")
        self._at += 1

    def _either(self) -> Formula:
        return self._joined(("OR",), lambda: self._joined(("AND",), self._negated))

    def _joined(self, signs: tuple[str, ...], part: Callable[[], Formula]) -> Formula:
        left = part()
        while self._is(*signs):
            sign = self._take()
            left = Call(sign, (left, part()))
        return left

    def _negated(self) -> Formula:
        if self._is("NOT"):
            self._at += 1
            return Call("NOT", (self._negated(),))
        left = self._sum()
        while self._is("=", "<>", "<", ">", "<=", ">=", "IN", "NOT"):
            if self._is("NOT"):
                self._at += 1
                self._expect("IN", "NOT")
                left = Call("NOT", (Call("IN", (left, *self._among())),))
            elif self._is("IN"):
                self._at += 1
                left = Call("IN", (left, *self._among()))
            else:
                sign = self._take()
                left = Call(sign, (left, self._sum()))
        return left

    def _among(self) -> tuple[Formula, ...]:
        if self._is("("):
            self._at += 1
            return self._arguments("IN (")
        self._primary()  # a set, which has no type of its own
        return ()

    def _sum(self) -> Formula:
        return self._joined(("+", "-"), lambda: self._joined(("*", "/", "%"), self._power))

    def _power(self) -> Formula:
        return self._joined(("^",), self._signed)

    def _signed(self) -> Formula:
        if self._is("-", "+"):
            return Call("-", (self._signed(),)) if self._take() == "-" else self._signed()
        return self._primary()

    def _primary(self) -> Formula:
        if self._at >= len(self._tokens):
            _refuse("it ends where something should follow")
        sort, text = self._tokens[self._at]
        self._at += 1
        match sort:
            case "name":
                *source, name = re.findall(r"\[(?:[^\]]|\]\])+\]", text)
                if source[-1:] == ["[__tableau_internal_object_id__]"]:  # the rows of a table, which are counted
                    name = f"{source.pop()}.{name}"
                return Name(".".join(source), name)
            case "text":
                return Constant("string", text)
            case "date":
                return Constant("date", text)
            case "number":
                return Constant("number", text)
            case _:
                return self._spoken(_SAME.get(text, text.upper()), text)

    def _spoken(self, word: str, text: str) -> Formula:
        match word:
            case "(":
                inner = self._either()
                self._expect(")", "(")
                return inner
            case "{":
                return self._level_of_detail()
            case "IF" | "CASE":
                return self._choice(word)
            case "TRUE" | "FALSE":
                return Constant("boolean", word)
            case "NULL":
                return Constant("any", word)
            case _ if word in _FUNCTIONS:
                self._expect("(", word)
                return Call(word, () if self._closes() else self._arguments(f"{word}("))
            case _ if word in _WORDS or not text[0].isidentifier():
                _refuse(f"{text} stands where a value should")
            case _:
                _refuse(f"there is no function {text}")

    def _closes(self) -> bool:
        if self._is(")"):
            self._at += 1
            return True
        return False

    def _arguments(self, after: str) -> tuple[Formula, ...]:
        found = [self._either()]
        while self._is(","):
            self._at += 1
            found.append(self._either())
        self._expect(")", after)
        return tuple(found)

    def _level_of_detail(self) -> Formula:
        kind, by = "FIXED", list[Formula]()
        if self._is(*_LEVELS_OF_DETAIL):
            kind = self._take()
            while not self._is(":"):
                by.append(self._either())
                if not self._is(":"):
                    self._expect(",", kind)
            self._at += 1
        of = self._either()
        self._expect("}", "{")
        return Fixed(kind, tuple(by), of)

    def _choice(self, word: str) -> Formula:
        of = self._either() if word == "CASE" else None
        begins, cases, other = ("WHEN", "WHEN") if of else ("IF", "ELSEIF"), list[tuple[Formula, Formula]](), None
        if of:
            self._expect("WHEN", "CASE")
        while True:
            condition = self._either()
            self._expect("THEN", begins[0])
            cases.append((condition, self._either()))
            if not self._is(begins[1]):
                break
            self._at += 1
        if self._is("ELSE"):
            self._at += 1
            other = self._either()
        self._expect("END", word)
        return Choice(of, tuple(cases), other)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            _refuse(f"{text[at : at + 20]!r} is not closed" if text[at] in "'\"[#/" else f"{text[at]!r} means nothing")
        if found.lastgroup is not None:
            yield found.lastgroup, found.group()
        at = found.end()
