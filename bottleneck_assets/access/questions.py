"""The eight KPI questions, asked of the export's own tables as an analyst would ask them, in SQL and in pandas.

Belongs here: the questions. Never here: how a way opens the export (ways.py), and the release's figures, which come from elsewhere.

The SQL is one text for SQLite and DuckDB. `minded` says whether whoever wrote it has thought of the comma in the shop's decimals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUESTIONS = (
    "revenue",
    "gross_margin",
    "stock_turnover",
    "purchase_price_index",
    "units",
    "promo_margin_roi",
    "average_rating",
    "comments_per_100_units",
)
"""The questions, by the name of their figure in kpi.headline. Revenue is asked by segment too."""
TABLES = ("web", "finance", "promo", "sales")
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Asked:
    """What is asked for, and what the export does not say.

    The first and the last month (year * 12 + month); whether Sales includes the units of promotions; by segment, as exported, what a sale
    price is multiplied by to leave VAT out; the segments, as exported, that hold no stock.
    """

    start: int
    end: int
    included: bool
    net_factors: Mapping[str, float]
    unstocked: Sequence[str]


@dataclass(frozen=True)
class Answers:
    """What was answered: the eight figures, and the revenue by segment."""

    figures: Mapping[str, float]
    segments: Mapping[str, float]


def statements(asked: Asked, *, minded: bool = True) -> list[str]:
    """Return the four SELECTs that answer the eight questions; `folded` makes answers of their rows."""

    def number(column: str) -> str:
        return f"cast(replace(cast({column} as varchar), ',', '.') as double)" if minded else column

    def placed(table: str, key: str) -> str:
        """Return the SELECT that splits a key such as 2023-1_15325 into month and product."""
        month = f"cast(substr({key}, 1, 4) as integer) * 12 + cast(substr({key}, 6, instr({key}, '_') - 6) as integer)"
        return f"select {table}.*, {month} as month, cast(substr({key}, instr({key}, '_') + 1) as integer) as product from {table}"

    def net_factor() -> str:
        labels = {segment.replace("'", "''"): factor for segment, factor in asked.net_factors.items()}
        return " ".join(["case w.segment", *(f"when '{label}' then {factor!r}" for label, factor in labels.items()), "else 1 end"])

    units, promo = ("s.sales", "case when p.sales_offer > s.sales then s.sales else coalesce(p.sales_offer, 0) end")
    if not asked.included:
        units, promo = ("s.sales + coalesce(p.sales_offer, 0)", "coalesce(p.sales_offer, 0)")
    sold = f"""with placed as ({placed("sales", "key_sales")}), sold as (
        select s.month, s.product, w.segment, s.stock, p.key_promo, {units} as units, {promo} as units_promo,
            {number("f.price")} as price, {number("f.purchase_price")} as purchase_price, {net_factor()} as net_factor,
            coalesce({number("p.price_offer")}, {number("f.price")}) as offer_price
        from placed as s inner join finance as f on s.key_sales = f.key_finance inner join web as w on s.product = w.sku
        left join promo as p on s.key_sales = p.key_promo
        where s.month between {asked.start} and {asked.end}
    )"""
    by_segment = f"""{sold} select segment, sum((units - units_promo) * price + units_promo * offer_price), sum(units * purchase_price),
        sum(units), sum(stock * purchase_price),
        sum(((units - units_promo) * price + units_promo * offer_price) * net_factor) from sold group by segment"""
    promotions = f"""{sold} select sum(units_promo * (offer_price * net_factor - purchase_price)),
        sum(units_promo * (price - offer_price) * net_factor)
        from sold where key_promo is not null"""
    index = f"""{sold}, prices as ({placed("finance", "key_finance")}), priced as (
        select p.month, p.product, {number("p.purchase_price")} as price from prices as p inner join web as w on p.product = w.sku
        where p.month between {asked.start} and {asked.end}
    ), basket as (
        select product from priced group by product having count(*) = (select count(distinct month) from priced)
    ), weights as (select product, sum(units) as units from sold group by product)
    select month, sum(priced.price * weights.units) from priced inner join basket on priced.product = basket.product
    inner join weights on priced.product = weights.product group by month order by month"""
    rating = number("average_rating")
    ratings = f"""select sum({rating} * rating_count), sum(rating_count), (select sum(cast(comment_count as integer)) from web)
        from web where nullif(cast(average_rating as varchar), '') is not null"""
    return [by_segment, promotions, index, ratings]


def folded(answered: Sequence[Sequence[Sequence[Any]]], asked: Asked) -> Answers:
    """Make answers of the rows that the statements gave."""
    by_segment, promotions, index, ratings = ([[0 if cell is None else cell for cell in row] for row in rows] for rows in answered)
    segments = {str(segment): float(revenue) for segment, revenue, *_ in by_segment}
    stocked = [row for row in by_segment if row[0] not in asked.unstocked]
    return _answers(
        segments=segments,
        revenue_excl_vat=sum(float(row[5]) for row in by_segment),
        cogs=sum(float(row[2]) for row in by_segment),
        units=sum(float(row[3]) for row in by_segment),
        stocked_cogs=sum(float(row[2]) for row in stocked),
        stock_value=sum(float(row[4]) for row in stocked),
        margin=float(promotions[0][0]),
        discount=float(promotions[0][1]),
        costs=[float(row[1]) for row in index],
        rated=float(ratings[0][0]),
        ratings=float(ratings[0][1]),
        comments=float(ratings[0][2]),
    )


def with_pandas(tables: Mapping[str, Any], asked: Asked, *, minded: bool = True) -> Answers:
    """Answer the questions from the four tables, read by pandas."""
    import pandas as pd

    web, finance, promo, sales = (tables[name].rename(columns=str.lower) for name in TABLES)
    to_numeric: Any = pd.to_numeric

    def number(column: Any) -> Any:  # noqa: ANN401 - pandas says less than pyright asks for
        return to_numeric(column.astype("string").str.replace(",", ".")) if minded else column

    def placed(frame: Any, key: str) -> Any:  # noqa: ANN401 - as above
        parts = frame[key].str.extract(r"^(\d+)-(\d+)_(\d+)$").astype("int64")
        frame = frame.assign(month=parts[0] * MONTHS_OF_A_YEAR + parts[1], product=parts[2])
        return frame[frame["month"].between(asked.start, asked.end)]

    priced = finance.assign(price=number(finance["price"]), purchase_price=number(finance["purchase_price"]))
    offers = promo.assign(price_offer=number(promo["price_offer"]))[["key_promo", "sales_offer", "price_offer"]]
    sold = (
        placed(sales, "key_sales")
        .merge(priced[["key_finance", "price", "purchase_price"]], left_on="key_sales", right_on="key_finance")
        .merge(web[["sku", "segment"]], left_on="product", right_on="sku")
        .merge(offers, left_on="key_sales", right_on="key_promo", how="left")
    )
    offered = sold["sales_offer"].fillna(0)
    units = sold["sales"] if asked.included else sold["sales"] + offered
    units_promo = offered.clip(upper=sold["sales"]) if asked.included else offered
    offer_price = sold["price_offer"].fillna(sold["price"])
    net_factor = sold["segment"].map(asked.net_factors).fillna(1)
    revenue = (units - units_promo) * sold["price"] + units_promo * offer_price
    sold = sold.assign(
        units=units,
        units_promo=units_promo,
        revenue=revenue,
        revenue_excl_vat=revenue * net_factor,
        cogs=units * sold["purchase_price"],
        stock_value=sold["stock"] * sold["purchase_price"],
    )
    stocked = sold[~sold["segment"].isin(asked.unstocked)]
    on_promotion = sold["key_promo"].notna()
    basket = placed(priced, "key_finance").merge(web[["sku"]], left_on="product", right_on="sku")
    prices = basket.pivot_table(index="month", columns="product", values="purchase_price").dropna(axis="columns")
    weights = sold.groupby("product")["units"].sum().reindex(prices.columns).fillna(0)
    rated = web[web["average_rating"].notna() & (web["average_rating"].astype("string") != "")]
    return _answers(
        segments={str(segment): float(revenue) for segment, revenue in sold.groupby("segment")["revenue"].sum().items()},
        revenue_excl_vat=float(sold["revenue_excl_vat"].sum()),
        cogs=float(sold["cogs"].sum()),
        units=float(units.sum()),
        stocked_cogs=float(stocked["cogs"].sum()),
        stock_value=float(stocked["stock_value"].sum()),
        margin=float((units_promo * (offer_price * net_factor - sold["purchase_price"]))[on_promotion].sum()),
        discount=float((units_promo * (sold["price"] - offer_price) * net_factor)[on_promotion].sum()),
        costs=[float(cost) for cost in (prices * weights).sum(axis="columns")],
        rated=float((number(rated["average_rating"]) * rated["rating_count"]).sum()),
        ratings=float(rated["rating_count"].sum()),
        comments=float(web["comment_count"].sum()),
    )


def _answers(  # noqa: PLR0913 - the parts that the figures are made of
    *,
    segments: Mapping[str, float],
    revenue_excl_vat: float,
    cogs: float,
    units: float,
    stocked_cogs: float,
    stock_value: float,
    margin: float,
    discount: float,
    costs: Sequence[float],
    rated: float,
    ratings: float,
    comments: float,
) -> Answers:
    figures = {
        "revenue": sum(segments.values()),
        "gross_margin": revenue_excl_vat - cogs,
        "stock_turnover": MONTHS_OF_A_YEAR * _ratio(stocked_cogs, stock_value),  # of the sum over the months: their number cancels out
        "purchase_price_index": 100 * _ratio(costs[-1], costs[0]),
        "units": units,
        "promo_margin_roi": _ratio(margin, discount),
        "average_rating": _ratio(rated, ratings),
        "comments_per_100_units": 100 * _ratio(comments, units),
    }
    return Answers(figures, segments)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
