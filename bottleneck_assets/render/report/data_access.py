"""The report on data access: which way from the shop's export to its figures, measured, scored, and a recommendation that follows.

Belongs here: how the report is laid out, from rows that are its CSV. Never here: a text (data_access.json has them, and the French of what
access/ says), a measurement or a score (access/), or a figure that the CSV does not hold.

The page is made from the Markdown, and the Markdown from the rows, in each language; the CSV and the Markdown are kept in English. What
comes from the export, such as its name, is escaped in both.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bottleneck_assets.access.measuring import Known, Measurement
    from bottleneck_assets.access.questions import Asked
    from bottleneck_assets.access.scoring import Need, Verdict
    from bottleneck_assets.render.occasion import Occasion
    from bottleneck_assets.render.report.texts import Texts

FILES: Mapping[str, str] = {"en": "report/data_access.html", "fr": "report/data_access.fr.html"}
"""The page in each language."""
MARKDOWN, CSV = "report/data_access.md", "report/data_access.csv"
_TABLES = ("web", "finance", "promo", "sales")
READS = (
    "kpi.headline",
    "clean.ca_par_segment",
    "clean.labels",
    "clean.segment_vat",
    "raw.parameters",
    *(f"raw.{table}" for table in _TABLES),
    *(f"clean.{table}_typed" for table in _TABLES),
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>|&~#!])")
_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_WINE, _GREY = "#7b1e3b", "#8d8589"
_UNBREAKABLE = "\u00a0\u202f"


@cache
def catalogue() -> Mapping[str, Any]:
    """Return every text of the page: `texts`, [English, French] by name, and `said`, what access/ says, each [English, French]."""
    return json.loads(Path(__file__).with_name("data_access.json").read_text(encoding="utf-8"))


def plain(text: str) -> Markup:
    """Return any text so that Markdown shows it as it is: on one line, its special characters escaped, what cannot be seen replaced."""
    seen = "".join(one if one.isprintable() or one in _UNBREAKABLE else "\N{REPLACEMENT CHARACTER}" for one in text)
    return Markup(_SPECIAL.sub(r"\\\1", seen))  # noqa: S704 - Markdown, of which markdown-it lets no HTML through


def render(occasion: Occasion, folder: Path) -> None:
    """Measure once, judge, and write the report's files."""
    from bottleneck_assets.access.measuring import measure
    from bottleneck_assets.access.scoring import judge

    asked, known = _known(occasion)
    found = measure(occasion.export, asked, known, run_started=occasion.run_started, now=occasion.now, within=folder)
    write(found, judge(found), folder)


def write(found: Sequence[Measurement], verdict: Verdict, folder: Path) -> None:
    """Write the report of some measurements: the CSV, the Markdown made from its rows, and, in each language, the page made from that."""
    from bottleneck_assets.render.report.page import render as fill
    from bottleneck_assets.render.report.texts import Texts

    rows = [*found, *_judgements(verdict)]
    _write_csv(rows, folder / CSV)
    for language, file in FILES.items():
        texts = Texts(catalogue()["texts"], language, catalogue()["said"])
        markdown = fill("data_access.md", **_shown(rows, verdict, texts))
        if language == "en":
            (folder / MARKDOWN).write_text(markdown, encoding="utf-8", newline="\n")
        (folder / file).write_text(_page(markdown, verdict, texts), encoding="utf-8", newline="\n")


def _known(occasion: Occasion) -> tuple[Asked, Known]:
    """Return what is asked of every way, and what the release answers."""
    from bottleneck_assets.access.measuring import Known
    from bottleneck_assets.access.questions import MONTHS_OF_A_YEAR, Asked
    from bottleneck_assets.models.catalog import exported_columns

    warehouse = occasion.warehouse
    headline = warehouse.rows("kpi.headline")
    segments = warehouse.rows("clean.ca_par_segment")
    (parameters,) = warehouse.rows("raw.parameters")
    labels = [row for row in warehouse.rows("clean.labels") if row["column_name"] == "segment"]
    net_factors = {row["segment"]: float(row["net_factor"]) for row in warehouse.rows("clean.segment_vat")}
    first, last = headline[0]["period_start"], headline[0]["period_end"]
    asked = Asked(
        start=first.year * MONTHS_OF_A_YEAR + first.month,
        end=last.year * MONTHS_OF_A_YEAR + last.month,
        included=parameters["promo_units"] == "included",
        net_factors={label["spelling"]: net_factors[label["label"]] for label in labels if label["label"] in net_factors},
        unstocked=[label["spelling"] for label in labels if label["label_key"] in parameters["segments_without_stock"].split("\n")],
    )
    known = Known(
        figures={row["kpi"]: float("nan") if row["value"] is None else float(row["value"]) for row in headline},
        segments={row["segment"]: float(row["revenue"]) for row in segments},
        tables={table: {"raw": warehouse.path(f"raw.{table}"), "typed": warehouse.path(f"clean.{table}_typed")} for table in _TABLES},
        columns={table: exported_columns()[table] for table in _TABLES},
    )
    return asked, known


