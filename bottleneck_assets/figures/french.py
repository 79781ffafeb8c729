"""What the columns of a release are called and mean in French, for a French Excel, the French workbook and the portal.

Belongs here: the names of columns that no measure (measures.py) and no tab (tabs.py) names; what columns mean stands in descriptions.json.
Never here: an English name or meaning; those are the column's own.
"""
# ruff: noqa: RUF001 - typographic apostrophes are meant

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.figures.measures import MEASURES, as_read
from bottleneck_assets.figures.tabs import COLUMNS, VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMED: Mapping[str, str] = {
    "additive": "Additivité",
    "as_of": "Date des données",
    "author_id": "Auteur",
    "best_sellers": "Meilleures ventes du type",
    "better_rated": "Produits mieux notés",
    "better_rated_selling_more": "Dont mieux vendus",
    "break_even_lift": "Seuil de rentabilité (multiple)",
    "calendar_month": "Mois de l’année",
    "calendar_year": "Année civile",
    "ceiling_units": "Plafonds cumulés",
    "cells_treated": "Cellules traitées",
    "chance_high": "Limite du hasard",
    "cogs_to_date": "Coût des ventes à date HT",
    "column": "Colonne",
    "column_name": "Colonne",
    "column_value": "Valeur",
    "contradicted": "Constats contraires",
    "contradiction": "Contradiction",
    "control": "Groupe témoin",
    "control_products": "Produits témoins",
    "control_units": "Unités des témoins",
    "cost": "Coût HT",
    "cost_move": "Variation des prix d’achat",
    "cost_rise": "Surcoût d’achat HT",
    "created_on": "Créé le",
    "cycle_months": "Cycle de commande (mois)",
    "cycle_units": "Demande prévue du cycle",
    "declared_type": "Type déclaré",
    "description": "Description",
    "deviation_monthly_units": "Écart mensuel à la prévision",
    "difference_excluded": "Écart si hors promotions",
    "difference_included": "Écart si promotions comprises",
    "discount_cost_measured": "Remises avec référence HT",
    "duplicates_dropped": "Doublons écartés",
    "duration_days": "Durée (jours)",
    "effect_method": "Méthode de l’effet",
    "ends_on": "Fin",
    "evidence": "Éléments chiffrés",
    "excerpt": "Description courte",
    "expected_units": "Unités attendues",
    "exported_row": "Ligne exportée",
    "first_month": "Premier mois",
    "forecast_tested": "Prévision mise à l’épreuve",
    "forecast_units": "Demande prévue du mois suivant",
    "formula": "Formule",
    "further_rise": "Hausse restante pour la marge",
    "further_rise_for_rate": "Hausse restante pour le taux de marge",
    "has_promotion": "En promotion dans le mois",
    "inconclusive": "Constats non tranchés",
    "incremental_roi": "Rendement net",
    "incremental_roi_high": "Rendement net, borne haute",
    "incremental_roi_low": "Rendement net, borne basse",
    "is_disproved": "Seuils réfutés",
    "is_known": "Entièrement lu",
    "is_off_target": "Hors objectif",
    "is_on_sale": "En vente",
    "is_promoted": "Vendu en promotion seulement",
    "is_published": "Page visible",
    "is_reported": "Dans la période étudiée",
    "is_season_promoted": "Saison connue par promotions seules",
    "is_stocked": "Géré en stock",
    "is_taxable": "Soumis à la TVA",
    "kpi": "Indicateur",
    "label": "Libellé",
    "last_month": "Dernier mois",
    "least_free_cash": "Seuil de trésorerie",
    "level": "Ventes d’un mois moyen",
    "lift": "Multiple des ventes",
    "lift_high": "Multiple, borne haute",
    "lift_low": "Multiple, borne basse",
    "lift_of_others": "Multiple des autres produits",
    "list_price": "Prix catalogue TTC",
    "low_month": "Mois le plus bas",
    "low_season_discount": "Remises en basse saison HT",
    "margin_against_band": "Marge par rapport à l’attendu HT",
    "margin_at_risk": "Marge menacée HT",
    "margin_change": "Variation de marge HT",
    "margin_gap": "Écart de marge HT",
    "margin_rate_before": "Taux de marge avant le changement",
    "margin_roi": "Rendement affiché",
    "mean_monthly_units": "Ventes mensuelles moyennes",
    "mean_stock_value": "Valeur moyenne du stock HT",
    "mean_stock_value_to_date": "Valeur moyenne du stock à date HT",
    "modified_on": "Modifié le",
    "months": "Nombre de mois",
    "months_on_sale": "Mois de vente",
    "nullable": "Peut être vide",
    "offer_price": "Prix promotionnel TTC",
    "opposed_effect": "Effet contraire par an HT",
    "other_price": "Prix comparé",
    "others": "Autres produits notés",
    "others_selling_more": "Autres produits mieux vendus",
    "pages": "Pages",
    "pages_closed": "Pages fermées aux commentaires",
    "parquet": "Parquet",
    "period_end": "Fin de la période",
    "period_start": "Début de la période",
    "placebo_high": "Essai à blanc, maximum",
    "placebo_low": "Essai à blanc, minimum",
    "price": "Prix de vente TTC",
    "price_index_all": "Indice des prix de vente, tout le catalogue",
    "price_move": "Variation des prix de vente",
    "price_rise": "Hausse payée par les clients TTC",
    "price_rise_excl_vat": "Hausse reçue par la boutique HT",
    "prices": "Nombre de prix",
    "products_above": "Produits au-dessus du plafond",
    "products_below": "Produits sous le seuil",
    "products_covered": "Produits couverts",
    "products_of_type": "Produits vendus du type",
    "products_paid": "Promotions rentables",
    "products_promoted": "Produits en promotion",
    "products_squeezed": "Produits dont la marge a baissé",
    "products_tested": "Produits mis à l’épreuve",
    "products_unknown": "Produits en quarantaine",
    "products_without_baseline": "Produits sans référence",
    "promo_margin": "Marge des ventes en promotion HT",
    "purchase_cost": "Coût d’achat du panier HT",
    "purchase_price": "Prix d’achat HT",
    "purchase_price_index_all": "Indice des prix d’achat, tout le catalogue",
    "purchase_prices": "Somme des prix d’achat HT",
    "quarantined_share": "Part en quarantaine",
    "quiet_months": "Mois sans promotion",
    "rank_in_type": "Rang dans le type",
    "rated_products": "Produits notés",
    "rating_link": "Lien entre note et ventes (erreurs types)",
    "reason": "Raison",
    "record_key": "Clé",
    "reorder_units": "Seuils cumulés",
    "residual_deviation": "Écart résiduel",
    "revenue_previous_month": "CA du mois précédent TTC",
    "row_number": "Ligne",
    "rows_kept": "Lignes gardées",
    "rows_left_out": "Lignes hors sujet",
    "rows_of_unknown_worth": "Lignes de valeur inconnue",
    "rows_quarantined": "Lignes en quarantaine",
    "rows_read": "Lignes lues",
    "sale_prices": "Somme des prix de vente TTC",
    "sale_value": "Prix de vente du panier TTC",
    "sales": "Ventes",
    "scope": "Sujet",
    "scope_kind": "Nature du sujet",
    "scopes": "Nombre de sujets",
    "season": "Saison (multiple du mois moyen)",
    "season_months": "Mois connus de la saison",
    "seasonal_index": "Indice saisonnier",
    "sentence_en": "Conseil en anglais",
    "sentence_fr": "Conseil",
    "share_better": "Part mieux vendue des mieux notés",
    "share_covered": "Part couverte",
    "share_covered_in_sample": "Part couverte, mois connus",
    "share_others": "Part mieux vendue des autres",
    "shop_rating": "Note moyenne de la boutique",
    "shop_year": "Exercice",
    "slug": "Adresse courte",
    "source_table": "Table d’origine",
    "starts_on": "Début",
    "stock_before": "Stock du mois précédent",
    "stock_date": "Date du stock",
    "stock_units": "Unités en stock",
    "stock_value_on_date": "Valeur du stock à la date du stock HT",
    "supplier_orders": "Commandes fournisseurs",
    "supported": "Constats favorables",
    "table": "Table",
    "table_name": "Table",
    "test": "Épreuve",
    "tested_in": "Mois de l’épreuve",
    "title": "Nom du produit",
    "treatment": "Traitement",
    "turnover": "Rotation du stock",
    "type": "Type",
    "type_median": "Médiane du type",
    "unit": "Unité",
    "units_at_list_price": "Unités hors promotion",
    "units_available": "Unités disponibles",
    "units_enough": "Unités suffisantes",
    "units_offered": "Unités annoncées en promotion",
    "units_per_month": "Unités par mois de vente",
    "units_sold": "Unités vendues selon l’export",
    "units_tested": "Unités mises à l’épreuve",
    "url": "Adresse",
    "usual_units": "Unités d’un mois moyen",
    "value": "Valeur",
    "value_beyond_cover": "Stock au-delà de la couverture HT",
    "volume_cl": "Volume (cl)",
    "why_no_price": "Pourquoi sans prix",
    "why_no_sales": "Pourquoi sans ventes",
}


