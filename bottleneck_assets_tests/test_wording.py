"""The sentences of the recommendations: in both languages, with every figure from the evidence, and never with a gap."""
# ruff: noqa: RUF001 - true minus signs, typographic apostrophes and French spaces are meant

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottleneck_assets import wording
from bottleneck_assets.wording import LANGUAGES, sentence

COUNT, AMOUNT, RATIO, DAY, CONTROL, FLAG = "count", "amount", "ratio", "day", "control", "flag"
CONTROLS = ("product type", "segment", "shop")

# The evidence of every table, as their contracts have it: written down here a second time, on purpose.
COLUMNS = {
    "free_cash": {
        "products": COUNT, "stock_date": DAY, "stock_on_date": COUNT, "stock_value_on_date": AMOUNT, "cycle_months": COUNT,
        "stock_ceiling": RATIO, "units_enough": COUNT, "value_beyond_cover": AMOUNT, "least_free_cash": AMOUNT,
    },
    "protect_best_sellers": {
        "starts_on": DAY, "ends_on": DAY, "best_sellers": COUNT, "products_promoted": COUNT, "products_paid": COUNT, "lift": RATIO,
        "lift_low": RATIO, "lift_high": RATIO, "break_even_lift": RATIO, "lift_of_others": RATIO, "discount_cost": AMOUNT,
        "incremental_margin": AMOUNT, "incremental_roi": RATIO, "incremental_roi_low": RATIO, "incremental_roi_high": RATIO,
    },
    "promote_low_season": {
        "starts_on": DAY, "ends_on": DAY, "season": RATIO, "control": CONTROL, "products": COUNT, "products_paid": COUNT, "units": COUNT,
        "units_at_list_price": COUNT, "lift": RATIO, "lift_low": RATIO, "lift_high": RATIO, "break_even_lift": RATIO,
        "placebo_low": RATIO, "placebo_high": RATIO, "discount_cost": AMOUNT, "incremental_margin": AMOUNT, "incremental_roi": RATIO,
        "incremental_roi_low": RATIO, "incremental_roi_high": RATIO, "low_season_discount": AMOUNT,
    },
    "monitor_segments": {
        "months": COUNT, "gross_margin_rate": RATIO, "expected_margin_rate": RATIO, "margin_rate_low": RATIO, "margin_rate_high": RATIO,
        "margin_rate_before": RATIO, "margin_against_band": AMOUNT, "cost_move": RATIO, "price_move": RATIO,
    },
    "stock_thresholds": {
        "stock_date": DAY, "products": COUNT, "products_unknown": COUNT, "products_below": COUNT, "products_above": COUNT,
        "stock_units": COUNT, "reorder_units": RATIO, "ceiling_units": RATIO, "stock_value_on_date": AMOUNT,
        "value_above_ceiling": AMOUNT, "margin_at_risk": AMOUNT, "cycle_months": COUNT, "season_months": COUNT,
        "is_season_promoted": FLAG, "tested_in": DAY, "products_tested": COUNT, "products_covered": COUNT, "units_tested": COUNT,
        "forecast_tested": RATIO,
        "share_covered": RATIO,
        "share_covered_in_sample": RATIO, "is_off_target": FLAG,
    },
    "use_feedback": {
        "rating_count": COUNT, "average_rating": RATIO, "shrunk_rating": RATIO, "shop_rating": RATIO, "units": COUNT,
        "months_on_sale": COUNT, "units_per_month": RATIO, "type_median": RATIO, "revenue_excl_vat": AMOUNT, "gross_margin": AMOUNT,
        "share_better": RATIO, "share_others": RATIO, "rating_link": RATIO, "pages": COUNT, "pages_closed": COUNT,
    },
    "pass_on_costs": {
        "first_month": DAY, "last_month": DAY, "products": COUNT, "cost_rise": AMOUNT, "price_rise": AMOUNT, "price_rise_excl_vat": AMOUNT,
        "margin_change": AMOUNT, "cost_move": RATIO, "price_move": RATIO, "products_squeezed": COUNT, "further_rise": RATIO,
        "further_rise_for_rate": RATIO,
    },
}  # fmt: skip
SUMMARY = {
    "free_cash": {
        "stock_date": DAY, "stock_value": AMOUNT, "slow_products": COUNT, "value_beyond_cover": AMOUNT, "value_sure": AMOUNT,
        "carrying_cost_rate": RATIO,
    },
    "protect_best_sellers": {"discount_lost": AMOUNT, "loss": AMOUNT, "discount_paid": AMOUNT, "gain": AMOUNT},
    "promote_low_season": {"loss": AMOUNT, "gain": AMOUNT, "campaigns": COUNT, "campaign_margin": AMOUNT, "low_season_discount": AMOUNT},
    "monitor_segments": {"months_outside": COUNT, "segments": COUNT, "segments_steady": COUNT, "segments_too_short": COUNT},
    "stock_thresholds": {
        "stock_date": DAY, "products_below": COUNT, "products_above": COUNT, "products": COUNT, "tested_in": DAY,
        "products_tested": COUNT, "products_covered": COUNT, "sales_to_forecast": RATIO, "value_above_ceiling": AMOUNT,
        "margin_at_risk": AMOUNT,
    },
    "use_feedback": {
        "unrated": COUNT, "unrated_revenue": AMOUNT, "hidden_gems": COUNT, "disliked": COUNT, "share_better": RATIO, "share_others": RATIO,
        "rating_link": RATIO, "pages_closed": COUNT,
    },
    "pass_on_costs": {"cost_rise": AMOUNT, "price_rise": AMOUNT, "price_rise_excl_vat": AMOUNT, "margin_lost": AMOUNT},
}  # fmt: skip
FINDINGS = {
    "free_cash": ("slow", "unsold", "small"),
    "protect_best_sellers": ("not_promoted", "discount_lost", "discount_paid", "unclear"),
    "promote_low_season": ("high_lost", "high_paid", "low_paid", "low_lost", "unclear", "no_promotion"),
    "monitor_segments": (
        "margin_stepped_down", "margin_stepped_up", "campaign_cut_margin", "margin_fell", "margin_rose", "steady", "too_short",
    ),
    "stock_thresholds": ("out_of_bounds", "within_bounds", "not_covered", "too_short"),
    "use_feedback": ("unrated", "hidden_gem", "disliked", "comments_closed"),
    "pass_on_costs": ("not_passed_on", "passed_on", "not_risen", "not_comparable"),
}  # fmt: skip
SUMMARIES = ("summary_found", "summary_opposed", "summary_nothing")
WITHOUT_FIGURES = ("advice", "method", "nothing_found")
ALL = [
    *((recommendation, finding) for recommendation, findings in FINDINGS.items() for finding in (*findings, *SUMMARIES)),
    *((recommendation, finding) for recommendation in FINDINGS for finding in WITHOUT_FIGURES),
]
NAMES_NOTHING = {*WITHOUT_FIGURES, *SUMMARIES, "comments_closed", "small"}
# Figures that a table may lack: then another sentence is said. All others are there, or the table is broken.
MAY_BE_MISSING = {
    ("protect_best_sellers", "discount_lost"): {"lift_of_others"},
    ("protect_best_sellers", "discount_paid"): {"lift_of_others"},
    ("protect_best_sellers", "unclear"): {"incremental_roi", "incremental_roi_low", "incremental_roi_high"},
    ("promote_low_season", "unclear"): {"incremental_roi", "lift", "lift_low", "lift_high", "break_even_lift"},
    ("promote_low_season", "high_lost"): {"break_even_lift"},
    ("promote_low_season", "low_lost"): {"break_even_lift"},
    **{
        ("monitor_segments", finding): {"cost_move", "price_move"}
        for finding in ("margin_stepped_down", "margin_stepped_up", "margin_fell", "margin_rose")
    },
    ("use_feedback", "hidden_gem"): {"rating_link"},
    ("use_feedback", "disliked"): {"rating_link"},
    ("use_feedback", "summary_found"): {"share_better", "share_others", "rating_link"},
    ("use_feedback", "summary_nothing"): {"share_better", "share_others", "rating_link"},
    ("stock_thresholds", "summary_found"): {"tested_in", "sales_to_forecast"},
    ("promote_low_season", "summary_found"): {"loss", "gain"},
    ("promote_low_season", "summary_opposed"): {"loss", "gain"},
}
TYPICAL = {
    COUNT: "12", AMOUNT: "24169.8605", RATIO: "0.3125", DAY: "2023-09-01", CONTROL: "product type", FLAG: "false",
    "starts_on": "2023-09-01", "ends_on": "2023-09-30",
    "incremental_roi": "-1.0044", "incremental_roi_low": "-1.1104", "incremental_roi_high": "-0.8812", "rating_link": "-1.2046",
    "stock_date": "2023-10-31", "tested_in": "2023-10-01",
    "average_rating": "4.8333", "shop_rating": "3.9804", "lift": "1.0300", "margin_rate_before": "0.3420",
}  # fmt: skip


