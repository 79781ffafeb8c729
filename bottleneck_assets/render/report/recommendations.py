"""The report on the recommendations: two pages for the CEO, the Head of Sales and the product managers, in English and in French.

Belongs here: which rows the report shows, in which order, and the words around them. Never here: a sentence about a finding (wording.py),
how a chart is drawn (charts.py), or a figure that no CSV of the release bears out.

The HTML and the PDF are made from the same content. Names come from the export: they are shortened, and only ever handed over as data.
"""

# ruff: noqa: RUF001 - true minus signs, typographic apostrophes and French spaces are meant

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottleneck_assets import wording
from bottleneck_assets.figures.measures import MEASURES, as_read
from bottleneck_assets.figures.written import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bottleneck_assets.engine.warehouse import Warehouse
    from bottleneck_assets.render.occasion import Occasion
    from bottleneck_assets.render.report.charts import Chart

    Row = Mapping[str, Any]

READS = (
    "clean.ca_par_segment",
    "kpi.headline",
    "kpi.seasonal_index",
    "kpi.segment_band",
    "recommendation.free_cash",
    "recommendation.monitor_segments",
    "recommendation.promote_low_season",
    "recommendation.protect_best_sellers",
    "recommendation.stock_thresholds",
    "recommendation.summary",
    "recommendation.pass_on_costs",
    "recommendation.summary_figures",
    "recommendation.test_campaign",
    "presentation.month_coverage",
    "presentation.report_findings",
    "raw.parameters",
)
FILES = tuple(f"report/recommendations{ending}" for ending in (".html", ".pdf", ".fr.html", ".fr.pdf"))
LONGEST_TITLE = 68
MOST_TYPES = 8
LONGEST_SEGMENT = 32


_SCOPE = re.compile(r"(.*?)(, \d{4}-\d\d(?:-\d\d to \d{4}-\d\d-\d\d)?)?", re.DOTALL)
"""A segment or a product type, and the month or the days of the campaign behind it."""

