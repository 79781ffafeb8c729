"""Proves that a synthetic export has the shape, the dirt and the trade of a real one. Expected figures come from the contract."""

import hashlib
import html
import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from bottleneck_assets.sample.export import write_sample_export

REPOSITORY = Path(__file__).parents[2]
REAL_EXPORT = REPOSITORY.parent / "shared" / "data" / "Bottleneck.db"

KEY = re.compile(r"(\d{4}-(?:[1-9]|1[0-2]))_(\d{1,18})")
DECIMAL = re.compile(r"\d{1,6}(?:[.,]\d{1,8})?")
CALENDAR = (
    "2022-10", "2022-11", "2022-12", "2023-1", "2023-2", "2023-3", "2023-4",
    "2023-5", "2023-6", "2023-7", "2023-8", "2023-9", "2023-10",
)  # fmt: skip


@dataclass(frozen=True)
class Export:
    """An export read whole: a list of rows a table, a dict a row."""

    path: Path
    tables: dict[str, list[dict[str, Any]]]

    def __getitem__(self, table: str) -> list[dict[str, Any]]:
        """Give the rows of a table."""
        return self.tables[table]

    def cells(self, table: str, column: str) -> list[Any]:
        """Give one column."""
        return [row[column] for row in self.tables[table]]


def read(path: Path) -> Export:
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return Export(path, {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in names})


def written(folder: Path, **options: Any) -> Export:
    path = folder / "export.db"
    write_sample_export(path, **options)
    return read(path)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return written(tmp_path_factory.mktemp("default"), ca_par_segment=True)


