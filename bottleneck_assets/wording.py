"""Says what the recommendations found, in English and in French, and how figures are written in each language.

Belongs here: every sentence about a recommendation, and the words and signs around a figure. Never here: computing a figure, or any other
module of the project. The engines call `sentence` for every row, Spark in processes that have nothing but this module's content.

A template holds no figure: each comes from the evidence of the row, and a template that asks for one that is not there is an error.
"""
# ruff: noqa: RUF001 - true minus signs, typographic apostrophes and French spaces are meant

from __future__ import annotations

import re
from datetime import date as _date
from datetime import timedelta as _timedelta
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from string import Formatter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Figures: TypeAlias = Mapping[str, str]
    Say: TypeAlias = Callable[[Figures, str, str, str], str]
    Step: TypeAlias = tuple[str, Say | None, str, str]

LANGUAGES = ("en", "fr")
"""The languages that everything is said in."""

GLOSSARY = {
    "CA TTC": ("chiffre d’affaires TTC", "CA toutes taxes"),
    "marge brute HT": ("marge brute hors taxes", "marge brute nette de TVA", "marge brute par"),
    "taux d’écoulement": ("taux de conversion", "conversion par"),
    "seuil de commande": ("point de commande", "seuil de réapprovisionnement"),
    "rendement des promotions": ("retour des promotions", "retour affiché", "retour sur promotion", "retour net", "promotions et retour"),
    "confiance élevée": ("confiance forte", "forte confiance", "haute confiance"),
}
"""What the French texts call a thing, everywhere, and what they never call it."""

