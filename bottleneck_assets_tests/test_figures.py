"""Every figure that is published, against a computation that shares nothing with it (independent.py)."""

from __future__ import annotations

import csv
import datetime as dt
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from bottleneck_assets_tests import independent

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed

TABLES = ("web", "finance", "promo", "sales", "ca_par_segment")
KPIS = (
    "headline",
    "revenue",
    "gross_margin",
    "stock_turnover",
    "stock_turnover_by_segment",
    "purchase_price",
    "sales_volume",
    "promo_roi",
    "promo_campaign",
    "customer_rating",
    "comment_rate",
    "control_group",
    "seasonal_index",
    "abc_class",
    "best_seller",
    "stock_thresholds",
    "segment_band",
    "promo_uplift",
    "rating_and_sales",
)
ADVICE = (
    "free_cash",
    "protect_best_sellers",
    "promote_low_season",
    "monitor_segments",
    "stock_thresholds",
    "use_feedback",
)
RECOMMENDATIONS = (*ADVICE, "summary")
TABS = (
    "overview",
    "inflation_margin",
    "promotions_roi",
    "top_products",
    "customer_preferences",
    "segments",
    "stock_turnover",
    "business_recommendations",
)
PUBLISHED = {
    **{f"clean/{name}": f"tables/{name}.csv" for name in TABLES},
    **{f"kpi/{name}": f"kpis/{name}.csv" for name in KPIS},
    **{f"recommendation/{name}": f"recommendations/{name}.csv" for name in RECOMMENDATIONS},
    **{f"extract/{name}": f"{name}.csv" for name in TABS},
}
IN_THE_ORDER_OF_THE_FILE = {
    "kpi/headline": ["kpi"],
    "kpi/promo_uplift": ["scope", "segment", "product_type", "starts_on", "ends_on"],
    "recommendation/summary": ["recommendation"],
    **{f"recommendation/{name}": ["scope"] for name in ADVICE},
}

# the baseline is rounded to 8 decimals from a double here and from an exact fraction there; what is made of it may differ as little;
# likewise the amounts that are shares and multiples of others: a tie of half a unit may fall either way
ROUNDED_FROM_A_DOUBLE = {
    "baseline_units": Decimal("2e-8"),
    "uplift_units": Decimal("2e-8"),
    "incremental_margin": Decimal("0.0002"),
    "yearly_effect": Decimal("0.0002"),
    **dict.fromkeys(("margin_gap", "margin_against_band"), Decimal("0.0001")),
    **dict.fromkeys(("value_above_ceiling", "value_beyond_cover", "margin_at_risk"), Decimal("0.0001")),
}
RATIOS_OF_THOSE = {
    "incremental_roi": 1e-5,
    **dict.fromkeys(("lift_low", "lift_high", "incremental_roi_low", "incremental_roi_high", "break_even_lift"), 1e-6),
    **dict.fromkeys(("placebo_low", "placebo_high"), 1e-7),
}


@pytest.fixture(scope="module", params=["real", "sample", "excluded_sample"])
def both(request: pytest.FixtureRequest) -> tuple[Refreshed, dict[str, pd.DataFrame]]:
    """A release, and the same tables computed independently from the same export."""
    refreshed = request.getfixturevalue(f"refreshed_{request.param}")
    assert refreshed.why_it_failed() == []
    return refreshed, independent.compute(refreshed.export, promo_units="excluded" if request.param == "excluded_sample" else "included")


