"""What the columns of a release are called and mean in French, for a French Excel and the French workbook.

Belongs here: the names of columns that no measure (measures.py) and no tab (tabs.py) names, and what columns mean. Never here: an English
name or meaning; those are the column's own.
"""
# ruff: noqa: RUF001 - typographic apostrophes are meant

from __future__ import annotations

from contextlib import suppress
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


_DESCRIBED: Mapping[str, str] = {
    "Short description, as plain text; null where the shop gives none.": (
        "Description courte, en texte ; vide si la boutique n’en donne pas."
    ),
    "Name of the product's page in its address; null where the export gives none.": (
        "Nom de la page du produit dans son adresse ; vide si l’export n’en donne pas."
    ),
    "Permanent address of the product's page; null where the export gives none.": (
        "Adresse permanente de la page du produit ; vide si l’export n’en donne pas."
    ),
    "WordPress user who wrote the page; null where the export gives none.": (
        "Utilisateur WordPress qui a écrit la page ; vide si l’export n’en donne pas."
    ),
    "Day on which the page was written; null where the export gives no date.": (
        "Jour où la page a été écrite ; vide sans date dans l’export."
    ),
    "Day on which the page was last changed; null where the export gives no date.": (
        "Jour de la dernière modification de la page ; vide sans date dans l’export."
    ),
    "Whether the page can be seen in the shop.": "La page est-elle visible dans la boutique.",
    "Whether the product has a stock; gift cards have none.": "Le produit a-t-il un stock ; les cartes cadeaux n’en ont pas.",
    "Year of the calendar.": "Année civile.",
    "Year in which BottleNeck's year, October to September, ends.": "Année où se termine l’exercice de BottleNeck, d’octobre à septembre.",
    "Whether the month is in the reporting period.": "Le mois est-il dans la période analysée.",
    "Units sold at list price.": "Unités vendues au prix catalogue.",
    "Units in stock at the month's end.": "Unités en stock en fin de mois.",
    "Products that are priced in the month.": "Produits qui ont un prix dans le mois.",
    "Their purchase prices, summed: to be divided by `prices`.": "Somme de leurs prix d’achat, à diviser par `prices`.",
    "Their sale prices, summed: to be divided by `prices`.": "Somme de leurs prix de vente, à diviser par `prices`.",
    "What the basket costs at the month's purchase prices; null where no product is priced in every month.": (
        "Coût du panier aux prix d’achat du mois ; vide si aucun produit n’a de prix chaque mois."
    ),
    "What the basket costs at the month's sale prices; null where no product is priced in every month.": (
        "Valeur du panier aux prix de vente du mois ; vide si aucun produit n’a de prix chaque mois."
    ),
    "Whether products of the segment sold on promotion in the month.": (
        "Des produits du segment se sont-ils vendus en promotion dans le mois."
    ),
    "Margin rate to expect; null with fewer than 6 months without a campaign.": (
        "Taux de marge attendu ; vide avec moins de 6 mois sans campagne."
    ),
    "Margin rate below which chance is no explanation.": "Taux de marge au-dessous duquel le hasard n’explique rien.",
    "Margin rate above which chance is no explanation.": "Taux de marge au-dessus duquel le hasard n’explique rien.",
    "Where the margin rate lies; null without a band.": "Position du taux de marge ; vide sans fourchette.",
    "Margin of the month beyond that at the expected rate.": "Marge du mois au-delà de celle qu’aurait laissée le taux attendu.",
    "Whether the level steps in this month, to stay there.": "Le niveau change-t-il durablement ce mois-ci.",
    "The level before the step; null in other months.": "Niveau avant le changement ; vide les autres mois.",
    "A: the first 80 % of revenue; B: to 95 %; C: the rest. The product that crosses a limit belongs above it.": (
        "A : les premiers 80 % du CA ; B : jusqu’à 95 % ; C : le reste. Le produit qui franchit une limite compte au-dessus."
    ),
    "Who decides on it.": "Qui en décide.",
    "Mean rating; null where nobody rated.": "Note moyenne ; vide quand personne n’a noté.",
    "Units that the product would have sold without the promotion.": "Unités que le produit aurait vendues sans la promotion.",
    "Cost of the goods sold, excl. VAT.": "Coût des marchandises vendues, hors taxes.",
    "Cost of the goods sold since the period began, stocked products only.": (
        "Coût des marchandises vendues depuis le début de la période, produits gérés en stock seulement."
    ),
    "Comments on the product's page; in an export that repeats its ratings here, both are one figure.": (
        "Commentaires sur la page du produit ; si l’export y répète les notes, les deux sont un seul chiffre."
    ),
    "Comments per 100 units sold in the period; null where none was sold.": (
        "Commentaires pour 100 unités vendues sur la période ; vide sans vente."
    ),
    "How sure the finding is: of promotions as kpi.promo_uplift says; else high from 2.58 standard errors (99 % sure), medium from "
    "1.64 (90 %), else low; low where inconclusive. A fact has none.": (
        "Confiance dans le constat : pour les promotions, celle de kpi.promo_uplift ; sinon élevée dès 2,58 erreurs types (sûr à 99 %), "
        "moyenne dès 1,64 (90 %), faible en dessous ou sans conclusion. Un fait n’en a pas."
    ),
    "Share of the units available in the month that were sold.": "Part vendue des unités disponibles dans le mois.",
    "Share of the revenue of this product and all above it.": "Part du CA de ce produit et de tous ceux qui le précèdent.",
    "Months from one order to the next, whole, as the type's products were ordered in the period; 12 where they were not.": (
        "Mois d’une commande à la suivante, entiers, d’après les commandes du type sur la période ; 12 s’il n’y en a pas."
    ),
    "Days that the mean stock lasts.": "Jours que dure le stock moyen.",
    "How far a month's units stray from their forecast; null with one month.": (
        "Écart des ventes d’un mois à leur prévision ; vide avec un seul mois."
    ),
    "Discount given, excl. VAT.": "Remise accordée, hors taxes.",
    "Discount on the list price.": "Remise sur le prix catalogue.",
    "How the yearly effect is estimated.": "Comment l’effet annuel est estimé.",
    "Last day of the promotion.": "Dernier jour de la promotion.",
    "The evidence as `name=value; name=value`: every figure of the sentence is among it.": (
        "Les éléments chiffrés, sous la forme `nom=valeur; nom=valeur` : tous les chiffres de la phrase y sont."
    ),
    "What the data shows; the sentence is chosen by it.": "Ce que montrent les données ; la phrase en découle.",
    "Demand foretold for the month after the stock date, which is the lead time; null where the product's rows are not all known.": (
        "Demande prévue du mois qui suit la date du stock, soit le délai de livraison ; vide si des lignes du produit manquent."
    ),
    "Gross margin excl. VAT (marge brute HT).": "Marge brute HT.",
    "Gross margin per euro of revenue excl. VAT.": "Marge brute HT par euro de CA HT.",
    "Margin beyond what the baseline would have earned, excl. VAT.": "Marge au-delà de celle de la référence, hors taxes.",
    "Margin beyond the baseline per euro of discount; -1 means that the whole discount was lost.": (
        "Marge au-delà de la référence, par euro de remise ; -1 : toute la remise est perdue."
    ),
    "Name of the KPI.": "Nom de l’indicateur.",
    "Name of the KPI as people say it.": "Nom courant de l’indicateur, en anglais.",
    "Price of a unit without promotion, from Finance, as the shop shows it.": (
        "Prix d’une unité hors promotion, selon Finance, tel que la boutique l’affiche."
    ),
    "Margin on promoted units per euro of discount; credits the promotion with sales that would have come anyway.": (
        "Marge des unités en promotion, par euro de remise ; compte les ventes venues de toute façon."
    ),
    "Mean units sold a month.": "Unités vendues par mois, en moyenne.",
    "Mean sale price of the segment's products.": "Prix de vente moyen des produits du segment.",
    "Mean purchase price of the segment's products.": "Prix d’achat moyen des produits du segment.",
    "Mean of the month-end stock values, over its months with sales rows.": (
        "Moyenne des valeurs du stock en fin de mois, sur les mois qui ont des lignes de vente."
    ),
    "Mean of the month-end stock values since the period began.": (
        "Moyenne des valeurs du stock en fin de mois depuis le début de la période."
    ),
    "First day of the month.": "Premier jour du mois.",
    "First day of the month; null where the row is not about one.": "Premier jour du mois ; vide si la ligne ne porte pas sur un mois.",
    "Months that the last stock lasts.": "Mois que dure le dernier stock.",
    "Price of a unit on promotion, as the shop shows it.": "Prix d’une unité en promotion, tel que la boutique l’affiche.",
    "Cash that following the advice frees once, euros excl. VAT: no yearly flow, and in no sum with one; null where none is freed.": (
        "Trésorerie que le conseil libère une fois, hors taxes : ce n’est pas un flux annuel et ne s’y ajoute pas ; vide s’il n’y en a pas."
    ),
    "Last month of the reporting period.": "Dernier mois de la période étudiée.",
    "First month of the reporting period.": "Premier mois de la période étudiée.",
    "Sale prices of the segment.": "Prix de vente du segment.",
    "Sale prices of the whole catalogue, repeated in every segment.": "Prix de vente de tout le catalogue, répétés dans chaque segment.",
    "Type of the product, such as Vin, Champagne, Whisky.": "Type du produit, comme Vin, Champagne ou Whisky.",
    "Products of which at least one unit was sold.": "Produits dont au moins une unité s’est vendue.",
    "Margin on the units sold on promotion, excl. VAT.": "Marge des unités vendues en promotion, hors taxes.",
    "Purchase prices of the segment.": "Prix d’achat du segment.",
    "Purchase prices of the whole catalogue, repeated in every segment.": (
        "Prix d’achat de tout le catalogue, répétés dans chaque segment."
    ),
    "Place by revenue, the largest first.": "Rang selon le CA, le plus grand d’abord.",
    "Place by yearly effect, the largest first.": "Rang selon l’effet annuel, le plus grand d’abord.",
    "How many customers rated the product.": "Nombre de clients qui ont noté le produit.",
    "Name of the recommendation.": "Nom de la recommandation.",
    "Order when the stock falls to this: the demand foretold for the lead time of a month, and the safety stock.": (
        "Commander quand le stock descend à ce seuil : demande prévue pendant le délai d’un mois, et stock de sécurité."
    ),
    "Revenue (CA) as the customers paid it: with VAT, unless sale_prices is excl_vat.": (
        "CA tel que les clients l’ont payé : taxe comprise, sauf si sale_prices vaut excl_vat."
    ),
    "Revenue excl. VAT (CA HT); the revenue itself where sale_prices is excl_vat.": (
        "CA hors taxes ; le CA lui-même si sale_prices vaut excl_vat."
    ),
    "Share of the whole revenue.": "Part du CA total.",
    "Share of the month's revenue.": "Part du CA du mois.",
    "The product, segment, month or campaign that the row is about.": "Le produit, segment, mois ou campagne dont parle la ligne.",
    "What the row is about.": "Ce dont parle la ligne.",
    "Segment of the product, such as Vin, Spiritueux, Sans Alcool, Huile.": (
        "Segment du produit, comme Vin, Spiritueux, Sans Alcool ou Huile."
    ),
    "Segment; null where the row is about the whole shop.": "Segment ; vide si la ligne porte sur toute la boutique.",
    "Segment.": "Segment.",
    "What was found and what to do, in English.": "Ce qui a été trouvé et que faire, en anglais.",
    "What was found and what to do, in French.": "Ce qui a été trouvé et que faire, en français.",
    "Rating drawn towards the shop's mean, the more so the fewer rated: fair to compare.": (
        "Note ramenée vers la moyenne de la boutique, d’autant plus que les notes sont rares : juste à comparer."
    ),
    "The shop's number of the product.": "Numéro du produit dans la boutique.",
    "The shop's number of the product; null where the row is not about one.": (
        "Numéro du produit dans la boutique ; vide si la ligne ne porte pas sur un produit."
    ),
    "First day of the promotion.": "Premier jour de la promotion.",
    "Stock beyond this is more than the demand foretold until the next order, and the safety stock.": (
        "Au-delà, le stock dépasse la demande prévue jusqu’à la commande suivante et le stock de sécurité."
    ),
    "Latest month-end of the export, in or out of the reporting period: the date of the stock that is advised on.": (
        "Dernière fin de mois de l’export, dans la période étudiée ou non : date du stock sur lequel portent les conseils."
    ),
    "Units in stock at the end of its last month.": "Unités en stock à la fin de son dernier mois.",
    "Units in stock on the stock date.": "Unités en stock à la date du stock.",
    "Value of the stock at the month's end; 0 for products that are not stocked.": (
        "Valeur du stock en fin de mois ; 0 pour les produits non gérés en stock."
    ),
    "Value of the stock at the end of its last month.": "Valeur du stock à la fin de son dernier mois.",
    "Value of its products' last stock.": "Valeur du dernier stock de ses produits.",
    "Value of the stock on the stock date.": "Valeur du stock à la date du stock.",
    "Name of the product as the shop shows it.": "Nom du produit tel que la boutique l’affiche.",
    "How often the stock is sold in a year.": "Nombre de fois que le stock se vend en un an.",
    "How often the stock is sold in a year, at the pace since the period began.": (
        "Nombre de fois que le stock se vend en un an, au rythme observé depuis le début de la période."
    ),
    "Unit of the value.": "Unité de la valeur.",
    "Units sold, those on promotion among them.": "Unités vendues, promotions comprises.",
    "Units that were there to be sold in the month.": "Unités qui étaient à vendre dans le mois.",
    "Units sold on promotion, at most all that were sold.": "Unités vendues en promotion, au plus toutes les unités vendues.",
    "Units sold beyond the baseline.": "Unités vendues au-delà de la référence.",
    "Value, in the row's unit; null where its divisor is 0.": "Valeur, dans l’unité de la ligne ; vide si son diviseur est 0.",
    "Value of the stock above its ceiling: what the coming months do not ask for.": (
        "Valeur du stock au-dessus de son plafond : ce que les mois à venir ne demandent pas."
    ),
    "Whether the data supports the advice here, contradicts it, or cannot tell.": (
        "Si les données étayent ici le conseil, le contredisent ou ne tranchent pas."
    ),
    "Last year in the title, 1900 to 2099; null if there is none.": "Dernière année citée dans le titre, de 1900 à 2099 ; vide sinon.",
    "Volume: as stated, else from the title, else null.": "Volume : celui qui est déclaré, sinon celui du titre, sinon vide.",
    "Effect of following the advice, euros a year excl. VAT; negative where following it would cost; null where none is claimed. "
    "A campaign's is that of one that comes back every year. No euro is claimed twice: a loss belongs to one recommendation.": (
        "Effet annuel du conseil, hors taxes ; négatif si le suivre coûterait ; vide si aucun n’est avancé. Celui d’une campagne est celui "
        "d’une campagne qui revient chaque année. Aucun euro n’est compté deux fois : une perte relève d’une seule recommandation."
    ),
}
"""What the columns of the French workbook and data source mean, by their descriptions in the contracts."""


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
    return _DESCRIBED[description]