# How to read the texts: [recommendation, finding], or [phrase, case]; then {figure:way of writing it}. A way with bars in it is what to
# say of none (may be left out), of one and of many, with # for the count. {phrase}, without a way, is one of _PHRASES, chosen by what the
# figures are. An indented line goes on from the one before it, ␣ is a space at either end of a text, and French signs get their spaces.
_SENTENCES = """
[free_cash, advice]
en Target low-turnover products to free cash
fr Cibler les produits à faible rotation pour libérer de la trésorerie

[free_cash, method]
en What it costs in a year to hold the stock that the coming months do not ask for: its value at purchase price times the carrying cost rate
   set for the shop, if that stock is held all year. The cash itself is freed once, and stands apart.
fr Ce que coûte en un an le stock que les mois à venir ne demandent pas : sa valeur au prix d’achat, multipliée par le taux de coût de
   détention fixé pour la boutique, s’il est gardé toute l’année. La trésorerie, libérée une seule fois, figure à part.

[free_cash, nothing_found]
en No product holds more stock than the coming months ask for: there is no cash to free here.
fr Aucun produit n’a plus de stock que n’en demandent les mois à venir : il n’y a pas de trésorerie à libérer ici.

[free_cash, slow]
en Sell down {scope:text}: {stock_on_date:# unit|# units} in stock at {stock_date:day}, {units_enough:# unit is|# units are} enough for
   {cycle_months:# month|# months}, safety stock included; {value_beyond_cover:euros} too much.
fr Écoulez {scope:text} : {stock_on_date:# unité|# unités} en stock au {stock_date:day}, {units_enough:# suffit|# suffisent} pour
   {cycle_months:# mois|# mois}, stock de sécurité compris ; {value_beyond_cover:euros} de trop.

[free_cash, unsold]
en Clear {scope:text}: not one was ever sold, and the {stock_on_date:# unit|# units} in stock at {stock_date:day} tie up
   {stock_value_on_date:euros}.
fr Déstockez {scope:text} : aucune vente, et le stock de {stock_on_date:# unité|# unités} au {stock_date:day} immobilise
   {stock_value_on_date:euros}.

[free_cash, small]
en At {stock_date:day}, {products:# other product holds|# other products hold} less than {least_free_cash:euros} each beyond what the coming
   months ask for, {value_beyond_cover:euros} in all: order less of them.
fr Au {stock_date:day}, le stock de {products:# autre produit|# autres produits} dépasse de moins de {least_free_cash:euros} chacun les
   besoins des mois à venir, {value_beyond_cover:euros} en tout : commandez-en moins.

[free_cash, summary_found]
en At {stock_date:day}, {slow_products:# product holds|# products hold} {value_beyond_cover:euros} (at purchase price) beyond what the
   coming months ask for, {value_sure:euros} of it with high confidence: cash freed once. At {carrying_cost_rate:share} a year, holding it
   costs {yearly_effect:euros}.
fr Au {stock_date:day}, le stock de {slow_products:# produit|# produits} dépasse de {value_beyond_cover:euros} (prix d’achat) les besoins à
   venir, dont {value_sure:euros} avec une confiance élevée : trésorerie libérée une fois. À {carrying_cost_rate:share} l’an, le garder
   coûte {yearly_effect:euros}.

[free_cash, summary_opposed]
en Do not follow this advice here: the stock does not bear it out.
fr Ne suivez pas ce conseil ici : le stock ne va pas dans ce sens.

[free_cash, summary_nothing]
en No product holds stock beyond what the coming months ask for: there is no cash to free here.
fr Aucun produit n’a plus de stock que n’en demandent les mois à venir : il n’y a pas de trésorerie à libérer ici.

[protect_best_sellers, advice]
en Do not discount best-sellers
fr Ne pas remiser les meilleures ventes

[protect_best_sellers, method]
en No effect is claimed here: what discounts on best-sellers lost or gained is part of their campaign, which the advice on the low season
   counts.
fr Aucun effet n’est avancé ici : ce que les remises sur les meilleures ventes ont coûté ou rapporté fait partie de leur campagne, comptée
   au titre de la basse saison.

[protect_best_sellers, nothing_found]
en No best-seller was found in the period, so there is nothing to protect from discounts.
fr Aucune meilleure vente sur la période : il n’y a rien à protéger des remises.

[protect_best_sellers, not_promoted]
en {scope:text}: {best_sellers:its only best-seller was never on promotion|none of its # best-sellers was ever on promotion}; what a
   discount would do is not known.
fr {scope:text} : {best_sellers:sa seule meilleure vente n’a jamais|aucune de ses # meilleures ventes n’a} été en promotion ; on ne sait
   pas ce qu’une remise y changerait.

[protect_best_sellers, discount_lost]
en {scope:type of a campaign} {campaign:dates}: {discount_cost:euros} of discount on {products_promoted:# best-seller|# best-sellers}
   {return}; {beside_others}. Keep list prices.
fr {scope:type of a campaign} {campaign:dates} : {discount_cost:euros} de remises sur
   {products_promoted:# des meilleures ventes|# des meilleures ventes}, {return} ; {beside_others}. Gardez le prix catalogue.

[protect_best_sellers, discount_paid]
en Not so for {scope:type of a campaign} {campaign:dates}: {discount_cost:euros} of discount on
   {products_promoted:# best-seller|# best-sellers} {return}; {beside_others}.
fr Pas pour {scope:type of a campaign} {campaign:dates} : {discount_cost:euros} de remises sur
   {products_promoted:# des meilleures ventes|# des meilleures ventes}, {return} ; {beside_others}.

[protect_best_sellers, unclear]
en {scope:type of a campaign} {campaign:dates}: whether the discounts on {products_promoted:# best-seller|# best-sellers} paid is not
   known{unsure}.
fr {scope:type of a campaign} {campaign:dates} : on ne sait pas si les remises sur
   {products_promoted:# des meilleures ventes|# des meilleures ventes} ont été rentables{unsure}.

[protect_best_sellers, summary_found]
en Discounts on best-sellers lost {loss:euros} of margin in {supported:# campaign|# campaigns}, for {discount_lost:euros} given: sell at
   list price. The loss is counted with the campaigns.{but_best_sellers}
fr Les remises sur les meilleures ventes ont coûté {loss:euros} de marge dans {supported:# campagne|# campagnes}, pour
   {discount_lost:euros} accordés : gardez le prix catalogue. Perte comptée avec les campagnes.{but_best_sellers}

[protect_best_sellers, summary_opposed]
en Do not follow this advice here: in {contradicted:# campaign|# campaigns}, {discount_paid:euros} of discount on best-sellers brought
   {gain:euros} of extra margin, and in none did it clearly lose.
fr Ne suivez pas ce conseil ici : dans {contradicted:# campagne|# campagnes}, {discount_paid:euros} de remises sur les meilleures ventes
   ont rapporté {gain:euros} de marge en plus, et aucune n’a nettement perdu.

[protect_best_sellers, summary_nothing]
en Whether discounts on best-sellers pay is not known: no campaign shows a clear loss or a clear gain.
fr On ne sait pas si les remises sur les meilleures ventes sont rentables : aucune campagne ne montre de perte ou de gain net.

[promote_low_season, advice]
en Align promotions with the low season
fr Caler les promotions sur la basse saison

[promote_low_season, method]
en The margin excl. VAT that each campaign lost or gained against the sales to be expected without it: in the high season what leaving it
   out brings, in the low season what repeating it brings, as if it came back every year.
fr La marge HT perdue ou gagnée par chaque campagne face aux ventes attendues sans elle, par an : en haute saison, l’effet de son abandon ;
   en basse saison, celui de sa reconduction. Chaque campagne est supposée revenir chaque année.

[promote_low_season, nothing_found]
en Nothing was sold in the period, so there is no season and no campaign to judge.
fr Rien n’a été vendu sur la période : il n’y a ni saison ni campagne à juger.

[promote_low_season, high_lost]
en {scope:type of a campaign} {campaign:dates}, high season: {discount_cost:euros} of discount on {products:# product|# products} {return};
   {demand}. Keep list prices{doubt}.
fr {scope:type of a campaign} {campaign:dates}, haute saison : {discount_cost:euros} de remises sur {products:# produit|# produits},
   {return} ; {demand}. Gardez le prix catalogue{doubt}.

[promote_low_season, high_paid]
en Not so for {scope:type of a campaign} {campaign:dates}, high season: {discount_cost:euros} of discount on
   {products:# product|# products} {return}; {break_even}{basis}.
fr Pas pour {scope:type of a campaign} {campaign:dates}, haute saison : {discount_cost:euros} de remises sur
   {products:# produit|# produits}, {return} ; {break_even}{basis}.

[promote_low_season, low_paid]
en Repeat {scope:type of a campaign} {campaign:dates}, low season: {discount_cost:euros} of discount on {products:# product|# products}
   {return}; {break_even}{basis}.
fr Reconduisez {scope:type of a campaign} {campaign:dates}, basse saison : {discount_cost:euros} de remises sur
   {products:# produit|# produits}, {return} ; {break_even}{basis}.

[promote_low_season, low_lost]
en Not so for {scope:type of a campaign} {campaign:dates}, low season: {discount_cost:euros} of discount on {products:# product|# products}
   {return}; {demand}{doubt}.
fr Pas pour {scope:type of a campaign} {campaign:dates}, basse saison : {discount_cost:euros} de remises sur
   {products:# produit|# produits}, {return} ; {demand}{doubt}.

[promote_low_season, unclear]
en {scope:type of a campaign} {campaign:dates} ({products:# product|# products}, {discount_cost:euros} of discount): whether this
   promotion paid is not known{unsure_lift}.
fr {scope:type of a campaign} {campaign:dates} ({products:# produit|# produits}, {discount_cost:euros} de remises) : on ne sait pas si
   cette promotion a été rentable{unsure_lift}.

[promote_low_season, no_promotion]
en {scope:text}: no promotion can be measured, so what a discount would do in its low season is not known; try a small one there first.
fr {scope:text} : aucune promotion mesurable ; on ne sait donc pas ce qu’une remise donnerait en basse saison. Essayez-en d’abord une
   petite.

[promote_low_season, summary_found]
en {supported:# campaign|# campaigns} of {campaigns:#|#} {supported:bears|bear} this advice out,
   {contradicted:none contradicts|# contradicts|# contradict} it.{high_season} {all_campaigns} {low_months}
fr {supported:# campagne|# campagnes} sur {campaigns:#|#} {supported:va|vont} dans ce sens,
   {contradicted:aucune à l’encontre|# à l’encontre|# à l’encontre}.{high_season} {all_campaigns} {low_months}

[promote_low_season, summary_opposed]
en Do not follow this advice here: {contradicted:# campaign contradicts|# campaigns contradict} it and none bears it out.{high_season}
   {all_campaigns} {low_months}
fr Ne suivez pas ce conseil ici : {contradicted:# campagne le contredit|# campagnes le contredisent} et aucune ne va dans ce
   sens.{high_season} {all_campaigns} {low_months}

[promote_low_season, summary_nothing]
en Whether promotions pay more in the low season is not known: no campaign shows a clear loss or a clear gain. {low_months}
fr On ne sait pas si les promotions sont plus rentables en basse saison : aucune campagne ne montre de perte ou de gain net. {low_months}

[monitor_segments, advice]
en Track every segment month by month
fr Suivre chaque segment mois par mois

[monitor_segments, method]
en No effect is claimed: to look at a month earns nothing by itself. The margin at stake in each month stands in its evidence.
fr Aucun effet n’est avancé : regarder un mois ne rapporte rien en soi. La marge en jeu figure dans les chiffres de chaque ligne.

[monitor_segments, nothing_found]
en Nothing was sold in the period, so there is no segment to track.
fr Rien n’a été vendu sur la période : il n’y a pas de segment à suivre.

[monitor_segments, margin_stepped_down]
en {scope:segment of a month}, {scope:month}: the margin rate stepped down from {margin_rate_before:rate} to {expected_margin_rate:rate} and
   stayed there; at the rate before, revenue since then would leave {margin_against_band:loss} more margin.{prices_moved}
fr {scope:segment of a month}, {scope:month} : le taux de marge est passé de {margin_rate_before:rate} à {expected_margin_rate:rate} et y
   est resté ; au taux d’avant, le CA HT depuis laisserait {margin_against_band:loss} de marge de plus.{prices_moved}

[monitor_segments, margin_stepped_up]
en {scope:segment of a month}, {scope:month}: the margin rate stepped up from {margin_rate_before:rate} to {expected_margin_rate:rate} and
   stayed there; at the rate before, revenue since then would leave {margin_against_band:euros} less margin.{prices_moved}
fr {scope:segment of a month}, {scope:month} : le taux de marge est passé de {margin_rate_before:rate} à {expected_margin_rate:rate} et y
   est resté ; au taux d’avant, le CA HT depuis laisserait {margin_against_band:euros} de marge de moins.{prices_moved}

[monitor_segments, campaign_cut_margin]
en {scope:segment of a month}, {scope:month}: the month of a campaign had a margin rate of {gross_margin_rate:rate}, under the
   {margin_rate_low:rate} to {margin_rate_high:rate} expected without one; there, the revenue would leave {margin_against_band:loss} more
   margin.
fr {scope:segment of a month}, {scope:month} : mois de campagne, taux de marge de {gross_margin_rate:rate}, sous la fourchette de
   {margin_rate_low:rate} à {margin_rate_high:rate} attendue hors campagne ; au taux attendu, le même CA HT laisserait
   {margin_against_band:loss} de marge de plus.

[monitor_segments, margin_fell]
en {scope:segment of a month}, {scope:month}: the margin rate fell to {gross_margin_rate:rate}, under the {margin_rate_low:rate} to
   {margin_rate_high:rate} expected; there, the revenue would leave {margin_against_band:loss} more margin.{prices_moved}
fr {scope:segment of a month}, {scope:month} : le taux de marge est tombé à {gross_margin_rate:rate}, sous la fourchette attendue de
   {margin_rate_low:rate} à {margin_rate_high:rate}, soit {margin_against_band:loss} de marge de moins qu’au taux attendu.{prices_moved}

[monitor_segments, margin_rose]
en {scope:segment of a month}, {scope:month}: the margin rate rose to {gross_margin_rate:rate}, over the {margin_rate_low:rate} to
   {margin_rate_high:rate} expected; there, the revenue would leave {margin_against_band:euros} less margin.{prices_moved}
fr {scope:segment of a month}, {scope:month} : le taux de marge est monté à {gross_margin_rate:rate}, au-dessus de la fourchette attendue
   de {margin_rate_low:rate} à {margin_rate_high:rate}, soit {margin_against_band:euros} de marge de plus qu’au taux attendu.{prices_moved}

[monitor_segments, steady]
en {scope:text}: none of its {months:# month|# months} left the expected band, so there is nothing to act on.
fr {scope:text} : aucun de ses {months:# mois|# mois} n’est sorti de la fourchette attendue ; il n’y a rien à faire.

[monitor_segments, too_short]
en {scope:text}: {months:# month is|# months are} too few to say what to expect of it.
fr {scope:text} : {months:# mois ne suffit pas|# mois ne suffisent pas} pour dire quoi en attendre.

[monitor_segments, summary_found]
en The margin rate stepped or left its expected band {months_outside:# time|# times}, in {segments:# segment|# segments}; a step counts
   once.
fr Le taux de marge a changé de niveau ou quitté sa fourchette attendue {months_outside:# fois|# fois}, dans
   {segments:# segment|# segments} ; un changement de niveau ne compte qu’une fois.

[monitor_segments, summary_opposed]
en Do not follow this advice here: the months do not bear it out.
fr Ne suivez pas ce conseil ici : les mois ne vont pas dans ce sens.

[monitor_segments, summary_nothing]
en {segments_watched}
fr {segments_watched}

[stock_thresholds, advice]
en Set stock thresholds by segment
fr Fixer des seuils de stock par segment

[stock_thresholds, method]
en No effect is claimed: what a stock-out loses in a year is not in the export, and the stock above the ceilings is counted as cash to
   free. Reorder point: the demand of the coming month in its season, and a safety stock.
fr Aucun effet n’est avancé : l’export ne dit pas ce qu’une rupture de stock fait perdre en un an, et le stock au-dessus des plafonds compte
   dans la trésorerie à libérer. Seuil de commande : la demande du mois à venir selon sa saison, plus un stock de sécurité.

[stock_thresholds, nothing_found]
en No product is kept in stock, so there is no threshold to set.
fr Aucun produit n’est tenu en stock : il n’y a pas de seuil à fixer.

[stock_thresholds, out_of_bounds]
en {scope:text}, stock at {stock_date:day}: of {products:# product|# products},
   {products_below:none is|# is|# are} below the reorder point and {products_above:none|#|#} above the ceiling. {act_on_stock}{season_rests}
fr {scope:text}, stock au {stock_date:day} : sur {products:# produit|# produits},
   {products_below:aucun|#|#} sous le seuil de commande et {products_above:aucun|#|#} au-dessus du plafond. {act_on_stock}{season_rests}

[stock_thresholds, within_bounds]
en Do not follow this advice for {scope:text}, stock at {stock_date:day}: of {products:# product|# products},
   {products_below:none is|# is|# are} below the reorder point and {products_above:none|#|#} above the ceiling, no more than chance
   puts there.{season_rests}
fr Ne suivez pas ce conseil pour {scope:text}, stock au {stock_date:day} : sur {products:# produit|# produits},
   {products_below:aucun|#|#} sous le seuil de commande et {products_above:aucun|#|#} au-dessus du plafond, pas plus que n’en
   met le hasard.{season_rests}

[stock_thresholds, not_covered]
en {scope:text}, stock at {stock_date:day}: no threshold is advised. Set a month earlier, the reorder points covered
   {products_covered:none|#|#} of {products_tested:# product|# products} in {tested_in:month of a day}: too few.{season_rests}
fr {scope:text}, stock au {stock_date:day} : aucun seuil n’est conseillé. Fixés un mois plus tôt, les seuils de commande ont
   suffi, en {tested_in:month of a day}, pour {products_covered:aucun produit|# produit|# produits} sur {products_tested:#|#} : trop
   peu.{season_rests}

[stock_thresholds, too_short]
en {scope:text}, stock at {stock_date:day}: what stock it needs is not known, its months do not show how sales vary.
fr {scope:text}, stock au {stock_date:day} : on ne sait pas quel stock il faut, ses mois ne montrent pas comment les ventes varient.

[stock_thresholds, tested]
en {scope:text} {products_covered:none|#|#} of {products_tested:#|#}
fr {scope:text} {products_covered:aucun|#|#} sur {products_tested:#|#}

[stock_thresholds, tested_in_sample]
en {scope:text} {share_covered_in_sample:rate} of product-months
fr {scope:text} {share_covered_in_sample:rate} des mois-produits

[stock_thresholds, summary_found]
en At {stock_date:day}, of {products:# stocked product|# stocked products}, {products_below:none is|# is|# are} below the reorder point
   ({margin_at_risk:euros} of a month’s margin at risk) and {products_above:none is|# is|# are} above the ceiling
   ({value_above_ceiling:euros} too much).{test_of_stock}
fr Au {stock_date:day}, sur {products:# produit stocké|# produits stockés}, {products_below:aucun n’est|# est|# sont} sous le seuil de
   commande ({margin_at_risk:euros} de marge en jeu) et {products_above:aucun|#|#} au-dessus du plafond ({value_above_ceiling:euros}
   de trop).{test_of_stock}

[stock_thresholds, summary_opposed]
en Do not follow this advice here: at {stock_date:day}, of {products:# stocked product|# stocked products},
   {products_below:none is|# is|# are} below the reorder point and {products_above:none|#|#} above the ceiling, no more than chance puts
   there.
fr Ne suivez pas ce conseil ici : au {stock_date:day}, sur {products:# produit stocké|# produits stockés},
   {products_below:aucun|#|#} sous le seuil de commande et {products_above:aucun|#|#} au-dessus du plafond, pas plus que n’en
   met le hasard.

[stock_thresholds, summary_nothing]
en No threshold can be set: no product is kept in stock, there are too few months to tell what it needs, or the thresholds failed their
   test.
fr Aucun seuil ne peut être fixé : aucun produit n’est tenu en stock, il y a trop peu de mois pour dire ce qu’il en faut, ou les seuils ont
   échoué à l’épreuve.

[use_feedback, advice]
en Use customer feedback
fr Exploiter les avis des clients

[use_feedback, method]
en Only where better-rated products do sell more: the margin between a product’s sales a month and those of the median rated product of
   its type, over a year. Otherwise no effect is claimed, nor for asking for ratings.
fr Seulement là où les produits mieux notés se vendent davantage : la marge entre les ventes mensuelles d’un produit et celles du produit
   noté médian de son type, sur un an. Sinon aucun effet n’est avancé, ni pour la collecte d’avis.

[use_feedback, nothing_found]
en Every best-seller has ratings, and no rating stands out from its sales: there is nothing to act on.
fr Toutes les meilleures ventes ont des avis, et aucune note ne tranche avec les ventes : il n’y a rien à faire.

[use_feedback, unrated]
en Ask the buyers of {scope:text} for a rating: nobody has rated this best-seller, of which {units:# unit|# units} sold for
   {revenue_excl_vat:euros} excl. VAT.
fr Personne n’a noté {scope:text}, l’une des meilleures ventes ({units:# unité|# unités}, {revenue_excl_vat:euros} HT) : demandez un avis à
   ses acheteurs.

[use_feedback, comments_closed]
en Open the product pages to comments: of {pages:# page|# pages}, {pages_closed:# takes|# take} none, and in WooCommerce a review is a
   comment. Before that, nobody can be asked for a rating there.
fr Ouvrez les fiches produit aux commentaires : sur {pages:# fiche|# fiches}, {pages_closed:# n’en accepte|# n’en acceptent} aucun, et
   dans WooCommerce un avis est un commentaire. Sans cela, inutile d’y demander des avis.

[use_feedback, hidden_gem]
en {hidden_gem}
fr {hidden_gem}

[use_feedback, disliked]
en {disliked}
fr {disliked}

[use_feedback, summary_found]
en {comments_closed}{ask_for_ratings}{link}{link_scopes}
fr {comments_closed}{ask_for_ratings}{link}{link_scopes}

[use_feedback, summary_opposed]
en Do not follow this advice here: {share_better:share} of the better-rated products sell above the median of their segment, against
   {share_others:share} of the others.
fr Ne suivez pas ce conseil ici : {share_better:share} des produits mieux notés se vendent au-dessus de la médiane de leur segment, contre
   {share_others:share} des autres.

[use_feedback, summary_nothing]
en {no_feedback}{link_scopes}
fr {no_feedback}{link_scopes}

[pass_on_costs, advice]
en Pass purchase-price rises on in the rate, not in euros
fr Répercuter les hausses des prix d’achat en pourcentage, pas en euros

[pass_on_costs, method]
en What the units of the period would cost and bring, excl. VAT, at the prices of its last month against those of its first: the margin
   lost in euros, as of a year; to keep the rate takes more. It supposes that as much is sold at a higher price.
fr Ce que les unités de la période coûteraient et rapporteraient, HT, aux prix du dernier mois par rapport au premier : la marge perdue, en
   euros et sur un an ; pour garder le taux, il faut davantage. Cela suppose que l’on vende autant à un prix plus élevé.

[pass_on_costs, nothing_found]
en No product with a stock was sold in the period, so there is no price to compare.
fr Aucun produit tenu en stock n’a été vendu sur la période : il n’y a pas de prix à comparer.

[pass_on_costs, not_passed_on]
en {scope:text}, same volumes: purchases {cost_move:percent} ({cost_rise:euros}), list prices {price_move:percent}
   ({price_rise_excl_vat:euros} excl. VAT): {margin_change:loss} of margin lost, on {products_squeezed:#|#} of
   {products:# product|# products}. A further {further_rise:percent} wins it back, {further_rise_for_rate:percent} the rate too.
fr {scope:text}, à volumes constants : achats {cost_move:percent} ({cost_rise:euros}), prix catalogue {price_move:percent}
   ({price_rise_excl_vat:euros} HT) : {margin_change:loss} de marge perdue, sur {products_squeezed:#|#} des
   {products:# produit|# produits}. {further_rise:percent} de plus la regagne, {further_rise_for_rate:percent} rétablit aussi le taux.

[pass_on_costs, passed_on]
en No need for {scope:text}: at the same volumes purchases cost {cost_move:share} more ({cost_rise:euros}), list prices moved
   {price_move:percent} ({price_rise_excl_vat:euros} excl. VAT), so the rise has been passed on.
fr Inutile pour {scope:text} : à volumes constants, achats {cost_move:percent} ({cost_rise:euros}), prix catalogue {price_move:percent}
   ({price_rise_excl_vat:euros} HT) ; la hausse a été répercutée.

[pass_on_costs, not_risen]
en {scope:text}: at the same volumes purchases cost no more at the end of the period than at its start, so there is nothing to pass on.
fr {scope:text} : à volumes constants, les achats ne coûtent pas plus en fin de période qu’au début ; il n’y a rien à répercuter.

[pass_on_costs, not_comparable]
en {scope:text}: its prices cannot be compared, since no product that sold has a cost and a price in every month, or there
   is one month alone.
fr {scope:text} : prix non comparables, car aucun produit vendu n’a un coût et un prix chaque mois, ou il n’y a qu’un seul mois.

[pass_on_costs, summary_found]
en At the same volumes purchases cost {cost_rise:euros} more at the end of the period than at its start, and list prices bring
   {price_rise_excl_vat:euros} more excl. VAT: in {supported:# product type|# product types} the rise was not passed on in full.
fr À volumes constants, les achats coûtent {cost_rise:euros} de plus en fin de période qu’au début, et les prix catalogue rapportent
   {price_rise_excl_vat:euros} HT de plus : dans {supported:# type de produits|# types de produits}, la hausse n’est pas entièrement
   répercutée.

[pass_on_costs, summary_opposed]
en Do not follow this advice here: wherever purchase prices rose, list prices brought as much, in
   {contradicted:# product type|# product types}.
fr Ne suivez pas ce conseil ici : là où les prix d’achat ont monté, les prix catalogue ont rapporté autant, dans
   {contradicted:# type de produits|# types de produits}.

[pass_on_costs, summary_nothing]
en No purchase price that can be compared has risen: there is nothing to pass on.
fr Aucun prix d’achat comparable n’a monté : il n’y a rien à répercuter.

[test_campaign, untested]
en No discount went to low months: what one would do there is not known.
fr Les mois creux n’ont reçu aucune remise : on ne sait pas ce qu’elle y donnerait.

[test_campaign, try]
en In the low season of {scope:text}, as in {low_month:month of a day}, draw {products:# product|# products} at random and give them a
   discount of {discount_rate:share}, as past promotions did on average: on sales as they were, it costs about {cost:euros} excl. VAT. Leave
   all else as it is.
fr En basse saison, comme en {low_month:month of a day}, tirez au sort {products:# produit|# produits} du type {scope:text} et
   accordez-leur la remise moyenne des promotions passées, {discount_rate:share} : à ventes égales, elle coûte environ {cost:euros} HT. Ne
   changez rien d’autre.

[test_campaign, read]
en {reading}
fr {reading}
"""