def columns(recommendation: str, finding: str) -> dict[str, str]:
    if finding in WITHOUT_FIGURES:
        return {}
    if finding in SUMMARIES:
        return {"supported": COUNT, "contradicted": COUNT, "yearly_effect": AMOUNT} | SUMMARY[recommendation]
    return COLUMNS[recommendation]


def typical(recommendation: str, finding: str) -> dict[str, str]:
    return {name: TYPICAL.get(name, TYPICAL[kind]) for name, kind in columns(recommendation, finding).items()}


def evidence(figures: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in figures.items())


def scope(recommendation: str, finding: str, subject: str, figures: dict[str, str]) -> str:
    """Return a scope as the tables write it: of a segment or product type, its campaign or month, or a product."""
    if finding in FINDINGS[recommendation]:
        if recommendation in {"protect_best_sellers", "promote_low_season"} and finding not in {"not_promoted", "no_promotion"}:
            return f"{subject}, {figures['starts_on']} to {figures['ends_on']}"
        if recommendation == "monitor_segments" and finding not in {"steady", "too_short"}:
            return f"{subject}, 2023-09"
    return subject


def say(language: str, recommendation: str, finding: str, figures: dict[str, str], subject: str = "Vin") -> str:
    return sentence(language, recommendation, finding, scope(recommendation, finding, subject, figures), evidence(figures))


