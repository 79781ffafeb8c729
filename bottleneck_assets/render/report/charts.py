"""Draws the charts of the recommendations, one each, as SVG that a page can hold and that Typst can set.

Belongs here: how a chart looks and what its title says, in each language. Never here: which rows it shows, or a figure that the rows lack.

Every chart is drawn for the width of half a page, and low enough to fill it. Blue and orange stay apart for colour-blind readers and in
print; whatever matters is written beside its mark. Names from the export are data to the charts, shortened and escaped, never a part of
their programs.
"""
# ruff: noqa: RUF001 - true minus signs, typographic apostrophes and French spaces are meant

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bottleneck_assets import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt

    Row = Mapping[str, Any]
    Drawing = alt.LayerChart | alt.FacetChart | alt.VConcatChart

GOOD, BAD, NEUTRAL, INK, SOFT, BAND = "#0072b2", "#d55e00", "#b9b2b4", "#1f1a1c", "#665c60", "#cfe3f0"
FONT = "Liberation Sans, Libertinus Serif, sans-serif"  # vl-convert brings the first and measures with it, Typst the second
_LETTERS = "\u0020-\u007e\u00a0-\u036f\u0384-\u03ce\u0400-\u0513\u1e00-\u1e9b\u1ea0-\u1ef9"
_SIGNS = "\u2010\u2012-\u2022\u2026\u202f\u2030\u2039\u203a\u20ac\u2116\u2122\u2212"
"""What the font that vl-convert brings has of Latin, Greek and Cyrillic. Anything else would be measured in a machine's own fonts."""

WIDTH = 305
NAME_LENGTH = 30
_NAMED = 145
"""Where the returns of campaigns begin, right of their names."""
SHOWN_PRODUCTS = 8
SHOWN_TYPES = 9
SHOWN_CAMPAIGNS = 9
SHOWN_IN_PAIRS = 6
"""How many campaigns the chart of the best-sellers shows, with two bars each."""


_FORMATS = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["€", ""], "minus": "−"},
    "fr": {"decimal": ",", "thousands": "\u202f", "grouping": [3], "currency": ["", "\u00a0€"], "percent": "\u202f%", "minus": "−"},
}

_LOOK = {
    "font": FONT,
    "background": "transparent",
    "padding": 2,
    "axis": {"labelFontSize": 11, "labelColor": INK, "domainColor": SOFT, "tickColor": SOFT},
    "legend": {"labelFontSize": 11, "labelColor": INK},
    "text": {"fontSize": 11.5, "font": FONT},
    "view": {"stroke": None},
}


@dataclass(frozen=True)
class Chart:
    """A chart: what it shows, said in a sentence, its picture, and what it leaves out, or nothing."""

    title: str
    svg: str
    left_out: str = ""


def shorten(text: str, length: int = NAME_LENGTH) -> str:
    """Return a text in one line, cut to a length, without characters that no font draws or that turn the direction of writing."""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def free_cash(rows: Sequence[Row], language: str) -> Chart | None:
    """Draw the products with the most stock value too much; `rows` are of recommendation.free_cash, the largest first, the others last."""
    import altair as alt

    rows = [row for row in rows if row["sku"] is not None][:SHOWN_PRODUCTS]
    if not rows:
        return None
    bars: list[dict[str, Any]] = [
        {
            "place": place,
            "name": shorten(str(row["scope"]).removesuffix(f" ({row['sku']})")),
            "sku": f"({row['sku']})",
            "value": float(row["value_beyond_cover"]),
            "label": wording.euros(row["value_beyond_cover"], language),
        }
        for place, row in enumerate(rows)
    ]
    base = alt.Chart(_data(bars)).encode(
        y=_places(),
        x=alt.X("value:Q", title=None, axis=None, scale=_room_for_labels([bar["value"] for bar in bars], 1.75)),
    )
    # products of one name differ by their numbers: no name may be so long that its number is cut
    number = max(7 * len(bar["sku"]) for bar in bars)
    named = _named(base, limit=200 - number, gap=8 + number) + _named(base, "sku")
    drawing = (base.mark_bar(color=BAD, height={"band": 0.7}) + _labels(base) + named).properties(width=WIDTH - 205, height=18 * len(bars))
    title = {
        "en": "Products with the most stock beyond what the coming months ask for, in euros",
        "fr": "Produits dont le stock dépasse le plus ce que demandent les mois à venir, en euros",
    }
    return Chart(wording.typeset(title[language], language), _svg(drawing, language))