_PHRASES = """
[return]
en returned {incremental_roi:percent} ({incremental_roi_low:percent} to {incremental_roi_high:percent})
fr rendement de {incremental_roi:percent} (de {incremental_roi_low:percent} à {incremental_roi_high:percent})

[beside_others, some]
en sales were {lift:index} times the expected, those of the other products {lift_of_others:index} times
fr ventes à {lift:index} fois l’attendu, à {lift_of_others:index} fois pour les autres produits

[beside_others, none]
en sales were {lift:index} times the expected
fr ventes à {lift:index} fois l’attendu

[unsure_lift, range]
en : sales were {lift:index} times the expected (likely {lift_low:index} to {lift_high:index}), {break_even_lift:index} times would break
   even
fr ␣: ventes à {lift:index} fois l’attendu (probablement de {lift_low:index} à {lift_high:index}), équilibre à
   {break_even_lift:index}

[unsure_lift, no range]
en : sales were {lift:index} times the expected, and there are too few products or months to give a range
fr ␣: ventes à {lift:index} fois l’attendu, trop peu de produits ou de mois pour donner une fourchette

[unsure_lift, no return]
en , for want of a discount, or of months without promotion to compare with
fr , faute de remise, ou de mois sans promotion auxquels comparer

[doubt, same type]
en ␣unless the whole month’s rise was its doing
fr , sauf si la hausse du mois lui est due

[doubt, other type]
en ␣(judged by products of other types)
fr ␣(d’après des produits d’autres types)

[basis, same type]
en
fr

[basis, other type]
en ␣(judged by products of other types)
fr ␣(d’après des produits d’autres types)

[prices_moved, known]
en ␣Purchase prices moved {cost_move:percent}, sale prices {price_move:percent}.
fr ␣Prix d’achat : {cost_move:percent}, prix de vente : {price_move:percent}.

[prices_moved, unknown]
en
fr

[unsure, range]
en : for {discount_cost:euros} of discount, the likely range holds a loss as well as a gain (return {incremental_roi:percent}, likely
   range {incremental_roi_low:percent} to {incremental_roi_high:percent})
fr ␣: pour {discount_cost:euros} de remises, la fourchette probable va de la perte au gain (rendement de {incremental_roi:percent},
   fourchette probable de {incremental_roi_low:percent} à {incremental_roi_high:percent})

[unsure, no range]
en ␣(return {incremental_roi:percent} on {discount_cost:euros} of discount): no range can be given, there are too few products to compare
fr ␣(rendement de {incremental_roi:percent} pour {discount_cost:euros} de remises) : aucune fourchette possible, trop peu de produits à
   comparer

[unsure, no return]
en , for want of a discount, or of months without promotion to compare with
fr , faute de remise, ou de mois sans promotion auxquels comparer

[break_even]
en sales were {lift:index} times the expected, {break_even_lift:index} times would break even
fr ventes à {lift:index} fois l’attendu, équilibre à {break_even_lift:index}

[demand, against break-even]
en {break_even}
fr {break_even}

[demand, below cost]
en sales were {lift:index} times the expected, but below cost
fr ventes à {lift:index} fois l’attendu, mais à perte

[but_best_sellers, none]
en
fr

[but_best_sellers, some]
en ␣In {contradicted:# campaign|# campaigns} they gained {gain:euros}.
fr ␣Dans {contradicted:# campagne|# campagnes}, elles ont rapporté {gain:euros}.

[segments_watched, all]
en No month of any segment left its expected band: keep tracking, there is nothing to act on now.
fr Aucun mois d’aucun segment n’est sorti de sa fourchette attendue : continuez le suivi, il n’y a rien à faire pour l’instant.

[segments_watched, some]
en In {segments_steady:# segment|# segments}, no month left its expected band; {segments_too_short:# other has|# others have} too few
   months to say what to expect. Keep tracking, there is nothing to act on now.
fr Dans {segments_steady:# segment|# segments}, aucun mois n’est sorti de sa fourchette attendue ;
   {segments_too_short:# autre n’a|# autres n’ont} pas assez de mois pour dire quoi en attendre. Continuez le suivi, il n’y a rien à faire
   pour l’instant.

[segments_watched, none]
en No segment has enough months to say what margin rate to expect of it: keep tracking, there is nothing to act on yet.
fr Aucun segment n’a assez de mois pour dire quel taux de marge en attendre : continuez le suivi, il n’y a encore rien à faire.

[high_season, none]
en
fr

[high_season, loss]
en ␣Those that lost in the high season cost {loss:euros} of margin.
fr ␣Celles qui ont perdu en haute saison ont coûté {loss:euros} de marge.

[high_season, gain]
en ␣Those that paid in the high season gained {gain:euros} of margin.
fr ␣Celles qui ont réussi en haute saison ont rapporté {gain:euros} de marge.

[high_season, both]
en ␣In the high season, those that failed lost {loss:euros} of margin and those that worked gained {gain:euros}.
fr ␣En haute saison, celles qui ont échoué ont fait perdre {loss:euros} de marge et celles qui ont réussi en ont rapporté {gain:euros}.

[all_campaigns]
en All together: {campaign_margin:euros}.
fr Toutes ensemble : {campaign_margin:euros}.

[act_on_stock, both]
en Order the former ({at_risk}), sell down the latter ({value_above_ceiling:euros} too much).
fr Commandez les premiers ({at_risk}), écoulez les autres ({value_above_ceiling:euros} de trop).

[act_on_stock, below]
en Order, unless that was done since: {at_risk}.
fr Commandez, si ce n’est déjà fait : {at_risk}.

[act_on_stock, above]
en Order less until it has run down: {value_above_ceiling:euros} too much.
fr Commandez moins jusqu’à résorption : {value_above_ceiling:euros} de trop.

[at_risk, margin]
en {margin_at_risk:euros} of a month’s margin at risk
fr {margin_at_risk:euros} de marge du mois en jeu

[at_risk, safety]
en safety stock alone is short
fr stock de sécurité entamé

[season_rests, a year]
en
fr

[season_rests, less]
en ␣Season from {season_months:# month|# months} only.
fr ␣Saison lue sur {season_months:# mois|# mois} seulement.

[season_rests, promoted]
en ␣Season partly read from promotions.
fr ␣Saison lue aussi en promotion.

[test_of_stock, none]
en
fr

[test_of_stock, month]
en ␣Set a month earlier, {products_covered:none|#|#} of {products_tested:#|#} held in {tested_in:month of a day}, with sales
   {sales_to_forecast:index} times the forecast.
fr ␣Fixés un mois plus tôt, {products_covered:aucun|#|#} sur {products_tested:#|#} ont suffi en {tested_in:month of a day}, pour des
   ventes à {sales_to_forecast:index} fois la prévision.

[hidden_gem, sells more]
en Put {scope:text} forward: rated {average_rating:stars} ({rating_count:# rating|# ratings}; shop average {shop_rating:stars}), it sold
   only {units_per_month:# unit|# units} a month.
fr Mettez en avant {scope:text} : noté {average_rating:stars} ({rating_count:# avis|# avis} ; boutique : {shop_rating:stars}),
   ce produit ne se vend qu’à {units_per_month:# unité|# unités} par mois.

[hidden_gem, sells less]
en Do not follow this advice for {scope:text}: that it is rated {average_rating:stars} ({rating_count:# rating|# ratings}; shop average
   {shop_rating:stars}) and sold {units_per_month:# unit|# units} a month is no reason to push it.
fr Ne suivez pas ce conseil pour {scope:text} : noté {average_rating:stars} ({rating_count:# avis|# avis} ; boutique : {shop_rating:stars})
   et vendu à {units_per_month:# unité|# unités} par mois, il n’a pas à être mis en avant.

[hidden_gem, no link]
en {scope:text} is rated {average_rating:stars} ({rating_count:# rating|# ratings}; shop average {shop_rating:stars}) and sold only
   {units_per_month:# unit|# units} a month; whether putting it forward would sell more is not known.
fr {scope:text} est noté {average_rating:stars} ({rating_count:# avis|# avis} ; boutique : {shop_rating:stars}) et ne se vend
   qu’à {units_per_month:# unité|# unités} par mois ; on ne sait pas s’il se vendrait mieux mis en avant.

[disliked, sells more]
en Look into {scope:text}: rated only {average_rating:stars} ({rating_count:# rating|# ratings}; shop average {shop_rating:stars}), this
   best-seller has {revenue_excl_vat:euros} of revenue excl. VAT at risk.
fr Examinez {scope:text} : noté seulement {average_rating:stars} ({rating_count:# avis|# avis} ; moyenne de la boutique
   {shop_rating:stars}), l’une des meilleures ventes, met en danger {revenue_excl_vat:euros} de CA HT.

[disliked, sells less]
en Do not follow this advice for {scope:text}: that it is rated only {average_rating:stars} ({rating_count:# rating|# ratings}; shop
   average {shop_rating:stars}) puts none of its {revenue_excl_vat:euros} excl. VAT at risk.
fr Ne suivez pas ce conseil pour {scope:text} : sa note de {average_rating:stars} ({rating_count:# avis|# avis} ; moyenne de la boutique
   {shop_rating:stars}) ne met pas en danger ses {revenue_excl_vat:euros} de CA HT.

[disliked, no link]
en {scope:text} is rated only {average_rating:stars} ({rating_count:# rating|# ratings}; shop average {shop_rating:stars}); whether that
   puts its {revenue_excl_vat:euros} of revenue excl. VAT at risk is not known.
fr {scope:text} n’est noté que {average_rating:stars} ({rating_count:# avis|# avis} ; moyenne de la boutique {shop_rating:stars}) ; on ne
   sait pas si cela met en danger ses {revenue_excl_vat:euros} de CA HT.

[link, sells more]
en Here better-rated products do sell more: {share_better:share} of them sell above the median of their segment, against
   {share_others:share} of the others.
fr Ici, les produits mieux notés se vendent davantage : {share_better:share} d’entre eux se vendent au-dessus de la médiane de leur
   segment, contre {share_others:share} des autres.

[link, sells less]
en Here better-rated products sell less: {share_better:share} of them sell above the median of their segment, against {share_others:share}
   of the others.
fr Ici, les produits mieux notés se vendent moins : {share_better:share} d’entre eux se vendent au-dessus de la médiane de leur segment,
   contre {share_others:share} des autres.

[link, no link]
en Here ratings and sales show no clear link ({share_better:share} of the better-rated products sell above the median of their segment, and
   {share_others:share} of the others), so no effect is claimed.
fr Ici, notes et ventes ne montrent aucun lien net ({share_better:share} des produits mieux notés se vendent au-dessus de la médiane de leur
   segment, et {share_others:share} des autres) ; aucun effet n’est donc avancé.

[link, unknown]
en Here too few products are rated to say whether ratings and sales go together, so no effect is claimed.
fr Ici, trop peu de produits sont notés pour dire si notes et ventes vont de pair ; aucun effet n’est donc avancé.

[no_feedback, nobody]
en Every best-seller has ratings, and none stands out from its sales: there is nothing to act on.
fr Toutes les meilleures ventes ont des avis, et aucun ne tranche avec les ventes : il n’y a rien à faire.

[no_feedback, somebody]
en {link}
fr {link}

[reading, against break-even]
en It pays if they sell more than {break_even_lift:index} times what their earlier sales and the products at list price lead to expect; up
   to {chance_high:index} times may be chance.
fr Elle est rentable si leurs ventes dépassent {break_even_lift:index} fois celles que laissent attendre leurs ventes passées et les
   produits au prix catalogue ; jusqu’à {chance_high:index} fois, ce peut être le hasard.

[reading, below cost]
en At that discount no lift can pay, so give a smaller one; up to {chance_high:index} times what the products at list price lead to expect
   may be chance.
fr À ce taux, aucune hausse des ventes n’est rentable : accordez-en moins ; jusqu’à {chance_high:index} fois ce que laissent attendre les
   produits au prix catalogue, ce peut être le hasard.

[comments_closed, none]
en
fr

[comments_closed, some]
en Comments are closed on {pages_closed:# product page|# product pages}, and with them reviews: open them.␣
fr Les commentaires, donc les avis, sont fermés sur {pages_closed:# fiche produit|# fiches produit} : ouvrez-les.␣

[ask_for_ratings, none]
en
fr

[ask_for_ratings, some]
en Ask for ratings: {unrated:# best-seller with|# best-sellers with} {unrated_revenue:euros} of revenue excl. VAT {unrated:has|have} none.␣
fr Demandez des avis : {unrated:# produit|# produits} parmi les meilleures ventes ({unrated_revenue:euros} de CA HT)
   {unrated:n’en a|n’en ont} aucun.␣

[low_months, none]
en Low months had no discount: untested.
fr Mois creux sans remise : à tester.

[low_months, some]
en {low_season_discount:euros} of discount went to low months.
fr Les mois creux ont reçu {low_season_discount:euros} de remises.

[link_scopes, none]
en
fr

[link_scopes, some]
en ␣Put forward {hidden_gems:# well-rated product that sells|# well-rated products that sell} little, and look into
   {disliked:# badly rated best-seller|# badly rated best-sellers}.
fr ␣Mettez en avant {hidden_gems:# produit bien noté qui se vend|# produits bien notés qui se vendent} peu, et examinez
   {disliked:# produit mal noté|# produits mal notés} parmi les meilleures ventes.

[a_year, always]
en a year
fr par an

[a_year, campaigns]
en a year, if repeated
fr par an, si répétées
"""