NUMBER = re.compile(r"−?\d+(?:[,.]\d+)*")


def numbers(text: str, language: str) -> list[Decimal]:
    """Return the numbers that a reader finds in a text, with as many decimals as it shows."""
    if language == "fr":
        text = re.sub(r"(?<=\d)\u202f(?=\d)", "", text).replace("1er ", "1 ").replace(",", ".")
    else:
        text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return [Decimal(found.rstrip(".").replace("−", "-")) for found in re.findall(NUMBER, text.replace("−€", "€−"))]


def readings(figures: dict[str, str]) -> list[Decimal]:
    """Return whatever a figure of the evidence may be written as: itself, in per cent, as a change, as a loss; a day as its parts."""
    found = [Decimal(9), Decimal(2023)]  # the month that a scope names; see scope()
    for value in figures.values():
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            day = dt.date.fromisoformat(value)
            found += [Decimal(day.day), Decimal(day.year)]
        elif value not in {*CONTROLS, "true", "false"}:
            exact = Decimal(value)
            found += [exact, -exact, exact * 100, -exact * 100, (exact - 1) * 100, (1 - exact) * 100]
    return found


def shown_as(number: Decimal, exact: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(number - exact) <= Decimal(1).scaleb(exponent) / 2


@st.composite
def findings_with_figures(draw: st.DrawFn) -> tuple[str, str, dict[str, str]]:
    recommendation, finding = draw(st.sampled_from(ALL))
    figures: dict[str, str] = {}
    for name, kind in columns(recommendation, finding).items():
        if kind == COUNT:
            figures[name] = str(draw(st.integers(0, 3) | st.integers(0, 10**9)))
        elif kind == CONTROL:
            figures[name] = draw(st.sampled_from(CONTROLS))
        elif kind == FLAG:
            figures[name] = draw(st.sampled_from(["true", "false"]))
        elif kind == DAY:
            figures[name] = draw(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))).isoformat()
        else:
            figures[name] = str(draw(st.decimals(-3, 3, places=4) | st.decimals(-(10**9), 10**9, places=4)))
    if "starts_on" in figures:
        figures["starts_on"], figures["ends_on"] = sorted((figures["starts_on"], figures["ends_on"]))
    for name in sorted(MAY_BE_MISSING.get((recommendation, finding), ())):
        if draw(st.booleans()):
            figures.pop(name, None)
    return recommendation, finding, figures


