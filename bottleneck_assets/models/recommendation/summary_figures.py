"""What the seven recommendations come to, figure by figure, for the whole shop: one row. The sentences of the summary are made of it."""

from bottleneck_assets.models import columns, recommended
from bottleneck_assets.models.contract import Amount, Contract, Count, Date, Ratio, column, count_of, euros, ratio


class SummaryFigures(Contract):
    period_start: Date = column("First day of the reporting period; null if nothing could be read.", nullable=True)
    period_end: Date = column("First day of its last month; null if nothing could be read.", nullable=True)
    stock_date: Date = columns.stock_date(nullable=True)
    stock_value: Amount = euros("Value of the stock on the stock date.", ge=0)
    slow_products: Count = count_of("products", "Products with more stock than the coming months ask for.", ge=0)
    value_beyond_cover: Amount = euros("Value of the stock beyond that, freed once.", ge=0)
    value_sure: Amount = euros("Of that, what is beyond it with high confidence.", ge=0)
    carrying_cost_rate: Ratio = ratio("Yearly cost of holding a euro of stock: a setting.", nullable=False, ge=0, le=1)
    best_seller_discount_lost: Amount = euros("Discount given on best-sellers in segments where it lost money.", ge=0)
    best_seller_loss: Amount = euros("Margin that was lost there.", ge=0)
    best_seller_discount_paid: Amount = euros("Discount given on best-sellers in segments where it paid.", ge=0)
    best_seller_gain: Amount = euros("Margin that was gained there.", ge=0)
    high_season_loss: Amount = euros("Margin lost by campaigns in high season that lost money.", ge=0)
    high_season_gain: Amount = euros("Margin gained by campaigns in high season that paid.", ge=0)
    campaigns: Count = count_of("campaigns", "Campaigns and product types with a measured margin.", ge=0)
    campaign_margin: Amount = euros("Margin that all of them gained or lost together, whatever the season and the verdict.")
    low_season_discount: Amount = euros("Discount given in months whose seasonal index is below 1.", ge=0)
    months_outside: Count = count_of("months", "Months, segments and measures outside their band.", ge=0)
    segments_outside: Count = count_of("segments", "Segments with such a month.", ge=0)
    segments_steady: Count = count_of("segments", "Segments with a band that no month left.", ge=0)
    segments_too_short: Count = count_of("segments", "Segments with too few months for a band.", ge=0)
    products: Count = count_of("products", "Stocked products.", ge=0)
    products_below: Count = count_of("products", "Products below their reorder point; none of a type that failed its test.", ge=0)
    products_above: Count = count_of("products", "Products above their ceiling; none of such a type.", ge=0)
    tested_in: Date = column("Month that the reorder points were held against out of sample; null where there is none.", nullable=True)
    products_tested: Count = count_of("products", "Products tested in that month.", ge=0)
    products_covered: Count = count_of("products", "Of them, those that sold no more than their reorder point.", ge=0)
    sales_to_forecast: Ratio = ratio("What those products sold, against what was foretold of them.", formula="units / forecast_units", ge=0)
    value_above_ceiling: Amount = euros("Value of the stock above the products' ceilings.", ge=0)
    margin_at_risk: Amount = euros("Margin of a month's demand that the stock below reorder points does not cover.", ge=0)
    unrated: Count = count_of("products", "Best-sellers that nobody rated.", ge=0)
    unrated_revenue: Amount = euros("Their revenue excl. VAT.", ge=0)
    hidden_gems: Count = count_of("products", "Well-rated products that sell little.", ge=0)
    disliked: Count = count_of("products", "Badly rated products that sell much.", ge=0)
    share_better: Ratio = recommended.share_better()
    share_others: Ratio = recommended.share_others()
    rating_link: Ratio = recommended.rating_link()
    pages_closed: Count = count_of("products", "Product pages that take no comments.", ge=0)
    cost_rise: Amount = euros("What the period's units cost more at its end than at its start, where prices did not make up for it.", ge=0)
    price_rise: Amount = euros("What customers pay more for them, VAT as in the export.")
    price_rise_excl_vat: Amount = euros("What of that is left to the shop, excl. VAT.")
    margin_lost: Amount = euros("What the shop lost of its margin there.", formula="cost_rise - price_rise_excl_vat", ge=0)

    class Config(Contract.Config):
        unique = ["period_start"]
