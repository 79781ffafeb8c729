"""Proves that the lineage of columns, read from the SQL, agrees with the contracts and with what is known by hand."""

import pytest

from bottleneck_assets.models.catalog import Model, models
from bottleneck_assets.models.contract import columns_of
from bottleneck_assets.models.lineage import ColumnRef, column_sources, origins

WITH_SQL = [model for model in models().values() if model.sql is not None]


def names(ref: str) -> list[str]:
    return [column.name for column in columns_of(models()[ref].contract)]


def from_columns(*columns: str) -> tuple[ColumnRef, ...]:
    return tuple(ColumnRef(*column.rsplit(".", 1)) for column in columns)


@pytest.mark.parametrize("model", WITH_SQL, ids=[model.ref for model in WITH_SQL])
def test_the_columns_of_the_lineage_are_those_of_the_contract(model: Model) -> None:
    assert list(column_sources(model.ref)) == names(model.ref)


@pytest.mark.parametrize("model", WITH_SQL, ids=[model.ref for model in WITH_SQL])
def test_every_source_of_a_column_exists_in_a_table_that_the_model_reads(model: Model) -> None:
    for sources in column_sources(model.ref).values():
        for source in sources:
            assert source.table in model.reads
            assert source.column in names(source.table)


@pytest.mark.parametrize("model", WITH_SQL, ids=[model.ref for model in WITH_SQL])
def test_every_column_comes_from_the_raw_layer_unless_it_is_counted_or_constant(model: Model) -> None:
    for column in names(model.ref):
        assert all(origin.table.startswith("raw.") for origin in origins(model.ref, column))


@pytest.mark.parametrize("ref", ["raw.web", "raw.parameters"])
def test_a_table_of_the_raw_layer_comes_from_no_other(ref: str) -> None:
    assert column_sources(ref) == {}
    assert origins(ref, names(ref)[0]) == (ColumnRef(ref, names(ref)[0]),)


@pytest.mark.parametrize(
    ("ref", "column", "sources"),
    [
        ("clean.finance_typed", "price", from_columns("raw.finance.price", "raw.finance.purchase_price")),
        ("clean.finance_typed", "month", from_columns("raw.finance.key_finance")),
        ("clean.web", "title", from_columns("clean.web_typed.title")),
        ("clean.web_typed", "title", from_columns("raw.web.post_title")),
        ("clean.web_typed", "volume_cl", from_columns("raw.web.contenance", "raw.web.post_title")),
        ("clean.web_typed", "is_stocked", from_columns("clean.labels.label_key", "raw.parameters.segments_without_stock")),
        ("clean.sales", "supplier_orders", from_columns("clean.sales_typed.supplier_orders")),
        (
            "clean.sales",
            "cogs",
            from_columns(
                "clean.finance.purchase_price",
                "clean.promo_typed.units_promo",
                "clean.sales_typed.units_sold",
                "raw.parameters.promo_units",
            ),
        ),
        ("clean.ca_par_segment", "revenue", from_columns("clean.sales_in_period.revenue")),
    ],
)
def test_a_columns_sources_are_known_by_hand(ref: str, column: str, sources: tuple[ColumnRef, ...]) -> None:
    assert column_sources(ref)[column] == sources


def test_cost_comes_from_units_and_purchase_price_of_the_export() -> None:
    assert origins("clean.sales", "cogs") == from_columns(
        "raw.finance.price", "raw.finance.purchase_price", "raw.parameters.promo_units", "raw.promo.sales_offer", "raw.sales.sales"
    )


def test_revenue_by_segment_comes_from_prices_units_and_promotions_of_the_export() -> None:
    assert origins("clean.ca_par_segment", "revenue") == from_columns(
        "raw.finance.price",
        "raw.finance.purchase_price",  # which settles a price of two readings
        "raw.parameters.promo_units",
        "raw.promo.price_offer",
        "raw.promo.sales_offer",
        "raw.sales.sales",
    )


def test_a_rating_comes_from_the_web_table_alone() -> None:
    assert origins("kpi.customer_rating", "average_rating") == from_columns("raw.web.average_rating")
