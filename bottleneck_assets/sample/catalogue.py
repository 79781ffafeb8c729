"""The pages of the invented web shop: titles, excerpts, slugs, addresses, ratings, one row of Web a product.

Every house, place and cuvée is made up; none may be taken from a real export. Word lists and the dirt of text belong here, prices
and units never do.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from bottleneck_assets.sample.assortment import Assortment, Shelf
from bottleneck_assets.sample.notation import NON_BREAKING_SPACE, POST_DAYS, Rhythm, amount, csv_cell, decimal_mark
from bottleneck_assets.sample.trade import EURO

Pick = Callable[[Sequence[str]], str]
WebRow = tuple[int | str, ...]

HOUSES = (
    "Domaine des Trois Loutres", "Château Bravelune", "Clos de la Mésange Borgne", "Maison Orvaletti", "Domaine Quertinheau",
    "Les Vignes du Hérisson", "Château Montfauvel", "Domaine Isaure Trébuchon", "Cave du Pont Moussu", "Mas des Sept Cigognes",
    "Famille Corvanche", "Domaine du Blaireau Gris", "Château la Tourvelle-Aubin", "Anselme Petitroc", "Domaine Fleurancheau",
    "Clos Sainte-Opaline", "Ludivine Harmagnol", "Mas Cabrioline", "Domaine de l'Échelle Rompue", "Château Vertignasse",
    "Barnabé Solanges", "Les Terres de Margoulin", "Domaine Roquebrande", "Célestine et Fils Durvallon", "Prieuré de Tassemont",
    "Domaine du Vieux Tilbury", "Château Pimprelet", "Cave Haute-Ravine", "Domaine Zéphirin Malgoutte", "Mas de la Chouette Rousse",
)  # fmt: skip
PLACES = (
    "Côtes de Brumelle", "Val d'Orsonne", "Coteaux de Fauverge", "Terrasses d'Argevin", "Haut-Marsillan", "Pays de Lornac",
    "Montagne de Civray-Blanche", "Plateau de Serrelongue", "Saint-Aubrac-les-Bois", "Rives de la Tarnelle", "Vallon de Mirecombe",
    "Collines d'Estrabonne", "Gorges de Valsombre", "Puy-Garance", "Combe de Lurienne", "Bords de Sarvoise", "Clairière d'Ambreuil",
    "Baie de Corvenez", "Plaine de Touzelle", "Crêtes de Vaubrune",
)  # fmt: skip
WINES = ("Rouge", "Blanc", "Rosé", "Rouge Vieilles Vignes", "Blanc Sec", "Blanc Moelleux", "Rouge Nature", "Gris de Gris", "Brut")
CUVEES = (
    "Le Grand Pourquoi", "L'Heure Creuse", "Pas de Loup", "La Belle Paresse", "Les Petits Cailloux Bleus", "Contre-Vent",
    "Mille Lucioles", "La Part du Renard", "Fil d'Ariane", "Les Quatre Silences", "Tournevire", "Le Chant du Seau", "Poudre d'Or",
    "Les Échos du Puits", "La Grange Bleue", "Nuit Debout", "Sous l'Orage", "Le Dernier Fagot", "La Ronde des Pies", "Écume",
    "Les Mains Froides", "Vertige Tranquille", "Le Clos Perché", "Bise Noire",
)  # fmt: skip
VINTAGES = ("2008", "2011", "2012", "2014", "2015", "2016", "2017", "2017", "2018", "2018", "2019", "2020", "2021", "2021", "2022", "2022")
DISTILLERS = (
    "Lormeau", "Vauquelac", "Tamberlin", "Aubrissec", "Kerdoubarn", "Sauvetierce", "Montrachidec", "Glenvarnoch", "Dunmirrie",
    "Strathorlan",
)  # fmt: skip
SPIRITS = {
    "Champagne": ("Brut Réserve", "Extra Brut Blanc de Noirs", "Brut Rosé de Nuit", "Blanc de Blancs Grande Marche", "Brut Nature"),
    "Cognac": ("VSOP Vieux Chai", "XO des Trois Tonneliers", "Fine des Gabares", "VS Petit Matin"),
    "Gin": ("London Dry du Verger", "Gin aux Neuf Herbes", "Gin de la Dune"),
    "Whisky": ("Single Malt Fût de Prune", "Blended Tourbe Douce", "Single Cask Noisette", "Malt des Brumes", "Rye du Moulin"),
}
ALCOHOL_FREE_DRINKS = ("Pétillant", "Apéritif", "Spritz", "Botanique", "Tonic d'herbes", "Blanc 0,0%", "Rosé 0,0%", "Amer", "Gingembre")
ALCOHOL_FREE_BRANDS = ("Lunarelle", "Zestime", "Sobrioline", "Clairjour", "Nonalto", "Brindepure", "Mirabelune", "Grisemine")
ALCOHOL_FREE_VOLUMES = ("75cl", "75cl", "75cl", "70cl", "70cl", "50cl", "33cl", "20cl")
OIL_MILLS = ("Moulin des Cigalous", "Moulin de Pierregaude", "Mas Olivastre")

NOSES = (
    "Le nez s'ouvre sur la mûre, la violette et une pointe de réglisse.",
    "Un premier nez discret, puis des arômes de poire et d'acacia, relevés de zeste de citron.",
    "On reconnaît d'emblée la cerise noire, le cuir neuf et le sous-bois après la pluie.",
    "Au nez, la pêche blanche répond aux herbes de garrigue, avec une note fumée.",
    "Bouquet généreux de fruits compotés, de cacao et de tabac blond.",
    "Des notes de coing, de noisette fraîche et de pain grillé composent un nez flatteur.",
)
PALATES = (
    "La bouche est ample, portée par des tanins fins et une fraîcheur bienvenue.",
    "L'attaque est vive, le milieu charnu, l'ensemble reste d'une belle droiture.",
    "Texture veloutée, matière dense, sans jamais peser.",
    "Une bouche cristalline, tendue par la craie, où le fruit revient sans cesse.",
    "Rondeur et gourmandise dominent, soutenues par une amertume délicate.",
    "Tout en dentelle, avec un grain serré qui promet de beaux jours en cave.",
)
FINISHES = (
    "Finale longue et saline.",
    "La finale, poivrée, appelle une seconde gorgée.",
    "Longueur remarquable à ce prix.",
    "On finit sur la menthe fraîche et l'écorce d'orange.",
    "Une finale nette, désaltérante.",
    "Persistance sur les épices douces et le bois noble.",
)
ADVICE = (
    "À servir frais, entre 10 et 12 degrés, avec une volaille rôtie.",
    "Parfait avec un fromage de chèvre ou des légumes grillés.",
    "Carafez une heure avant le repas, il vous en saura gré.",
    "L'ami des grandes tablées, des tartes salées et des soirs d'été.",
    "Peut attendre cinq ans dans une bonne cave.",
    "Un accord tout trouvé avec un dessert aux fruits jaunes.",
)

OILS = (
    "Pressée à froid dans les six heures, cette huile sent l'artichaut cru et l'herbe coupée.",
    "Un fruité vert franc, à peine ardent, d'oliviers plantés face au vent.",
)
OIL_USES = (
    "Un filet suffit sur une burrata ou une tranche de pain chaud.",
    "À garder à l'abri de la lumière, et à finir dans l'année.",
)
GIFT_CARD_PRAISE = "Le cadeau de ceux qui hésitent : valable un an sur toute la boutique, il arrive par courriel."

WITH_AN_AMPERSAND = Rhythm(90, 4)
QUOTED_CUVEE = Rhythm(80, 7)
CUVEE_WITH_AN_ENTITY = Rhythm(130, 11)
WITHOUT_VINTAGE = Rhythm(28, 0)
SPIRIT_WITH_VINTAGE = Rhythm(3, 0)

# Draws that one product may use; more than the longest page needs.
DRAWS_PER_PRODUCT = 12

# The share of products with that many ratings, from none to eight, then the few with up to seventeen.
RATED_BY = np.repeat(np.arange(18), (24, 12, 20, 15, 6, 7, 3, 3, 3, 1, 1, 1, 0, 1, 1, 1, 1, 0))
TENTHS_OF_A_STAR = np.arange(30, 51)

ALCOHOL_FREE_LAUNCH = "12-04-2023"
ADDRESS = "https://www.cave-exemple.test/?post_type=product{ampersand}p={sku}"
# Some addresses carry the entity as it should be and some a broken one, a colon where the semicolon belongs.
AMPERSANDS = ("&#038;", "&#038:")


def web_rows(goods: Assortment, rng: np.random.Generator) -> Iterator[WebRow]:
    """Write a row of Web for every product that is online, in the order of the SKUs."""
    products = len(goods.skus)
    draws = rng.integers(0, 2**31, (products, DRAWS_PER_PRODUCT)).tolist()
    ratings = rng.choice(RATED_BY, products).tolist()
    tenths = rng.choice(TENTHS_OF_A_STAR, products).tolist()
    # Most pages were written late in the span, and edited at any time since.
    span = len(POST_DAYS)
    posted: list[int] = (span * (0.25 + 0.6 * rng.beta(5.0, 2.0, products))).astype(np.int64).tolist()
    later: list[float] = rng.random(products).tolist()
    online = [position for position, shelf in enumerate(goods.shelves) if shelf.online]
    for position in online:
        shelf = goods.shelves[position]
        rated_by = ratings[position] if shelf.stocked else 0
        is_alcohol_free = shelf.segment == "Sans Alcool"
        day = posted[position]
        created = ALCOHOL_FREE_LAUNCH if is_alcohol_free else POST_DAYS[day]
        modified = ALCOHOL_FREE_LAUNCH if is_alcohol_free else POST_DAYS[day + int((span - day) * later[position])]
        pick = picker(draws[position])
        sku = goods.skus[position]
        words = title(shelf, position, pick)
        yield (
            sku, "0", "0", rated_by, average_rating(rated_by, tenths[position], position), "2" if shelf.stocked else "1",
            created, created, shelf.product_type, shelf.segment, csv_cell(words), csv_cell(excerpt(shelf, position, pick)), shelf.volume,
            "publish", "closed", "closed", slug(words, sku, shelf), modified, modified, "0",
            ADDRESS.format(ampersand=pick(AMPERSANDS), sku=sku), "product", str(rated_by),
        )  # fmt: skip


def picker(draws: Iterable[int]) -> Pick:
    """Turn one product's draws into a hand that picks from any word list, a draw a time."""
    feed = iter(draws)
    return lambda words: words[next(feed) % len(words)]