KPIS = ("revenue", "gross_margin", "gross_margin_rate", "stock_turnover", "promo_incremental_roi", "average_rating")
"""The figures for the whole shop that the report shows."""

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Recommendations",
        "data as of": "data as of",
        "known": "What is known",
        "unknown": "What is not known",
        "try": "What to try",
        "nothing known": "No finding is sure enough to be acted on without a test.",
        "nothing unknown": "No campaign is left undecided.",
        "nothing to try": "No product type has a season of its own and forty products to test a discount on.",
        "CEO": "CEO",
        "Head of Sales": "Head of Sales",
        "Product managers": "Product managers",
        "supported": "supported by the data",
        "contradicted": "contradicted by the data",
        "mixed": "supported in part, contradicted in part",
        "in part": "supported for the high season; the low season is untested",
        "facts": "facts to act on",
        "open": "not decided by the data",
        "nothing": "nothing to report",
        "high": "high confidence",
        "medium": "medium confidence",
        "low": "low confidence",
        "no effect": "no effect claimed",
        "opposed": "where the data contradicts it:",
        "for": "for",
        "against": "against",
        "undecided": "undecided",
        "method": "How the effect is estimated:",
        "off target": "Reorder points held against sales; 90% to 99% of products should be covered. Outside that:",
        "no chart": "Nothing to draw: the data holds no such figures.",
        "reading": "How to read this",
        "effects": (
            "An effect is what following the advice would bring in a year, excl. VAT, where the data supports it. No euro is counted "
            "twice: what several recommendations touch is claimed by one of them."
        ),
        "confidence": (
            "Confidence says how far a finding lies outside what chance alone would give: high where chance would give it in fewer "
            "than one case in a hundred, medium in fewer than one in ten, low otherwise, where the data does not decide, and where a "
            "season is not wholly known. A promotion is judged with high confidence only beside products of its type. A fact has none."
        ),
        "ranges": (
            "A likely range should hold the true value nine times in ten: it holds how far a result moves when the products are drawn "
            "again at random, and how far the method strays in months without promotion. A promotion paid, or lost, only where the "
            "whole range lies on one side of break-even. A season seen once may be growth."
        ),
        "incl_vat": "Sale prices in the export are read as including VAT: margins, discounts and effects are excl. VAT.",
        "excl_vat": "Sale prices in the export are read as excluding VAT: revenue is excl. VAT as well.",
        "sources": "Every figure is in the files of this release: business_recommendations.csv, recommendations/ and kpis/.",
    },
    "fr": {
        "title": "Recommandations",
        "data as of": "données au",
        "known": "Ce qu’on sait",
        "unknown": "Ce qu’on ne sait pas",
        "try": "Ce qu’il faut essayer",
        "nothing known": "Aucun constat n’est assez sûr pour agir sans essai préalable.",
        "nothing unknown": "Aucune campagne ne reste non tranchée.",
        "nothing to try": "Aucun type de produits n’a sa propre saison et quarante produits pour y tester une remise.",
        "CEO": "Direction générale",
        "Head of Sales": "Direction commerciale",
        "Product managers": "Chefs de produit",
        "supported": "étayé par les données",
        "contradicted": "contredit par les données",
        "mixed": "en partie étayé, en partie contredit",
        "in part": "étayé en haute saison ; la basse saison reste à tester",
        "facts": "faits à traiter",
        "open": "non tranché par les données",
        "nothing": "rien à signaler",
        "high": "confiance élevée",
        "medium": "confiance moyenne",
        "low": "confiance faible",
        "no effect": "aucun effet avancé",
        "opposed": "là où les données le contredisent :",
        "for": "pour",
        "against": "contre",
        "undecided": "non tranché",
        "method": "Estimation de l’effet :",
        "off target": "Seuils de commande confrontés aux ventes ; 90 % à 99 % des produits devraient être couverts. En dehors :",
        "no chart": "Rien à représenter : les données ne contiennent pas ces chiffres.",
        "reading": "Comment lire ces pages",
        "effects": (
            "Un effet est ce que le conseil rapporterait en un an, hors taxes, là où les données l’étayent. Aucun euro n’est "
            "compté deux fois : ce que plusieurs conseils touchent est porté par un seul."
        ),
        "confidence": (
            "La confiance dit combien un constat s’écarte de ce que donnerait le seul hasard : élevée si le hasard le donnerait moins "
            "d’une fois sur cent, moyenne moins d’une fois sur dix, faible sinon, là où les données ne tranchent pas et où la "
            "saison n’est pas toute connue. Une promotion n’est jugée avec une confiance élevée que face à des produits de son type. Un "
            "fait n’en a pas."
        ),
        "ranges": (
            "Une fourchette probable devrait contenir la vraie valeur neuf fois sur dix : elle réunit ce qu’un résultat varie quand on "
            "tire de nouveau les produits au sort, et ce dont la méthode s’écarte dans les mois sans promotion. Une promotion n’est "
            "rentable, ou à perte, que si toute la fourchette est du même côté de l’équilibre. Une saison vue une fois peut être une "
            "croissance."
        ),
        "incl_vat": "Les prix de vente de l’export sont lus TTC : marges, remises et effets sont hors taxes.",
        "excl_vat": "Les prix de vente de l’export sont lus hors taxes : le chiffre d’affaires l’est aussi.",
        "sources": "Chaque chiffre est dans les fichiers de cette publication : business_recommendations.csv, recommendations/ et kpis/.",
    },
}


@dataclass(frozen=True)
class Finding:
    """One finding of a recommendation: its sentence, its verdict, and how sure it is; empty of a fact."""

    sentence: str
    verdict: str
    confidence: str


@dataclass(frozen=True)
class Advice:
    """One recommendation as the report shows it.

    `judged` is the verdict in words, `counted` the findings behind it; `a_year` stands behind the effect; `note` says where a test of
    its method fell outside what is wanted, or is empty.
    """

    heading: str
    audience: str
    verdict: str
    judged: str
    counted: str
    effect: str
    a_year: str
    opposed: str
    sentence: str
    findings: Sequence[Finding]
    method: str
    note: str
    chart: Chart | None