_LINK_LIMIT = 1.645  # as the verdicts of use_feedback in models/recommendation


# ---- which phrase the figures call for


def _unsure(figures: Figures) -> str:
    if "incremental_roi" not in figures:
        return "no return"
    return "range" if "incremental_roi_low" in figures and "incremental_roi_high" in figures else "no range"


def _demand(figures: Figures) -> str:
    return "against break-even" if "break_even_lift" in figures else "below cost"


def _beside_others(figures: Figures) -> str:
    return "some" if "lift_of_others" in figures else "none"


def _unsure_lift(figures: Figures) -> str:
    if "incremental_roi" not in figures or "lift" not in figures:
        return "no return"
    return "range" if {"lift_low", "lift_high", "break_even_lift"} <= figures.keys() else "no range"


def _doubt(figures: Figures) -> str:
    return "same type" if figures["control"] == "product type" else "other type"


def _prices_moved(figures: Figures) -> str:
    return "known" if {"cost_move", "price_move"} <= figures.keys() else "unknown"


def _but_best_sellers(figures: Figures) -> str:
    return "some" if Decimal(figures["contradicted"]) else "none"


def _segments_watched(figures: Figures) -> str:
    if not Decimal(figures["segments_steady"]):
        return "none"
    return "some" if Decimal(figures["segments_too_short"]) else "all"