@pytest.fixture(scope="module")
def excluded(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return written(tmp_path_factory.mktemp("excluded"), promo_units="excluded")


@pytest.fixture(scope="module")
def doubled(tmp_path_factory: pytest.TempPathFactory) -> Export:
    return written(tmp_path_factory.mktemp("doubled"), scale=2)


@pytest.fixture(scope="module")
def every(export: Export, excluded: Export, doubled: Export) -> tuple[Export, ...]:
    return export, excluded, doubled


def number(cell: object) -> Decimal:
    return Decimal(str(cell).replace(",", "."))


def split(key: str) -> tuple[str, int]:
    match = KEY.fullmatch(key)
    assert match, f"{key!r} is no key"
    return match[1], int(match[2])


def segments(export: Export) -> dict[int, str]:
    return {row["SKU"]: row["Segment"] for row in export["Web"]}


def offers(export: Export) -> dict[tuple[str, int], dict[str, Any]]:
    return {split(row["Key_Promo"]): row for row in export["Promo"]}


def sales(export: Export) -> dict[tuple[str, int], dict[str, Any]]:
    return {split(row["Key_Sales"]): row for row in export["Sales"]}


def prices(export: Export) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    return {split(row["Key_Finance"]): (number(row["Price"]), number(row["Purchase_Price"])) for row in export["Finance"]}


def units_by_month(export: Export, skus: set[int]) -> dict[str, int]:
    units: Counter[str] = Counter()
    for (month, sku), row in sales(export).items():
        if sku in skus:
            units[month] += row["Sales"]
    return dict(units)


def as_shown(text: str) -> str:
    """Clean a title or an excerpt as decisions for the clean layer say."""
    inner = text[1:-1].replace('""', '"') if re.fullmatch(r'"(?:[^"]|"")*"', text) else text
    return " ".join(html.unescape(re.sub(r"<[a-zA-Z/!][^>]*>", "", inner)).split())


# --- shape ---------------------------------------------------------------------------------------------------------------------


def test_the_default_export_has_the_row_counts_of_the_real_one(export: Export) -> None:
    counts = {table: len(export[table]) for table in ("Web", "Finance", "Sales", "Promo")}
    assert counts == {"Web": 761, "Finance": 11_323, "Sales": 9_564, "Promo": 698}


def test_scale_two_doubles_every_table_under_fresh_skus(doubled: Export) -> None:
    counts = {table: len(doubled[table]) for table in ("Web", "Finance", "Sales", "Promo")}
    assert counts == {"Web": 1_522, "Finance": 22_646, "Sales": 19_128, "Promo": 1_396}
    assert len(set(doubled.cells("Finance", "SKU"))) == 1_742


def test_a_larger_export_starts_with_the_products_of_the_smaller_one(export: Export, doubled: Export) -> None:
    assert doubled["Web"][:761] == export["Web"]
    assert doubled["Finance"][:11_323] == export["Finance"]


def test_every_product_of_finance_has_all_thirteen_months(every: tuple[Export, ...]) -> None:
    for export in every:
        months: defaultdict[int, list[str]] = defaultdict(list)
        for row in export["Finance"]:
            month, sku = split(row["Key_Finance"])
            months[sku].append(month)
            assert row["SKU"] == str(sku)
            assert row["Date"] == f"{month[:5]}{int(month[5:]):02d}-01"
        assert all(tuple(of_product) == CALENDAR for of_product in months.values())


def test_sales_months_are_thirteen_but_for_alcohol_free_drinks_that_start_in_may(export: Export) -> None:
    months: defaultdict[int, list[str]] = defaultdict(list)
    for month, sku in sales(export):
        months[sku].append(month)
    assert Counter(map(len, months.values())) == {13: 714, 6: 47}
    late = {sku for sku, of_product in months.items() if of_product[0] == "2023-5"}
    assert late == {sku for sku, segment in segments(export).items() if segment == "Sans Alcool"}


def test_segments_and_product_types_are_those_of_the_shop(export: Export) -> None:
    assert Counter((row["Segment"], row["Product_type"]) for row in export["Web"]) == {
        ("Vin", "Vin"): 658,
        ("Spiritueux", "Champagne"): 28,
        ("Spiritueux", "Whisky"): 14,
        ("Spiritueux", "Cognac"): 8,
        ("Spiritueux", "Gin"): 2,
        ("Sans Alcool", "Sans Alcool"): 47,
        ("Huile", "Huile d'olive"): 3,
        ("Offres commerciales", "Offres commerciales"): 1,
    }


def test_every_sales_and_promotion_row_has_its_finance_and_its_web_row(every: tuple[Export, ...]) -> None:
    for export in every:
        online = set(segments(export))
        priced = prices(export).keys()
        for key in (*sales(export), *offers(export)):
            assert key in priced
            assert key[1] in online
        assert offers(export).keys() <= sales(export).keys()


def test_an_export_holds_one_gift_card_whatever_its_scale(every: tuple[Export, ...]) -> None:
    for export in every:
        cards = [row for row in export["Web"] if row["Segment"] == "Offres commerciales"]
        assert len(cards) == 1
        rows = [row for (_, sku), row in sales(export).items() if sku == cards[0]["SKU"]]
        assert len(rows) == 13
        assert sum(row["Sales"] for row in rows) > 0
        assert all(row["Orders"] == "" and row["Stock"] == row["Sales"] for row in rows)


@pytest.mark.skipif(not REAL_EXPORT.exists(), reason="the real export is not ours to ship")
def test_tables_are_declared_as_in_the_real_export(export: Export) -> None:
    def declared(path: Path) -> dict[str, list[tuple[object, ...]]]:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            columns = {table: connection.execute(f"PRAGMA table_info({table})") for table in ("Web", "Finance", "Sales", "Promo")}
            return {table: list(rows) for table, rows in columns.items()}

    assert declared(export.path) == declared(REAL_EXPORT)


# --- everything can be read, but for one row ---------------------------------------------------------------------------------------


def test_only_one_flag_is_no_flag_and_its_product_is_not_in_the_shop(every: tuple[Export, ...]) -> None:
    for export in every:
        odd = [row for row in export["Finance"] if row["Onsale_Web"] not in (0, 1)]
        assert [row["Onsale_Web"] for row in odd] == [4]
        assert int(odd[0]["SKU"]) not in segments(export)
        assert set(export.cells("Finance", "Taxe_Statut")) == {"taxable"}


def test_keys_are_unique_and_every_figure_can_be_read(every: tuple[Export, ...]) -> None:
    for export in every:
        for table, key in (("Web", "SKU"), ("Finance", "Key_Finance"), ("Sales", "Key_Sales"), ("Promo", "Key_Promo")):
            assert len(set(export.cells(table, key))) == len(export[table])
        for table, column in (("Finance", "Price"), ("Finance", "Purchase_Price"), ("Promo", "Price_Offer")):
            assert all(DECIMAL.fullmatch(str(cell)) and number(cell) > 0 for cell in export.cells(table, column))
        for table, column in (("Sales", "Sales"), ("Sales", "Stock"), ("Promo", "Sales_Offer"), ("Web", "Rating_count")):
            assert all(isinstance(cell, int) and 0 <= cell < 9_999_999 for cell in export.cells(table, column))
        assert all(cell == "" or (isinstance(cell, int) and cell >= 0) for cell in export.cells("Sales", "Orders"))
        assert all(re.fullmatch(r"\d{1,7}", cell) for cell in export.cells("Web", "Comment_count"))


def test_promotion_dates_are_iso_and_page_dates_start_with_the_day(every: tuple[Export, ...]) -> None:
    for export in every:
        for row in export["Promo"]:
            starts_on, ends_on = date.fromisoformat(row["Start_Date"]), date.fromisoformat(row["End_Date"])
            assert starts_on < ends_on
            assert split(row["Key_Promo"])[0] == f"{starts_on.year}-{starts_on.month}" == f"{ends_on.year}-{ends_on.month}"
        for row in export["Web"]:
            posted, edited = (datetime.strptime(row[column], "%d-%m-%Y") for column in ("Post_date", "Post_modified"))  # noqa: DTZ007
            assert posted <= edited
            assert (row["Post_date"], row["Post_modified"]) == (row["Post_date_gmt"], row["Post_modified_gmt"])


def test_no_page_lacks_its_texts_and_no_address_is_used_twice(every: tuple[Export, ...]) -> None:
    for export in every:
        for column in ("Post_title", "Segment", "Product_type", "Post_name", "Guid", "Post_excerpt"):
            assert all(cell.strip() for cell in export.cells("Web", column))
        for column in ("Post_name", "Guid"):
            assert len(set(export.cells("Web", column))) == len(export["Web"])


# --- dirt ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["Price", "Purchase_Price"])
def test_one_price_column_mixes_commas_dots_and_integers(every: tuple[Export, ...], column: str) -> None:
    for export in every:
        cells = export.cells("Finance", column)
        assert sum(isinstance(cell, str) and "," in cell for cell in cells) > 0.7 * len(cells)
        assert sum(not isinstance(cell, int) and "." in str(cell) for cell in cells) > 100
        assert sum(isinstance(cell, int) for cell in cells) > 10


def test_offer_prices_and_ratings_have_commas_and_dots_too(every: tuple[Export, ...]) -> None:
    for export in every:
        for cells in (export.cells("Promo", "Price_Offer"), export.cells("Web", "Average_rating")):
            assert any("," in str(cell) for cell in cells)
            assert any("." in str(cell) for cell in cells)


def test_purchase_prices_have_up_to_eight_decimals(export: Export) -> None:
    places = Counter(len(str(cell).replace(",", ".").partition(".")[2]) for cell in export.cells("Finance", "Purchase_Price"))
    assert max(places) == 8
    assert places[8] > 300
    assert places[2] > 5_000


def test_months_of_keys_are_not_padded(export: Export) -> None:
    assert {split(key)[0] for key in export.cells("Sales", "Key_Sales")} == set(CALENDAR)


def test_orders_are_empty_in_about_63_percent_of_rows(every: tuple[Export, ...]) -> None:
    for export in every:
        orders = export.cells("Sales", "Orders")
        assert 0.60 < orders.count("") / len(orders) < 0.66
        assert 0 in orders


def test_the_average_rating_is_empty_exactly_where_nobody_rated(every: tuple[Export, ...]) -> None:
    for export in every:
        for row in export["Web"]:
            assert (row["Average_rating"] == "") == (row["Rating_count"] == 0)
            assert row["Comment_count"] == str(row["Rating_count"])
            assert row["Average_rating"] == "" or 3 <= number(row["Average_rating"]) <= 5


def test_few_products_have_many_ratings_and_a_quarter_has_none(export: Export) -> None:
    counts = export.cells("Web", "Rating_count")
    assert 0.18 < counts.count(0) / len(counts) < 0.30
    assert 0 < sum(count >= 8 for count in counts) < 0.2 * len(counts)
    assert max(counts) <= 17


def test_texts_carry_tags_entities_odd_spaces_and_doubled_quotes(every: tuple[Export, ...]) -> None:
    for export in every:
        titles, excerpts = export.cells("Web", "Post_title"), export.cells("Web", "Post_excerpt")
        for texts, dirt, least in (
            (titles, r"&amp (?!;)", 3),
            (titles, r"&eacute;", 2),
            (titles, r'^".*"".+"".*"$', 3),
            (excerpts, r"&eacute;", 3),
            (excerpts, r"&#039;", 3),
            (excerpts, r"</?em>", 2),
            (excerpts, r'<p class=""nez"">', 2),
            (excerpts, "\u00a0", 50),
            (excerpts, r'^".*"".+"".*"$', 20),
        ):
            assert least <= sum(re.search(dirt, text) is not None for text in texts) < len(texts) / 4, dirt


def test_texts_clean_up_without_a_trace_of_the_dirt(every: tuple[Export, ...]) -> None:
    for export in every:
        for text in (*export.cells("Web", "Post_title"), *export.cells("Web", "Post_excerpt")):
            assert not re.search(r'[<>\u00a0]|&#?\w+;|&amp|""|  ', as_shown(text)), text


def test_addresses_carry_the_entity_of_the_ampersand(export: Export) -> None:
    assert all("&#038" in cell for cell in export.cells("Web", "Guid"))
    assert any("&#038;" in cell for cell in export.cells("Web", "Guid"))


def test_volumes_are_written_in_every_odd_way(every: tuple[Export, ...]) -> None:
    for export in every:
        volumes = set(export.cells("Web", "Contenance"))
        assert volumes == {"75cl", "70cl", "62cl", "50cl", "37,5cl", "300cl", "3x 10cl", "0", "1"}
        for row in export["Web"]:
            assert (row["Contenance"] == "0") == (row["Segment"] == "Sans Alcool")
            assert (row["Contenance"] == "1") == (row["Segment"] == "Offres commerciales")
            assert row["Contenance"] != "0" or re.search(r"-\d\dcl$", row["Post_title"])
        assert any(row["Contenance"] == "0" and row["Post_title"].endswith("-75cl") for row in export["Web"])


def test_nearly_every_wine_has_its_vintage_in_the_title(export: Export) -> None:
    wines = [row["Post_title"] for row in export["Web"] if row["Segment"] == "Vin"]
    with_vintage = [title for title in wines if re.search(r"(?<!\d)(19|20)\d\d(?!\d)", title)]
    assert 0.9 < len(with_vintage) / len(wines) < 1


def test_one_promotion_sold_more_than_its_month(export: Export, doubled: Export) -> None:
    for sample in (export, doubled):
        sold = sales(sample)
        oversold = [key for key, offer in offers(sample).items() if offer["Sales_Offer"] > sold[key]["Sales"]]
        assert [month for month, _ in oversold] == ["2023-9"]


# --- the stock ledger ------------------------------------------------------------------------------------------------------------


def balances(export: Export, *, promo_units_on_top: bool) -> dict[tuple[str, int], bool]:
    """Tell of every row with a month before it whether stock before + orders - what left = stock."""
    rows, promoted = sales(export), offers(export)
    result: dict[tuple[str, int], bool] = {}
    for (month, sku), row in rows.items():
        before = rows.get((CALENDAR[CALENDAR.index(month) - 1], sku)) if month != CALENDAR[0] else None
        if before is not None:
            on_top = promoted[month, sku]["Sales_Offer"] if promo_units_on_top and (month, sku) in promoted else 0
            result[month, sku] = before["Stock"] + (row["Orders"] or 0) - row["Sales"] - on_top == row["Stock"]
    return result


def test_the_ledger_balances_with_promotion_units_included(export: Export, doubled: Export) -> None:
    for sample, promotions, odd_ones in ((export, 698, 2), (doubled, 1_396, 4)):
        as_included, on_top = balances(sample, promo_units_on_top=False), balances(sample, promo_units_on_top=True)
        promoted = offers(sample)
        assert sum(as_included[key] for key in promoted) == promotions - odd_ones
        assert sum(on_top[key] for key in promoted) == 0
        assert 0.99 < sum(as_included.values()) / len(as_included) < 1


def test_the_ledger_of_the_other_reading_balances_only_with_promotion_units_on_top(excluded: Export) -> None:
    as_included, on_top = balances(excluded, promo_units_on_top=False), balances(excluded, promo_units_on_top=True)
    promoted = offers(excluded)
    assert sum(on_top[key] for key in promoted) == 696
    assert sum(as_included[key] for key in promoted) == 0
    assert 0.99 < sum(on_top.values()) / len(on_top) < 1


def test_the_two_readings_tell_of_the_same_trade(export: Export, excluded: Export) -> None:
    promoted, sold, regular = offers(export), sales(export), sales(excluded)
    assert excluded["Promo"] == export["Promo"]
    assert excluded["Web"] == export["Web"]
    different = [
        key for key in sold if sold[key]["Sales"] != regular[key]["Sales"] + (promoted[key]["Sales_Offer"] if key in promoted else 0)
    ]
    assert [month for month, _ in different] == ["2023-9"]  # the promotion that oversold


# --- business patterns -----------------------------------------------------------------------------------------------------------


def test_november_and_december_are_strong_and_the_summer_is_quiet(export: Export) -> None:
    wines = {sku for sku, segment in segments(export).items() if segment == "Vin"}
    units = units_by_month(export, wines)
    assert min(units["2022-11"], units["2022-12"]) > 1.3 * units["2022-10"]
    assert max(units["2023-7"], units["2023-8"]) < 0.8 * units["2022-10"]


def test_the_season_is_shared_by_the_products_of_a_segment(export: Export) -> None:
    wines = sorted(sku for sku, segment in segments(export).items() if segment == "Vin")
    halves = [units_by_month(export, set(wines[start::2])) for start in (0, 1)]
    shares = [{month: units / sum(half.values()) for month, units in half.items()} for half in halves]
    assert all(shares[0][month] == pytest.approx(shares[1][month], rel=0.15) for month in CALENDAR)


def test_purchase_prices_rise_more_than_sale_prices(every: tuple[Export, ...]) -> None:
    for export in every:
        priced = prices(export)
        first = [priced[CALENDAR[0], int(sku)] for sku in set(export.cells("Finance", "SKU"))]
        last = [priced[CALENDAR[-1], int(sku)] for sku in set(export.cells("Finance", "SKU"))]
        sale_rise, purchase_rise = (
            sum((row[side] for row in last), Decimal()) / sum((row[side] for row in first), Decimal()) for side in (0, 1)
        )
        assert 1.01 < sale_rise < 1.10
        assert purchase_rise > sale_rise + Decimal("0.02")


def test_the_shop_earns_on_every_product(every: tuple[Export, ...]) -> None:
    for export in every:
        assert all(price > purchase_price for price, purchase_price in prices(export).values())


def test_the_four_campaigns_are_there_with_their_products(export: Export) -> None:
    kinds = segments(export)
    campaigns = Counter((row["Start_Date"], row["End_Date"], kinds[split(row["Key_Promo"])[1]]) for row in export["Promo"])
    assert campaigns == {
        ("2022-11-01", "2022-11-30", "Spiritueux"): 24,
        ("2022-11-21", "2022-11-30", "Spiritueux"): 28,
        ("2022-12-01", "2022-12-31", "Spiritueux"): 52,
        ("2023-09-01", "2023-09-30", "Vin"): 594,
    }


def test_offers_are_below_the_list_price(every: tuple[Export, ...]) -> None:
    for export in every:
        priced = prices(export)
        for key, offer in offers(export).items():
            assert Decimal("0.05") < 1 - number(offer["Price_Offer"]) / priced[key][0] < Decimal("0.40")
            assert offer["Sales_Offer"] >= 1


def never_promoted_wines(export: Export) -> set[int]:
    promoted = {sku for _, sku in offers(export)}
    return {sku for sku, segment in segments(export).items() if segment == "Vin"} - promoted


def lift(export: Export, month: str, starts_on: str) -> Fraction:
    """Compare a campaign's month with the products' quiet months, both against the wines that were never promoted."""
    promoted = offers(export)
    skus = {sku for (when, sku), row in promoted.items() if when == month and row["Start_Date"] == starts_on}
    quiet = [when for when in CALENDAR if not any((when, sku) in promoted for sku in skus)]
    units, control = units_by_month(export, skus), units_by_month(export, never_promoted_wines(export))
    expected = Fraction(sum(units[when] for when in quiet), sum(control[when] for when in quiet)) * control[month]
    return units[month] / expected


def test_a_control_group_of_wines_is_never_promoted(every: tuple[Export, ...]) -> None:
    assert all(len(never_promoted_wines(export)) >= 20 for export in every)


@pytest.mark.parametrize(
    ("month", "starts_on", "least"),
    [("2022-11", "2022-11-01", 1.8), ("2022-11", "2022-11-21", 1.15), ("2022-12", "2022-12-01", 1.7)],
)
def test_the_spirits_campaigns_lift_sales_clearly(export: Export, doubled: Export, month: str, starts_on: str, least: float) -> None:
    assert lift(export, month, starts_on) > least
    assert lift(doubled, month, starts_on) > least


def test_the_september_campaign_on_wines_lifts_nothing(export: Export, doubled: Export) -> None:
    for sample in (export, doubled):
        assert lift(sample, "2023-9", "2023-09-01") == pytest.approx(1, abs=0.1)


# --- the optional table ------------------------------------------------------------------------------------------------------------


def revenue_by_segment(export: Export) -> dict[str, Decimal]:
    """Compute the contract's revenue of October 2022 to September 2023, promotion units read as part of Sales."""
    priced, promoted, kinds = prices(export), offers(export), segments(export)
    revenue: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (month, sku), row in sales(export).items():
        if month != "2023-10":
            offer = promoted.get((month, sku), {"Sales_Offer": 0, "Price_Offer": "0"})
            at_offer = min(offer["Sales_Offer"], row["Sales"])
            revenue[kinds[sku]] += (row["Sales"] - at_offer) * priced[month, sku][0] + at_offer * number(offer["Price_Offer"])
    return dict(revenue)


def test_the_optional_table_holds_the_revenue_of_the_generated_rows(export: Export) -> None:
    stated = {row["segment"]: row["revenue"] for row in export["ca_par_segment"]}
    assert {segment: number(revenue) for segment, revenue in stated.items()} == revenue_by_segment(export)
    assert all(re.fullmatch(r"\d+,\d\d", revenue) for revenue in stated.values())
    assert next(iter(stated)) == "Vin"
    assert len(stated) == 5


def test_the_optional_table_follows_the_other_reading_too(tmp_path: Path) -> None:
    sample = written(tmp_path, promo_units="excluded", ca_par_segment=True)
    priced, kinds = prices(sample), segments(sample)
    expected: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (month, sku), row in sales(sample).items():
        if month != "2023-10":
            expected[kinds[sku]] += row["Sales"] * priced[month, sku][0]
    for (_, sku), row in offers(sample).items():
        expected[kinds[sku]] += row["Sales_Offer"] * number(row["Price_Offer"])
    assert {row["segment"]: number(row["revenue"]) for row in sample["ca_par_segment"]} == dict(expected)


def test_the_optional_table_is_left_out_by_default(doubled: Export) -> None:
    assert list(doubled.tables) == ["Web", "Finance", "Sales", "Promo"]


# --- writing -----------------------------------------------------------------------------------------------------------------------


def fingerprint(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()


def test_another_process_with_another_hash_seed_writes_the_same_bytes(export: Export, tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from bottleneck_assets.sample.export import write_sample_export as write;"
        "write(pathlib.Path(sys.argv[1]), ca_par_segment=True)"
    )
    for hash_seed in ("1", "4242"):
        path = tmp_path / f"{hash_seed}.db"
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(REPOSITORY)}
        subprocess.run([sys.executable, "-c", script, str(path)], env=environment, check=True)
        assert fingerprint(path) == fingerprint(export.path)


def test_another_seed_writes_another_export_of_the_same_shape(export: Export, tmp_path: Path) -> None:
    other = written(tmp_path, seed=7)
    for table in ("Web", "Finance", "Sales", "Promo"):
        assert len(other[table]) == len(export[table])
        assert other[table] != export[table]


@pytest.mark.parametrize("scale", [0, -3])
def test_a_scale_below_one_is_refused(tmp_path: Path, scale: int) -> None:
    with pytest.raises(ValueError, match=f"scale is {scale}"):
        write_sample_export(tmp_path / "export.db", scale=scale)
    assert not list(tmp_path.iterdir())


def test_an_unknown_reading_of_sales_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="promo_units is 'both'"):
        write_sample_export(tmp_path / "export.db", promo_units="both")  # pyright: ignore[reportArgumentType]
    assert not list(tmp_path.iterdir())


