"""What a page of a tab's table holds, worked out by pandas and Python from the CSVs of a release.

Belongs here: columns, words, filters and order, each written a second time. Never here: a test.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TEN_THOUSANDTHS = 10_000
AMOUNTS = ("revenue", "revenue_excl_vat", "gross_margin", "cogs", "stock_value_end")
UNKNOWN = "\u2013"
SHOWN: Mapping[str, tuple[str, ...]] = {
    "top_products": (
        *("sku", "product", "rank", "product_type", "segment", "revenue", "units", "gross_margin", "gross_margin_rate"),
        *("cumulative_revenue_share", "abc_class"),
    ),
    "customer_preferences": (
        *("sku", "product", "product_type", "segment", "vintage", "average_rating", "shrunk_rating", "rating_count", "revenue", "units"),
        *("comment_count", "comments_per_100_units"),
    ),
    "stock_turnover": (
        *("sku", "product", "segment", "stock_end", "stock_value_end", "stock_turnover", "value_above_ceiling", "months_of_cover"),
        *("stock_on_date", "reorder_point", "stock_ceiling", "state"),
    ),
    "promotions_roi": (
        *("month", "sku", "product", "product_type", "segment", "discount_rate", "units", "units_promo", "baseline_units"),
        *("discount_cost", "incremental_margin", "promo_incremental_roi"),
    ),
    "business_recommendations": (
        *("rank", "sentence", "recommendation", "audience", "verdict", "confidence", "yearly_effect", "one_off_cash"),
    ),
}
"""The columns of each tab's table, in their order."""
KEYS = {"promotions_roi": ("month", "sku"), "business_recommendations": ("recommendation", "scope")}
TEXTS = {"product", "product_type", "segment", "abc_class", "state", "sentence", "recommendation", "audience", "verdict", "confidence"}
SEARCHED = {*TEXTS, "month", "sku", "vintage"}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
}
WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "state": {
        "below reorder point": ("to order", "à commander"),
        "above ceiling": ("overstock", "surstock"),
        "within": ("in bounds", "normal"),
        "": ("not known", "inconnu"),
    },
    "audience": {
        "CEO": ("CEO", "Direction générale"),
        "Head of Sales": ("Head of Sales", "Direction commerciale"),
        "Product managers": ("Product managers", "Chefs de produit"),
    },
    "verdict": {
        "supported": ("supported", "étayé"),
        "contradicted": ("contradicted", "contredit"),
        "inconclusive": ("not known", "non tranché"),
    },
    "confidence": {"high": ("high", "élevée"), "medium": ("medium", "moyenne"), "low": ("low", "faible")},
    "recommendation": {
        "free_cash": ("Target low-turnover products to free cash", "Cibler les produits à faible rotation pour libérer de la trésorerie"),
        "protect_best_sellers": ("Do not discount best-sellers", "Ne pas remiser les meilleures ventes"),
        "promote_low_season": ("Align promotions with the low season", "Caler les promotions sur la basse saison"),
        "monitor_segments": ("Track every segment month by month", "Suivre chaque segment mois par mois"),
        "stock_thresholds": ("Set stock thresholds by segment", "Fixer des seuils de stock par segment"),
        "use_feedback": ("Use customer feedback", "Exploiter les avis des clients"),
        "pass_on_costs": (
            "Pass purchase-price rises on in the rate, not in euros",
            "Répercuter les hausses des prix d\u2019achat en pourcentage, pas en euros",
        ),
    },
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """What is asked of a tab; `words` are what `q` looks for: whether it is wanted, and what."""

    tab: str
    order: str
    descending: bool
    language: str = "en"
    months: tuple[str, str] | None = None
    equal: Mapping[str, Any] = field(default_factory=dict[str, Any])
    q: str = ""
    words: tuple[tuple[bool, str], ...] = ()


@lru_cache(maxsize=100_000)
def folded(text: str) -> str:
    """Return a text without case and accents."""
    return "".join(one for one in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(one) != "Mn")


