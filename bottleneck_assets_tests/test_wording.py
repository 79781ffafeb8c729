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

COUNT, AMOUNT, RATIO, DAY = "count", "amount", "ratio", "day"

# The evidence of every table, as their contracts have it: written down here a second time, on purpose.
COLUMNS = {
    "free_cash": {
        "stock_end": COUNT, "stock_value_end": AMOUNT, "mean_monthly_units": RATIO, "months_of_cover": RATIO, "turnover": RATIO,
        "value_beyond_cover": AMOUNT, "max_cover_months": RATIO,
    },
    "protect_best_sellers": {
        "products_class_a": COUNT, "products_promoted": COUNT, "discount_cost": AMOUNT, "incremental_margin": AMOUNT,
        "incremental_roi": RATIO, "incremental_roi_low": RATIO, "incremental_roi_high": RATIO,
    },
    "promote_low_season": {
        "starts_on": DAY, "ends_on": DAY, "season": RATIO, "products": COUNT, "lift": RATIO, "lift_low": RATIO, "lift_high": RATIO,
        "discount_cost": AMOUNT, "incremental_margin": AMOUNT, "incremental_roi": RATIO, "incremental_roi_low": RATIO,
        "incremental_roi_high": RATIO, "low_season_discount": AMOUNT,
    },
    "monitor_segments": {
        "months": COUNT, "revenue": AMOUNT, "expected_revenue": AMOUNT, "revenue_low": AMOUNT, "revenue_high": AMOUNT,
        "gross_margin_rate": RATIO, "expected_margin_rate": RATIO, "margin_rate_low": RATIO, "margin_rate_high": RATIO,
    },
    "stock_thresholds": {
        "products": COUNT, "products_below": COUNT, "products_above": COUNT, "stock_units": COUNT, "reorder_units": RATIO,
        "ceiling_units": RATIO, "stock_value_end": AMOUNT, "value_above_ceiling": AMOUNT, "margin_at_risk": AMOUNT,
    },
    "use_feedback": {
        "rating_count": COUNT, "average_rating": RATIO, "shrunk_rating": RATIO, "shop_rating": RATIO, "units": COUNT, "revenue": AMOUNT,
        "gross_margin": AMOUNT, "share_better": RATIO, "share_others": RATIO, "rating_link": RATIO,
    },
}  # fmt: skip
SUMMARY = {
    "free_cash": {"stock_value": AMOUNT, "value_beyond_cover": AMOUNT, "max_cover_months": RATIO},
    "protect_best_sellers": {"discount_lost": AMOUNT, "loss": AMOUNT, "discount_paid": AMOUNT, "gain": AMOUNT},
    "promote_low_season": {"loss": AMOUNT, "gain": AMOUNT, "low_season_discount": AMOUNT},
    "monitor_segments": {"months_outside": COUNT, "segments": COUNT},
    "stock_thresholds": {
        "products_below": COUNT, "products_above": COUNT, "products": COUNT, "value_above_ceiling": AMOUNT, "margin_at_risk": AMOUNT,
    },
    "use_feedback": {
        "unrated": COUNT, "unrated_revenue": AMOUNT, "hidden_gems": COUNT, "disliked": COUNT, "share_better": RATIO, "share_others": RATIO,
        "rating_link": RATIO,
    },
}  # fmt: skip
FINDINGS = {
    "free_cash": ("slow", "unsold"),
    "protect_best_sellers": ("not_promoted", "discount_lost", "discount_paid", "unclear"),
    "promote_low_season": ("high_lost", "high_paid", "low_paid", "low_lost", "unclear", "no_promotion"),
    "monitor_segments": ("margin_fell", "margin_rose", "revenue_fell", "revenue_rose", "steady", "too_short"),
    "stock_thresholds": ("out_of_bounds", "within_bounds"),
    "use_feedback": ("unrated", "hidden_gem", "disliked"),
}
SUMMARIES = ("summary_found", "summary_opposed", "summary_nothing")
WITHOUT_FIGURES = ("advice", "method", "nothing_found")
ALL = [
    *((recommendation, finding) for recommendation, findings in FINDINGS.items() for finding in (*findings, *SUMMARIES)),
    *((recommendation, finding) for recommendation in FINDINGS for finding in WITHOUT_FIGURES),
]
# Figures that a table may lack: then another sentence is said. All others are there, or the table is broken.
MAY_BE_MISSING = {
    ("protect_best_sellers", "unclear"): {"incremental_roi", "incremental_roi_low", "incremental_roi_high"},
    ("promote_low_season", "unclear"): {"incremental_roi", "incremental_roi_low", "incremental_roi_high"},
    ("promote_low_season", "high_lost"): {"lift"},
    ("promote_low_season", "high_paid"): {"lift"},
    ("promote_low_season", "low_paid"): {"lift"},
    ("promote_low_season", "low_lost"): {"lift"},
    ("use_feedback", "hidden_gem"): {"share_better", "share_others", "rating_link"},
    ("use_feedback", "disliked"): {"share_better", "share_others", "rating_link"},
    ("use_feedback", "summary_found"): {"share_better", "share_others", "rating_link"},
    ("use_feedback", "summary_nothing"): {"share_better", "share_others", "rating_link"},
    ("promote_low_season", "summary_found"): {"loss", "gain"},
    ("promote_low_season", "summary_opposed"): {"loss", "gain"},
    ("monitor_segments", "summary_found"): {"yearly_effect"},
}
TYPICAL = {
    COUNT: "12", AMOUNT: "24169.8605", RATIO: "0.3125", DAY: "2023-09-01", "starts_on": "2023-09-01", "ends_on": "2023-09-30",
    "incremental_roi": "-1.0044", "incremental_roi_low": "-1.1104", "incremental_roi_high": "-0.8812", "rating_link": "-1.2046",
    "max_cover_months": "6.0000", "average_rating": "4.8333", "shop_rating": "3.9804", "lift": "1.0300",
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
    """Return a scope as the tables write it: of a segment, a campaign, a month and measure, or a product."""
    if recommendation == "promote_low_season" and finding in FINDINGS[recommendation] and finding != "no_promotion":
        return f"{subject}, {figures['starts_on']} to {figures['ends_on']}"
    if finding.endswith(("_fell", "_rose")):
        return f"{subject}, 2023-09, {'margin rate' if finding.startswith('margin') else 'revenue'}"
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
        else:
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


@given(st.text(), st.sampled_from(LANGUAGES), st.sampled_from([pair for pair in ALL if pair[1] not in {*WITHOUT_FIGURES, *SUMMARIES}]))
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
    with pytest.raises(ValueError, match=r"free_cash, unsold cannot be made of 'Vin' and 'stock_end=many"):
        sentence("en", "free_cash", "unsold", "Vin", "stock_end=many; stock_value_end=1.0000")
    with pytest.raises(ValueError, match="nan is not a figure"):
        sentence("en", "free_cash", "unsold", "Vin", "stock_end=nan; stock_value_end=1.0000")
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
        "starts_on": "2023-09-01", "ends_on": "2023-09-30", "season": "1.4100", "products": "594", "lift": "1.0010",
        "discount_cost": "24064.0000", "incremental_margin": "-24169.8605", "incremental_roi": "-1.0044", "incremental_roi_low": "-1.3600",
        "incremental_roi_high": "-0.7300", "low_season_discount": "0.0000",
    }  # fmt: skip

    assert say("en", "promote_low_season", "high_lost", figures) == (
        "The campaign on Vin from 1 to 30 September 2023 (594\u00a0products) cost €24,064 in discounts, all of it lost: demand was about "
        "what would have come anyway (return −100%, likely range −136% to −73%). Its season needed no discount (seasonal index 1.41); keep "
        "to list prices then."
    )
    assert say("fr", "promote_low_season", "high_lost", figures) == (
        "La campagne Vin du 1er au 30 septembre 2023 (594\u00a0produits) a coûté 24\u202f064\u00a0€ de remises, toutes perdues\u00a0: la "
        "demande a été à peu près celle qui serait venue de toute façon (rendement de −100\u202f%, fourchette probable de −136\u202f% à "
        "−73\u202f%). La saison se passait de remise (indice saisonnier 1,41)\u202f; tenez-vous-en alors au prix catalogue."
    )


