"""The workbook's data sources: the tables of the release that it reads, and what it computes in their rows.

Belongs here: tables, names and bands of rows, parameters, colours of values. Never here: a figure; those are measures, and
calculations.py adds them.
"""

from __future__ import annotations

from bottleneck_assets.figures.tabs import FIRST, TABS
from bottleneck_assets.render.tableau.declaration import Calculation, Parameter, Source
from bottleneck_assets.render.tableau.theme import BAD, GOOD, MUTE, WINE

TOP_N = Parameter("Parameter 1", "Top N", default=FIRST, least=5, most=50, step=5)
PARAMETERS = (TOP_N,)

_PRODUCT = Calculation("product", "Product", "[title] + ' (' + STR([sku]) + ')'", datatype="string", over="row")
_COMPUTED = {
    "top_products": (_PRODUCT,),
    "customer_preferences": (_PRODUCT,),
    "stock_turnover": (
        _PRODUCT,
        Calculation(
            "cover_band",
            "Months of cover, grouped",
            "IF ISNULL([months_of_cover]) THEN 'no sales' "
            "ELSEIF [months_of_cover] <= 1 THEN '0 to 1' ELSEIF [months_of_cover] <= 3 THEN '1 to 3' "
            "ELSEIF [months_of_cover] <= 6 THEN '3 to 6' ELSEIF [months_of_cover] <= 12 THEN '6 to 12' ELSE 'over 12' END",
            datatype="string",
            over="row",
            order=("0 to 1", "1 to 3", "3 to 6", "6 to 12", "over 12", "no sales"),
        ),
        Calculation(
            "state",
            "State",
            "IF ISNULL([reorder_point]) THEN 'not known' ELSEIF [stock_on_date] < [reorder_point] THEN 'too little' "
            "ELSEIF [stock_on_date] > [stock_ceiling] THEN 'too much' ELSE 'in bounds' END",
            datatype="string",
            over="row",
        ),
    ),
    "business_recommendations": (
        Calculation("what", "Finding by Scope", "[scope] + ': ' + [recommendation]", datatype="string", over="row"),
    ),
}
_COLOURS = {
    "top_products": {"abc_class": (("A", WINE), ("B", "#b8651b"), ("C", MUTE))},
    "business_recommendations": {"verdict": (("supported", GOOD), ("contradicted", BAD), ("inconclusive", MUTE))},
}

SOURCES = (
    *(Source(f"extract.{tab.name}", tab.title.en, _COMPUTED.get(tab.name, ()), _COLOURS.get(tab.name)) for tab in TABS),
    Source("kpi.headline", "Headline"),
    Source("kpi.stock_turnover_by_segment", "Stock Turnover by Segment"),
)
