"""The workbook's data sources: the tables of the release that it reads, and what it computes in their rows.

Belongs here: tables, names and bands of rows, parameters, colours and names of values, in each language. Never here: a figure;
those are measures, and calculations.py adds them.
"""
# ruff: noqa: RUF001 - typographic apostrophes and French spaces are meant

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import Words
from bottleneck_assets.figures.tabs import COLUMNS, FIRST, TABS, VALUES
from bottleneck_assets.models.catalog import models
from bottleneck_assets.render.tableau.calculations import of_one
from bottleneck_assets.render.tableau.declaration import Calculation, Parameter, Source
from bottleneck_assets.render.tableau.fields import DIMENSIONS
from bottleneck_assets.render.tableau.theme import BAD, GOOD, MUTE, RATE, WINE
from bottleneck_assets.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COLOURS = {
    "top_products": {"abc_class": (("A", WINE), ("B", "#b8651b"), ("C", MUTE))},
    "business_recommendations": {"verdict": (("supported", GOOD), ("contradicted", BAD), ("inconclusive", MUTE))},
}
_AGAINST_THE_BAND = {"below": BAD, "within": MUTE, "above": GOOD}
_BANDS = {1: Words("0 to 1", "0 à 1"), 3: Words("1 to 3", "1 à 3"), 6: Words("3 to 6", "3 à 6"), 12: Words("6 to 12", "6 à 12")}
"""Months of cover in bands, by the last month of each."""
_BEYOND, _NO_SALES = Words("over 12", "plus de 12"), Words("no sales", "aucune vente")
_SHOP, _OTHERS = Words("whole shop", "toute la boutique"), Words("other products", "autres produits")
_KPIS, _TURNOVER = Words("Headline", "Chiffres clés"), Words("Stock Turnover by Segment", "Rotation du stock par segment")
_BAND, _WIDTH = Words("Margin Band by Segment", "Fourchette de marge par segment"), Words("Width of the band", "Largeur de la fourchette")
_YES, _NO = Words("yes", "oui"), Words("no", "non")
_TOP_N = Words("Top N", "Nombre de premiers")


@cache
def top_n(language: str) -> Parameter:
    """Return how many a chart of the first ones shows."""
    return Parameter("Parameter 1", _TOP_N[language], default=FIRST, least=5, most=50, step=5)


@cache
def sources(language: str) -> tuple[Source, ...]:
    """Return the data sources in a language: the same tables in all of them, under the same names."""
    of_tabs = [
        Source(
            f"extract.{tab.name}",
            tab.title[language],
            _computed(tab.name, language),
            _COLOURS.get(tab.name, {}),
            _aliases(language) if tab.name == "business_recommendations" else {},
            language,
        )
        for tab in TABS
    ]
    return (
        *of_tabs,
        Source("kpi.headline", _KPIS[language], language=language),
        Source("kpi.stock_turnover_by_segment", _TURNOVER[language], language=language),
        Source("kpi.segment_band", _BAND[language], _of_the_band(language), language=language),
    )


def _computed(tab: str, language: str) -> tuple[Calculation, ...]:
    product = _text("product", COLUMNS["product"].label[language], "[title] + ' (' + STR([sku]) + ')'", language)
    match tab:
        case "top_products" | "customer_preferences":
            return (product,)
        case "stock_turnover":
            return (product, _cover(language), _state(language))
        case "business_recommendations":
            return (_finding(language),)
        case _:
            return ()


def _cover(language: str) -> Calculation:
    caption = Words("Months of cover, grouped", "Mois de couverture, par tranche")
    bands = " ".join(f"ELSEIF [months_of_cover] <= {most} THEN '{said[language]}'" for most, said in _BANDS.items())
    formula = f"IF ISNULL([months_of_cover]) THEN '{_NO_SALES[language]}' {bands} ELSE '{_BEYOND[language]}' END"
    order = tuple(said[language] for said in (*_BANDS.values(), _BEYOND, _NO_SALES))
    return _text("cover_band", caption[language], formula, language, order=order)


def _state(language: str) -> Calculation:
    below, above, within, unknown = (words[language] for words in VALUES["state"].values())
    formula = (
        f"IF ISNULL([reorder_point]) THEN '{unknown}' ELSEIF [stock_on_date] < [reorder_point] THEN '{below}' "
        f"ELSEIF [stock_on_date] > [stock_ceiling] THEN '{above}' ELSE '{within}' END"
    )
    return _text("state", COLUMNS["state"].label[language], formula, language)


def _of_the_band(language: str) -> tuple[Calculation, ...]:
    """Return how wide the band of a margin rate is, and what tells rows apart as marks have it, which would part a line by its values."""
    said = {state: (VALUES["margin_state"][state][language], colour) for state, colour in _AGAINST_THE_BAND.items()}
    states = " ".join(f"WHEN '{state}' THEN '{word}'" for state, (word, _) in said.items())

    def of_marks(column: str, formula: str, colours: tuple[tuple[str, str], ...] = ()) -> Calculation:
        return Calculation(of_one(column), COLUMNS[column].label[language], formula, datatype="string", colours=colours)

    flags = {
        column: f"IF MAX(IF [{column}] THEN 1 ELSE 0 END) = 1 THEN '{_YES[language]}' ELSE '{_NO[language]}' END"
        for column in ("has_campaign", "is_step")
    }
    return (
        Calculation("band_width", _WIDTH[language], "MAX([margin_rate_high]) - MAX([margin_rate_low])", RATE[language]),
        of_marks("margin_state", f"CASE MAX([margin_state]) {states} END", tuple(said.values())),
        *(of_marks(column, formula) for column, formula in flags.items()),
    )


def _finding(language: str) -> Calculation:
    """Return what a finding is called: the scope in the reader's language, and the advice."""
    caption = Words("Finding by Scope", "Constat par sujet")
    scope = (
        f"CASE [scope_kind] WHEN 'shop' THEN '{_SHOP[language]}' WHEN 'products' THEN '{_OTHERS[language]}' "
        f"WHEN 'product type, campaign' THEN REPLACE([scope], ' to ', ' – ') ELSE [scope] END"
    )
    advice = " ".join(f"WHEN '{name}' THEN '{said}'" for name, said in _advice(language).items())
    return _text("what", caption[language], f"({scope}) + ' · ' + (CASE [recommendation] {advice} END)", language)


def _text(name: str, caption: str, formula: str, language: str, *, order: tuple[str, ...] = ()) -> Calculation:
    return Calculation(name, caption, formula, datatype="string", over="row", order=order, folder=DIMENSIONS[language])


def _aliases(language: str) -> dict[str, dict[str, str]]:
    """Return what stands for the values of the recommendations' columns, where that is not the value itself."""
    values: dict[str, Mapping[str, Words]] = {column: VALUES[column] for column in ("audience", "verdict", "confidence")}
    said = {column: {value: words[language] for value, words in called.items()} for column, called in values.items()}
    said["recommendation"] = _advice(language)
    said["effect_method"] = {_said(name, "method", "en"): _said(name, "method", language) for name in _recommendations()}
    return {column: {value: word for value, word in called.items() if word != value} for column, called in said.items()}


def _advice(language: str) -> dict[str, str]:
    return {name: _said(name, "advice", language) for name in _recommendations()}


def _recommendations() -> Sequence[str]:
    return models()["recommendation.summary"].promise.limits["recommendation"]["isin"]


def _said(recommendation: str, part: str, language: str) -> str:
    return sentence(language, recommendation, part, "", "")
