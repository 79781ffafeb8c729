"""Fields follow from contracts; what is expected of them stands here as people would say it."""

from __future__ import annotations

import re

import pytest

from bottleneck_assets.models.catalog import models
from bottleneck_assets.models.contract import columns_of
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets.render.tableau.fields import Field, fields

SUMMED = {
    "overview": {"revenue", "revenue_excl_vat", "cogs", "gross_margin", "units", "units_promo"},
    "inflation_margin": {"revenue", "revenue_excl_vat", "cogs", "gross_margin"},
    "promotions_roi": {
        "units", "units_promo", "baseline_units", "uplift_units", "discount_cost", "promo_margin", "gross_margin", "incremental_margin",
    },
    "top_products": {"revenue", "revenue_excl_vat", "units", "gross_margin"},
    "customer_preferences": {"rating_count", "comment_count", "revenue", "revenue_excl_vat", "units", "gross_margin"},
    "segments": {"revenue", "revenue_excl_vat", "units", "gross_margin", "units_available"},
    "stock_turnover": {"cogs", "stock_end", "stock_value_end", "stock_on_date", "stock_value_on_date", "value_above_ceiling"},
    "business_recommendations": set[str](),
}  # fmt: skip
"""What adds up in each tab, whatever the filter: stock at a month's end does not, nor do effects of advice and counter-advice."""


def field_of(ref: str, name: str) -> Field:
    return next(field for field in fields(models()[ref]) if field.name == name)


@pytest.mark.parametrize("tab", SUMMED)
def test_a_tab_sums_what_adds_up_and_averages_every_other_measure(tab: str) -> None:
    measures = [field for field in fields(models()[f"extract.{tab}"]) if field.role == "measure"]
    assert {field.name for field in measures if field.aggregation == "Sum"} == SUMMED[tab]
    assert {field.aggregation for field in measures if field.name not in SUMMED[tab]} <= {"Avg"}


def test_ratios_prices_and_indices_are_never_summed() -> None:
    for model in models().values():
        for column, field in zip(columns_of(model.contract), fields(model), strict=True):
            if column.unit == "ratio" or (column.type == "decimal(18,8)" and column.unit == "EUR") or "index" in column.unit:
                assert (field.role, field.aggregation) == ("measure", "Avg"), (model.ref, column.name)


@pytest.mark.parametrize(
    ("ref", "name", "caption"),
    [
        ("extract.overview", "revenue", "Revenue (EUR incl VAT)"),
        ("extract.overview", "cogs", "Cost of Goods Sold (EUR excl VAT)"),
        ("extract.overview", "units", "Units"),
        ("extract.inflation_margin", "gross_margin_rate", "Gross Margin Rate (%)"),
        ("extract.inflation_margin", "price_index", "Price Index (first month = 100)"),
        ("extract.promotions_roi", "incremental_roi", "Incremental ROI (%)"),
        ("extract.promotions_roi", "starts_on", "Starts On"),
        ("extract.customer_preferences", "volume_cl", "Volume (cl)"),
        ("extract.stock_turnover", "days_of_stock", "Days of Stock"),
        ("extract.stock_turnover", "sku", "SKU"),
        ("extract.business_recommendations", "sentence_fr", "Sentence in French"),
    ],
)
def test_captions_are_in_title_case_and_carry_their_unit(ref: str, name: str, caption: str) -> None:
    assert field_of(ref, name).caption == caption


@pytest.mark.parametrize(
    ("ref", "name", "expected"),
    [
        ("extract.overview", "month", ("date", "dimension", "ordinal", "*mmmm yyyy", "Dates", 133, 133, "DATE")),
        ("extract.overview", "segment", ("string", "dimension", "nominal", "", "Dimensions", 129, 129, "TEXT")),
        ("extract.overview", "revenue", ("real", "measure", "quantitative", 'c"€"#,##0;-"€"#,##0', "Money", 5, 131, "NUMERIC(18, 4)")),
        ("extract.overview", "units", ("integer", "measure", "quantitative", "n#,##0;-#,##0", "Units", 20, 20, "BIGINT")),
        ("extract.top_products", "sku", ("integer", "dimension", "ordinal", "*0", "Dimensions", 20, 20, "BIGINT")),
        ("extract.top_products", "revenue_share", ("real", "measure", "quantitative", "p0.0%", "Ratios", 5, 5, "DOUBLE PRECISION")),
        (
            "clean.finance",
            "price",
            ("real", "measure", "quantitative", 'c"€"#,##0.00;-"€"#,##0.00', "Money", 5, 131, "NUMERIC(18, 8)"),
        ),
        ("clean.web", "is_stocked", ("boolean", "dimension", "nominal", "", "Dimensions", 11, 11, "BOOL")),
        ("clean.web", "vintage", ("integer", "dimension", "ordinal", "*0", "Dimensions", 20, 20, "BIGINT")),
    ],
)
def test_types_roles_formats_and_folders_follow_from_type_and_unit(ref: str, name: str, expected: tuple[object, ...]) -> None:
    field = field_of(ref, name)
    found = (
        field.datatype, field.role, field.type, field.format, field.folder, field.remote_type, field.extract_remote_type, field.hyper_type,
    )  # fmt: skip
    assert found == expected


def test_every_field_of_a_table_has_a_caption_of_its_own_that_tableau_can_write_in_brackets() -> None:
    for model in published_models().values():
        captions = [field.caption for field in fields(model)]
        assert len(set(captions)) == len(captions), model.ref
        assert not [caption for caption in captions if re.search(r"[\[\]:.]", caption)]


def test_keys_and_nulls_are_those_of_the_contract() -> None:
    overview = fields(models()["extract.overview"])
    assert [field.name for field in overview if field.is_key] == ["month", "segment"]
    assert not any(field.is_nullable for field in overview)
    assert field_of("extract.customer_preferences", "vintage").is_nullable
    assert field_of("extract.overview", "revenue").description.endswith("= units_regular * price + units_promo * offer_price")