@dataclass(frozen=True)
class Content:
    """All that the report says in one language.

    `words` are those that hold for every shop, `dated` is the period's last month, `data_to` the last day that the export holds, `vat`
    how its sale prices are read, and `opening` what is known, what is not and what to try, each under its name.
    """

    language: str
    period: str
    dated: str
    data_to: str
    vat: str
    opening: Sequence[tuple[str, str]]
    kpis: Sequence[tuple[str, str]]
    advice: Sequence[Advice]
    words: Mapping[str, str]


def render(occasion: Occasion, folder: Path) -> None:
    """Write the report's pages, HTML and PDF, in every language."""
    for language in wording.LANGUAGES:
        content = content_of(occasion.warehouse, language)
        ending = "" if language == "en" else f".{language}"
        report = folder / "report"
        (report / f"recommendations{ending}.html").write_text(html_of(content), encoding="utf-8", newline="\n")
        (report / f"recommendations{ending}.pdf").write_bytes(pdf_of(content))


def html_of(content: Content) -> str:
    """Return the report as one page of HTML."""
    from bottleneck_assets.render.report import page

    return page.render("recommendations.html", **vars(content))


def pdf_of(content: Content) -> bytes:
    """Return the report as a PDF of two pages: the same bytes for the same content."""
    import typst

    return typst.compile(
        Path(__file__).with_name("recommendations.typ"),
        ignore_system_fonts=True,  # the same fonts, and so the same lines, on every machine
        sys_inputs={"content": json.dumps(asdict(content))},  # as data: nothing in it is read as markup
        timestamp=dt.datetime.fromisoformat(content.dated).replace(tzinfo=dt.UTC),
    )


def content_of(warehouse: Warehouse, language: str) -> Content:
    """Return what the report says in a language, from the tables as they are stored now."""
    words = {name: wording.typeset(text, language) for name, text in _WORDS[language].items()}
    headline = warehouse.rows("kpi.headline")
    findings = warehouse.rows("presentation.report_findings")
    (parameters,) = warehouse.rows("raw.parameters")
    return Content(
        language=language,
        period=_period(headline[0]["period_start"], headline[0]["period_end"], language),
        dated=headline[0]["period_end"].isoformat(),
        data_to=_data_to(warehouse, language),
        vat=words[parameters["sale_prices"]],
        opening=_opening(warehouse, findings, words, language),
        kpis=_kpis(headline, parameters["sale_prices"], language),
        advice=[_advice(warehouse, summary, findings, words, language) for summary in warehouse.rows("recommendation.summary")],
        words=words,
    )


