"""What the data-quality report counts: one row, under the reading of Sales that is set."""

from bottleneck_assets.models.contract import Contract, Count, Text, column, count_of, quantity


class ExportQuality(Contract):
    promo_units: Text = column("Whether the export's Sales includes the units sold on promotion.", isin=["included", "excluded"])
    unbalanced_products: Count = count_of("products", "Products whose stock is off in some month.", ge=0)
    units_more: Count = quantity("Stock beyond what is expected, summed over the rows that have too much.", ge=0)
    units_fewer: Count = quantity("Stock missing from what is expected, summed over the rows that have too little.", ge=0)
    undelivered_rows: Count = count_of("rows", "Rows of the ledger that lack just what was ordered.", ge=0)
    testable_promotions: Count = count_of("promotions", "Promotions that the stock ledger can judge.", ge=0)
    balanced_included: Count = count_of("promotions", "Of them, those whose stock balances if Sales includes the promotion units.", ge=0)
    balanced_excluded: Count = count_of("promotions", "Of them, those whose stock balances if Sales excludes the promotion units.", ge=0)
    promotions: Count = count_of("promotions", "Promotions in the export.", ge=0)
    unsold_promotions: Count = count_of("promotions", "Of them, those without a row of sales.", ge=0)
    unsold_units: Count = quantity("Units sold on promotion, of those without a row of sales.", ge=0)
    excess_units: Count = quantity("Units by which promotions exceed the sales of their months.", ge=0)
    products_without_volume: Count = count_of("products", "Stocked products of which no volume is known.", ge=0)
    pages: Count = count_of("products", "Products of Web.", ge=0)
    pages_rated: Count = count_of("products", "Of them, those with a rating or a comment.", ge=0)
    pages_repeating: Count = count_of("products", "Of all, those whose comments are as many as their ratings.", ge=0)
    pages_closed: Count = count_of("products", "Of all, those whose page takes no comments.", ge=0)

    class Config(Contract.Config):
        unique = ["promo_units"]