def protect_best_sellers(rows: Sequence[Row], language: str) -> Chart | None:
    """Draw discount and margin of the best-sellers' promotions by campaign; `rows` are of recommendation.protect_best_sellers."""
    import altair as alt

    campaigns = [row for row in rows if row["starts_on"] is not None]
    measured, others = _measured(campaigns, ("discount_cost", "incremental_margin"), SHOWN_IN_PAIRS)
    if not measured:
        return None
    discount, *margins = {
        "en": ("discount", "margin gained", "margin lost", "unclear:"),
        "fr": ("remises", "marge gagnée", "marge perdue", "incertain :"),
    }[language]
    bars: list[dict[str, Any]] = []
    for place, row in enumerate(measured):
        kind, colour = {"discount_paid": (margins[0], GOOD), "discount_lost": (margins[1], BAD)}.get(row["finding"], (margins[2], SOFT))
        for order, (said, column, filled) in enumerate(((discount, "discount_cost", NEUTRAL), (kind, "incremental_margin", colour))):
            value = float(row[column])
            amount = row[column] if said == margins[2] else abs(row[column])
            bars.append(
                {
                    "place": place,
                    "order": order,
                    "value": value,
                    "positive": max(value, 0),
                    "colour": filled,
                    "label": wording.typeset(f"{said} {wording.euros(amount, language)}", language),
                }
            )
    names = [
        {
            "place": place,
            "name": shorten(str(row["product_type"]), 22),
            "days": wording.short_dates(row["starts_on"], row["ends_on"], language),
        }
        for place, row in enumerate(measured)
    ]
    above, below = (alt.Chart(_data(names)).encode(y=_places(within)) for within in (0.22, 0.78))
    base = alt.Chart(_data(bars)).encode(y=_places(), yOffset=alt.YOffset("order:O"))
    reach = max(abs(bar["value"]) for bar in bars) or 1
    scale = alt.Scale(domain=[min(0.0, *(bar["value"] for bar in bars)) - reach * 0.02, reach * 3.4], nice=False)
    x = alt.X("value:Q", title=None, axis=None, scale=scale)
    # the label of a loss stands right of the axis, where there is room whatever its length
    labels = base.mark_text(align="left", baseline="middle", dx=4, color=INK).encode(
        x=alt.X("positive:Q", scale=scale, axis=None), text=alt.Text("label:N")
    )
    drawing = (
        base.mark_bar(height={"band": 0.9}).encode(x=x, color=alt.Color("colour:N", scale=None))
        + labels
        + alt.Chart(_data([{}])).mark_rule(color=INK).encode(x=_zero())
        + _named(above, limit=95)
        + _named(below, "days", limit=95, colour=SOFT)
    ).properties(width=WIDTH - 100, height=30 * len(measured))
    title = {
        "en": "Promotions on best-sellers: discounts given and margin beyond the expected, excl. VAT",
        "fr": "Promotions sur les meilleures ventes : remises accordées et marge au-delà de l’attendu, HT",
    }
    left_out = _left_out([_dated(row, language) for row in others], campaigns, language)
    return Chart(wording.typeset(title[language], language), _svg(drawing, language), left_out)