@pytest.mark.parametrize(
    ("roi", "words", "mots"),
    [
        ("-1.3600", "and lost more than that, €500 of margin", "et fait perdre davantage encore, 500\u00a0€ de marge"),
        ("-1.0049", "all of it lost", "toutes perdues"),
        ("-0.9950", "all of it lost", "toutes perdues"),
        ("-0.6000", "and left €500 less margin", "et laissé 500\u00a0€ de marge en moins"),
    ],
)
def test_a_loss_is_called_what_it_is(roi: str, words: str, mots: str) -> None:
    for pair in (("promote_low_season", "high_lost"), ("promote_low_season", "low_lost"), ("protect_best_sellers", "discount_lost")):
        figures = typical(*pair) | {"incremental_roi": roi, "incremental_margin": "-500.0000"}
        assert words in say("en", *pair, figures)
        assert mots in say("fr", *pair, figures)


@pytest.mark.parametrize(
    ("lift", "words", "mots"),
    [
        ("0.9700", "demand was 3% below what", "inférieure de 3\u202f% à celle"),
        ("0.9970", "demand was about what", "à peu près celle"),
        ("1.0550", "demand was 5.5% above what", "dépassé de 5,5\u202f% celle"),
        ("1.9600", "demand was 96% above what", "dépassé de 96\u202f% celle"),
        ("2.2400", "demand was 2.2 times what", "atteint 2,2 fois celle"),
        (None, "no demand was to be expected", "aucune demande n’était attendue"),
    ],
)
def test_demand_is_compared_with_what_would_have_come_anyway(lift: str | None, words: str, mots: str) -> None:
    figures = typical("promote_low_season", "high_paid") | ({"lift": lift} if lift else {})
    if not lift:
        del figures["lift"]

    assert words in say("en", "promote_low_season", "high_paid", figures)
    assert mots in say("fr", "promote_low_season", "high_paid", figures)