def band_of(months: float) -> str:
    """Return the band of a product's months of cover."""
    ends = {"0-1": 1, "1-3": 3, "3-6": 6, "6-12": 12, "12-": math.inf}
    return next((band for band, end in ends.items() if months <= end), "none")


def is_none(value: Any) -> bool:
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)) or value == ""


class Whole:
    """The rows behind the tabs of a release, all of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[tuple[str, tuple[str, str] | None], list[Row]] = {}

    def read(self, path: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / path, keep_default_na=False, na_values=[""], low_memory=False)

    def listed(self, asked: Asked) -> tuple[list[Row], int]:
        """Return the rows that the search finds, in order, and how many the filters leave."""
        kept = [row for row in self._rows(asked.tab, asked.months) if self._has(row, asked.equal)]
        found = [row for row in kept if self._is_found(row, asked)]
        found.sort(key=lambda row: (self._by(row, asked), self._own(row, asked.tab)), reverse=asked.descending)
        return found, len(kept)

    def words(self, row: Row, name: str, language: str) -> str:
        """Return what a cell says in a language."""
        value, place = row[f"sentence_{language}" if name == "sentence" else name], ("en", "fr").index(language)
        if name == "month":
            return f"{MONTHS[language][int(value[5:7]) - 1]} {value[:4]}"
        if name in WORDS:
            said = WORDS[name].get("" if is_none(value) else value)
            return said[place] if said else UNKNOWN
        if is_none(value):
            return UNKNOWN
        return str(int(value)) if name in {"sku", "vintage"} else str(value)

    def _is_found(self, row: Row, asked: Asked) -> bool:
        if not asked.words:
            return True
        text = "  ".join(folded(self.words(row, name, asked.language)) for name in SHOWN[asked.tab] if name in SEARCHED)
        return all((word in text) == is_wanted for is_wanted, word in asked.words)

    def _by(self, row: Row, asked: Asked) -> Any:
        if asked.order in TEXTS:
            return folded(self.words(row, asked.order, asked.language)).encode()
        value = row[asked.order]
        if is_none(value):
            return "" if asked.order == "month" else math.inf if asked.order == "rank" else -math.inf
        return float(f"{value:.9g}") if isinstance(value, float) and not value.is_integer() else value

    @staticmethod
    def _own(row: Row, tab: str) -> Any:
        if tab == "promotions_roi":
            return row["month"], row["sku"]
        if tab == "business_recommendations":
            return "" if is_none(row["month"]) else row["month"], row["rank"]
        return math.inf if is_none(row["of_rank"]) else row["of_rank"], row["sku"]

    @staticmethod
    def _has(row: Row, equal: Mapping[str, Any]) -> bool:
        return all(row[f"of_{name}"] == value for name, value in equal.items())

    def _rows(self, tab: str, months: tuple[str, str] | None) -> list[Row]:
        if (tab, months) not in self._known:
            made = {
                "top_products": self._sold,
                "customer_preferences": self._preferences,
                "stock_turnover": self._stocked,
                "promotions_roi": self._promotions,
                "business_recommendations": self._findings,
            }
            rows = made[tab](*(months or ("0000", "9999")))
            self._known[tab, months] = rows.astype(object).where(rows.notna(), None).to_dict("records")
        return self._known[tab, months]

    @cached_property
    def groups(self) -> pd.DataFrame:
        """What products are chosen by, and their ranks."""
        web = self.read("tables/web.csv").set_index("sku")
        top = self.read("top_products.csv").set_index("sku")
        cover = self.read("stock_turnover.csv").set_index("sku")["months_of_cover"]
        found = web[["title", "segment", "product_type"]].join(top[["rank", "abc_class"]])
        found = found.join(pd.DataFrame({"cover_band": cover.map(band_of)})).add_prefix("of_")
        return found.assign(of_sku=found.index)

    def _sales(self, first: str, last: str) -> pd.DataFrame:
        """Return what was sold in some months by product: amounts as whole ten-thousandths of a euro, to be summed exactly."""
        rows = self.sales[(self.sales["month"] >= first) & (self.sales["month"] <= last)]
        return pd.DataFrame(rows.groupby("sku")[[*AMOUNTS, "units"]].sum())

    @cached_property
    def sales(self) -> pd.DataFrame:
        """The rows of Sales in the period."""
        rows = self.read("facts/sales_in_period.csv")
        for name in AMOUNTS:
            rows[name] = (rows[name] * TEN_THOUSANDTHS).round().astype("int64")
        return rows

    def _sold(self, first: str, last: str) -> pd.DataFrame:
        sold = self._sales(first, last)[["revenue", "units", "gross_margin", "revenue_excl_vat"]]
        top = self.read("top_products.csv").set_index("sku")[["rank", "cumulative_revenue_share", "abc_class"]]
        web = self.read("tables/web.csv").set_index("sku")[["title", "product_type", "segment"]]
        rows = sold.join(web).join(top).join(self.groups)
        rows["gross_margin_rate"] = (rows["gross_margin"] / TEN_THOUSANDTHS) / (rows["revenue_excl_vat"] / TEN_THOUSANDTHS).replace(
            0, math.nan
        )
        return self._named(rows, "revenue", "gross_margin")

    def _preferences(self, first: str, last: str) -> pd.DataFrame:
        rows = self.read("customer_preferences.csv").set_index("sku").drop(columns=["revenue", "units", "gross_margin"])
        return self._named(rows.join(self._sales(first, last)[["revenue", "units"]]).join(self.groups), "revenue")

    def _stocked(self, first: str, last: str) -> pd.DataFrame:
        rows = self.read("stock_turnover.csv").set_index("sku").drop(columns=["cogs"])
        sold = self._sales(first, last)[["cogs", "stock_value_end"]].add_prefix("sold_")
        rows = rows.join(sold).join(self.groups)
        value = (rows["sold_stock_value_end"] / TEN_THOUSANDTHS).replace(0, math.nan)
        rows["stock_turnover"] = 12 * (rows["sold_cogs"] / TEN_THOUSANDTHS) / value
        stock, low, high = rows["stock_on_date"], rows["reorder_point"], rows["stock_ceiling"]
        state = pd.Series("within", index=rows.index).mask(stock > high, "above ceiling").mask(stock < low, "below reorder point")
        rows["state"] = state.where(low.notna() & stock.notna(), None)
        rows["value_above_ceiling"] = rows["value_above_ceiling"].fillna(0)
        return self._named(rows)

    def _promotions(self, first: str, last: str) -> pd.DataFrame:
        rows = self.read("promotions_roi.csv").rename(columns={"incremental_roi": "promo_incremental_roi"})
        rows = rows[(rows["month"] >= first) & (rows["month"] <= last)].set_index("sku").join(self.groups)
        rows["of_campaign"] = rows["starts_on"] + "|" + rows["ends_on"] + "|" + rows["product_type"]
        return self._named(rows)

    def _findings(self, first: str, last: str) -> pd.DataFrame:
        rows = self.read("business_recommendations.csv")
        is_in = rows["month"].isna() | ((rows["month"] >= first) & (rows["month"] <= last))
        rows = rows[is_in].merge(self.groups.drop(columns="of_rank"), how="left", left_on="sku", right_index=True)
        rows["of_segment"] = rows["of_segment"].fillna(rows["segment"])
        return rows.assign(of_recommendation=rows["recommendation"], of_sku=rows["sku"].astype("Int64"))

    @staticmethod
    def _named(rows: pd.DataFrame, *amounts: str) -> pd.DataFrame:
        """Return rows with their product's number and name beside them, and amounts in euros."""
        for name in amounts:
            rows[name] = rows[name] / TEN_THOUSANDTHS
        return rows.assign(product=rows["title"], sku=rows.index)