def _judgements(verdict: Verdict) -> list[Measurement]:
    """Return weights, scores, totals and sensitivity as rows of the CSV."""
    from bottleneck_assets.access.documented import LABELS
    from bottleneck_assets.access.measuring import Measurement
    from bottleneck_assets.access.scoring import BEST, HEAVIEST, NEEDS

    most = sum(need.weight for need in NEEDS) * BEST
    lead = verdict.totals[verdict.winner] - verdict.totals[verdict.runner_up]
    return [
        *(Measurement("", f"weight: {need.name}", str(need.weight), f"of {HEAVIEST}", f"Chosen. Points: {need.rule}.") for need in NEEDS),
        *(Measurement(score.way, f"points: {score.need.name}", str(score.points), f"of {BEST}", score.why) for score in verdict.scores),
        *(
            Measurement(way, "total", str(verdict.totals[way]), f"of {most}", "Sum over the needs of weight times points.")
            for way in LABELS
        ),
        Measurement(verdict.winner, "lead", str(lead), "points", f"Over {LABELS[verdict.runner_up]}."),
        *(
            Measurement(way, f"first, if the weight of '{need.name}' were", str(weight), f"of {HEAVIEST}", "All other weights as they are.")
            for need, weight, way in verdict.weight_changes
        ),
        *(
            Measurement(way, "first, if these needs did not count", ", ".join(need.name for need in ignored), "", "The fewest that do it.")
            for ignored, way in verdict.ignoring
        ),
        Measurement(verdict.winner_of_equal_weights, "first, if all weights were equal", "yes", "", "Every weight 1."),
    ]


