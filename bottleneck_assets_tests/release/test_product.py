"""What a release says of one product is what its CSVs say, read by pandas, and why a figure is not known is what its quarantine says."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from bottleneck_assets.release.product import product, sold_products
from bottleneck_assets.release.release import Release, newest
from bottleneck_assets_tests.release.test_changes import edited, name_after

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

PRICES, SALES = ["price", "purchase_price", "is_on_sale"], ["units", "units_promo", "revenue", "gross_margin", "stock_end"]


@pytest.fixture(scope="module")
def release(refreshed_sample: Refreshed) -> Release:
    return newest(refreshed_sample.data_dir / "extracts")


def read(release: Release, path: str) -> pd.DataFrame:
    return pd.read_csv(release.folder / path, dtype=str, keep_default_na=False)


def telling(release: Release) -> dict[str, str]:
    """Return products of every kind: the most promoted, one that nobody rated, one without a page, one with a price in quarantine."""
    web, finance, quarantine = (read(release, path) for path in ("tables/web.csv", "tables/finance.csv", "quality/quarantine.csv"))
    return {
        "promoted": read(release, "tables/promo.csv")["sku"].mode()[0],
        "unrated": web.loc[web["average_rating"] == "", "sku"].iloc[0],
        "without a page": finance.loc[~finance["sku"].isin(web["sku"]), "sku"].iloc[0],
        "set aside": quarantine.loc[quarantine["source_table"] == "finance", "record_key"].str.partition("_")[2].iloc[0],
    }


def why(release: Release, table: str, sku: str, month: str, otherwise: str) -> str:
    key = f"{month[:4]}-{int(month[5:7])}_{sku}"
    quarantine = read(release, "quality/quarantine.csv")
    is_there = ((quarantine["source_table"] == table) & (quarantine["record_key"] == key)).any()
    return "in_quarantine" if is_there else otherwise


def without_a_sale(release: Release, folder: Path) -> tuple[Release, int, str]:
    """Return a copy of a release in which a sale of the most promoted product is in quarantine, that product, and the month."""
    promoted = int(telling(release)["promoted"])
    (gone, *_) = (row for row in release.typed_rows("tables/sales.csv") if row["sku"] == promoted)
    key = f"{gone['month']:%Y}-{gone['month'].month}_{promoted}"
    edits = {
        "tables/sales.csv": lambda rows: [row for row in rows if (row["month"], row["sku"]) != (gone["month"], promoted)],
        "quality/quarantine.csv": lambda rows: [*rows, {**rows[0], "source_table": "sales", "record_key": key}],
        "quality/unknown_products.csv": lambda rows: [*rows, {"sku": promoted, "promotions": 0, "sales": 1, "prices": 0}],
    }
    return edited(release, folder, edits), promoted, str(gone["month"])


def test_a_sale_in_quarantine_is_not_known_and_not_zero(release: Release, tmp_path: Path) -> None:
    made, sku, month = without_a_sale(release, tmp_path / name_after(release))
    found = product(made, sku)
    assert found is not None
    rows = {str(row["month"]): row for row in found.months}
    assert [rows[month][name] for name in SALES] == [None] * len(SALES)
    assert {row["why_no_sales"] for one, row in rows.items() if one != month} == {""}
    assert (rows[month]["why_no_sales"], rows[month]["why_no_price"]) == ("in_quarantine", "")
    assert found.set_aside == {"sku": sku, "promotions": 0, "sales": 1, "prices": 0}


def test_the_months_of_a_product_are_those_of_the_csvs_and_what_is_not_known_is_empty_and_says_why(release: Release) -> None:
    found_reasons = set[str]()
    finance, sales = read(release, "tables/finance.csv"), read(release, "tables/sales.csv")
    for sku in telling(release).values():
        made = pd.read_csv(io.BytesIO(product(release, int(sku)).as_csv()), dtype=str, keep_default_na=False)  # type: ignore[union-attr]
        assert made["month"].tolist() == read(release, "tables/months.csv")["month"].tolist()
        has_page = sku in set(read(release, "tables/web.csv")["sku"])
        for row in made.to_dict("records"):
            for rows, columns, table, reason in (
                (finance, PRICES, "finance", "why_no_price"),
                (sales, SALES, "sales", "why_no_sales"),
            ):
                there = rows[(rows["sku"] == sku) & (rows["month"] == row["month"])]
                assert len(there) <= 1
                expected = there[columns].iloc[0].to_dict() if len(there) else dict.fromkeys(columns, "")
                assert {name: row[name] for name in columns} == expected
                absent = "not_in_export" if table == "finance" or has_page else "not_in_web"
                assert row[reason] == ("" if len(there) else why(release, table, sku, row["month"], absent))
                found_reasons.add(row[reason])
    assert found_reasons >= {"", "in_quarantine", "not_in_web"}


def test_the_year_the_promotions_and_the_advice_are_those_of_the_csvs(release: Release) -> None:
    advice = read(release, "business_recommendations.csv")
    skus = {*telling(release).values(), *advice.loc[advice["sku"] != "", "sku"].unique()[:3]}
    returns = read(release, "promotions_roi.csv").set_index(["sku", "month"])
    for sku in skus:
        found = product(release, int(sku))
        assert found is not None
        years = read(release, "customer_preferences.csv").query("sku == @sku")
        assert (found.year is None) == years.empty
        if found.year is not None:
            for column in ("units", "revenue", "gross_margin"):
                assert (found.year[column] is None) == (years[column].iloc[0] == "")
                assert found.year[column] is None or Decimal(found.year[column]) == Decimal(years[column].iloc[0])
        promotions = read(release, "tables/promo.csv").query("sku == @sku").to_dict("records")
        assert [str(row["starts_on"]) for row in found.promotions] == [row["starts_on"] for row in promotions]
        for made, row in zip(found.promotions, promotions, strict=True):
            is_in_period = (sku, row["month"]) in returns.index
            expected = returns.loc[(sku, row["month"]), "incremental_roi"] if is_in_period else ""
            assert (made["incremental_roi"] is None) == (expected == "")
            assert made["incremental_roi"] is None or made["incremental_roi"] == pytest.approx(float(expected), rel=1e-12)
            assert (made["why_no_roi"] == "") == (expected != "")
            assert made["why_no_roi"] == "outside_period" or is_in_period
        assert [row["sentence_en"] for row in found.advice] == advice.loc[advice["sku"] == sku, "sentence_en"].tolist()


def test_a_promotion_without_a_return_says_why(release: Release, tmp_path: Path) -> None:
    promoted = telling(release)["promoted"]
    rows = [row for row in release.typed_rows("promotions_roi.csv") if str(row["sku"]) == promoted]
    assert len(rows) > 1
    (first, second, *_) = sorted(row["month"] for row in rows)
    made = edited(
        release,
        tmp_path / name_after(release),
        {
            "promotions_roi.csv": lambda all_rows: [
                {**row, "incremental_roi": None, **({"discount_cost": Decimal(0)} if row["month"] == first else {})}
                if str(row["sku"]) == promoted and row["month"] in {first, second}
                else row
                for row in all_rows
            ]
        },
    )
    found = product(made, int(promoted))
    assert found is not None
    reasons = {row["month"]: row["why_no_roi"] for row in found.promotions}
    assert (reasons[first], reasons[second]) == ("no_discount", "no_baseline")


def test_a_product_that_nothing_is_published_of_is_none(release: Release) -> None:
    assert [product(release, sku) for sku in (0, 10**12, 10**30, -1)] == [None] * 4


def test_products_come_by_revenue_the_largest_first(release: Release) -> None:
    rows = read(release, "customer_preferences.csv")
    found = sold_products(release)
    assert {str(row["sku"]) for row in found} == set(rows["sku"])
    revenue = [row["revenue"] or 0 for row in found]
    assert revenue == sorted(revenue, reverse=True)
    best = rows.assign(revenue=pd.to_numeric(rows["revenue"])).sort_values("revenue", ascending=False)["sku"].iloc[0]
    assert re.fullmatch(best, str(found[0]["sku"]))
