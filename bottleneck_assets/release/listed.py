"""The rows of a tab's table, however many there are, a page at a time: found, sorted and counted in the Parquet of a release.

Belongs here: the SELECT that gives of all rows what the dashboard's table gives of those that the page holds: the same columns, filters,
words and order (render/web/script/table.js, listed.js). Never here: who asks, and in which form it is answered (portal/).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.engine.parquet_files import query_parquet
from bottleneck_assets.engine.warehouse import literal
from bottleneck_assets.figures.measures import MEASURES
from bottleneck_assets.figures.portable import DATASETS, metric_of
from bottleneck_assets.figures.rows import rows_of
from bottleneck_assets.figures.tabs import COLUMNS, TABS, VALUES
from bottleneck_assets.models.catalog import models
from bottleneck_assets.release.manifest import GoneError
from bottleneck_assets.release.publishing import published_path
from bottleneck_assets.release.release import ChangedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.figures.tabs import Tab
    from bottleneck_assets.release.manifest import ReleasedFile
    from bottleneck_assets.release.release import Release

MOST_ROWS = 2_000
"""How many rows a page may have."""
UNKNOWN = "\u2013"
"""What is shown, and sought and sorted by, where a text is not known."""

_KEYS: Mapping[str, tuple[str, ...]] = {"product": ("sku",), "promotion": ("month", "sku"), "finding": ("recommendation", "scope")}
_NAMED_BY: Mapping[str, tuple[str, ...]] = {"product": ("sku", "product"), "promotion": ("month", "sku", "product"), "finding": ()}
"""The columns that a table begins with."""
_OF_A_PRODUCT = ("segment", "product_type", "sku", "abc_class", "cover_band")
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "product": _OF_A_PRODUCT,
    "promotion": (*_OF_A_PRODUCT, "campaign"),
    "finding": (*_OF_A_PRODUCT, "recommendation"),
}
_OWN_ORDER: Mapping[str, tuple[str, str]] = {
    "product": ("ranking.rank", "products.sku"),
    "promotion": ("promotions.month", "promotions.sku"),
    "finding": ("findings.month", "findings.rank"),
}
"""What comes first where rows are equal in what they are sorted by; a row without a rank comes last, one without a month first."""
_HOLDING: Mapping[str, tuple[str, ...]] = {
    "product": ("products", "ranking", "stock", "ratings"),
    "promotion": ("promotions",),
    "finding": ("findings",),
}
"""The tables whose columns a table shows as they are."""
_MADE = {
    "state": "case when min(stock.reorder_point) is null or min(stock.stock_on_date) is null then null "
    "when min(stock.stock_on_date) < min(stock.reorder_point) then 'below reorder point' "
    "when min(stock.stock_on_date) > min(stock.stock_ceiling) then 'above ceiling' else 'within' end"
}
"""What is no column of a table as it is."""
_IN_MONTHS = {
    "sales": "sales.month between $first and $last",
    "promotions": "promotions.month between $first and $last",
    "findings": "(findings.month is null or findings.month between $first and $last)",
}
"""Which rows the months chosen leave; other tables know no months."""
_WORD = re.compile('(!?)(?:["\u201c]([^"\u201d]+)["\u201d]|([^ ]+))')


@dataclass(frozen=True)
class Question:
    """Which rows of a tab's table are wanted: so many from a place on (0 is the first), of those that filters and search leave, in order.

    `order` is one of `columns_of`, and `equal` has values of `filters_of`. `sought` are words, those in quotes as one, those behind an
    exclamation mark not to be there. Months are the first days of the first and the last one.
    """

    tab: str
    start: int
    length: int
    order: str
    descending: bool
    sought: str = ""
    language: str = "en"
    first_month: dt.date = dt.date.min
    last_month: dt.date = dt.date.max
    equal: Mapping[str, str | int] = field(default_factory=dict[str, "str | int"])


@dataclass(frozen=True)
class Listed:
    """A page of rows by the names of their columns, how many rows the filters leave, and how many of those the search finds."""

    total: int
    found: int
    rows: Sequence[Mapping[str, Any]]


@cache
def tabs_listed() -> Mapping[str, Tab]:
    """Return the tabs whose tables are of products, promotions or findings, by name: a page may not hold all of these."""
    return {tab.name: tab for tab in TABS if tab.table.by[0] in _KEYS}


def columns_of(tab: str) -> tuple[str, ...]:
    """Return the columns that a tab's table may be sorted by. Raises KeyError if it is none of `tabs_listed`."""
    return _table(tab).columns


def filters_of(tab: str) -> tuple[str, ...]:
    """Return what a tab's rows may be chosen by, beside months. Raises KeyError if it is none of `tabs_listed`."""
    return _FILTERS[_table(tab).by]


def cover_bands() -> Sequence[str]:
    """Return the values of the filter `cover_band`."""
    return models()["presentation.products"].promise.limits["cover_band"]["isin"]


def files_behind(release: Release, tab: str) -> list[ReleasedFile]:
    """Return the Parquet files that a tab's rows are read from. Raises OlderReleaseError if the release lacks one."""
    return [release.parquet(path) for path in _table(tab).paths.values()]