def _write_csv(rows: Iterable[Measurement], target: Path) -> None:
    """Write the rows as the release writes its tables; a text that a spreadsheet would run gets an apostrophe."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("way", "measure", "value", "unit", "method"))
        for row in rows:
            cells = (cell.encode("utf-8", "replace").decode("utf-8") for cell in row)  # a file's name may be no text
            writer.writerow(["'" + cell if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell for cell in cells])


def _shown(rows: Sequence[Measurement], verdict: Verdict, texts: Texts) -> dict[str, Any]:
    """Return what the template shows: texts, lookups into the rows, and the names of things, all as Markdown in a language."""
    from bottleneck_assets.access import documented, measuring, scoring
    from bottleneck_assets.access.measuring import Measurement

    by_key = {(row.way, row.measure): row for row in rows}
    labels = _labels(texts)

    def told(text: str) -> Markup:
        return plain(texts.told(text))

    def with_unit(measure: str, way: str = "", missing: str = measuring.NOT_MEASURED) -> Markup:
        row = by_key.get((way, measure), Measurement(way, measure, missing, "", ""))
        return plain(_written(row.value, row.unit, texts))

    def value(measure: str, way: str = "", missing: str = "") -> Markup:
        row = by_key.get((way, measure), Measurement(way, measure, missing, "", ""))
        return plain(_written(row.value, "", texts))

    def reasons(need: Need) -> Markup:
        """Return why each way has its points for what is stated: ways with the same reason together."""
        said: dict[str, list[str]] = {}
        for score in verdict.scores:
            if score.need == need and score.why != "measured":
                said.setdefault(score.why, []).append(labels[score.way])
        return Markup().join(Markup(" ") + texts.say("reason", ways=Markup(", ").join(ways), why=told(why)) for why, ways in said.items())

    def unit(measure: str, way: str) -> Markup:
        return told(by_key[way, measure].unit)

    def method(measure: str, way: str) -> Markup:
        return told(by_key[way, measure].method)

    def moment(measure: str) -> str:
        return texts.moment(dt.datetime.strptime(by_key["", measure].value, measuring.MOMENT).replace(tzinfo=dt.UTC))

    overlooked = sorted({(row.value, row.unit) for row in rows if row.measure == measuring.OVERLOOKED_BY})
    return {
        "say": texts.say,
        "told": told,
        "plain": plain,
        "value": value,
        "with_unit": with_unit,
        "unit": unit,
        "method": method,
        "moment": moment,
        "export": plain(by_key["", "export"].value),
        "software": plain(by_key["", "software"].value),
        "reasons": reasons,
        "beaten_on": texts.say("and").join(
            texts.say("better", need=_within(need, texts), way=labels[way]) for need, way in verdict.beaten_on
        ),
        "sensitivity": _sensitivity(verdict, texts),
        "silent_revenue": texts.say("or").join(plain(_written(*share, texts)) for share in overlooked),
        "labels": labels,
        "measured": measuring.MEASURED,
        "sources": documented.SOURCES,
        "steps": {way: Markup(", ").join(map(told, steps)) for way, steps in documented.STEPS.items()},
        "advice": documented.ADVICE,
        "m": measuring,
        "needs": scoring.NEEDS,
        "verdict": verdict,
    }


def _labels(texts: Texts) -> dict[str, Markup]:
    """Return what the ways are called."""
    from bottleneck_assets.access.documented import LABELS

    return {way: plain(texts.told(label)) for way, label in LABELS.items()}


def _written(value: str, unit: str, texts: Texts) -> str:
    """Write what stands in a row: a number as the language writes it, or words, with its unit."""
    if not _NUMBER.fullmatch(value):
        said = texts.told(value) if value else ""
    else:
        said = texts.written(f"{Decimal(value):,}".replace("-", "\u2212") + "%" * (unit == "%"))
    return said if unit in {"", "%"} else f"{said}\u00a0{texts.told(unit)}"


def _sensitivity(verdict: Verdict, texts: Texts) -> Markup:
    """Say which weights would change the advice."""
    from bottleneck_assets.access.scoring import HEAVIEST

    labels, said = _labels(texts), list[Markup]()
    if verdict.weight_changes:
        changes = (
            texts.say("weight_changes", need=_within(need, texts), weight=weight, way=labels[way])
            for need, weight, way in verdict.weight_changes
        )
        said.append(texts.say("weights_change", changes=texts.say("and").join(changes)))
    else:
        said.append(texts.say("no_weight_changes", heaviest=HEAVIEST))
    for ignored, way in verdict.ignoring:
        said.append(texts.say("first_without", way=labels[way], needs=Markup(", ").join(_within(need, texts) for need in ignored)))
    equal = verdict.winner_of_equal_weights
    said.append(texts.say("equal_weights_same") if equal == verdict.winner else texts.say("equal_weights_other", way=labels[equal]))
    return Markup(" ").join(said)


def _within(need: Need, texts: Texts) -> Markup:
    """Return the name of a need as it stands within a sentence."""
    name = texts.told(need.name)
    return plain(name if name.startswith(("Tableau", "macOS")) else name[:1].lower() + name[1:])


def _page(markdown: str, verdict: Verdict, texts: Texts) -> str:
    from markdown_it import MarkdownIt

    from bottleneck_assets.render.report.page import render as fill

    made = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown)
    made = made.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")
    # Markup: markdown-it has escaped whatever was in the text, and lets no HTML through; the chart holds only our own names
    head, lead, rest, chart = map(Markup, (*_parted(made), _chart(verdict, texts)))
    return fill("data_access.html", language=texts.language, say=texts.say, head=head, lead=lead, rest=rest, chart=chart)


def _parted(made: str) -> tuple[str, str, str]:
    """Part the page into its heading, the recommendation, and the rest: the chart goes between."""
    title, _, after = made.partition("<h2>")
    recommendation, _, rest = after.partition("<h2>")
    return title, f"<h2>{recommendation}", f"<h2>{rest}"


def _chart(verdict: Verdict, texts: Texts) -> str:
    """Draw the totals as bars."""
    import altair as alt
    import vl_convert

    from bottleneck_assets.access.documented import LABELS

    bars = [{"way": texts.told(LABELS[way]), "points": verdict.totals[way], "first": way == verdict.winner} for way in verdict.ranking]
    base: Any = alt.Chart(alt.Data(values=bars)).encode(y=alt.Y("way:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)))
    drawn = base.mark_bar(height=15).encode(
        x=alt.X("points:Q", title=None, axis=None),
        color=alt.Color("first:N", scale=alt.Scale(domain=[True, False], range=[_WINE, _GREY]), legend=None),
    )
    text = base.mark_text(align="left", dx=5, fontSize=12).encode(x="points:Q", text="points:Q")
    chart: Any = alt.layer(drawn, text)  # its own types are unknown in part
    chart = chart.properties(width=440, height={"step": 23}, background="transparent", padding={"left": 24, "right": 30})
    chart = chart.configure_view(stroke=None).configure_axis(labelFontSize=12, ticks=False, domain=False)
    return vl_convert.vegalite_to_svg(chart.to_json())
