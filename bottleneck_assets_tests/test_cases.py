"""Exports as shops and tools have spoiled them, each with what is right: bends of a synthetic export, against SQL on SQLite.

Seven more are held as deeply elsewhere: dates with a time, keys with '.0', flags as words, a carriage return, odd names of columns and
attachments before their products by `models/test_spellings.py`, strangers in the drop folder by `source/test_drop_folder.py`.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from bottleneck_assets.engine.warehouse import Warehouse
from bottleneck_assets.models import checks
from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.functions import FUNCTIONS
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests import independent
from bottleneck_assets_tests.small_export import build, ingest, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pytestmark = pytest.mark.full

SEPTEMBER = "Key_Promo like '2023-9\\_%' escape '\\'"
LOWERED = f"rowid in (select rowid from Promo where {SEPTEMBER} limit 20)"
ENDLESS = f"rowid in (select rowid from Promo where {SEPTEMBER} order by Sales_Offer desc limit 30)"
CHAMPAGNE = "SKU = (select max(SKU) from Web where Product_type = 'Champagne')"
TWO_PRODUCTS = "SKU in ('100594', '100658')"
DECEMBER_ALONE = "delete from Promo where Key_Promo not like '2022-12%'"
OF_NOVEMBER = "select substr(Key_Promo, 9) from Promo where Start_Date = '2022-11-21' and Key_Promo like '2022-11%'"
LONGER = "update Promo set Start_Date = '2022-11-21', End_Date = '2022-12-10'"
OVER_THE_MONTHS_END = (
    f"{LONGER} where Key_Promo like '2022-12%' and substr(Key_Promo, 9) in ({OF_NOVEMBER})",
    f"{LONGER} where Start_Date = '2022-11-21'",
)
FILLERS = ("update Sales set Sales = 9999999 where Key_Sales in ('2022-11_100594', '2023-2_100658')",)
DEAR = (
    "update Finance set Price = '1500', Purchase_Price = '1200' where SKU = '100594'",
    "update Sales set Sales = 9999999 where Key_Sales = '2023-5_100594'",
)
ABOVE = (
    f"update Promo set Price_Offer = (select replace(Price, ',', '.') * 1.25 from Finance where Key_Finance = Key_Promo) where {LOWERED}",
)
IN_DECEMBER = (DECEMBER_ALONE, "update Promo set Start_Date = '2022-12-01', End_Date = '2022-12-10'")
MADE_BY_SQL = tuple(ref for ref, model in models().items() if model.sql is not None)
FIGURES = ("kpi.headline", "kpi.promo_roi", "kpi.promo_campaign")
NAMED = ("clean.contradictions", "clean.labels", "clean.notations", "clean.quarantine", "clean.quarantine_worth", "clean.unknown_products")
WARNINGS = (
    checks.rows_do_not_contradict_themselves,
    checks.labels_are_spelled_one_way,
    checks.every_column_says_how_it_is_read,
    checks.nothing_is_quarantined,
    checks.every_product_is_wholly_known,
)

SOLD = """
    with sold as (
        select
            Web.Segment as segment, Sales.Sales as units, min(coalesce(Promo.Sales_Offer, 0), Sales.Sales) as units_promo,
            Promo.Start_Date as starts_on, Promo.End_Date as ends_on, Web.SKU as sku,
            cast(replace(Finance.Price, ',', '.') as real) as price, cast(replace(Finance.Purchase_Price, ',', '.') as real) as cost,
            cast(replace(coalesce(Promo.Price_Offer, Finance.Price), ',', '.') as real) as offer,
            case when Web.Segment in ('Huile', 'Sans Alcool') then 1.055 else 1.2 end as vat
        from Sales
        inner join Finance on Key_Sales = Key_Finance and Onsale_Web in (0, 1)
        inner join Web on Web.SKU = cast(Finance.SKU as integer)
        left join Promo on Key_Sales = Key_Promo
        where Key_Sales like '2022-1%' or (Key_Sales like '2023-%' and Key_Sales not like '2023-1_\\_%' escape '\\')
    )
