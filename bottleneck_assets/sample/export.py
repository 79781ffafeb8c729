"""Writes a synthetic export of any size: the shape and the dirt of the shop's own, and not one value of it.

Here belong the file, its tables and the rows that go into them. What is sold is `assortment`'s, what happened `trade`'s, the pages
`catalogue`'s, and the handwriting `notation`'s. The same scale and seed give the same rows.
"""

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bottleneck_assets.engine import durable
from bottleneck_assets.sample import schema
from bottleneck_assets.sample.assortment import DATES, MONTHS, Assortment, assortment
from bottleneck_assets.sample.catalogue import web_rows
from bottleneck_assets.sample.notation import amount, decimal_mark, key
from bottleneck_assets.sample.trade import CAMPAIGNS, EURO, Course, PromoUnits, Trade, campaign_positions, revenue_by_segment, trade

Row = tuple[int | str, ...]
Progress = Callable[[int, int], None]
Cells = NDArray[np.object_]

# A file that nobody reads before it has its name needs no journal: if writing it fails, it is thrown away.
PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -131072")

NO_FLAG = 4
NO_FLAG_MONTH = 8


def write_sample_export(  # noqa: PLR0913
    path: Path,
    *,
    scale: int = 1,
    seed: int = 2022,
    promo_units: PromoUnits = "included",
    ca_par_segment: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a synthetic export, beside its place first and then renamed into it, so that nobody ever sees half of one.

    Args:
        path: The SQLite file to write; one that is there is replaced.
        scale: How many times the real shop's products: 871 in Finance and 761 in Web at scale 1.
        seed: Where the draws start. An assortment's draws do not depend on the scale.
        promo_units: Whether the Sales column includes the promotion units, as the shop's does, or leaves them out.
        ca_par_segment: Whether to add the optional table of revenue per segment.
        progress: Told the assortments written and the assortments in all, after each.

    Raises:
        ValueError: If the scale is below 1 or promo_units is neither of the two.
    """
    if scale < 1:
        message = f"scale is {scale}: a sample holds at least one assortment, so ask for 1 or more"
        raise ValueError(message)
    if promo_units not in ("included", "excluded"):
        message = f"promo_units is {promo_units!r}: it is 'included' or 'excluded'"
        raise ValueError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
            revenue = _write_assortments(connection, scale, seed, promo_units, progress)
            if ca_par_segment:
                _write_ca_par_segment(connection, revenue)
            connection.execute("COMMIT")
        durable.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _write_assortments(
    connection: sqlite3.Connection, scale: int, seed: int, promo_units: PromoUnits, progress: Progress | None
) -> Counter[str]:
    """Write the four tables, an assortment a time so that memory stays flat; give the revenue per segment."""
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    for statement in schema.TABLES:
        connection.execute(statement)
    revenue: Counter[str] = Counter()
    for number in range(scale):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(number,))))
        goods = assortment(number)
        happened = trade(goods, rng, promo_units)
        connection.executemany(schema.INSERT_WEB, web_rows(goods, rng))
        connection.executemany(schema.INSERT_FINANCE, _finance_rows(goods, happened))
        connection.executemany(schema.INSERT_SALES, _sales_rows(goods, happened, promo_units))
        connection.executemany(schema.INSERT_PROMO, _promo_rows(goods, happened))
        revenue.update(revenue_by_segment(goods, happened))
        if progress is not None:
            progress(number + 1, scale)
    return revenue


def _finance_rows(goods: Assortment, happened: Trade) -> Iterator[Row]:
    """Write prices and flags, month by month; every product has every month, whether it is online or not."""
    skus = [str(sku) for sku in goods.skus]
    flags = [int(shelf.online) for shelf in goods.shelves]
    prices, purchase_prices = _price_cells(happened.price), _price_cells(happened.purchase_price)
    for month, (name, date) in enumerate(zip(MONTHS, DATES, strict=True)):
        flags_of_month = [*flags[:-1], NO_FLAG] if goods.has_oddities and month == NO_FLAG_MONTH else flags
        keys = [key(name, sku) for sku in goods.skus]
        dates = [date] * len(keys)
        columns = (keys, dates, skus, flags_of_month, prices[:, month].tolist(), purchase_prices[:, month].tolist())
        yield from zip(*columns, strict=True)


def _price_cells(course: Course) -> Cells:
    """Write a price once before and once after it changes, and spread the two texts over the months."""
    before, after = (
        np.array([amount(price, decimal_mark(position)) for position, price in enumerate(prices.tolist())], dtype=object)
        for prices in (course.before, course.after)
    )
    return np.where(np.arange(len(MONTHS)) < course.repriced_in[:, None], before[:, None], after[:, None])


def _sales_rows(goods: Assortment, happened: Trade, promo_units: PromoUnits) -> Iterator[Row]:
    """Write units, orders and stock of the products that are online, from the month that their shelf opened."""
    sales = happened.recorded_sales(promo_units)
    leaves_empty = np.array([not shelf.writes_zero_orders for shelf in goods.shelves])
    orders = np.where(leaves_empty[:, None] & (happened.orders == 0), "", happened.orders.astype(object))
    for month, name in enumerate(MONTHS):
        selling = [position for position, shelf in enumerate(goods.shelves) if shelf.online and shelf.opens <= month]
        keys = [key(name, goods.skus[position]) for position in selling]
        columns = (table[selling, month].tolist() for table in (sales, orders, happened.stock))
        yield from zip(keys, *columns, strict=True)


def _promo_rows(goods: Assortment, happened: Trade) -> Iterator[Row]:
    """Write the campaigns, a row a product."""
    for campaign in CAMPAIGNS:
        month = MONTHS[campaign.month]
        for position in map(int, campaign_positions(goods, campaign)):
            units = int(happened.offer_units[position, campaign.month])
            price = amount(int(happened.offer_price[position, campaign.month]), decimal_mark(position))
            yield key(month, goods.skus[position]), campaign.starts_on, campaign.ends_on, units, price


def _write_ca_par_segment(connection: sqlite3.Connection, revenue: Counter[str]) -> None:
    """Write the optional table, largest segment first, its figures as text with a decimal comma."""
    connection.execute(schema.CA_PAR_SEGMENT)
    rows = [(segment, f"{total // EURO},{total % EURO * 100 // EURO:02d}") for segment, total in revenue.most_common()]
    connection.executemany(schema.INSERT_CA_PAR_SEGMENT, rows)
