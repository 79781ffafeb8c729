"""The reader's language: which it is, and how the portal says things in it.

Belongs here: choosing between English and French, and writing texts, times, sizes and figures. Never here: a text itself: texts.json holds
those of the pages, contents.json what each file and table is, and said.json what the code below says in English, each with its French.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo  # noqa: TC003 - dataclasses read the annotations

from markupsafe import Markup, escape

from bottleneck_assets import wording
from bottleneck_assets.figures.french import french_description, french_names
from bottleneck_assets.figures.measures import MEASURES, as_read
from bottleneck_assets.figures.tabs import TABS, VALUES
from bottleneck_assets.render.report.data_quality import catalogue
from bottleneck_assets.render.report.texts import Translations

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from starlette.requests import Request

    from bottleneck_assets.figures.tabs import Tab

COOKIE = "bottleneck_language"
COOKIE_SECONDS = 365 * 24 * 3600
LONGEST = 1000
"""Characters of a sentence; one that holds a long cell of an export stays as it is."""
_FOLDER = Path(__file__).parent
_TAG = re.compile("<[^>]*>")


def chosen(request: Request) -> str:
    """Return the reader's language: what the address asks for (`?lang=fr`), else what was chosen before, else what the browser prefers."""
    asked = (request.query_params.get("lang"), request.cookies.get(COOKIE), *_preferred(request.headers.get("accept-language", "")))
    return next((language for language in asked if language in wording.LANGUAGES), wording.LANGUAGES[0])


def _preferred(header: str) -> Iterator[str]:
    """Yield the languages of an Accept-Language header, the best first, without their regions."""
    wanted = [part.replace(" ", "").lower().partition(";q=") for part in header[:1000].split(",")]
    ranked = sorted(wanted, key=lambda part: float(part[2]) if re.fullmatch(r"[01](\.\d{1,3})?", part[2]) else 1.0, reverse=True)
    return (name.partition("-")[0] for name, _, weight in ranked if weight not in {"0", "0.0", "0.00", "0.000"})