"""
HEADLINE = f"""{SOLD}
    select
        sum(units) as units,
        sum((units - units_promo) * price + units_promo * offer) as revenue,
        sum(((units - units_promo) * price + units_promo * offer) / vat - units * cost) as gross_margin,
        sum(case when starts_on is not null then units_promo * (offer / vat - cost) end)
        / sum(case when starts_on is not null then units_promo * max(price - offer, 0) / vat end) as promo_margin_roi
    from sold
"""
CAMPAIGNS = f"""{SOLD}
    select starts_on || ' to ' || ends_on || ' ' || segment as campaign, count(distinct sku) as products, sum(units_promo) as units_promo
    from sold where starts_on is not null group by starts_on, ends_on, segment
"""


@dataclass(frozen=True)
class Case:
    """An export that is bent, what bends its twin, which has the right figures in the shop's own spelling, and what warnings name.

    `has_returns` is False where no promotion is left to tell of, `open` what cannot be compared: rows of it are in quarantine. A case that
    is `as_plain` has every figure of the plain sample, those against a control group included.
    """

    bend: Sequence[str]
    twin: Sequence[str] = ()
    named: Sequence[str] = ()
    open: frozenset[str] = frozenset()
    has_returns: bool = True
    as_plain: bool = False
    every_table: bool = False


CASES = {
    "a campaign over a month's end": Case(OVER_THE_MONTHS_END, OVER_THE_MONTHS_END),
    "a dear bottle and a filler": Case(DEAR, DEAR, every_table=True),
    "two fillers": Case(FILLERS, FILLERS, every_table=True),
    "gift cards renamed": Case(
        ["update Web set Segment = 'Offres Commerciales', Product_type = 'Offres Commerciales' where Segment = 'Offres commerciales'"],
        as_plain=True,
    ),
    "no promotions": Case(["delete from Promo"], ["delete from Promo"], has_returns=False),
    "offers above the list price": Case(ABOVE, ABOVE, ["offer above the list price: 20 rows"]),
    "a price grouped by thousands": Case(
        [f"update Finance set Price = '1,299', Purchase_Price = '866.00' where {CHAMPAGNE}"],
        [f"update Finance set Price = '1299', Purchase_Price = '866.00' where {CHAMPAGNE}"],
    ),
    "prices in the French notation": Case(
        [f"update Finance set Price = '1' || char(8239) || '234,50' where {TWO_PRODUCTS}"],
        [f"update Finance set Price = '1234.50' where {TWO_PRODUCTS}"],
    ),
    "promotions with American dates": Case(
        [DECEMBER_ALONE, "update Promo set Start_Date = '12-01-2022', End_Date = '12-10-2022'"],
        IN_DECEMBER,
        ["Dates are read month first, as their whole column asks for: promo.end_date, promo.start_date"],
    ),
    "promotions with ISO dates": Case(IN_DECEMBER, IN_DECEMBER),
    "promotions without an end": Case(
        [f"update Promo set End_Date = '' where {ENDLESS}"],
        named=["end_date '' is not a date", "30 products have promotions, sales or prices in quarantine"],
        open=frozenset({"promo_margin_roi", "2023-09-01 to 2023-09-30 Vin"}),
    ),
    "segments with entities": Case(
        [
            "update Web set Segment = 'Vin & Bulles' where Segment = 'Vin'",
            "update Web set Segment = 'Vin &amp; Bulles' where Segment = 'Vin & Bulles' and rowid % 3 = 0",
            "update Web set Product_type = 'Huile d&#039;olive' where Product_type = 'Huile d''olive'",
        ],
        ["update Web set Segment = 'Vin & Bulles' where Segment = 'Vin'"],
        ["'Vin &amp; Bulles'"],
        as_plain=True,
    ),
    "a combining accent": Case(
        [
            "update Web set Segment = 'Rosé' where Segment = 'Vin'",
            "update Web set Segment = 'Rose' || char(769) where rowid % 5 = 0 and Segment = 'Rosé'",
        ],
        ["update Web set Segment = 'Rosé' where Segment = 'Vin'"],
        ["'Rose\u0301'"],
        as_plain=True,
    ),
    "segments spelled twice": Case(
        [
            "update Web set Segment = upper(Segment) where rowid % 41 = 0",
            "update Web set Segment = Segment || ' ' where rowid % 43 = 0",
        ],
        named=["'VIN'", "'Vin '"],
        as_plain=True,
    ),
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cases") / "plain.db"
    write_sample_export(path, seed=2022)
    return path


@pytest.fixture
def bent(sample: Path, tmp_path: Path) -> Callable[[str, Sequence[str]], Path]:
    """Return a function that bends a copy of the sample."""

    def bend(name: str, statements: Sequence[str]) -> Path:
        path = tmp_path / name
        shutil.copy(sample, path)
        with closing(sqlite3.connect(path)) as connection, connection:
            for statement in statements:
                connection.execute(statement)
        return path

    return bend


@pytest.fixture(scope="module")
def plain_return(sample: Path) -> float:
    """Compute the return of the plain sample's promotions against a control group, independently."""
    clean = independent.clean_all(independent.read_all(independent.read_export(sample)), "included")
    reported = independent.reporting_period(clean["sales"], None)
    start, end = reported["period_start"].iloc[0], reported["period_end"].iloc[0]
    period = independent.Period(start, end, [month for month in sorted(set(clean["sales"]["month"])) if start <= month <= end])
    facts = independent.period_facts(clean, period)
    promo = independent.promotions(clean, facts, period, independent.vat_divisors(clean["web"], "incl_vat"))
    return independent.one_ratio(independent.total(promo["incremental_margin"]), independent.total(independent.measured(promo)))