def test_the_export_appears_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "export.db"
    seen: list[tuple[int, int, bool]] = []
    write_sample_export(path, scale=2, progress=lambda done, total: seen.append((done, total, path.exists())))
    assert seen == [(1, 2, False), (2, 2, False)]
    assert [entry.name for entry in tmp_path.iterdir()] == ["export.db"]


def test_a_broken_off_write_leaves_the_export_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "export.db"
    path.write_text("the good one")

    def break_off(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample_export(path, progress=break_off)
    assert [entry.name for entry in tmp_path.iterdir()] == ["export.db"]
    assert path.read_text() == "the good one"


def test_a_leftover_of_an_earlier_write_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "export.db.tmp").write_text("half an export")
    assert len(written(tmp_path)["Promo"]) == 698


# --- nothing of the real export ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real_pages() -> list[dict[str, Any]]:
    if not REAL_EXPORT.exists():
        pytest.skip("the real export is not ours to ship")
    return read(REAL_EXPORT)["Web"]


@pytest.mark.parametrize("column", ["SKU", "Post_title", "Post_excerpt", "Post_name", "Guid"])
def test_nothing_is_copied_from_the_real_export(doubled: Export, real_pages: list[dict[str, Any]], column: str) -> None:
    def folded(cell: object) -> str:
        return as_shown(str(cell)).casefold()

    assert not {folded(cell) for cell in doubled.cells("Web", column)} & {folded(row[column]) for row in real_pages}


def test_no_sentence_and_no_host_is_taken_from_the_real_export(doubled: Export, real_pages: list[dict[str, Any]]) -> None:
    real = " ".join(as_shown(row["Post_excerpt"]).casefold() for row in real_pages)
    sentences = {part for text in doubled.cells("Web", "Post_excerpt") for part in re.split(r"(?<=[.])\s", as_shown(text).casefold())}
    assert not [sentence for sentence in sentences if sentence in real]
    hosts = {row["Guid"].split("/")[2] for row in real_pages}
    assert not [cell for cell in doubled.cells("Web", "Guid") if cell.split("/")[2] in hosts]


@pytest.mark.usefixtures("posix")
def test_a_sample_is_on_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = list[tuple[str, str]]()
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda file: (done.append(("fsync", Path(f"/proc/self/fd/{file}").readlink().name)), fsync(file)))
    monkeypatch.setattr(Path, "replace", lambda path, to: (done.append(("rename", path.name)), replace(path, to))[1])
    write_sample_export(tmp_path / "sample.db")

    beside = f".sample.db.{os.getpid()}.tmp"
    assert done == [("fsync", beside), ("rename", beside)]
