"""What changed from one release to another: headline figures, the rows of each table, the products that it advises on, their prices.

Belongs here: the SELECTs that compare the Parquet of two releases, with keys and types from the contracts. Never here: how it is shown,
and whether another refresh would make the same release (comparison.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bottleneck_assets.engine.parquet_files import copy_parquet, query_parquet
from bottleneck_assets.engine.warehouse import as_no_formula, literal
from bottleneck_assets.release.publishing import published_models

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets.models.promise import Column
    from bottleneck_assets.release.release import Release

_parquet: Any = import_module("pyarrow.parquet")  # has no types
EARLIER, LATER = "earlier.main.rows", "later.main.rows"
HEADLINE, ADVICE, PRICES, PRODUCTS = "kpis/headline.csv", "business_recommendations.csv", "tables/finance.csv", "tables/web.csv"


@dataclass(frozen=True)
class TableChange:
    """How many rows of a table, by the contract's key, were added, changed and removed; its path in the release and its model."""

    path: str
    ref: str
    added: int
    changed: int
    removed: int


@dataclass(frozen=True)
class Changes:
    """What changed from a release to a later one.

    `headline` has, for each KPI, `kpi`, `label`, `unit`, and as texts `before`, `after` and `difference`, empty where not known; `tables`
    those that differ, `unchanged` how many do not, and `left_out` the paths of those that one of the two does not have, or has
    without its key. `products` entered or left a recommendation: `recommendation`, `sku`, `title` and `change` (`entered` or `left`).
    `prices` are those of products whose price or cost in their latest month moved: `sku`, `title`, `price_before`, `price_after`,
    `cost_before`, `cost_after`, largest move first, in euros. Of both only the first rows are here; `product_count` and `price_count`
    say how many there are.
    """

    headline: Sequence[Mapping[str, str]]
    tables: Sequence[TableChange]
    unchanged: int
    left_out: Sequence[str]
    products: Sequence[Mapping[str, Any]]
    product_count: int
    prices: Sequence[Mapping[str, Any]]
    price_count: int


def changes_between(earlier: Release, later: Release, *, at_most: int, memory_limit: str) -> Changes:
    """Compare two releases; of products and prices return at most so many.

    Raises OlderReleaseError if one has no Parquet of a table, and what `Release.open` does.
    """
    differing = _differing(earlier, later)
    counts = " union all ".join(table.counts() for table in differing if table.has_key)
    files = {name: file for table in differing for name, file in table.files().items()}
    counted = [TableChange(**row) for row in query_parquet(counts, files, memory_limit)] if counts else []
    names = {"earlier.main.products": earlier, "later.main.products": later}
    titles = {name: _opened(release, PRODUCTS) for name, release in names.items()}
    products = query_parquet(_PRODUCTS.format(at_most=at_most), {**_pair(earlier, later, ADVICE), **titles}, memory_limit)
    prices = query_parquet(_PRICES.format(at_most=at_most), {**_pair(earlier, later, PRICES), **titles}, memory_limit)
    found = query_parquet(_HEADLINE, _pair(earlier, later, HEADLINE), memory_limit)
    order = {row["kpi"]: place for place, row in enumerate(later.rows(HEADLINE))}
    tables = [table for table in counted if table.added or table.changed or table.removed]
    without_key = [table.path for table in differing if not table.has_key]
    return Changes(
        headline=sorted(found, key=lambda row: order.get(row["kpi"], len(order))),
        tables=tables,
        unchanged=len(_held_by_both(earlier, later)) - len(without_key) - len(tables),
        left_out=sorted([*without_key, *(set(published_models()) & (earlier.files.keys() ^ later.files.keys()))]),
        products=products,
        product_count=products[0]["of"] if products else 0,
        prices=prices,
        price_count=prices[0]["of"] if prices else 0,
    )


def changed_cells(earlier: Release, later: Release, path: str, *, at_most: int, memory_limit: str) -> list[dict[str, Any]]:
    """Return the first lines of what `write_changes` says of one table, given as the path of its CSV. Raises as `changes_between` does."""
    table = _Table(earlier, later, path)
    return query_parquet(f"{table.cells()} order by all limit {at_most}", table.files(), memory_limit) if table.has_key else []


def write_changes(earlier: Release, later: Release, target: Path, *, memory_limit: str) -> None:
    """Write every change of every table as CSV: the table, what happened to the row, its key, and, if it changed, each cell of it.

    Raises as `changes_between` does.
    """
    files: dict[str, Path] = {}
    selects = ["select '' as \"table\", '' as change, '' as key, '' as \"column\", '' as before, '' as after where false"]
    for table in _differing(earlier, later):
        if table.has_key:
            selects.append(table.cells())
            files |= table.files()
    copy_parquet(" union all ".join(selects) + " order by all", files or _pair(earlier, later, HEADLINE), target, memory_limit)