def promote_low_season(campaigns: Sequence[Row], season: Sequence[Row], language: str) -> Chart | None:
    """Draw when the campaigns ran in the season, and their returns with their ranges.

    `campaigns` are of recommendation.promote_low_season, the largest first, `season` is one product type of kpi.seasonal_index, by month.
    """
    import altair as alt

    months = [row for row in season if row["seasonal_index"] is not None]
    if not months:
        return None
    measured, others = _measured(campaigns, ("incremental_roi", "season"), SHOWN_CAMPAIGNS)
    in_time = sorted(measured, key=lambda row: (row["starts_on"], row["scope"]))
    marks = [_campaign(place, row, language) for place, row in enumerate(in_time)]
    steps = [{"month": row["month"].isoformat(), "index": row["seasonal_index"]} for row in months]
    last = months[-1]["month"]
    steps.append({"month": _next_month(last), "index": months[-1]["seasonal_index"]})
    x = alt.X(
        "month:T",
        title=None,
        scale=alt.Scale(type="utc"),
        axis=alt.Axis(format="%b %y", grid=False, tickCount={"interval": "month", "step": 3}, labelBound=True),
    )
    y = alt.Y("index:Q", title=None, scale=alt.Scale(zero=True), axis=alt.Axis(grid=False, tickCount=2, format="~g"))
    line = alt.Chart(_data(steps)).mark_line(interpolate="step-after", color=SOFT, strokeWidth=1.4).encode(x=x, y=y)
    level = alt.Chart(_data([{}])).mark_rule(strokeDash=[3, 3], color=SOFT).encode(y=alt.YDatum(1))
    ran = (
        alt.Chart(_data(marks))
        .mark_rule(strokeWidth=5, strokeCap="butt")
        .encode(x=alt.X("from:T", scale=alt.Scale(type="utc")), x2="to:T", y=alt.Y("season:Q"), color=alt.Color("colour:N", scale=None))
    )
    upper = (line + level + ran).properties(width=WIDTH - 30, height=42)
    product_type = shorten(str(months[0]["product_type"]), 20)
    left_out = _left_out([_dated(row, language) for row in others], campaigns, language)
    if not marks:
        title = {"en": f"Seasonal index of {product_type}", "fr": f"Indice saisonnier de {product_type}"}
        return Chart(wording.typeset(title[language], language), _svg(upper, language), left_out)
    # a line for each campaign: its name, its range and its return, each in a column of its own
    base = alt.Chart(_data(marks)).encode(y=_places())
    scale = alt.Scale(domain=_reach(marks), nice=False, range=[_NAMED, WIDTH - 75])
    axis = alt.Axis(format=".0%", tickCount=3, grid=False, title=None)
    coloured = base.encode(color=alt.Color("colour:N", scale=None))
    forest = (
        alt.Chart(_data([{}])).mark_rule(color=SOFT).encode(x=alt.XDatum(0, scale=scale, axis=axis))
        + coloured.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q")
        + coloured.mark_point(filled=True, size=34, opacity=1).encode(x=alt.X("roi:Q", scale=scale, axis=axis))
        + base.mark_text(align="left", baseline="middle", limit=_NAMED + 22, color=INK).encode(x=alt.value(-26), text=alt.Text("name:N"))
        + base.mark_text(align="right", baseline="middle", color=INK).encode(x=alt.value(WIDTH - 30), text=alt.Text("label:N"))
    ).properties(width=WIDTH - 30, height=15 * len(marks))
    title = {
        "en": f"Seasonal index ({product_type}) with the campaigns, and their returns: blue paid, orange lost, grey unclear",
        "fr": f"Indice saisonnier ({product_type}) et campagnes, avec leurs rendements : bleu rentable, orange à perte, gris incertain",
    }
    drawing = alt.vconcat(upper, forest, spacing=6)
    return Chart(wording.typeset(title[language], language), _svg(drawing, language), left_out)