@pytest.mark.parametrize("pair", [("promote_low_season", "unclear"), ("protect_best_sellers", "unclear")])
def test_a_return_without_a_range_says_that_there_is_none(pair: tuple[str, str]) -> None:
    figures = typical(*pair)
    assert "likely range holds a loss as well as a gain (return −100%, likely range −111% to −88%)" in say("en", *pair, figures)
    del figures["incremental_roi_low"], figures["incremental_roi_high"]
    assert "(return −100% on €24,170 of discount): no range can be given, there are too few products" in say("en", *pair, figures)
    assert "aucune fourchette possible, trop peu de produits" in say("fr", *pair, figures)
    del figures["incremental_roi"]
    assert "is not known, for want of a discount" in say("en", *pair, figures)


@pytest.mark.parametrize(
    ("link", "words", "verdict"),
    [
        ("1.6450", "Here better-rated products do sell more: 60% of them", ("Put X forward", "Look into X")),
        ("1.6449", "Here ratings and sales show no link (60% of", ("X is rated 4.8", "X is rated only 4.8")),
        (
            "-1.6450",
            "Here better-rated products sell less: 60% of them",
            ("Do not follow this advice for X", "Do not follow this advice for X"),
        ),
        (None, "Here ratings and sales show no link", ("would sell more is not known", "at risk is not known")),
    ],
)
def test_feedback_claims_an_effect_only_where_ratings_and_sales_go_together(link: str | None, words: str, verdict: tuple[str, str]) -> None:
    for finding in ("hidden_gem", "disliked"):
        figures = typical("use_feedback", finding) | {"share_better": "0.6000"} | ({"rating_link": link} if link else {})
        if not link:
            del figures["rating_link"]
        said = say("en", "use_feedback", finding, figures, "X")
        assert words in said
        assert verdict[finding == "disliked"] in said


def test_one_is_not_many() -> None:
    one = {"stock_end": "1", "stock_value_end": "10.0000"}
    assert "the 1\u00a0unit in stock" in sentence("en", "free_cash", "unsold", "X", evidence(one))
    assert "le stock de 1\u00a0unité immobilise" in sentence("fr", "free_cash", "unsold", "X", evidence(one))
    months = {"months": "1"}
    assert sentence("en", "monitor_segments", "too_short", "X", evidence(months)).startswith("X: 1\u00a0month is too few")
    assert sentence("fr", "monitor_segments", "too_short", "X", evidence(months)).startswith("X\u00a0: 1\u00a0mois ne suffit pas")
    months = {"months": "5"}
    assert sentence("en", "monitor_segments", "too_short", "X", evidence(months)).startswith("X: 5\u00a0months are too few")
    assert sentence("fr", "monitor_segments", "too_short", "X", evidence(months)).startswith("X\u00a0: 5\u00a0mois ne suffisent pas")
    slow = typical("free_cash", "slow") | {"mean_monthly_units": "1.5000"}
    assert "at 1.5\u00a0units a month" in say("en", "free_cash", "slow", slow)
    assert "de 1,5\u00a0unité par mois" in say("fr", "free_cash", "slow", slow)
    stock = typical("stock_thresholds", "out_of_bounds") | {"products_below": "0", "products_above": "1"}
    assert "none is below the reorder point and 1\u00a0is above the ceiling. Order less" in say(
        "en", "stock_thresholds", "out_of_bounds", stock
    )
    assert "aucun n’est sous le point de commande et 1\u00a0est au-dessus" in say("fr", "stock_thresholds", "out_of_bounds", stock)
    best = typical("protect_best_sellers", "discount_paid") | {"products_class_a": "1", "products_promoted": "1"}
    assert "the promotions on its only best-seller paid" in say("en", "protect_best_sellers", "discount_paid", best)


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


def test_the_module_needs_nothing_but_python() -> None:
    assert wording.__file__ is not None
    code = f"import runpy; say = runpy.run_path({wording.__file__!r})['sentence']; print(len(say('fr', 'free_cash', 'advice', '', '')))"

    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True, cwd=Path(sys.prefix))

    assert int(done.stdout) > 10