def _high_season(figures: Figures) -> str:
    loss, gain = bool(Decimal(figures.get("loss", "0"))), bool(Decimal(figures.get("gain", "0")))
    return "both" if loss and gain else "loss" if loss else "gain" if gain else "none"


def _low_months(figures: Figures) -> str:
    return "some" if Decimal(figures["low_season_discount"]) else "none"


def _act_on_stock(figures: Figures) -> str:
    below, above = Decimal(figures["products_below"]), Decimal(figures["products_above"])
    return "both" if below and above else "below" if below else "above"


def _season_rests(figures: Figures) -> str:
    if Decimal(figures["season_months"]) < 12:  # noqa: PLR2004 - the months of a year
        return "less"
    return "promoted" if figures["is_season_promoted"] == "true" else "a year"


def _at_risk(figures: Figures) -> str:
    return "margin" if Decimal(figures["margin_at_risk"]) else "safety"


def _test_of_stock(figures: Figures) -> str:
    return "month" if {"tested_in", "sales_to_forecast"} <= figures.keys() else "none"


def _sales_by_rating(figures: Figures) -> str:
    link = float(figures.get("rating_link", "0"))
    return "sells more" if link >= _LINK_LIMIT else "sells less" if link <= -_LINK_LIMIT else "no link"


def _link(figures: Figures) -> str:
    return _sales_by_rating(figures) if "share_better" in figures and "share_others" in figures else "unknown"