@pytest.mark.parametrize("name", CASES)
def test_a_case_gives_its_twins_figures_and_names_what_is_wrong(
    name: str, bent: Callable[[str, Sequence[str]], Path], plain_return: float, tmp_path: Path
) -> None:
    case = CASES[name]
    warehouse = Warehouse(tmp_path / "warehouse", functions=FUNCTIONS)
    ingest(bent("bent.db", case.bend), warehouse)
    build(warehouse, MADE_BY_SQL if case.every_table else (*FIGURES, *NAMED))
    with closing(sqlite3.connect(bent("twin.db", case.twin))) as twin:
        twin.row_factory = sqlite3.Row
        (expected,) = map(dict, twin.execute(HEADLINE))
        campaigns = {row["campaign"]: (row["products"], row["units_promo"]) for row in twin.execute(CAMPAIGNS)}

    headline = {row["kpi"]: row["value"] for row in rows_of(warehouse, "kpi.headline")}
    found = {
        f"{row['starts_on']} to {row['ends_on']} {row['segment']}": (row["products"], row["units_promo"])
        for row in rows_of(warehouse, "kpi.promo_campaign")
    }
    if case.as_plain:
        expected["promo_incremental_roi"] = plain_return
    if not case.has_returns:
        assert (headline["promo_margin_roi"], headline["promo_incremental_roi"], found) == (None, None, {})
        campaigns, expected = {}, {kpi: value for kpi, value in expected.items() if kpi != "promo_margin_roi"}
    expected = {kpi: value for kpi, value in expected.items() if kpi not in case.open}
    assert {kpi: headline[kpi] for kpi in expected} == pytest.approx(expected, rel=1e-7)
    assert {one: of for one, of in found.items() if one not in case.open} == {
        one: of for one, of in campaigns.items() if one not in case.open
    }
    said = " ".join(warning(warehouse).found for warning in WARNINGS)
    assert [words for words in case.named if words not in said] == []
    assert {row["segment"].lower() for row in rows_of(warehouse, "clean.web") if not row["is_stocked"]} == {"offres commerciales"}