def _reach(marks: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return from where to where a scale must go to hold zero and every return with its range."""
    bounds = [mark[name] for mark in marks for name in ("roi", "low", "high") if mark[name] is not None]
    least, most = min(0.0, *bounds), max(0.0, *bounds)
    room = (most - least) * 0.05 or 1.0
    return [least - room, most + room]


def _campaign(place: int, row: Row, language: str) -> dict[str, Any]:
    colour = {"paid": GOOD, "lost": BAD}.get(row["finding"].rpartition("_")[2], SOFT)
    return {
        "place": place,
        "name": _dated(row, language),
        "from": row["starts_on"].isoformat(),
        "to": row["ends_on"].isoformat(),
        "season": row["season"],
        "roi": row["incremental_roi"],
        "low": row["incremental_roi_low"],
        "high": row["incremental_roi_high"],
        "colour": colour,
        "label": wording.percent(row["incremental_roi"], language),
    }


def _dated(row: Row, language: str) -> str:
    """Return the product type and the days of a campaign."""
    return f"{shorten(str(row['product_type']), 14)}, {wording.short_dates(row['starts_on'], row['ends_on'], language)}"


def _measured(rows: Sequence[Row], columns: Sequence[str], most: int) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the first rows of which all these columns are known, and the rest of the rows."""
    shown = [row for row in rows if all(row[name] is not None for name in columns)][:most]
    return shown, [row for row in rows if row not in shown]


def _left_out(names: Sequence[str], whole: Sequence[Row], language: str) -> str:
    """Return how many of all a chart leaves out, why, and which; nothing if it shows them all."""
    if not names:
        return ""
    listed = shorten(" · ".join(names), 90)
    said = {
        "en": f"Not in the chart, for want of room or of a figure: {len(names)} of {len(whole)} ({listed}).",
        "fr": f"Hors du graphique, faute de place ou de chiffre : {len(names)} sur {len(whole)} ({listed}).",
    }
    return wording.typeset(said[language], language)


def monitor_segments(months: Sequence[Row], language: str) -> Chart | None:
    """Draw the margin rate of one segment of kpi.segment_band, by month, against its expected band."""
    import altair as alt

    shown = [row for row in months if row["gross_margin_rate"] is not None]
    if not any(row["margin_rate_low"] is not None for row in shown):
        return None
    points = [
        {
            "month": row["month"].isoformat(),
            "value": row["gross_margin_rate"],
            "low": row["margin_rate_low"],
            "high": row["margin_rate_high"],
            "expected": row["expected_margin_rate"],
            "state": row["margin_state"] or "within",
            "label": wording.rate(row["gross_margin_rate"], language) if row["margin_state"] in {"below", "above"} else "",
        }
        for row in shown
    ]
    x = alt.X(
        "month:T",
        title=None,
        scale=alt.Scale(type="utc", padding=12),
        axis=alt.Axis(format="%b %y", grid=False, tickCount={"interval": "month", "step": 3}),
    )
    scale = alt.Scale(zero=False, padding=12)
    axis = alt.Axis(grid=False, tickCount=4, format=".0%")
    base = alt.Chart(_data(points)).encode(x=x)
    outside = alt.Color("state:N", scale=alt.Scale(domain=["below", "within", "above"], range=[BAD, SOFT, GOOD]), legend=None)
    drawing = (
        base.mark_area(color=BAND, opacity=1).encode(y=alt.Y("low:Q", title=None, scale=scale, axis=axis), y2="high:Q")
        + base.mark_line(strokeDash=[3, 3], color=GOOD, strokeWidth=1).encode(y=alt.Y("expected:Q"))
        + base.mark_line(color=SOFT, strokeWidth=1.4).encode(y=alt.Y("value:Q"))
        + base.mark_point(filled=True, size=40, opacity=1).encode(y=alt.Y("value:Q"), color=outside)
        + _above_or_below(base, "above", -9)
        + _above_or_below(base, "below", 10)
    ).properties(width=WIDTH - 50, height=112)
    segment = shorten(str(shown[0]["segment"]), 24)
    title = {
        "en": f"{segment}: margin rate (excl. VAT) by month against its expected band (shaded)",
        "fr": f"{segment} : taux de marge brute HT par mois, face à sa fourchette attendue (ombrée)",
    }
    return Chart(wording.typeset(title[language], language), _svg(drawing, language))


def stock_thresholds(rows: Sequence[Row], language: str) -> Chart | None:
    """Draw the shares of products below and above their thresholds; `rows` are of recommendation.stock_thresholds, the largest first."""
    import altair as alt

    if not rows:
        return None
    words = {"en": ("too low", "within bounds", "too high"), "fr": ("trop bas", "dans les seuils", "trop haut")}[language]
    bars: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    for place, row in enumerate(rows[:SHOWN_TYPES]):
        below, above, products = row["products_below"], row["products_above"], row["products"]
        edges = (0, below / products, 1 - above / products, 1)
        bars += [{"place": place, "state": words[order], "from": edges[order], "to": edges[order + 1]} for order in range(3)]
        for order, count in ((0, below), (2, above)):
            said = wording.number(str(count), language)
            narrow = count / products < 0.05 * len(said)  # then its count stands beside it, on the light bar between
            at = (edges[1], edges[2])[order // 2] if narrow else (edges[order] + edges[order + 1]) / 2
            labels.append(
                {
                    "place": place,
                    "at": at,
                    "label": said if count else "",
                    "side": ("left", "right")[order // 2] if narrow else "center",
                }
            )
    names = [{"place": place, "name": shorten(str(row["scope"]), 22)} for place, row in enumerate(rows[:SHOWN_TYPES])]
    base = alt.Chart(_data(bars)).encode(y=_places())
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolType="square", labelLimit=200, columnPadding=6, offset=4)
    colour = alt.Color("state:N", sort=list(words), scale=alt.Scale(domain=list(words), range=[BAD, "#ddd5d8", GOOD]), legend=legend)
    drawing = (
        base.mark_bar(height={"band": 0.8}).encode(
            x=alt.X("from:Q", title=None, axis=alt.Axis(format=".0%", tickCount=3, grid=False), scale=alt.Scale(domain=[0, 1])),
            x2="to:Q",
            color=colour,
        )
        + _counts(labels, "center", "white", 0)
        + _counts(labels, "left", INK, 3)
        + _counts(labels, "right", INK, -3)
        + _named(alt.Chart(_data(names)).encode(y=_places()), limit=105)
    ).properties(width=WIDTH - 105, height=max(15 * len(names), 40))
    title = {
        "en": "Share and number of stocked products below their reorder point or above their ceiling",
        "fr": "Part et nombre des produits stockés sous leur seuil de commande ou au-dessus de leur plafond",
    }
    left_out = _left_out([str(row["scope"]) for row in rows[SHOWN_TYPES:]], rows, language)
    return Chart(wording.typeset(title[language], language), _svg(drawing, language), left_out)


def use_feedback(shares: tuple[float, float] | None, counts: tuple[int, int, int], language: str) -> Chart | None:
    """Draw the shares of better-rated and other products that sell above the median, and how many products call for feedback.

    `shares` are those of recommendation.summary, none where too few products are rated; `counts` the best-sellers without a rating, the
    well-rated products that sell little and the badly rated best-sellers.
    """
    import altair as alt

    panels: list[Any] = []
    if shares is not None:
        names = {"en": ("better-rated", "others"), "fr": ("mieux notés", "autres")}[language]
        bars = [
            {
                "place": place,
                "name": names[place],
                "value": value,
                "label": wording.share(value, language),
                "colour": (GOOD, NEUTRAL)[place],
            }
            for place, value in enumerate(shares)
        ]
        half = {"en": "selling above their segment’s median", "fr": "vendus au-delà de la médiane du segment"}[language]
        panels.append(_bars(bars, half, alt.Scale(domain=[0, 1.15], nice=False)))
    if any(counts):
        names = {
            "en": ("best-sellers without a rating", "well rated, sell little", "best-sellers badly rated"),
            "fr": ("meilleures ventes sans avis", "bien notés, peu vendus", "meilleures ventes mal notées"),
        }[language]
        bars = [
            {"place": place, "name": names[place], "value": value, "label": wording.number(str(value), language), "colour": NEUTRAL}
            for place, value in enumerate(counts)
        ]
        panels.append(_bars(bars, {"en": "products to look at", "fr": "produits à regarder"}[language], _room_for_labels(counts)))
    if not panels:
        return None
    drawing = alt.vconcat(*panels, spacing=8)
    title = {
        "en": "Do better-rated products sell more than the others?" if shares else "Products that call for feedback",
        "fr": "Les produits mieux notés se vendent-ils plus que les autres ?" if shares else "Produits qui appellent des avis",
    }
    return Chart(wording.typeset(title[language], language), _svg(drawing, language))


def pass_on_costs(rows: Sequence[Row], language: str) -> Chart | None:
    """Draw how far cost and list prices moved, by product type; `rows` are of recommendation.pass_on_costs, the largest loss first."""
    import altair as alt

    compared, others = _measured(rows, ("cost_move", "price_move"), SHOWN_TYPES)
    if not compared:
        return None
    moves: list[dict[str, Any]] = [
        {"place": place, "order": order, "value": row[column], "colour": (BAD, NEUTRAL)[order]}
        for place, row in enumerate(compared)
        for order, column in enumerate(("cost_move", "price_move"))
    ]
    types: list[dict[str, Any]] = [
        {
            "place": place,
            "name": shorten(str(row["scope"]), 22),
            "end": max(row["cost_move"], row["price_move"], 0),
            # as the sentence has them
            "label": " · ".join(wording.percent(round(row[column], 4), language) for column in ("cost_move", "price_move")),
        }
        for place, row in enumerate(compared)
    ]
    reach = max(abs(move["value"]) for move in moves) or 1
    scale = alt.Scale(domain=[min(0, *(move["value"] for move in moves)), reach * 1.9], nice=False)
    base = alt.Chart(_data(types)).encode(y=_places())
    drawing = (
        alt.Chart(_data(moves))
        .mark_bar(height={"band": 0.9})
        .encode(
            y=_places(),
            yOffset=alt.YOffset("order:O"),
            x=alt.X("value:Q", title=None, axis=None, scale=scale),
            color=alt.Color("colour:N", scale=None),
        )
        + _labels(base).encode(x=alt.X("end:Q", scale=scale, axis=None))
        + _named(base, limit=105)
    ).properties(width=WIDTH - 105, height=max(18 * len(types), 40))
    title = {
        "en": "What the same units cost (orange) and list for (grey), at the period’s end against its start",
        "fr": "Coût (orange) et prix catalogue (gris) des mêmes unités, en fin de période par rapport au début",
    }
    left_out = _left_out([str(row["scope"]) for row in others], rows, language)
    return Chart(wording.typeset(title[language], language), _svg(drawing, language), left_out)


def _bars(bars: Sequence[Mapping[str, Any]], title: str, scale: alt.Scale) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    base = alt.Chart(_data(bars)).encode(
        y=_places(),
        x=alt.X("value:Q", title=None, axis=None, scale=scale),
    )
    drawing = base.mark_bar(height={"band": 0.75}).encode(color=alt.Color("colour:N", scale=None)) + _labels(base) + _named(base)
    heading = alt.TitleParams(title, anchor="start", frame="bounds", fontSize=11, fontWeight="normal", color=SOFT, offset=3)
    return drawing.properties(width=WIDTH - 150, height=17 * len(bars), title=heading)


def _zero() -> alt.XDatum:
    import altair as alt

    return alt.XDatum(0, axis=None)


def _places(within: float = 0.5) -> alt.Y:
    """Return the rows of a chart, one for each place; marks stand at this part of a row's height."""
    import altair as alt

    return alt.Y("place:O", title=None, axis=None, bandPosition=within, scale=alt.Scale(type="band"))


def _labels(base: alt.Chart) -> alt.Chart:
    import altair as alt

    return base.mark_text(align="left", baseline="middle", dx=3, color=INK).encode(text=alt.Text("label:N"))


def _counts(labels: Sequence[Mapping[str, Any]], side: Literal["left", "center", "right"], colour: str, dx: int) -> alt.Chart:
    import altair as alt

    shown = [label for label in labels if label["side"] == side] or [{"place": 0, "at": 0, "label": ""}]
    marks = alt.Chart(_data(shown)).mark_text(align=side, baseline="middle", dx=dx, color=colour, fontWeight="bold")
    return marks.encode(y=_places(), x=alt.X("at:Q"), text=alt.Text("label:N"))


def _above_or_below(base: alt.Chart, state: str, dy: int) -> alt.LayerChart | alt.FacetChart:
    import altair as alt

    y, text = alt.Y("value:Q"), alt.Text("label:N")
    outside = base.transform_filter(alt.datum.state == state)
    halo = outside.mark_text(dy=dy, color="white", stroke="white", strokeWidth=3, opacity=0.8)
    return halo.encode(y=y, text=text) + outside.mark_text(dy=dy, color=INK).encode(y=y, text=text)


def _named(base: alt.Chart, text: str = "name", limit: int = 160, gap: int = 5, colour: str = INK) -> alt.Chart:
    """Return a layer with the name of each place left of it. As marks, and not as an axis: two products may have the same name."""
    import altair as alt

    names = base.mark_text(align="right", baseline="middle", dx=-gap, limit=limit, color=colour)
    return names.encode(x=alt.value(0), text=alt.Text(f"{text}:N"))


def _room_for_labels(values: Sequence[float], room: float = 1.5) -> alt.Scale:
    """Return a scale from zero that leaves room for a label after the longest bar."""
    import altair as alt

    return alt.Scale(domain=[0, (max(values) or 1) * room], nice=False)


def _data(values: Sequence[Mapping[str, Any]]) -> alt.Data:
    import altair as alt

    return alt.Data(values=[{name: _drawable(cell) if isinstance(cell, str) else cell for name, cell in value.items()} for value in values])


def _drawable(text: str) -> str:
    """Return a text with a box for every character that would be drawn, and measured, in whatever font a machine has."""
    return re.sub(f"[^{_LETTERS}{_SIGNS}]", "□", text)


def _next_month(month: dt.date) -> str:
    return (month.replace(day=1) + dt.timedelta(days=31)).replace(day=1).isoformat()


def _svg(drawing: Drawing, language: str) -> str:
    return as_svg(drawing, language, _LOOK)


def as_svg(drawing: Drawing, language: str, look: Mapping[str, Any]) -> str:
    """Return a drawing as SVG that is the same for the same figures, on every machine, and may stand beside others in one page."""
    import vl_convert

    return vl_convert.vegalite_to_svg(
        drawing.to_dict(validate=False),  # a test looks that they are valid
        config=dict(look),
        format_locale=_FORMATS[language],
        time_format_locale="fr-FR" if language == "fr" else "en-GB",
        allowed_base_urls=[],  # nothing is fetched
    )