def average_rating(rated_by: int, tenths: int, position: int) -> int | str:
    """Write the mean of the ratings, and nothing at all where nobody rated."""
    return amount(tenths * EURO // 10, decimal_mark(position)) if rated_by else ""


def title(shelf: Shelf, position: int, pick: Pick) -> str:
    """Invent the name of a product, in the manner of its shelf."""
    match shelf.segment:
        case "Vin":
            return wine_title(position, pick)
        case "Spiritueux":
            return spirit_title(shelf.product_type, position, pick)
        case "Sans Alcool":
            return f"{pick(ALCOHOL_FREE_DRINKS)} {pick(ALCOHOL_FREE_BRANDS)} sans alcool-{pick(ALCOHOL_FREE_VOLUMES)}"
        case "Huile":
            return f"{pick(OIL_MILLS)} Huile d'Olive Vierge Extra {shelf.volume}"
        case _:
            return f"Carte à offrir de {shelf.price:.0f}€"


def wine_title(position: int, pick: Pick) -> str:
    """House, place, colour, cuvée, vintage; now and then an ampersand, quotes or an entity, and rarely no vintage."""
    house, place, wine, cuvee, vintage = pick(HOUSES), pick(PLACES), pick(WINES), pick(CUVEES), pick(VINTAGES)
    if WITH_AN_AMPERSAND.falls_on(position):
        house = f"{house} &amp Filles"
    if QUOTED_CUVEE.falls_on(position):
        cuvee = f'"{cuvee}"'
    if CUVEE_WITH_AN_ENTITY.falls_on(position):
        cuvee = f"Cuv&eacute;e {cuvee}"
    return f"{house} {place} {wine} {cuvee}" + ("" if WITHOUT_VINTAGE.falls_on(position) else f" {vintage}")


def spirit_title(product_type: str, position: int, pick: Pick) -> str:
    """Type, distiller and style; a vintage on every third, as champagnes and single casks have."""
    name = f"{product_type} {pick(DISTILLERS)} {pick(SPIRITS[product_type])}"
    return f"{name} {pick(VINTAGES)}" if SPIRIT_WITH_VINTAGE.falls_on(position) else name


def excerpt(shelf: Shelf, position: int, pick: Pick) -> str:
    """Describe a product in a few sentences, with the dirt of a text that went through many editors."""
    text = description(shelf, pick)
    for rhythm, spoil in SPOILERS:
        if rhythm.falls_on(position):
            text = spoil(text)
    return text


def description(shelf: Shelf, pick: Pick) -> str:
    """Praise a product: what is drunk by nose, palate and finish, the rest in its own words."""
    match shelf.segment:
        case "Huile":
            return f"{pick(OILS)} {pick(OIL_USES)}"
        case "Offres commerciales":
            return GIFT_CARD_PRAISE
        case _:
            return f"{pick(NOSES)} {pick(PALATES)} {pick(FINISHES)} {pick(ADVICE)}"


def with_non_breaking_space(text: str) -> str:
    """Put a non-breaking space where a plain one was."""
    return text.replace(" ", NON_BREAKING_SPACE, 1)


def with_entities(text: str) -> str:
    """Write one kind of accented letter and the apostrophes as HTML entities."""
    return text.replace("é", "&eacute;").replace("'", "&#039;")


def with_emphasis(text: str) -> str:
    """Emphasise the first sentence with tags."""
    first, stop, rest = text.partition(".")
    return f"<em>{first}{stop}</em>{rest}"


def with_paragraph(text: str) -> str:
    """Keep the paragraph's tag, its attribute in quotes."""
    return f'<p class="nez">{text}</p>'


def with_quotation(text: str) -> str:
    """Quote what the grower says."""
    return f'{text} Le vigneron le dit "franc du collier".'


SPOILERS = (
    (Rhythm(41, 5), with_entities),
    (Rhythm(7, 2), with_non_breaking_space),
    (Rhythm(150, 21), with_emphasis),
    (Rhythm(130, 33), with_paragraph),
    (Rhythm(23, 9), with_quotation),
)


def slug(words: str, sku: int, shelf: Shelf) -> str:
    """Write the address part of a title; the alcohol-free range came from another shop, which kept capitals and accents."""
    if shelf.segment == "Sans Alcool":
        return " " + "-".join(words.split()) + f"-{sku}"
    letters = unicodedata.normalize("NFKD", html.unescape(words)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-") + f"-{sku}"