def _no_feedback(figures: Figures) -> str:
    return "somebody" if Decimal(figures["hidden_gems"]) or Decimal(figures["disliked"]) else "nobody"


def _ask_for_ratings(figures: Figures) -> str:
    return "some" if Decimal(figures["unrated"]) else "none"


def _comments_closed(figures: Figures) -> str:
    return "some" if Decimal(figures["pages_closed"]) else "none"


def _link_scopes(figures: Figures) -> str:
    found = Decimal(figures["hidden_gems"]) or Decimal(figures["disliked"])
    return "some" if found and _link(figures) == "sells more" else "none"


_CHOICES: dict[str, Callable[[Figures], str]] = {
    "unsure": _unsure,
    "demand": _demand,
    "reading": _demand,
    "beside_others": _beside_others,
    "unsure_lift": _unsure_lift,
    "doubt": _doubt,
    "basis": _doubt,  # where it paid, what it did to the other sales only adds to that
    "prices_moved": _prices_moved,
    "but_best_sellers": _but_best_sellers,
    "segments_watched": _segments_watched,
    "high_season": _high_season,
    "low_months": _low_months,
    "act_on_stock": _act_on_stock,
    "at_risk": _at_risk,
    "season_rests": _season_rests,
    "test_of_stock": _test_of_stock,
    "hidden_gem": _sales_by_rating,
    "disliked": _sales_by_rating,
    "link": _link,
    "no_feedback": _no_feedback,
    "ask_for_ratings": _ask_for_ratings,
    "comments_closed": _comments_closed,
    "link_scopes": _link_scopes,
}