@pytest.mark.parametrize(("recommendation", "finding"), ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_is_said_in_both_languages(language: str, recommendation: str, finding: str) -> None:
    said = say(language, recommendation, finding, typical(recommendation, finding))

    assert len(said) > 10
    assert said == said.strip()
    assert "  " not in said
    assert not set("{}#␣|") & set(said)
    assert (said[-1] == ".") != (finding == "advice")
    assert said != say("fr" if language == "en" else "en", recommendation, finding, typical(recommendation, finding))
    if finding in WITHOUT_FIGURES:
        assert not re.search(r"\d", said)


@given(findings_with_figures(), st.sampled_from(LANGUAGES))
def test_every_number_in_a_sentence_comes_from_its_evidence(found: tuple[str, str, dict[str, str]], language: str) -> None:
    recommendation, finding, figures = found

    said = say(language, recommendation, finding, figures)

    possible = readings(figures)
    for number in numbers(said, language):
        assert any(shown_as(number, exact) for exact in possible), (number, said)


@given(st.text(), st.sampled_from(LANGUAGES), st.sampled_from([pair for pair in ALL if pair[1] not in NAMES_NOTHING]))
def test_a_name_from_the_export_stands_in_the_sentence_as_it_is(name: str, language: str, pair: tuple[str, str]) -> None:
    figures = typical(*pair)

    marked = say(language, *pair, figures, "☃")
    assert marked.count("☃") == 1
    assert say(language, *pair, figures, name) == marked.replace("☃", name)


@pytest.mark.parametrize(("recommendation", "finding"), ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_missing_figure_is_an_error_and_never_a_gap(language: str, recommendation: str, finding: str) -> None:
    figures = typical(recommendation, finding)
    whole = say(language, recommendation, finding, figures)
    place = scope(recommendation, finding, "Vin", figures)
    for name in figures:
        rest = evidence({other: value for other, value in figures.items() if other != name})
        may_be_missing = name in MAY_BE_MISSING.get((recommendation, finding), ())
        try:
            said = sentence(language, recommendation, finding, place, rest)
        except ValueError as error:
            said = str(error)
        if said.startswith("The sentence for"):
            assert not may_be_missing
            assert {recommendation, finding, name} <= set(re.findall(r"\w+", said))
        else:
            assert said == whole or may_be_missing, name


def test_what_cannot_be_said_is_an_error() -> None:
    with pytest.raises(ValueError, match="no sentence in en for free_cash, unheard"):
        sentence("en", "free_cash", "unheard", "Vin", "")
    with pytest.raises(ValueError, match="no sentence in de for free_cash, slow"):
        sentence("de", "free_cash", "slow", "Vin", "")
    with pytest.raises(ValueError, match=r"free_cash, unsold cannot be made of 'Vin' and 'stock_on_date=many"):
        sentence("en", "free_cash", "unsold", "Vin", "stock_on_date=many; stock_date=2023-10-31; stock_value_on_date=1.0000")
    with pytest.raises(ValueError, match="nan is not a figure"):
        sentence("en", "free_cash", "unsold", "Vin", "stock_on_date=nan; stock_date=2023-10-31; stock_value_on_date=1.0000")
    with pytest.raises(ValueError, match="cannot be made of 'Vin' and"):
        sentence("en", "monitor_segments", "margin_fell", "Vin", evidence(typical("monitor_segments", "margin_fell")))


def test_the_templates_hold_no_figure() -> None:
    for texts in (wording._SENTENCES, wording._PHRASES):
        assert not re.search(r"\d", texts)


@pytest.mark.parametrize(("recommendation", "finding"), ALL)
def test_french_signs_have_unbreakable_spaces(recommendation: str, finding: str) -> None:
    for roi in ("-1.0044", "0.5000", "-1.5000", "-0.5000"):
        said = say("fr", recommendation, finding, typical(recommendation, finding) | {"incremental_roi": roi})

        assert not re.search(r"[^\u202f\u00a0][:;?!%€»]|«[^\u00a0]|'", said), said
        assert not re.search(r"\d \d", said), said


def test_the_real_campaign_reads_well() -> None:
    figures = {
        "starts_on": "2023-09-01", "ends_on": "2023-09-30", "season": "1.4116", "control": "product type", "products": "594",
        "lift": "1.0010", "break_even_lift": "1.4708", "discount_cost": "20053.6816", "incremental_margin": "-20121.7403",
        "incremental_roi": "-1.0034", "incremental_roi_low": "-1.1002", "incremental_roi_high": "-0.9011", "low_season_discount": "0.0000",
    }  # fmt: skip

    assert say("en", "promote_low_season", "high_lost", figures) == (
        "Vin from 1 to 30 September 2023, high season: €20,054 of discount on 594\u00a0products returned −100% (−110% to −90%); sales were "
        "1.00 times the expected, 1.47 times would break even. Keep list prices unless the whole month’s rise was its doing."
    )
    assert say("fr", "promote_low_season", "high_lost", figures) == (
        "Vin du 1er au 30 septembre 2023, haute saison\u00a0: 20\u202f054\u00a0€ de remises sur 594\u00a0produits, rendement de "
        "−100\u202f% (de −110\u202f% à −90\u202f%)\u202f; ventes à 1,00 fois l’attendu, équilibre à 1,47. Gardez le prix "
        "catalogue, sauf si la hausse du mois lui est due."
    )


def test_the_best_sellers_of_the_real_campaign_are_held_against_its_other_products() -> None:
    figures = {
        "starts_on": "2023-09-01", "ends_on": "2023-09-30", "best_sellers": "132", "products_promoted": "131", "lift": "0.9990",
        "lift_of_others": "1.0015", "discount_cost": "8193.9083", "incremental_roi": "-1.0079", "incremental_roi_low": "-1.1360",
        "incremental_roi_high": "-0.8888",
    }  # fmt: skip

    assert say("en", "protect_best_sellers", "discount_lost", figures) == (
        "Vin from 1 to 30 September 2023: €8,194 of discount on 131\u00a0best-sellers returned −101% (−114% to −89%); sales were "
        "1.00 times the expected, those of the other products 1.00 times. Keep list prices."
    )
    assert say("fr", "protect_best_sellers", "discount_lost", figures) == (
        "Vin du 1er au 30 septembre 2023\u00a0: 8\u202f194\u00a0€ de remises sur 131\u00a0des meilleures "
        "ventes, rendement de −101\u202f% (de "
        "−114\u202f% à −89\u202f%)\u202f; ventes à 1,00 fois l’attendu, à 1,00 fois pour les autres produits. Gardez le prix catalogue."
    )
    del figures["lift_of_others"]
    assert say("en", "protect_best_sellers", "discount_paid", figures).endswith("; sales were 1.00 times the expected.")
    assert say("fr", "protect_best_sellers", "discount_paid", figures).endswith("\u202f; ventes à 1,00 fois l’attendu.")


@pytest.mark.parametrize(
    ("finding", "english", "french"),
    [
        (
            "margin_stepped_down",
            (
                "the margin rate stepped down from 34.5% to 32.1% and stayed there; at the rate before, revenue "
                "since then would leave €149 more margin."
            ),
            (
                "le taux de marge est passé de 34,5\u202f% à 32,1\u202f% et y est resté\u202f; au taux d’avant, le "
                "CA\u00a0HT depuis laisserait "
                "149\u00a0€ de marge de plus."
            ),
        ),
        (
            "campaign_cut_margin",
            (
                "the month of a campaign had a margin rate of 28.2%, under the 30.0% to 34.0% expected without one; there, the revenue "
                "would leave €149 more margin."
            ),
            (
                "mois de campagne, taux de marge de 28,2\u202f%, sous la fourchette de 30,0\u202f% à 34,0\u202f% "
                "attendue hors campagne\u202f; "
                "au taux attendu, le même CA\u00a0HT laisserait 149\u00a0€ de marge de plus."
            ),
        ),
        (
            "margin_fell",
            "the margin rate fell to 28.2%, under the 30.0% to 34.0% expected; there, the revenue would leave €149 more margin.",
            (
                "le taux de marge est tombé à 28,2\u202f%, sous la fourchette attendue de 30,0\u202f% à 34,0\u202f%, soit "
                "149\u00a0€ de marge de moins qu’au taux attendu."
            ),
        ),
    ],
)
def test_a_month_says_what_its_margin_did_and_which_prices_moved(finding: str, english: str, french: str) -> None:
    figures = {
        "months": "14", "gross_margin_rate": "0.2820", "expected_margin_rate": "0.3210", "margin_rate_low": "0.3000",
        "margin_rate_high": "0.3400", "margin_rate_before": "0.3450", "margin_against_band": "-149.2000", "cost_move": "0.0760",
        "price_move": "-0.0380",
    }  # fmt: skip

    # a campaign is the reason of its own month; of the others the prices may be
    changed, changed_fr = "", ""
    if finding != "campaign_cut_margin":
        changed, changed_fr = (
            " Purchase prices moved +7.6%, sale prices −3.8%.", " Prix d’achat\u00a0: +7,6\u202f%, prix de vente\u00a0: −3,8\u202f%.",
        )  # fmt: skip
    assert say("en", "monitor_segments", finding, figures) == f"Vin, September 2023: {english}{changed}"
    assert say("fr", "monitor_segments", finding, figures) == f"Vin, septembre 2023\u00a0: {french}{changed_fr}"
    del figures["cost_move"]
    assert say("en", "monitor_segments", finding, figures) == f"Vin, September 2023: {english}"
    assert say("fr", "monitor_segments", finding, figures) == f"Vin, septembre 2023\u00a0: {french}"


@pytest.mark.parametrize(
    ("finding", "english", "french"),
    [
        (
            "margin_stepped_up",
            (
                "the margin rate stepped up from 34.5% to 36.1% and stayed there; at the rate before, revenue since "
                "then would leave €149 less margin."
            ),
            (
                "le taux de marge est passé de 34,5\u202f% à 36,1\u202f% et y est resté\u202f; au taux d’avant, le "
                "CA\u00a0HT depuis laisserait "
                "149\u00a0€ de marge de moins."
            ),
        ),
        (
            "margin_rose",
            "the margin rate rose to 38.2%, over the 35.0% to 37.0% expected; there, the revenue would leave €149 less margin.",
            (
                "le taux de marge est monté à 38,2\u202f%, au-dessus de la fourchette attendue de 35,0\u202f% à 37,0\u202f%, soit "
                "149\u00a0€ de marge de plus qu’au taux attendu."
            ),
        ),
    ],
)
def test_a_margin_that_rose_is_said_as_a_gain(finding: str, english: str, french: str) -> None:
    figures = {
        "months": "14", "gross_margin_rate": "0.3820", "expected_margin_rate": "0.3610", "margin_rate_low": "0.3500",
        "margin_rate_high": "0.3700", "margin_rate_before": "0.3450", "margin_against_band": "149.2000",
    }  # fmt: skip

    assert say("en", "monitor_segments", finding, figures) == f"Vin, September 2023: {english}"
    assert say("fr", "monitor_segments", finding, figures) == f"Vin, septembre 2023\u00a0: {french}"


@pytest.mark.parametrize(
    ("roi", "words", "mots"),
    [
        ("-1.3600", "returned −136% (−150% to −50%)", "rendement de −136\u202f% (de −150\u202f% à −50\u202f%)"),
        ("-1.0049", "returned −100% (−150% to −50%)", "rendement de −100\u202f% (de −150\u202f% à −50\u202f%)"),
        ("-0.9950", "returned −100% (−150% to −50%)", "rendement de −100\u202f% (de −150\u202f% à −50\u202f%)"),
        ("-0.6000", "returned −60% (−150% to −50%)", "rendement de −60\u202f% (de −150\u202f% à −50\u202f%)"),
    ],
)
def test_a_loss_is_called_what_it_is(roi: str, words: str, mots: str) -> None:
    for pair in (("promote_low_season", "high_lost"), ("promote_low_season", "low_lost"), ("protect_best_sellers", "discount_lost")):
        figures = typical(*pair) | {"incremental_roi": roi, "incremental_roi_low": "-1.5000", "incremental_roi_high": "-0.5000"}
        assert words in say("en", *pair, figures)
        assert mots in say("fr", *pair, figures)


@pytest.mark.parametrize(
    ("lift", "words", "mots"),
    [
        ("0.9700", "sales were 0.97 times the expected, 1.47 times", "ventes à 0,97 fois l’attendu, équilibre à 1,47"),
        ("0.9970", "sales were 1.00 times the expected, 1.47 times", "ventes à 1,00 fois l’attendu, équilibre à 1,47"),
        ("1.0550", "sales were 1.06 times the expected, 1.47 times", "ventes à 1,06 fois l’attendu, équilibre à 1,47"),
        ("1.9600", "sales were 1.96 times the expected, 1.47 times", "ventes à 1,96 fois l’attendu, équilibre à 1,47"),
        ("2.2400", "sales were 2.24 times the expected, 1.47 times", "ventes à 2,24 fois l’attendu, équilibre à 1,47"),
    ],
)
@pytest.mark.parametrize("finding", ["high_lost", "high_paid", "low_paid", "low_lost"])
def test_demand_is_compared_with_what_would_have_come_anyway(finding: str, lift: str, words: str, mots: str) -> None:
    figures = typical("promote_low_season", finding) | {"lift": lift, "break_even_lift": "1.4700"}

    assert f"{words} would break even" in say("en", "promote_low_season", finding, figures)
    assert mots in say("fr", "promote_low_season", finding, figures)


@pytest.mark.parametrize("finding", ["high_lost", "low_lost"])
def test_a_campaign_sold_at_a_loss_has_no_break_even(finding: str) -> None:
    figures = typical("promote_low_season", finding)
    del figures["break_even_lift"]

    assert "sales were 1.03 times the expected, but below cost" in say("en", "promote_low_season", finding, figures)
    assert "ventes à 1,03 fois l’attendu, mais à perte" in say("fr", "promote_low_season", finding, figures)


@pytest.mark.parametrize("finding", ["high_lost", "high_paid", "low_paid", "low_lost"])
@pytest.mark.parametrize("control", CONTROLS)
def test_what_a_campaign_was_judged_by_casts_doubt(finding: str, control: str) -> None:
    figures = typical("promote_low_season", finding) | {"control": control}

    english, french = say("en", "promote_low_season", finding, figures), say("fr", "promote_low_season", finding, figures)

    # products of its own type may have sold more for the campaign's sake: that makes a loss doubtful, and a gain only larger
    spilled = control == "product type" and finding.endswith("_lost")
    assert english.endswith(" unless the whole month’s rise was its doing.") == spilled
    assert french.endswith(", sauf si la hausse du mois lui est due.") == spilled
    assert english.endswith(" (judged by products of other types).") == (control != "product type")
    assert french.endswith(" (d’après des produits d’autres types).") == (control != "product type")


def test_a_return_without_a_range_says_that_there_is_none() -> None:
    pair = ("protect_best_sellers", "unclear")
    figures = typical(*pair)
    assert "likely range holds a loss as well as a gain (return −100%, likely range −111% to −88%)" in say("en", *pair, figures)
    del figures["incremental_roi_low"], figures["incremental_roi_high"]
    assert "(return −100% on €24,170 of discount): no range can be given, there are too few products" in say("en", *pair, figures)
    assert "aucune fourchette possible, trop peu de produits" in say("fr", *pair, figures)
    del figures["incremental_roi"]
    assert "is not known, for want of a discount" in say("en", *pair, figures)
    assert "rentables, faute de remise" in say("fr", *pair, figures)


def test_a_lift_without_a_range_says_that_there_is_none() -> None:
    pair = ("promote_low_season", "unclear")
    figures = typical(*pair) | {"lift_low": "0.9800", "lift_high": "1.5300", "break_even_lift": "1.2800"}
    assert "sales were 1.03 times the expected (likely 0.98 to 1.53), 1.28 times would break even." in say("en", *pair, figures)
    assert "ventes à 1,03 fois l’attendu (probablement de 0,98 à 1,53), équilibre à 1,28." in say("fr", *pair, figures)
    del figures["lift_low"], figures["lift_high"]
    assert "sales were 1.03 times the expected, and there are too few products or months to give a range." in say("en", *pair, figures)
    assert "ventes à 1,03 fois l’attendu, trop peu de produits ou de mois pour donner une fourchette." in say("fr", *pair, figures)
    for lacking in ("incremental_roi", "lift"):
        rest = {name: value for name, value in figures.items() if name != lacking}
        assert "is not known, for want of a discount" in say("en", *pair, rest)
        assert "rentable, faute de remise" in say("fr", *pair, rest)


def test_slow_stock_reads_well() -> None:
    figures = {
        "stock_date": "2023-10-31", "stock_on_date": "1234", "units_enough": "75", "cycle_months": "4",
        "value_beyond_cover": "22712.9000",
    }  # fmt: skip

    assert say("en", "free_cash", "slow", figures, "X") == (
        "Sell down X: 1,234\u00a0units in stock at 31 October 2023, 75\u00a0units are enough for 4\u00a0months, safety stock "
        "included; €22,713 too much."
    )
    assert say("fr", "free_cash", "slow", figures, "X") == (
        "Écoulez X\u00a0: 1\u202f234\u00a0unités en stock au 31 octobre 2023, 75\u00a0suffisent pour "
        "4\u00a0mois, stock de sécurité compris\u202f; "
        "22\u202f713\u00a0€ de trop."
    )


def test_a_season_that_is_not_wholly_known_is_said_to_be_so() -> None:
    pair = ("stock_thresholds", "out_of_bounds")
    assert "Season" not in say("en", *pair, typical(*pair))
    assert say("en", *pair, typical(*pair) | {"season_months": "6"}).endswith(" Season from 6\u00a0months only.")
    assert say("fr", *pair, typical(*pair) | {"season_months": "6"}).endswith(" Saison lue sur 6\u00a0mois seulement.")
    assert say("en", *pair, typical(*pair) | {"is_season_promoted": "true"}).endswith(" Season partly read from promotions.")
    assert say("fr", *pair, typical(*pair) | {"is_season_promoted": "true"}).endswith(" Saison lue aussi en promotion.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_reorder_points_fared_is_said_by_type_with_what_they_were_held_against(language: str) -> None:
    figures = evidence({"products_covered": "0", "products_tested": "3", "share_covered_in_sample": "0.8750"})
    said = [sentence(language, "stock_thresholds", finding, "Huile", figures) for finding in ("tested", "tested_in_sample")]
    wanted = {
        "en": ["Huile none of 3", "Huile 87.5% of product-months"],
        "fr": ["Huile aucun sur 3", "Huile 87,5\u202f% des mois-produits"],
    }
    assert said == wanted[language]


@pytest.mark.parametrize("link", ["1.6450", "0.0000", "-1.6450"])
@pytest.mark.parametrize("recommendation", ["free_cash", "use_feedback"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_product_with_a_long_title_is_said_in_240_characters(language: str, recommendation: str, link: str) -> None:
    for finding in FINDINGS[recommendation]:
        figures = typical(recommendation, finding) | {"rating_link": link, "units_per_month": "12.4000"}
        assert len(say(language, recommendation, finding, figures, "X" * 98)) <= 240


@pytest.mark.parametrize(
    ("link", "words", "verdict"),
    [
        ("1.6450", "Here better-rated products do sell more: 60% of them", ("Put X forward", "Look into X")),
        ("1.6449", "Here ratings and sales show no clear link (60% of", ("X is rated 4.8", "X is rated only 4.8")),
        (
            "-1.6450",
            "Here better-rated products sell less: 60% of them",
            ("Do not follow this advice for X", "Do not follow this advice for X"),
        ),
        (None, "Here ratings and sales show no clear link", ("would sell more is not known", "at risk is not known")),
    ],
)
def test_feedback_claims_an_effect_only_where_ratings_and_sales_go_together(link: str | None, words: str, verdict: tuple[str, str]) -> None:
    for finding in ("hidden_gem", "disliked", "summary_found"):
        figures = typical("use_feedback", finding) | {"share_better": "0.6000"} | ({"rating_link": link} if link else {})
        if not link:
            del figures["rating_link"]
        said = say("en", "use_feedback", finding, figures, "X")
        if finding == "summary_found":
            assert words in said
            assert ("Put forward 12\u00a0well-rated products" in said) == (link == "1.6450")
        else:
            assert verdict[finding == "disliked"] in said
            assert ("is not known" in said) == (link in {"1.6449", None})


def test_one_is_not_many() -> None:
    one = {"stock_date": "2023-10-31", "stock_on_date": "1", "stock_value_on_date": "10.0000"}
    assert "the 1\u00a0unit in stock at" in sentence("en", "free_cash", "unsold", "X", evidence(one))
    assert "le stock de 1\u00a0unité au 31 octobre 2023 immobilise" in sentence("fr", "free_cash", "unsold", "X", evidence(one))
    months = {"months": "1"}
    assert sentence("en", "monitor_segments", "too_short", "X", evidence(months)).startswith("X: 1\u00a0month is too few")
    assert sentence("fr", "monitor_segments", "too_short", "X", evidence(months)).startswith("X\u00a0: 1\u00a0mois ne suffit pas")
    months = {"months": "5"}
    assert sentence("en", "monitor_segments", "too_short", "X", evidence(months)).startswith("X: 5\u00a0months are too few")
    assert sentence("fr", "monitor_segments", "too_short", "X", evidence(months)).startswith("X\u00a0: 5\u00a0mois ne suffisent pas")
    slow = typical("free_cash", "slow") | {"units_enough": "1"}
    assert "1\u00a0unit is enough" in say("en", "free_cash", "slow", slow)
    assert "1\u00a0suffit pour" in say("fr", "free_cash", "slow", slow)
    stock = typical("stock_thresholds", "out_of_bounds") | {"products_below": "0", "products_above": "1"}
    assert "none is below the reorder point and 1 above the ceiling. Order less" in say("en", "stock_thresholds", "out_of_bounds", stock)
    assert "aucun sous le seuil de commande et 1 au-dessus du plafond" in say("fr", "stock_thresholds", "out_of_bounds", stock)
    best = typical("protect_best_sellers", "not_promoted") | {"best_sellers": "1"}
    assert say("en", "protect_best_sellers", "not_promoted", best).startswith("Vin: its only best-seller was never on promotion;")
    assert "sa seule meilleure vente n’a jamais été en promotion" in say("fr", "protect_best_sellers", "not_promoted", best)
    best = typical("protect_best_sellers", "discount_lost") | {"products_promoted": "1"}
    assert "of discount on 1\u00a0best-seller returned" in say("en", "protect_best_sellers", "discount_lost", best)
    assert say("en", "protect_best_sellers", "discount_lost", best).endswith(". Keep list prices.")
    assert "de remises sur 1\u00a0des meilleures ventes, rendement" in say("fr", "protect_best_sellers", "discount_lost", best)
    beyond = typical("free_cash", "slow") | {"stock_on_date": "1"}
    assert ": 1\u00a0unit in stock at" in say("en", "free_cash", "slow", beyond)
    assert "\u00a0: 1\u00a0unité en stock au" in say("fr", "free_cash", "slow", beyond)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        ("24169.8605", "€24,170", "24\u202f170\u00a0€"),
        ("-1234567.5", "−€1,234,568", "−1\u202f234\u202f568\u00a0€"),
        ("0", "€0", "0\u00a0€"),
        ("3.4", "€3.40", "3,40\u00a0€"),
        ("9.999", "€10", "10\u00a0€"),
        ("7", "€7", "7\u00a0€"),
        ("-0.004", "€0", "0\u00a0€"),
    ],
)
def test_euros_are_whole_but_for_the_small_change(value: str, english: str, french: str) -> None:
    assert (wording.euros(value, "en"), wording.euros(Decimal(value), "fr")) == (english, french)


def test_figures_are_written_as_each_language_does() -> None:
    assert [wording.percent(v, "en") for v in ("-1.0044", 0.95, "0.0423", "0.0001", "-0.00001", "12.5")] == [
        "−100%", "+95%", "+4.2%", "0%", "0%", "+1,250%",
    ]  # fmt: skip
    assert wording.percent("-0.0423", "fr") == "−4,2\u202f%"
    assert (wording.share("0.4549", "en"), wording.share("0.05", "fr")) == ("45%", "5\u202f%")
    assert (wording.rate("0.46", "en"), wording.rate(0.4607, "fr")) == ("46.0%", "46,1\u202f%")
    assert [wording.number(v, "fr") for v in ("13.24", "0.0833", "6.0000", "1234", "0.0004", "-2.25")] == [
        "13,2", "0,08", "6", "1\u202f234", "0,0004", "−2,3",
    ]  # fmt: skip
    assert wording.fixed("1.4", "en", 2) == "1.40"
    assert (wording.date("2023-09-01", "en"), wording.date(dt.date(2023, 9, 1), "fr")) == ("1 September 2023", "1er septembre 2023")
    assert (wording.month("2023-08-01", "en"), wording.month(dt.date(2023, 8, 1), "fr")) == ("August 2023", "août 2023")


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        ("2023-09-01", "2023-09-30", "from 1 to 30 September 2023", "du 1er au 30 septembre 2023"),
        ("2023-08-28", "2023-09-01", "from 28 August to 1 September 2023", "du 28 août au 1er septembre 2023"),
        ("2022-12-20", "2023-01-05", "from 20 December 2022 to 5 January 2023", "du 20 décembre 2022 au 5 janvier 2023"),
        ("2023-07-14", "2023-07-14", "on 14 July 2023", "le 14 juillet 2023"),
    ],
)
def test_a_range_of_dates_repeats_nothing(first: str, last: str, english: str, french: str) -> None:
    assert (wording.dates(first, last, "en"), wording.dates(first, last, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("first", "last", "english", "french"),
    [
        ("2022-11-01", "2022-11-30", "1–30 Nov 2022", "1–30 nov. 2022"),
        ("2023-08-28", "2023-09-01", "28 Aug – 1 Sep 2023", "28 août – 1 sept. 2023"),
        ("2022-12-20", "2023-01-05", "20 Dec 2022 – 5 Jan 2023", "20 déc. 2022 – 5 janv. 2023"),
        ("2023-07-14", "2023-07-14", "14 Jul 2023", "14 juil. 2023"),
    ],
)
def test_a_short_range_of_dates_cannot_be_taken_for_another(first: str, last: str, english: str, french: str) -> None:
    assert (wording.short_dates(first, last, "en"), wording.short_dates(first, last, "fr")) == (english, french)


def test_the_module_needs_nothing_but_python() -> None:
    assert wording.__file__ is not None
    code = f"import runpy; say = runpy.run_path({wording.__file__!r})['sentence']; print(len(say('fr', 'free_cash', 'advice', '', '')))"

    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True, cwd=Path(sys.prefix))

    assert int(done.stdout) > 10