def _opening(warehouse: Warehouse, findings: Sequence[Row], words: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """Return what is known with high confidence, what stays undecided, and the campaign to try, with how to read its result."""
    by_effect = sorted(findings, key=lambda row: row["rank"])
    known, unknown = ([_said(row, language) for row in by_effect if row["opening"] == name] for name in ("known", "unknown"))
    tests = warehouse.rows("recommendation.test_campaign", limit=1)
    unknown += [_tested(row, "untested", language) for row in tests if not row["low_season_discount"]]
    to_try = [_tested(row, name, language) for row in tests for name in ("try", "read")]
    said = {"known": known or [words["nothing known"]], "unknown": unknown or [words["nothing unknown"]]}
    said["try"] = to_try or [words["nothing to try"]]
    return [(words[name], " ".join(sentences)) for name, sentences in said.items()]


def _tested(row: Row, finding: str, language: str) -> str:
    from bottleneck_assets.render.report.charts import shorten

    return wording.sentence(language, "test_campaign", finding, shorten(row["scope"], LONGEST_SEGMENT), row["evidence"])


def _data_to(warehouse: Warehouse, language: str) -> str:
    """Return the last day that the export holds: that of its last month, in the reporting period or not."""
    last = max((row["month"] for row in warehouse.rows("presentation.month_coverage")), default=None)
    return f"{_WORDS[language]['data as of']} {wording.date(wording.last_day(last), language)}" if last else ""


def _period(start: object, end: object, language: str) -> str:
    first, last = wording.month(start, language), wording.month(end, language)
    return first if first == last else f"{first} – {last}"


def _kpis(headline: Sequence[Row], sale_prices: str, language: str) -> list[tuple[str, str]]:
    values = {row["kpi"]: row["value"] for row in headline}
    return [(as_read(MEASURES[kpi].short_label[language], sale_prices), written(MEASURES[kpi], values[kpi], language)) for kpi in KPIS]


def _advice(warehouse: Warehouse, summary: Row, findings: Sequence[Row], words: Mapping[str, str], language: str) -> Advice:
    recommendation, verdict = summary["recommendation"], _verdict(summary)
    judged, counts = _judged(warehouse, summary, verdict)
    counted = " · ".join(f"{words.get(name, '')}\u00a0{wording.number(str(count), language)}".strip() for name, count in counts.items())
    a_year = wording.a_year(language, recommendation)
    opposed = f"{words['opposed']} {wording.euros(summary['opposed_effect'], language)} {a_year}"
    return Advice(
        heading=wording.sentence(language, recommendation, "advice", "", ""),
        audience=words[summary["audience"]],
        verdict=verdict,
        judged=words[judged],
        counted=f"({counted})" if summary["scopes"] else "",
        effect=wording.euros(summary["yearly_effect"], language) if summary["yearly_effect"] else "",
        a_year=a_year,
        opposed=opposed if summary["opposed_effect"] else "",
        sentence=wording.sentence(language, recommendation, f"summary_{summary['finding']}", "", summary["evidence"]),
        findings=_findings([row for row in findings if row["recommendation"] == recommendation and row["place"]], language),
        method=wording.sentence(language, recommendation, "method", "", ""),
        note=_off_target(warehouse, words, language) if recommendation == "stock_thresholds" else "",
        chart=_CHARTS[recommendation](warehouse, language),
    )


def _verdict(summary: Row) -> str:
    if not summary["scopes"]:
        return "nothing"
    verdicts = {(True, True): "mixed", (True, False): "supported", (False, True): "contradicted", (False, False): "open"}
    return verdicts[summary["supported"] > 0, summary["contradicted"] > 0]


def _judged(warehouse: Warehouse, summary: Row, verdict: str) -> tuple[str, Mapping[str, int]]:
    """Return how a verdict is put, and the findings to count.

    What can only be there or not is a fact, which supports no advice; a season without any promotion is no support of promotions in it.
    """
    counts = {"for": summary["supported"], "against": summary["contradicted"], "undecided": summary["inconclusive"]}
    if verdict != "supported":
        return verdict, counts
    # ratings are no fact alone where they go with sales, which claims an effect
    facts = {"free_cash", "monitor_segments", *(() if summary["yearly_effect"] else ("use_feedback",))}
    if summary["recommendation"] in facts:
        return "facts", {"": summary["supported"]}
    (figures,) = warehouse.rows("recommendation.summary_figures")
    untested = summary["recommendation"] == "promote_low_season" and not figures["low_season_discount"]
    return "in part" if untested else verdict, counts


def _off_target(warehouse: Warehouse, words: Mapping[str, str], language: str) -> str:
    """Return for which product types the reorder points covered too few products or too many, and how many."""
    rows = [row for row in warehouse.rows("recommendation.stock_thresholds") if row["is_off_target"]]
    said = [
        wording.sentence(
            language, "stock_thresholds", "tested" if row["products_tested"] else "tested_in_sample", _short_scope(row), row["evidence"]
        )
        for row in sorted(rows, key=lambda row: (-row["products"], row["scope"]))[:MOST_TYPES]
    ]
    return f"{words['off target']} {', '.join(said)}." if said else ""


def _findings(shown: Sequence[Row], language: str) -> list[Finding]:
    """Return what weighs most for the advice and, where the data contradicts it too, what weighs most against it."""
    borne_out, opposed = ([row for row in shown if row["is_opposed"] is is_opposed] for is_opposed in (False, True))
    if not opposed:
        shown = borne_out
    elif borne_out and borne_out[0]["verdict"] == "supported":
        shown = [borne_out[0], opposed[0]]
    else:
        shown = opposed
    return [Finding(_said(row, language), row["verdict"], row["confidence"] or "") for row in shown]


def _said(row: Row, language: str) -> str:
    """Return the sentence of a row, with the names in it shortened: one that is too long for the page would break it."""
    return wording.sentence(language, row["recommendation"], row["finding"], _short_scope(row), row["evidence"])


def _short_scope(row: Row) -> str:
    from bottleneck_assets.render.report.charts import shorten

    scope = str(row["scope"])
    if row["sku"] is not None:
        ending = f" ({row['sku']})"
        return shorten(scope.removesuffix(ending), LONGEST_TITLE) + ending
    name, dated = _SCOPE.fullmatch(scope).groups("")  # type: ignore[union-attr] - it matches any text
    return shorten(name, LONGEST_SEGMENT) + dated


def _free_cash(warehouse: Warehouse, language: str) -> Chart | None:
    from bottleneck_assets.render.report import charts

    return charts.free_cash(warehouse.rows("recommendation.free_cash", limit=charts.SHOWN_PRODUCTS), language)  # the largest first


def _protect_best_sellers(warehouse: Warehouse, language: str) -> Chart | None:
    from bottleneck_assets.render.report import charts

    rows = warehouse.rows("recommendation.protect_best_sellers")
    return charts.protect_best_sellers(sorted(rows, key=lambda row: (-(row["discount_cost"] or 0), row["scope"])), language)


def _promote_low_season(warehouse: Warehouse, language: str) -> Chart | None:
    from bottleneck_assets.render.report import charts

    rows = warehouse.rows("recommendation.promote_low_season")
    ran = [row for row in rows if row["starts_on"] is not None]
    campaigns = sorted(ran, key=lambda row: (-abs(row["incremental_margin"] or 0), row["scope"]))
    # the season of the type with the largest campaign; without campaigns, of the first of the segment that sells most
    largest = [row["segment"] for row in warehouse.rows("clean.ca_par_segment", limit=1)]
    types = [(row["segment"], row["product_type"]) for row in campaigns or (row for row in rows if row["segment"] in largest)]
    season = [row for row in warehouse.rows("kpi.seasonal_index") if (row["segment"], row["product_type"]) in types[:1]]
    return charts.promote_low_season(campaigns, season, language)


def _monitor_segments(warehouse: Warehouse, language: str) -> Chart | None:
    """Draw the segment that most margin is about; where none left its band, the one that sells most."""
    from bottleneck_assets.render.report import charts

    bands = warehouse.rows("kpi.segment_band")
    left = [row for row in warehouse.rows("recommendation.monitor_segments") if row["month"] is not None]
    if left:
        segment = min(left, key=lambda row: (-abs(row["margin_against_band"] or 0), row["scope"]))["segment"]
    else:
        measured = {row["segment"] for row in bands if row["margin_rate_low"] is not None}
        segment = next((row["segment"] for row in warehouse.rows("clean.ca_par_segment") if row["segment"] in measured), None)
    return charts.monitor_segments([row for row in bands if row["segment"] == segment], language)


def _stock_thresholds(warehouse: Warehouse, language: str) -> Chart | None:
    from bottleneck_assets.render.report import charts

    rows = sorted(warehouse.rows("recommendation.stock_thresholds"), key=lambda row: (-row["products"], row["segment"]))
    return charts.stock_thresholds(rows, language)


def _use_feedback(warehouse: Warehouse, language: str) -> Chart | None:
    from bottleneck_assets.render.report import charts

    (figures,) = warehouse.rows("recommendation.summary_figures")
    better, others = figures["share_better"], figures["share_others"]
    shares = (round(better, 4), round(others, 4)) if better is not None and others is not None else None  # as the sentence has them
    return charts.use_feedback(shares, (figures["unrated"], figures["hidden_gems"], figures["disliked"]), language)


def _pass_on_costs(warehouse: Warehouse, language: str) -> Chart | None:
    from bottleneck_assets.render.report import charts

    rows = warehouse.rows("recommendation.pass_on_costs")
    return charts.pass_on_costs(sorted(rows, key=lambda row: (row["margin_change"] or 0, row["scope"])), language)  # the largest loss first


_CHARTS = {
    "free_cash": _free_cash,
    "protect_best_sellers": _protect_best_sellers,
    "promote_low_season": _promote_low_season,
    "monitor_segments": _monitor_segments,
    "stock_thresholds": _stock_thresholds,
    "use_feedback": _use_feedback,
    "pass_on_costs": _pass_on_costs,
}
