"""Reads from an address which rows of a tab's table are asked for, and writes them as DataTables takes them, in JSON.

Belongs here: the parameters of `/api/rows/<tab>`, and what each may be. Never here: finding the rows (release/listed.py).
"""

from __future__ import annotations

import datetime as dt
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.errors import BottleneckError
from bottleneck_assets.release.listed import MOST_ROWS, Question, columns_of, cover_bands, files_behind, filters_of, tabs_listed
from bottleneck_assets.release.manifest import GoneError
from bottleneck_assets.render.web.tables import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bottleneck_assets.release.listed import Listed
    from bottleneck_assets.release.release import Release

MOST_SOUGHT, MOST_SHOWN = 200, 50
"""How many characters may be sought, and how many of a parameter are said again."""
_FARTHEST, _LARGEST_SKU = 1_000_000_000, (1 << 63) - 1
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


class AskedWronglyError(BottleneckError):
    """A parameter that there is none of, or that may not be what it is."""


def question_of(tab: str, parameters: Sequence[tuple[str, str]]) -> Question:
    """Return what an address asks for, given the parameters in it but the release. Raises GoneError of a tab without such rows.

    Raises AskedWronglyError for a parameter that there is none of, that is given twice, or that may not be what it is.
    """
    if tab not in tabs_listed():
        raise GoneError(tab)
    given = _Given(parameters)
    table, filters = tabs_listed()[tab].table, filters_of(tab)
    order = given.one_of("order", columns_of(tab), table.sorted_by)
    direction = given.one_of("dir", ("asc", "desc"), "asc" if table.ascending else "desc")
    question = Question(
        tab=tab,
        start=given.number("start", 0, _FARTHEST, 0),
        length=given.number("length", 1, MOST_ROWS, MOST_ROWS),
        order=order,
        descending=direction == "desc",
        sought=given.text("q"),
        language=given.one_of("lang", wording.LANGUAGES, wording.LANGUAGES[0]),
        first_month=given.month("from", dt.date.min),
        last_month=given.month("to", dt.date.max),
        equal={name: given.filter(name) for name in filters if given.has(name)},
    )
    given.refuse_others(("release", "start", "length", "order", "dir", "q", "lang", "from", "to", *filters))
    return question


def etag_of(release: Release, question: Question, version: str) -> str:
    """Return what tells an answer from another: what it is made from, what is asked, and the version of this portal."""
    made_from = [file.sha256 for file in files_behind(release, question.tab)]
    return f'W/"{sha256(repr((made_from, question, version)).encode()).hexdigest()}"'


def answer(found: Listed) -> dict[str, Any]:
    """Return a page of rows as DataTables takes it; each row is an object, its values as the dashboard holds them."""
    data = [{name: plain(value) for name, value in row.items()} for row in found.rows]
    return {"recordsTotal": found.total, "recordsFiltered": found.found, "data": data}


class _Given:
    """The parameters of an address, each read as what it may be."""

    def __init__(self, parameters: Sequence[tuple[str, str]]) -> None:
        self._values = dict(parameters)
        if len(self._values) < len(parameters):
            names = [name for name, _ in parameters]
            twice = next(name for name in names if names.count(name) > 1)
            problem = f"The parameter {twice[:MOST_SHOWN]} is given more than once."
            raise AskedWronglyError(problem, "Give it once.")

    def refuse_others(self, known: Sequence[str]) -> None:
        """Raise AskedWronglyError if there is any other parameter."""
        for name in self._values:
            if name not in known:
                problem = f"There is no parameter {name[:MOST_SHOWN]}."
                raise AskedWronglyError(problem, f"There are: {', '.join(known)}.")

    def has(self, name: str) -> bool:
        """Tell whether it is given."""
        return name in self._values

    def text(self, name: str) -> str:
        """Return a text, empty if it is not given."""
        if len(text := self._values.get(name, "")) > MOST_SOUGHT:
            problem = f"{name} has {len(text)} characters."
            raise AskedWronglyError(problem, f"Give at most {MOST_SOUGHT}.")
        return text

    def number(self, name: str, least: int, most: int, otherwise: int) -> int:
        """Return a whole number between two others."""
        text = self._values.get(name, str(otherwise))
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(most)) else -1
        if not least <= number <= most:
            raise _not(name, text, f"Give a whole number from {least} to {most}.")
        return number

    def one_of(self, name: str, choices: Sequence[str], otherwise: str) -> str:
        """Return one of some texts."""
        if (text := self._values.get(name, otherwise)) not in choices:
            raise _not(name, text, f"Give one of: {', '.join(choices)}.")
        return text

    def month(self, name: str, otherwise: dt.date) -> dt.date:
        """Return the first day of a month."""
        if (text := self._values.get(name)) is None:
            return otherwise
        if not _MONTH.fullmatch(text) or text.startswith("0000"):
            raise _not(name, text, "Give a month as 2023-09.")
        return dt.date.fromisoformat(f"{text}-01")

    def filter(self, name: str) -> str | int:
        """Return what a column is to be."""
        if name == "sku":
            return self.number(name, 0, _LARGEST_SKU, 0)
        return self.one_of(name, cover_bands(), "") if name == "cover_band" else self._values[name]


def _not(name: str, text: str, remedy: str) -> AskedWronglyError:
    problem = f"{name} may not be {text[:MOST_SHOWN]}."
    return AskedWronglyError(problem, remedy)