@dataclass(frozen=True)
class Language:
    """A language, `en` or `fr`, and the zone that times are shown in."""

    name: str
    zone: ZoneInfo

    @property
    def other(self) -> str:
        """The other language."""
        return next(language for language in wording.LANGUAGES if language != self.name)

    def say(self, key: str, /, **parts: object) -> Markup:
        """Return a text of texts.json, with its parts put in, escaped unless they are markup. Raises KeyError if there is none."""
        return Markup(escape(self._texts[key])).format(**parts)  # noqa: S704 - escaped

    def count(self, key: str, count: int) -> Markup:
        """Return a text about so many of something; French takes none for one."""
        is_one = count < 2 if self.name == "fr" else count == 1  # noqa: PLR2004
        return self.say(f"{key}_one" if is_one else f"{key}_many", count=self.number(count))

    def named(self, kind: str, name: str) -> Markup:
        """Return what people call something that a program names, such as a run's job; its name, as it is, where they call it nothing."""
        return self.say(f"{kind}_{name}") if f"{kind}_{name}" in self._texts else as_it_is(name)

    def said(self, text: str) -> Markup:
        """Return what the code below says, in this language; where there is no French for it, as it is, and marked as English."""
        lines = [self._said(line) for line in text.splitlines()]
        return Markup(" ").join(lines)

    def _said(self, text: str) -> Markup:
        if self.name == "en":
            return escape(text)
        translated = french(text)
        return escape(translated) if translated is not None else Markup('<span lang="en">{}</span>').format(text)

    # ---- what tables, columns and figures are called

    def title(self, ref: str) -> str:
        """Return what a table, or a file that is none, is called; empty if it has no name."""
        layer, _, name = ref.partition(".")
        if layer == "extract" and name in _tabs():
            return str(self.say("tab", title=_tabs()[name].title[self.name]))
        return wording.typeset(_contents()[ref][self._place], self.name) if ref in _contents() else ""

    def contents(self, ref: str) -> str:
        """Return what a table, or a file that is none, holds: what it is called, and, of a tab, what it answers."""
        tab = _tabs().get(ref.removeprefix("extract."))
        return f"{self.title(ref)}. {tab.question[self.name]}" if tab else self.title("*.tds" if ref.endswith(".tds") else ref)

    def form(self, path: str, files: Container[str]) -> str:
        """Return the path of a document of a release in this language, if its files hold that form; else its own."""
        stem, dot, ending = path.rpartition(".")
        return translated if (translated := f"{stem}.{self.name}{dot}{ending}") in files else path

    def column(self, name: str, sale_prices: str = "incl_vat") -> str:
        """Return what a column is called: its own name, or its French one."""
        return french_names([name], sale_prices)[0] if self.name == "fr" else name.replace("_", " ")

    def described(self, name: str, description: str) -> Markup:
        """Return what a column means, in French with what it is called there; a release of another version may say what has no French."""
        if self.name == "en":
            return escape(description)
        called = self.column(name)
        try:
            meaning = french_description(description)
        except KeyError:
            return escape(called) if called != name else Markup('<span lang="en">{}</span>').format(description)
        return escape(meaning if called in {name, meaning.rstrip(".")} else f"{called}. {meaning}")

    def label(self, row: Mapping[str, str], sale_prices: str) -> str:
        """Return what a KPI of the headline is called, given its row."""
        known = self.name == "fr" and row["kpi"] in MEASURES
        return as_read(MEASURES[row["kpi"]].label.fr, sale_prices) if known else row["label"]

    def measure(self, name: str, sale_prices: str) -> str:
        """Return what a measure is called."""
        return as_read(MEASURES[name].label[self.name], sale_prices)

    def value(self, column: str, value: str) -> str:
        """Return what a value of a column is called, of those that tables hold in English."""
        return VALUES[column][value][self.name]

    # ---- times, sizes and figures

    def when(self, time: dt.datetime) -> Markup:
        """Return a time with its zone; the year is left out if it is this one."""
        local = time.astimezone(self.zone)
        day = wording.date(local.date(), self.name)
        this_year = dt.datetime.now(self.zone).year
        return self.say("at", day=day.removesuffix(f" {this_year}"), time=f"{local:%H:%M}", zone=self._zone_name)

    def month(self, day: dt.date | None) -> str:
        """Return a day's month."""
        return wording.month(day, self.name) if day else str(self.say("not_known"))

    def ago(self, then: dt.datetime, now: dt.datetime) -> Markup:
        """Return how long ago something was, in the largest unit that says it."""
        minutes = max(0, int((now - then).total_seconds() // 60))
        for unit, length in (("days", 1440), ("hours", 60), ("minutes", 1)):
            if (count := minutes // length) >= (2 if unit == "days" else 1):
                return self.count(f"{unit}_ago", count)
        return self.say("just_now")

    def size(self, count: int) -> Markup:
        """Return so many bytes."""
        if count < 1000:  # noqa: PLR2004 - a kB
            return self.say("bytes", count=count)
        unit, shown = ("kilobytes", wording.fixed(count / 1e3, self.name, 0)) if count < 1e6 else ("megabytes", self.number(count / 1e6))  # noqa: PLR2004 - a MB
        return self.say(unit, count=shown)

    def number(self, value: object) -> str:
        """Return a number with at most one decimal, below one with two."""
        return wording.number(str(value) if isinstance(value, int) else value, self.name)

    def rate(self, value: object) -> str:
        """Return a share as a percentage with two decimals, for those that are small."""
        sign = "%" if self.name == "en" else "\u202f%"
        return wording.fixed(float(str(value)) * 100, self.name, 2) + sign

    def figure(self, row: Mapping[str, str]) -> str:
        """Return the value of a KPI of the headline, given its row."""
        return self.amount(row["value"], row["unit"])

    def amount(self, value: str, unit: str) -> str:
        """Return a value of a unit, given as a table has it: in euros, as a percentage, or as a number."""
        if not value:
            return str(self.say("not_known"))
        ways = {"EUR": wording.euros, "ratio": wording.rate, "units": wording.number}
        return ways[unit](value, self.name) if unit in ways else wording.fixed(value, self.name, 2)

    def price(self, value: Decimal | None) -> str:
        """Return a price, with its cents."""
        if value is None:
            return str(self.say("not_known"))
        return f"€{wording.fixed(value, self.name, 2)}" if self.name == "en" else f"{wording.fixed(value, self.name, 2)}\u00a0€"

    def cell(self, value: str | None) -> str:
        """Return a cell of a table: a number as this language writes it, without the zeros that say nothing, a dash for none."""
        if value is None:
            return "\u2013"
        if not re.fullmatch(r"-?\d+\.\d+", value):
            return value
        short = value.rstrip("0").rstrip(".").replace("-", "\u2212")
        return short if self.name == "en" else short.replace(".", ",")

    def difference(self, row: Mapping[str, str]) -> str:
        """Return by how much a KPI has moved, with its sign: shares in points, the others in their unit."""
        if not row["difference"]:
            return str(self.say("not_known"))
        moved = Decimal(row["difference"])
        if row["unit"] == "ratio":
            shown = str(self.say("points", value=wording.fixed(100 * moved, self.name, 2)))
        else:
            shown = self.amount(str(moved), row["unit"])
        return f"+{shown}" if moved > 0 and re.search("[1-9]", shown) else shown

    @property
    def _place(self) -> int:
        return wording.LANGUAGES.index(self.name)

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {key: wording.typeset(text[self._place], self.name) for key, text in read("texts.json").items()}

    @property
    def _zone_name(self) -> str:
        return self.zone.key.rpartition("/")[2].replace("_", " ")


def as_it_is(name: str) -> Markup:
    """Return a name that is the same in every language, and marked so."""
    return Markup('<span translate="no">{}</span>').format(name)


def holds(sought: str, *texts: str) -> bool:
    """Tell whether every word of what is sought stands in some texts, whatever its case and accents."""
    text = _folded(" ".join(texts))
    return all(word in text for word in _folded(sought).split())


def _folded(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(one))


def plain(text: str) -> str:
    """Return a text without its markup, for a script to put in as text."""
    return Markup(_TAG.sub("", text)).unescape()  # noqa: S704 - it is no markup any more


@cache
def read(name: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a catalogue of this folder."""
    return json.loads((_FOLDER / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=512)
def french(text: str) -> str | None:
    """Return the French of what the code below says in English, None if there is none, or it is longer than it would ever say."""
    return None if len(text) > LONGEST else _translations().french(text)


@cache
def _translations() -> Translations:
    """Return what the code below says: the sentences of said.json, and why rows are in quarantine, as the data-quality report says it."""
    reasons = [(reason, found[0]) for reason, found in catalogue()["reasons"].items()]
    return Translations([*read("said.json"), *reasons])


@cache
def _contents() -> Mapping[str, list[str]]:
    return read("contents.json")


@cache
def _tabs() -> Mapping[str, Tab]:
    return {tab.name: tab for tab in TABS}
