"""Draws the overview as one small picture, for places where the dashboard itself cannot be: its asset's page in the Dagster UI.

Belongs here: that picture. Never here: a figure that the tables lack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.render.report.charts import shorten
from bottleneck_assets.render.tableau.theme import PALETTE

if TYPE_CHECKING:
    from bottleneck_assets.engine.warehouse import Warehouse

WIDTH, HEIGHT = 520, 150


def draw(warehouse: Warehouse) -> str:
    """Return revenue by month and segment, under revenue and margin rate of the whole period, as SVG."""
    import altair as alt
    import vl_convert

    values = {row["kpi"]: row["value"] for row in warehouse.rows("kpi.headline")}
    rank = {row["segment"]: place for place, row in enumerate(warehouse.rows("clean.ca_par_segment"))}  # the largest first
    rows = sorted(warehouse.rows("extract.overview"), key=lambda row: rank[row["segment"]])
    months = [f"{month:%b %y}" for month in sorted({row["month"] for row in rows})]
    segments = list(dict.fromkeys(shorten(row["segment"]) for row in rows))
    title = f"Revenue {wording.euros(values['revenue'], 'en')}, margin {wording.rate(values['gross_margin_rate'], 'en')}"
    bars = [{"month": f"{row['month']:%b %y}", "segment": shorten(row["segment"]), "revenue": float(row["revenue"])} for row in rows]
    colours = alt.Scale(domain=segments, range=[PALETTE[place % len(PALETTE)] for place in range(len(segments))])
    chart = (
        alt.Chart(alt.InlineData(values=bars), title=alt.Title(title, anchor="start"), width=WIDTH, height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("month:N", title=None, sort=months, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("revenue:Q", title="EUR a month", axis=alt.Axis(format="~s", tickCount=4)),
            color=alt.Color("segment:N", title=None, scale=colours, legend=alt.Legend(symbolLimit=len(PALETTE))),
        )
    )
    return vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])  # nothing is fetched