NAMED_IN_FRENCH = tuple(sorted({*_NAMED, *MEASURES, *COLUMNS}))
"""The columns that have a name in French."""


_OF_A_CAMPAIGN: Mapping[str, str] = {"paid": "rentable", "lost": "à perte"}
"""The verdicts on a campaign, which no tab shows."""
CODED = frozenset({"recommendation", *VALUES})
"""The columns that hold codes for which there are words."""


def french_names(columns: Sequence[str], sale_prices: str) -> list[str]:
    """Return what the columns of one file are called in French, in their order; one that has no such name keeps its own.

    `sale_prices` is the setting that a release was made with, as for every label (`as_read`).
    """
    return [as_read(french_name(column), sale_prices) for column in columns]


def french_value(column: str, value: str) -> str:
    """Return what a value of a column is called in French where tables hold it as a code, as on the dashboard; any other as it is."""
    if column == "recommendation":
        with suppress(ValueError):  # it is none of ours
            return wording.sentence("fr", value, "advice", "", "")
    if value in VALUES.get(column, {}):
        return VALUES[column][value].fr
    return _OF_A_CAMPAIGN.get(value, value) if column == "verdict" else value


def french_name(column: str) -> str:
    """Return what a column is called in French, as if sale prices were read with VAT; one that has no such name keeps its own."""
    if named := _NAMED.get(column):
        return named
    if column in MEASURES:
        return MEASURES[column].label.fr
    return COLUMNS[column].label.fr if column in COLUMNS else column


def french_description(description: str) -> str:
    """Return in French what a column means, which its contract says in English. Raises KeyError if that has not been said."""
    return wording.typeset(_descriptions()[description], "fr")


@cache
def _descriptions() -> Mapping[str, str]:
    """Return what the columns of all tables mean in French, by their descriptions in the contracts."""
    return json.loads(Path(__file__).with_name("descriptions.json").read_text(encoding="utf-8"))