class _Table:
    """A table of two releases, as it is compared: by the key of its contract, in the columns that both hold, as its types."""

    def __init__(self, earlier: Release, later: Release, path: str) -> None:
        self.path = path
        self._ref = published_models()[path].ref
        self._names = tuple(f"{side}.main.{self._ref.replace('.', '_')}" for side in ("earlier", "later"))
        self._opened = (_opened(earlier, path), _opened(later, path))
        first, second = (set[str](_parquet.read_schema(file).names) for file in self._opened)
        promise = published_models()[path].promise
        columns = [column for column in promise.columns if column.name in first & second]
        self._key = [column for column in columns if column.name in promise.key]
        self._others = [column for column in columns if column.name not in promise.key]
        self.has_key = len(self._key) == len(promise.key)

    def files(self) -> dict[str, Path]:
        """Return its two files by the names that its SELECTs know them by."""
        return dict(zip(self._names, self._opened, strict=True))

    def counts(self) -> str:
        """Return a SELECT: how many of its rows were added, changed and removed."""
        counted = ", ".join(f"count(*) filter (where change = '{change}') as {change}" for change in ("added", "changed", "removed"))
        return f"select {literal(self.path)} as path, '{self._ref}' as ref, {counted} from ({self._compared()})"

    def cells(self) -> str:
        """Return a SELECT: a line for each cell that changed, and one for each row that was added or removed."""
        key = " || '; ' || ".join(f"'{column.name}=' || coalesce({_text(column, column.name)}, '')" for column in self._key)
        cells = ", ".join(
            f"{{'column': '{one.name}', 'before': {_text(one, f'b_{one.name}')}, 'after': {_text(one, f'a_{one.name}')}}}"
            for one in self._others
        )
        none = "{'column': cast(null as varchar), 'before': cast(null as varchar), 'after': cast(null as varchar)}"
        differing = f"list_filter([{cells}], lambda one: one.before is distinct from one.after)" if cells else "[]"
        lines = f"unnest(case when change = 'changed' then {differing} else [{none}] end) as cell"
        return (
            f'select {literal(self.path)} as "table", change, key, cell.column as "column", cell.before as before, cell.after as after '
            f"from (select change, {key} as key, {lines} from ({self._compared()}) where change is not null)"
        )

    def _compared(self) -> str:
        """Return a SELECT: each row of either with its key, its cells before and after, and what happened to it, null if nothing did."""
        keys = ", ".join(column.name for column in self._key)
        sides = [
            ", ".join(
                [
                    *(f"try_cast({column.name} as {column.type}) as {column.name}" for column in self._key),
                    *(f"try_cast({column.name} as {column.type}) as {side}_{column.name}" for column in self._others),
                    f"true as {side}_is_there",
                ]
            )
            for side in ("b", "a")
        ]
        differs = " or ".join(f"b_{column.name} is distinct from a_{column.name}" for column in self._others) or "false"
        return (
            "select *, case when b_is_there is null then 'added' when a_is_there is null then 'removed' "
            f"when {differs} then 'changed' end as change "
            f"from (select {sides[0]} from {self._names[0]}) full join (select {sides[1]} from {self._names[1]}) using ({keys})"
        )


def _held_by_both(earlier: Release, later: Release) -> list[str]:
    return [path for path in published_models() if path in earlier.files and path in later.files]


def _differing(earlier: Release, later: Release) -> list[_Table]:
    """Return the tables whose files differ: where they do not, no row does."""
    both = _held_by_both(earlier, later)
    return [_Table(earlier, later, path) for path in both if earlier.parquet(path).sha256 != later.parquet(path).sha256]


def _pair(earlier: Release, later: Release, path: str) -> dict[str, Path]:
    return {EARLIER: _opened(earlier, path), LATER: _opened(later, path)}


def _opened(release: Release, path: str) -> Path:
    """Return where the Parquet of a table lies, once it is seen to be what was published."""
    file = release.parquet(path)
    release.open(file).close()
    return release.folder / file.path


def _text(column: Column, name: str) -> str:
    return as_no_formula(name) if column.type == "varchar" else f"cast({name} as varchar)"


_HEADLINE = f"""
select
    kpi,
    coalesce(after.label, before.label) as label,
    coalesce(after.unit, before.unit) as unit,
    coalesce(cast(before.value as varchar), '') as before,
    coalesce(cast(after.value as varchar), '') as after,
    coalesce(cast(after.value - before.value as varchar), '') as difference
from {EARLIER} as before full join {LATER} as after using (kpi)
"""
_TITLES = """
titles as (
    select sku, coalesce(after.title, before.title, '') as title
    from earlier.main.products as before full join later.main.products as after using (sku)
)"""
_PRODUCTS = f"""
with before as (select distinct recommendation, sku from {EARLIER} where sku is not null),
after as (select distinct recommendation, sku from {LATER} where sku is not null),
{_TITLES}
select
    moved.recommendation, moved.sku, coalesce(titles.title, '') as title, moved.change, count(*) over () as of
from (
    (select *, 'entered' as change from (select * from after except select * from before))
    union all
    (select *, 'left' as change from (select * from before except select * from after))
) as moved left join titles using (sku)
order by moved.recommendation, moved.change, moved.sku limit {{at_most}}
"""
_PRICES = f"""
with before as (select sku, arg_max(price, month) as price, arg_max(purchase_price, month) as cost from {EARLIER} group by sku),
after as (select sku, arg_max(price, month) as price, arg_max(purchase_price, month) as cost from {LATER} group by sku),
{_TITLES}
select
    sku, coalesce(titles.title, '') as title,
    before.price as price_before, after.price as price_after, before.cost as cost_before, after.cost as cost_after,
    count(*) over () as of
from before inner join after using (sku) left join titles using (sku)
where before.price is distinct from after.price or before.cost is distinct from after.cost
order by greatest(
    abs(coalesce(after.price / nullif(before.price, 0) - 1, 0)), abs(coalesce(after.cost / nullif(before.cost, 0) - 1, 0))
) desc, sku limit {{at_most}}
"""
