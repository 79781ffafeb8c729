"""Draws the overview as one small picture, for places where the dashboard itself cannot be: its asset's page in the Dagster UI.

Belongs here: that picture. Never here: a figure that the tables lack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.render import colours
from bottleneck_assets.render.report.charts import shorten

if TYPE_CHECKING:
    from bottleneck_assets.engine.warehouse import Warehouse

WIDTH, HEIGHT = 520, 150


def draw(warehouse: Warehouse) -> str:
    """Return revenue by month and segment, under revenue and margin rate of the whole period, as SVG."""
    import altair as alt
    import vl_convert

    values = {row["kpi"]: row["value"] for row in warehouse.rows("kpi.headline")}
    shades = colours.colours(warehouse)
    rank = list(shades)
    rows = sorted(warehouse.rows("extract.overview"), key=lambda row: rank.index(row["segment"]))
    months = [f"{month:%b %y}" for month in sorted({row["month"] for row in rows})]
    drawn = {shorten(row["segment"]): shades[row["segment"]] for row in rows}
    title = f"Revenue {wording.euros(values['revenue'], 'en')}, margin {wording.rate(values['gross_margin_rate'], 'en')}"
    bars = [{"month": f"{row['month']:%b %y}", "segment": shorten(row["segment"]), "revenue": float(row["revenue"])} for row in rows]
    scale = alt.Scale(domain=list(drawn), range=list(drawn.values()))
    chart = (
        alt.Chart(alt.InlineData(values=bars), title=alt.Title(title, anchor="start"), width=WIDTH, height=HEIGHT)
        .mark_bar()
        .encode(
            x=alt.X("month:N", title=None, sort=months, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y("revenue:Q", title="EUR a month", axis=alt.Axis(format="~s", tickCount=4)),
            color=alt.Color("segment:N", title=None, scale=scale, legend=alt.Legend(symbolLimit=len(colours.PALETTE))),
        )
    )
    return vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[])  # nothing is fetched