# ---- how figures are written


def euros(value: object, language: str) -> str:
    """Return an amount in whole euros, below ten with its cents: €24,170; in French 24 170 €."""
    rounded = _rounded(value, 0)
    if abs(rounded) < 10 and rounded != _decimal(value):  # noqa: PLR2004 - as said
        rounded = _rounded(value, 2) or rounded
    if language == "fr":
        return _signed(rounded, language) + "\u00a0€"
    return ("−€" if rounded < 0 else "€") + _signed(abs(rounded), language)


def percent(value: object, language: str) -> str:
    """Return a change as a percentage with its sign, below ten per cent with one decimal: -100%, +4.2%, with a true minus sign."""
    shown = _rounded_percent(value)
    return ("+" if shown > 0 else "") + _percentage(shown, language)


def share(value: object, language: str) -> str:
    """Return a part of a whole as a percentage, below ten per cent with one decimal: 54%."""
    return _percentage(_rounded_percent(value), language)


def rate(value: object, language: str) -> str:
    """Return a rate as a percentage with one decimal: 46.1%."""
    return _percentage(_rounded(_decimal(value) * 100, 1), language, shorten=False)


def number(value: object, language: str) -> str:
    """Return a number with one decimal, below one with two, and without the zeros that say nothing: 13.2, 0.08, 6."""
    if isinstance(value, str) and value.isdecimal():  # a count, as most are: the short way
        return localized(f"{int(value):,}", language)
    exact = _decimal(value)
    rounded = _rounded(exact, 1 if abs(exact) >= 1 else 2)
    return _signed(_rounded(exact, 4) if exact and not rounded else rounded, language, shorten=True)


def localized(digits: str, language: str) -> str:
    """Return a figure, written as in English, as a language writes it: 1,234.5%, in French 1 234,5 %."""
    return digits if language == "en" else digits.replace(",", "\u202f").replace(".", ",").replace("%", "\u202f%")


def counted(value: object, forms: str, language: str) -> str:
    """Return how many of something, from what to say of none (may be left out), of one and of many: `no row|# row|# rows`."""
    digits = number(value, language)
    *zero, one, many = forms.split("|")
    if zero and digits == "0":
        return zero[0]
    # English says one of 1 alone, French of everything below 2, which starts with a 0 or a 1
    singular = digits == "1" if language == "en" else digits in {"0", "1"} or digits.startswith(("0,", "1,"))
    return (one if singular else many).replace("#", digits)


def fixed(value: object, language: str, decimals: int) -> str:
    """Return a number with this many decimals: 1.41."""
    return _signed(_rounded(value, decimals), language)


def date(value: object, language: str) -> str:
    """Return a day: 1 September 2023; in French 1er septembre 2023."""
    day = _day(value)
    return f"{_day_of_month(day, language)} {_month_name(day, language)} {day.year}"


def month(value: object, language: str) -> str:
    """Return the month of a day: September 2023, septembre 2023."""
    day = _day(value)
    return f"{_month_name(day, language)} {day.year}"


def dates(first: object, last: object, language: str) -> str:
    """Return the days from first to last: from 1 to 30 September 2023; in French du 1er au 30 septembre 2023."""
    start, end = _day(first), _day(last)
    until = date(end, language)
    if start == end:
        return f"on {until}" if language == "en" else f"le {until}"
    since = _day_of_month(start, language)
    if (start.year, start.month) != (end.year, end.month):
        since += f" {_month_name(start, language)}"
    if start.year != end.year:
        since += f" {start.year}"
    return f"from {since} to {until}" if language == "en" else f"du {since} au {until}"


def short_dates(first: object, last: object, language: str) -> str:
    """Return the days from first to last, where there is little room: 1 to 30 Nov 2022 with a dash, in French nov."""
    start, end = _day(first), _day(last)
    until = f"{end.day} {_SHORT_MONTHS[language][end.month - 1]} {end.year}"
    if start == end:
        return until
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{until}"
    since = f"{start.day} {_SHORT_MONTHS[language][start.month - 1]}"
    return f"{since} – {until}" if start.year == end.year else f"{since} {start.year} – {until}"


def typeset(text: str, language: str) -> str:
    """Return a text with the unbreakable spaces that French wants at its signs."""
    if language == "fr":
        for plain, unbreakable in _FRENCH_SPACES:
            text = text.replace(plain, unbreakable)
    return text


def joined(text: str) -> str:
    """Return a text in which a number, #, and its noun stay on one line."""
    return re.sub(r"# (?=[^|])", "#\u00a0", text)


def short_month(value: object, language: str) -> str:
    """Return the name of a day's month, where there is little room: Sep, sept."""
    return _SHORT_MONTHS[language][_day(value).month - 1]