def listed(release: Release, question: Question, *, memory_limit: str) -> Listed:
    """Return a page of rows. Raises GoneError if the release is gone, ChangedError if it cannot be read, and OlderReleaseError."""
    table = _table(question.tab)
    select, parameters = table.select(question)
    paths = {source: release.parquet(path) for source, path in table.paths.items()}
    for file in paths.values():
        release.open(file).close()  # it is there, and what was published
    try:
        found = query_parquet(select, {source: release.folder / file.path for source, file in paths.items()}, memory_limit, parameters)
    except FileNotFoundError as error:  # deleted meanwhile
        raise GoneError(release.name) from error
    except OSError as error:
        raise ChangedError(release.name, ", ".join(file.path for file in paths.values()), "it cannot be read") from error
    rows = [{name: row[name] for name in table.given} for row in found if row["place"] is not None]
    return Listed(found[0]["of_all"], found[0]["of_found"], rows)


@cache
def _table(tab: str) -> _Table:
    return _Table(tabs_listed()[tab])


class _Table:
    """A tab's table in SQL: what it shows of each row, and from where."""

    def __init__(self, tab: Tab) -> None:
        self.by, shows = tab.table.by[0], tab.table.shows
        self.key, self.columns = _KEYS[self.by], (*_NAMED_BY[self.by], *shows)
        self._measures = {name for name in shows if tab.is_measure(name)}
        self._datasets = {dataset.name: dataset for dataset in DATASETS}
        # what is read of each table of the star, for each key: aggregates, of one row or of the months chosen
        self._read = {
            "products": {
                "title": "left(min(products.title), 200)",
                "segment": "min(products.segment)",
                "product_type": "min(products.product_type)",
            },
            "ranking": {"rank": "min(ranking.rank)", "abc_class": "min(ranking.abc_class)"},
            "stock": {"cover": "min(stock.months_of_cover)"},
        }
        if self.by == "promotion":
            campaign = "concat_ws('|', min(promotions.starts_on), min(promotions.ends_on), min(promotions.product_type))"
            self._read["promotions"] = {"title": "left(min(promotions.title), 200)", "campaign": campaign}
        if self.by == "finding":
            self._read["findings"] = {name: f"min(findings.{name})" for name in ("sku", "segment", "month")}
        selected = [(dataset, name, sql) for shown in shows for dataset, name, sql in self._shown(shown)]
        for dataset, name, sql in selected:
            self._read.setdefault(dataset, {})[name] = sql
        self._base = next(metric_of(MEASURES[name]).dataset.name for name in shows if name in self._measures)
        titled = {"product": "products", "promotion": "promotions"}.get(self.by)
        self._selected = {
            **{name: f"{self._base}.{name}" for name in self.key},
            **({"title": f"{titled}.title"} if titled else {}),
            **{name: f"{dataset}.{name}" for dataset, name, _ in selected},
        }
        self.given = tuple(self._selected)

    @property
    def paths(self) -> Mapping[str, str]:
        """The tables that are read, by the names that SQL knows them by, as the paths of their CSVs."""
        return {self._datasets[name].source: published_path(models()[self._datasets[name].ref]) for name in self._read}

    def select(self, question: Question) -> tuple[str, Mapping[str, Any]]:
        """Return the SELECT of a page, a row of counts at least, and what its parameters are."""
        conditions, parameters = self._filtered(question)
        words, sought = self._sought(question)
        selected = ", ".join(f"{sql} as {name}" for name, sql in self._selected.items())
        own = ", ".join(f"{sql} as own_{place}" for place, sql in enumerate(_OWN_ORDER[self.by]))
        months = {"first": question.first_month, "last": question.last_month}
        return (
            f"with told as materialized (select {selected}, {own} from {self._joined()} where {' and '.join(conditions)}), "
            f"found as materialized (select * from told where {' and '.join(words)}), "
            f"page as (select *, row_number() over (order by {self._order(question)}) as place from found "
            "order by place limit $length offset $start) "
            "select (select count(*) from told) as of_all, (select count(*) from found) as of_found, page.* "
            "from (select 1) as once left join page on true order by place"
        ), {**months, "start": question.start, "length": question.length, **parameters, **sought}

    def _shown(self, name: str) -> list[tuple[str, str, str]]:
        """Return what a column of the table needs: of which table of the star, under which name, and as what."""
        if name in self._measures:
            metric = metric_of(MEASURES[name])
            dataset = metric.dataset.name
            column = rows_of(models()[metric.dataset.ref]).column_of(MEASURES[name])
            sql = f"min({dataset}.{column})" if column else metric.sql
            # of a product that is gone since there is no ceiling, and nothing above it
            return [(dataset, name, f"coalesce({sql}, 0)" if name == "value_above_ceiling" else sql)]
        if name in _MADE:
            return [("stock", name, _MADE[name])]
        if name == "sentence":
            return [("findings", f"{name}_{one}", f"min(findings.{name}_{one})") for one in wording.LANGUAGES]
        held = {one: {column.name for column in models()[self._datasets[one].ref].promise.columns} for one in _HOLDING[self.by]}
        dataset = next(one for one, columns in held.items() if name in columns)
        return [(dataset, name, f"min({dataset}.{name})")]

    def _joined(self) -> str:
        others = [f"left join {self._relation(name)} on {self._base}.sku = {name}.sku" for name in self._read if name != self._base]
        return " ".join([self._relation(self._base), *others])

    def _relation(self, name: str) -> str:
        key = self.key if name == self._base else ("sku",)
        columns = {**self._read[name], **{column: f"{name}.{column}" for column in key}}
        selected = ", ".join(f"{sql} as {column}" for column, sql in columns.items())
        where = f" where {_IN_MONTHS[name]}" if name in _IN_MONTHS else ""
        grouped = ", ".join(columns[one] for one in key)
        return f"(select {selected} from {self._datasets[name].source} as {name}{where} group by {grouped}) as {name}"

    def _filtered(self, question: Question) -> tuple[list[str], dict[str, Any]]:
        segment = "coalesce(products.segment, findings.segment)" if self.by == "finding" else "products.segment"
        columns = {
            "segment": segment,
            "product_type": "products.product_type",
            "sku": f"{self._base}.sku",
            "abc_class": "ranking.abc_class",
            "campaign": "promotions.campaign",
            "recommendation": "findings.recommendation",
        }
        conditions, parameters = ["true"], dict[str, Any]()
        for name, value in question.equal.items():
            if name == "cover_band":
                conditions.append(_in_band(str(value)))
            else:
                conditions.append(f"{columns[name]} = $is_{name}")
                parameters[f"is_{name}"] = value
        return conditions, parameters

    def _sought(self, question: Question) -> tuple[list[str], dict[str, Any]]:
        """Return the conditions that a row has what is sought; figures are not searched."""
        words = ", ".join(self._words(name, question.language) for name in self.columns if self._is_sought(name))
        text = _folded(f"concat_ws('  ', {words})")
        conditions, parameters = ["true"], dict[str, Any]()
        for place, (not_there, phrase, word) in enumerate(_WORD.findall(question.sought)):
            if wanted := phrase or word.replace('"', ""):
                has = f"contains({text}, {_folded(f'$word_{place}')})"
                conditions.append(f"not {has}" if not_there else has)
                parameters[f"word_{place}"] = wanted
        return conditions, parameters

    def _is_sought(self, name: str) -> bool:
        return name not in self._measures and COLUMNS[name].format in {"text", "month", "year"}

    def _order(self, question: Question) -> str:
        by = self._sorted_by(question.order, question.language)
        own_nulls = "first" if self.by == "finding" else "last"
        ascending = [(by, "last" if question.order == "rank" else "first"), ("own_0", own_nulls), ("own_1", "last")]
        turned = {"first": "last", "last": "first"}
        if question.descending:
            return ", ".join(f"{sql} desc nulls {turned[nulls]}" for sql, nulls in ascending)
        return ", ".join(f"{sql} asc nulls {nulls}" for sql, nulls in ascending)

    def _sorted_by(self, name: str, language: str) -> str:
        kind = "figure" if name in self._measures else COLUMNS[name].format
        if kind == "text":
            return _folded(self._words(name, language))
        # in nine digits: those that a ratio has beyond them, it has by chance
        return name if kind in {"month", "year"} else f"case when {name} = floor({name}) then {name} else {_with_sure_digits(name)} end"

    def _words(self, name: str, language: str) -> str:
        """Return a column of a row as the dashboard writes it, where it writes it in words."""
        if name == "month":
            names = ", ".join(literal(wording.short_month(dt.date(2000, month, 1), language)) for month in range(1, 13))
            return f"coalesce([{names}][month(month)] || ' ' || year(month), {literal(UNKNOWN)})"
        column = {"product": "title", "sentence": f"sentence_{language}"}.get(name, name)
        said = {value: words[language] for value, words in VALUES.get(name, {}).items()}
        if name == "recommendation":
            said = {one: wording.sentence(language, one, "advice", "", "") for one in _recommendations()}
        unknown = said.pop("unknown", UNKNOWN)
        cases = " ".join(f"when {literal(value)} then {literal(words)}" for value, words in said.items())
        shown = f"case {column} {cases} else {column} end" if cases else f"cast({column} as varchar)"
        return f"coalesce({shown}, {literal(unknown)})"


def _recommendations() -> Sequence[str]:
    return models()["recommendation.summary"].promise.limits["recommendation"]["isin"]


def _folded(text: str) -> str:
    """Return a text in SQL without case and accents."""
    return f"lower(strip_accents({text}))"


def _with_sure_digits(number: str) -> str:
    return f"cast(format('{{:.9g}}', cast({number} as double)) as double)"


def _in_band(band: str) -> str:
    """Return the condition that a product's months of cover are in a band: above its first number, which 0 is too, up to its second."""
    if band == "none":
        return "stock.sku is not null and stock.cover is null"
    low, _, high = band.partition("-")
    return f"stock.cover {'>=' if low == '0' else '>'} {low}" + (f" and stock.cover <= {high}" if high else "")