@pytest.mark.parametrize("table", PUBLISHED)
def test_every_published_cell_is_what_an_independent_computation_gives(table: str, both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    rows = read_csv(refreshed.release / PUBLISHED[table])
    wanted = [dict(zip(expected[table].columns, row, strict=True)) for row in expected[table].itertuples(index=False, name=None)]
    if key := IN_THE_ORDER_OF_THE_FILE.get(table):
        rows, wanted = (sorted(side, key=lambda row: [in_order(row[name]) for name in key]) for side in (rows, wanted))
    assert len(rows) == len(wanted)
    assert set(expected[table].columns) <= set(header(refreshed.release / PUBLISHED[table]))
    differing = [
        (number, name, row[name], value)
        for number, (row, want) in enumerate(zip(rows, wanted, strict=True))
        for name, value in want.items()
        if not (row[name] == "" if plain(value) is None else row[name] != "" and agrees(name, row[name], plain(value)))
    ]
    assert differing == []


def test_the_quarantine_and_the_accounting_are_what_an_independent_reading_gives(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    quarantined = {(row["source_table"], row["row_number"]) for row in read_csv(refreshed.release / "quality/quarantine.csv")}
    wanted = expected["clean/quarantine"]
    assert quarantined == {(str(table), str(number)) for table, number in zip(wanted["source_table"], wanted["row_number"], strict=True)}
    accounted = {row["source_table"]: row for row in read_csv(refreshed.release / "quality/row_accounting.csv")}
    for row in expected["clean/row_accounting"].to_dict("records"):
        found = accounted[row["source_table"]]
        for name in ("rows_read", "rows_kept", "rows_quarantined", "duplicates_dropped"):
            assert int(found[name]) == row[name]


def test_the_real_export_gives_the_shapes_and_the_figures_of_the_contract(refreshed_real: Refreshed) -> None:
    release = refreshed_real.release
    shapes = {name: shape(release / f"tables/{name}.csv") for name in TABLES}
    assert shapes == {"web": (761, 17), "finance": (11_322, 6), "promo": (698, 9), "sales": (9_564, 12), "ca_par_segment": (5, 2)}
    headline = {row["kpi"]: float(row["value"]) for row in read_csv(release / "kpis/headline.csv")}
    assert headline["revenue"] == 2_195_937.24
    assert round(headline["gross_margin_rate"], 4) == 0.4607
    assert round(headline["stock_turnover"], 2) == 2.37
    by_segment = {row["segment"]: Decimal(row["revenue"]) for row in read_csv(release / "tables/ca_par_segment.csv")}
    assert by_segment["Spiritueux"] == Decimal("311062.18")
    quarantined = read_csv(release / "quality/quarantine.csv")
    assert [(row["source_table"], row["record_key"], row["column_value"]) for row in quarantined] == [("finance", "2023-6_7087", "4")]


def test_the_spirits_campaigns_returned_95_percent_and_the_september_wine_campaign_lost_its_discount(refreshed_real: Refreshed) -> None:
    campaigns = read_csv(refreshed_real.release / "kpis/promo_campaign.csv")

    def returned(segment: str, end: str) -> Decimal:
        chosen = [row for row in campaigns if row["segment"] == segment and row["ends_on"] == end]
        margin = sum(Decimal(row["incremental_margin"]) for row in chosen)
        return round(margin / sum(Decimal(row["discount_cost_measured"]) for row in chosen), 2)

    assert returned("Spiritueux", "2022-11-30") == Decimal("0.95")
    assert returned("Spiritueux", "2022-12-31") == Decimal("0.95")
    assert returned("Vin", "2023-09-30") == Decimal("-1.00")
    assert [row["products"] for row in campaigns if row["segment"] == "Vin"] == ["594"]


def test_the_ledger_supports_the_included_reading_on_696_of_698_promotion_rows(refreshed_real: Refreshed, real_export: Path) -> None:
    assert independent.ledger_readings(real_export) == (698, 696, 0)
    check = refreshed_real.check("clean/stock_ledger", "promo_units_reading_agrees_with_the_ledger")
    assert check.passed
    assert check.metadata["balanced_included"].value == 696
    assert check.metadata["balanced_excluded"].value == 0


def test_evidence_repeats_the_named_figures_of_its_row(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    release = both[0].release
    for name in ADVICE:
        path = release / f"recommendations/{name}.csv"
        columns = header(path)
        columns = columns[columns.index("confidence") + 1 : columns.index("evidence")]
        for row in read_csv(path):
            assert [said for said, _ in named_figures(row["evidence"])] == [column for column in columns if row[column] != ""]
            assert [pair for pair in named_figures(row["evidence"]) if not repeats(pair[1], row[pair[0]])] == []


def test_the_evidence_of_the_summary_is_what_an_independent_computation_gives(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    refreshed, expected = both
    wanted: dict[str, dict[str, Any]] = {name: {} for name in ADVICE}
    for recommendation, name, value in expected["recommendation/summary_evidence"].itertuples(index=False, name=None):
        if plain(value) is not None:
            wanted[recommendation][name] = plain(value)
    for row in read_csv(refreshed.release / "recommendations/summary.csv"):
        said, figures = dict(named_figures(row["evidence"])), wanted[row["recommendation"]]
        assert figures.keys() <= said.keys()
        assert [(name, said[name], value) for name, value in figures.items() if not says(name, said[name], value)] == []
        # a figure beyond those is one of the row's own
        assert {name: said[name] for name in said.keys() - figures.keys()} == {name: row[name] for name in said.keys() - figures.keys()}


def test_the_tab_repeats_the_evidence_of_each_recommendation(both: tuple[Refreshed, dict[str, pd.DataFrame]]) -> None:
    release = both[0].release
    tab = {(row["recommendation"], row["scope"]): row["evidence"] for row in read_csv(release / "business_recommendations.csv")}
    for name in ADVICE:
        for row in read_csv(release / f"recommendations/{name}.csv"):
            assert tab[name, row["scope"]] == row["evidence"]


def test_the_september_wine_campaign_is_the_first_line_that_the_ceo_gets(refreshed_real: Refreshed) -> None:
    tab = read_csv(refreshed_real.release / "business_recommendations.csv")
    assert {row["recommendation"] for row in tab} == set(ADVICE)
    assert [int(row["rank"]) for row in tab] == list(range(1, len(tab) + 1))
    first = next(row for row in tab if row["audience"] == "CEO")
    assert (first["recommendation"], first["scope"]) == ("promote_low_season", "Vin, 2023-09-01 to 2023-09-30")
    assert (first["finding"], first["verdict"], first["confidence"]) == ("high_lost", "supported", "high")
    assert Decimal(first["yearly_effect"]) == pytest.approx(Decimal("24169.86"), abs=Decimal("0.01"))
    campaigns = {row["scope"]: row for row in read_csv(refreshed_real.release / "recommendations/promote_low_season.csv")}
    wine = campaigns["Vin, 2023-09-01 to 2023-09-30"]
    assert wine["products"] == "594"
    assert round(Decimal(wine["discount_cost"]), 2) == Decimal("24064.42")
    assert round(float(wine["incremental_roi"]), 4) == -1.0044
    assert float(wine["incremental_roi_high"]) < 0
    assert campaigns["Spiritueux, 2022-12-01 to 2022-12-31"]["finding"] == "high_paid"


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def in_order(value: Any) -> str:
    """Return what both sides of a comparison are sorted by: the text of a cell, nothing being empty."""
    return "" if plain(value) is None else str(value).removeprefix("'")


def named_figures(evidence: str) -> list[tuple[str, str]]:
    """Read `name=value; name=value`."""
    pairs = [pair.partition("=") for pair in evidence.split("; ")] if evidence else []
    return [(name, value) for name, _, value in pairs]


def repeats(said: str, cell: str) -> bool:
    """Tell whether evidence says what a cell holds: the same, or a double rounded to four decimals."""
    return said == cell or ("-" not in said[1:] and abs(Decimal(said) - Decimal(cell)) <= Decimal("0.0000500001"))


def says(name: str, said: str, value: Any) -> bool:
    """Tell whether evidence says an expected figure."""
    return repeats(said, str(value)) if isinstance(value, float) else agrees(name, said, value)


def shape(path: Path) -> tuple[int, int]:
    rows = read_csv(path)
    return len(rows), len(rows[0])


def agrees(name: str, cell: str, value: Any) -> bool:
    """Tell whether a published cell is an expected value: exactly, but for doubles and for what is rounded from one."""
    match value:
        case bool():
            return cell == str(value).lower()
        case Decimal():
            return abs(Decimal(cell) - value) <= ROUNDED_FROM_A_DOUBLE.get(name, Decimal(0))
        case float():
            return math.isclose(float(cell), value, rel_tol=RATIOS_OF_THOSE.get(name, 1e-9), abs_tol=1e-12)
        case dt.date():
            return cell == f"{value:%Y-%m-%d}"
        case str():
            return cell.removeprefix("'") == value.removeprefix("'")
        case _:
            return int(cell) == int(value)


def plain(value: Any) -> Any:
    """Return a cell of a data frame as the Python value that it stands for, None for null."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value