def last_day(month: _date) -> _date:
    """Return the last day of a month: that as of which its data is."""
    return (month.replace(day=1) + _timedelta(days=31)).replace(day=1) - _timedelta(days=1)


_PLACES = (Decimal(1), Decimal("0.1"), Decimal("0.01"), Decimal("0.001"), Decimal("0.0001"))
_FRENCH_SPACES = (
    (" %", "\u202f%"), (" HT", "\u00a0HT"), (" TTC", "\u00a0TTC"),
    (" :", "\u00a0:"), (" ;", "\u202f;"), (" ?", "\u202f?"), (" !", "\u202f!"), ("« ", "«\u00a0"), (" »", "\u00a0»"),
)  # fmt: skip
_MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"),
}
_SHORT_MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}


def _decimal(value: object) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        message = f"{value} is not a figure"
        raise ValueError(message)
    return exact


def _rounded(value: object, decimals: int) -> Decimal:
    """Return a value rounded half up."""
    return _decimal(value).quantize(_PLACES[decimals], ROUND_HALF_UP)


def _rounded_percent(value: object) -> Decimal:
    exact = _decimal(value) * 100
    rounded = _rounded(exact, 0)
    return _rounded(exact, 1) if abs(rounded) < 10 else rounded  # noqa: PLR2004 - small ones need their decimal


def _signed(rounded: Decimal, language: str, *, shorten: bool = False) -> str:
    digits = f"{rounded:,f}"
    if digits[0] == "-":
        digits = f"−{digits[1:]}" if rounded else digits[1:]
    if shorten and "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return localized(digits, language)


def _percentage(shown: Decimal, language: str, *, shorten: bool = True) -> str:
    return _signed(shown, language, shorten=shorten) + ("%" if language == "en" else "\u202f%")


def _day(value: object) -> _date:
    return value if isinstance(value, _date) else _date.fromisoformat(str(value))


def _month_name(day: _date, language: str) -> str:
    return _MONTHS[language][day.month - 1]


def _day_of_month(day: _date, language: str) -> str:
    return "1er" if day.day == 1 and language == "fr" else str(day.day)


# ---- how a template is filled in: each of these writes one field


def _in(write: Callable[[object, str], str]) -> Say:
    def say(figures: Figures, name: str, _way: str, language: str) -> str:
        return write(figures[name], language)

    return say


def _text(figures: Figures, name: str, _way: str, _language: str) -> str:
    return figures[name]


def _loss(figures: Figures, name: str, _way: str, language: str) -> str:
    return euros(-_decimal(figures[name]), language)


def _change(figures: Figures, name: str, _way: str, language: str) -> str:
    return share(abs(_decimal(figures[name]) - 1), language)


def _times(figures: Figures, name: str, _way: str, language: str) -> str:
    return f"{number(figures[name], language)} {'times' if language == 'en' else 'fois'}"


def _stars(figures: Figures, name: str, _way: str, language: str) -> str:
    return fixed(figures[name], language, 1)


def _index(figures: Figures, name: str, _way: str, language: str) -> str:
    return fixed(figures[name], language, 2)


def _campaign_dates(figures: Figures, _name: str, _way: str, language: str) -> str:
    return dates(figures["starts_on"], figures["ends_on"], language)


def _type_of_campaign(figures: Figures, name: str, _way: str, _language: str) -> str:
    return figures[name].rsplit(", ", 1)[0]


def _segment_of_month(figures: Figures, name: str, _way: str, _language: str) -> str:
    return figures[name].rsplit(", ", 1)[0]


def _month_of_scope(figures: Figures, name: str, _way: str, language: str) -> str:
    return month(f"{figures[name].rsplit(', ', 1)[1]}-01", language)


def _counted(figures: Figures, name: str, way: str, language: str) -> str:
    return counted(figures[name], way, language)


def _phrase(figures: Figures, name: str, _way: str, language: str) -> str:
    choose = _CHOICES.get(name)
    return _fill(_PHRASE_STEPS[language, name, choose(figures) if choose else ""], figures, language)


_WAYS: dict[str, Say] = {
    "": _phrase,
    "text": _text,
    "euros": _in(euros),
    "percent": _in(percent),
    "share": _in(share),
    "rate": _in(rate),
    "loss": _loss,
    "change": _change,
    "times": _times,
    "stars": _stars,
    "index": _index,
    "dates": _campaign_dates,
    "type of a campaign": _type_of_campaign,
    "segment of a month": _segment_of_month,
    "month": _month_of_scope,
    "day": _in(date),
    "month of a day": _in(month),
}


def _steps(template: str, language: str) -> tuple[Step, ...]:
    """Take a template apart: text, and what is to be written after it."""
    steps: list[Step] = []
    for literal, name, way, _ in Formatter().parse(template):
        text = joined(typeset(literal, language))
        if name is None:
            steps.append((text, None, "", ""))
        elif way and "|" in way:
            steps.append((text, _counted, name, joined(typeset(way, language))))
        else:
            steps.append((text, _WAYS[way or ""], name, ""))
    return tuple(steps)


def _templates(texts: str) -> dict[tuple[str, str, str], tuple[Step, ...]]:
    """Return the steps of all templates, by language and by what stands in the brackets above them."""
    found: dict[tuple[str, str, str], tuple[Step, ...]] = {}
    for text in texts.strip().split("\n\n"):
        head, *lines = text.replace("\n   ", " ").split("\n")
        subject, _, case = head.strip("[]").partition(", ")
        for line in lines:
            language, _, template = line.partition(" ")
            found[language, subject, case] = _steps(template.replace("␣", " "), language)
    return found


# Taken apart once, on import. No cache does it: the function could not be sent to other processes by value.
_SENTENCE_STEPS = _templates(_SENTENCES)
_PHRASE_STEPS = _templates(_PHRASES)


def _fill(steps: tuple[Step, ...], figures: Figures, language: str) -> str:
    parts: list[str] = []
    for text, say, name, way in steps:
        parts.append(text)
        if say is not None:
            parts.append(say(figures, name, way, language))
    return "".join(parts)


def a_year(language: str, recommendation: str) -> str:
    """Return what stands behind the effect of a recommendation: a year; a campaign ran once, and is taken to come back."""
    return _fill(_PHRASE_STEPS[language, "a_year", "campaigns" if recommendation == "promote_low_season" else "always"], {}, language)


def sentence(language: str, recommendation: str, finding: str, scope: str, evidence: str) -> str:
    """Return what a recommendation found for a scope, from its evidence: text such as `units=12; revenue=240.0000`.

    Raises ValueError if there is no such sentence, or if a figure that it wants is missing or cannot be read.
    """
    steps = _SENTENCE_STEPS.get((language, recommendation, finding))
    if steps is None:
        message = f"There is no sentence in {language} for {recommendation}, {finding}."
        raise ValueError(message)
    try:
        figures = dict(pair.split("=", 1) for pair in evidence.split("; ")) if evidence else {}
        figures["scope"] = scope
        return _fill(steps, figures, language)
    except KeyError as error:
        message = f"The sentence for {recommendation}, {finding} wants the figure {error.args[0]}, which its evidence lacks: {evidence!r}."
        raise ValueError(message) from None
    except (ValueError, IndexError, DecimalException) as error:
        message = f"The sentence for {recommendation}, {finding} cannot be made of {scope!r} and {evidence!r}: {error}."
        raise ValueError(message) from error
