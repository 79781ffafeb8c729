"""Draws what is known of a product by month as small charts, as SVG in the colours of the page that holds it, light or dark.

Belongs here: how such a chart looks. Never here: which figures it shows, what it is called, or the tables that they come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bottleneck_assets.render.report.charts import FONT, as_svg

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import altair as alt

    Course: TypeAlias = Sequence[float | None]

Kind: TypeAlias = Literal["line", "bar"]
WIDTH, HEIGHT = 340, 120
COLOURS = ("var(--wine)", "var(--second)")
"""Of a chart's first and second course, as the style of the page has them."""
_INK, _SOFT, _LINE = "var(--ink)", "var(--soft)", "var(--line)"
_LOOK: Mapping[str, Any] = {
    "font": FONT,
    "background": "transparent",
    "aria": False,
    "padding": 2,
    "axis": {"labelFontSize": 11, "labelColor": _SOFT, "domainColor": _SOFT, "tickColor": _SOFT, "gridColor": _LINE, "title": None},
    "legend": {
        "labelFontSize": 11,
        "labelColor": _INK,
        "orient": "top",
        "title": None,
        "labelLimit": 220,
        "offset": 4,
        "columnPadding": 30,
    },
    "text": {"fontSize": 11.5, "font": FONT, "color": _SOFT},
    "view": {"stroke": None},
}


def by_month(months: Sequence[dt.date], courses: Mapping[str, Course], kind: Kind, language: str) -> str:
    """Draw one or two courses over months, by what they are called, as lines or as bars on one another. At least one month is known.

    A month of which nothing is known has a dash, and not a bar of no height: that would be zero.
    """
    import altair as alt

    dates = [month.isoformat() for month in months]
    cells: list[dict[str, Any]] = [
        {"month": month, "course": name, "order": order, "value": value}
        for order, (name, values) in enumerate(courses.items())
        for month, value in zip(dates, values, strict=True)
    ]
    most = max(cell["value"] for cell in cells if cell["value"] is not None)
    unknown = [{"month": month} for month, *values in zip(dates, *courses.values(), strict=True) if set(values) == {None}]
    x = alt.X("month:T", timeUnit="utcyearmonth", bandPosition=0.5, axis=_months(len(months)))
    scale = alt.Scale(zero=True, nice=True) if most else alt.Scale(domain=[0, 1])
    axis = alt.Axis(tickCount=3, format=",.2~f" if most < 10 else ",.0f", domain=False, ticks=False)  # noqa: PLR2004 - then cents matter
    y = alt.Y("value:Q", scale=scale, axis=axis)
    legend = alt.Legend(symbolType="square") if len(courses) > 1 else None
    colour = alt.Color("course:N", scale=alt.Scale(domain=list(courses), range=list(COLOURS[: len(courses)])), legend=legend)
    base = alt.Chart(alt.Data(values=cells))
    lines = base.mark_line(strokeWidth=1.8, point={"size": 16, "filled": True})
    bars = base.mark_bar().encode(order=alt.Order("order:O"))
    marks = (lines if kind == "line" else bars).encode(x=x, y=y, color=colour)
    dashes = alt.Chart(alt.Data(values=unknown)).mark_text(text="\u2013", baseline="bottom").encode(x=x, y=alt.YDatum(0))
    drawing = alt.layer(marks, *([dashes] if unknown else [])).properties(width=WIDTH, height=HEIGHT)
    # what it shows is said by the place around it, as on the dashboard, and not by its axes and marks
    return as_svg(drawing, language, _LOOK).replace("<svg ", '<svg aria-hidden="true" ', 1)


def _months(count: int) -> alt.Axis:
    """Return the axis of so many months, with few enough names to stand beside one another."""
    import altair as alt

    step = max(1, -(-count // 5))
    return alt.Axis(format="%b %y", grid=False, tickCount={"interval": "month", "step": step}, labelBound=True)
