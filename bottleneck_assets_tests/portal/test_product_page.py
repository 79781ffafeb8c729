"""A product in the portal: found by name or number, every figure of its page as in the CSVs, in both languages, and nothing of it acts."""

from __future__ import annotations

import csv
import io
import re
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from lxml import html

from bottleneck_assets.release.release import newest
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand
from bottleneck_assets_tests.portal.test_language import ALIKE, FRENCH, shown
from bottleneck_assets_tests.portal.test_pages import EVIL, words
from bottleneck_assets_tests.release.test_changes import edited, name_after
from bottleneck_assets_tests.release.test_product import read, telling, without_a_sale

if TYPE_CHECKING:
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed
    from bottleneck_assets_tests.portal.serving import Portal


def table(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the table under a heading, each cell as text."""
    tree: Any = html.fromstring(page)
    (found,) = tree.xpath("//h2[normalize-space()=$heading]/following::table[1]", heading=heading)
    return [[" ".join(cell.text_content().split()) for cell in row.xpath("td")] for row in found.xpath(".//tbody/tr")]


def cards(page: str) -> dict[str, str]:
    tree: Any = html.fromstring(page)
    figures = tree.xpath("//div[@class='figures']/div")
    return {figure.xpath("span[@class='label']/text()")[0].strip(): figure.xpath("string(span[@class='value'])") for figure in figures}


def euros(value: str, places: int = 2) -> str:
    return f"\u20ac{Decimal(value):,.{places}f}".replace("\u20ac-", "\u2212\u20ac") if value else "\u2013"


def count(value: str) -> str:
    return f"{int(value):,}" if value else "\u2013"


def test_every_figure_of_the_page_is_that_of_the_csvs(site: Portal) -> None:
    release = newest(site.extracts)
    months, finance, sales, web, year, promo, roi = (
        read(release, path)
        for path in (
            *("tables/months.csv", "tables/finance.csv", "tables/sales.csv", "tables/web.csv", "customer_preferences.csv"),
            *("tables/promo.csv", "promotions_roi.csv"),
        )
    )
    for sku in telling(release).values():
        page = site.ask(f"/product/{sku}").text
        merged = months[["month"]]
        for rows in (finance, sales):
            merged = merged.merge(rows[rows["sku"] == sku].drop(columns="sku"), on="month", how="left").fillna("")
        expected = [
            [
                pd.Timestamp(row["month"]).strftime("%B %Y"),
                *(euros(row[name]) for name in ("price", "purchase_price")),
                {"true": "yes", "false": "no", "": "\u2013"}[row["is_on_sale"]],
                *(count(row[name]) for name in ("units", "units_promo")),
                *(euros(row[name]) for name in ("revenue", "gross_margin")),
                count(row["stock_end"]),
            ]
            for row in reversed(merged.to_dict("records"))
        ]
        assert [row[:9] for row in table(page, "Month by month")] == expected
        figures = cards(page)
        known = merged[merged["price"] != ""].iloc[-1]
        assert figures["List price (incl. VAT)"] == euros(known["price"])
        assert figures["Purchase price (excl. VAT)"] == euros(known["purchase_price"])
        stock = merged.loc[merged["stock_end"] != "", "stock_end"]
        assert figures["Stock at month-end"] == (count(stock.iloc[-1]) if len(stock) else "\u2013")
        (sold, of_page) = (rows[rows["sku"] == sku].to_dict("records") for rows in (year, web))
        assert figures["Units sold"] == (count(sold[0]["units"]) if sold else "\u2013")
        assert figures["Revenue (incl. VAT)"] == (euros(sold[0]["revenue"], 0) if sold else "\u2013")
        rating = of_page[0]["average_rating"] if of_page else ""
        assert figures["Average customer rating"] == (f"{Decimal(rating):.2f}" if rating else "\u2013")
        assert figures["Comments"] == (count(of_page[0]["comment_count"]) if of_page else "\u2013")
        campaigns = promo[promo["sku"] == sku].merge(roi[["month", "sku", "incremental_roi"]], on=["month", "sku"], how="left").fillna("")
        told = [row["incremental_roi"] for row in reversed(campaigns.to_dict("records"))]
        shares = [f"{Decimal(one) * 100:+.0f}%".replace("-", "\u2212") if one else "\u2013" for one in told]
        rows = table(page, "Promotions") if len(campaigns) else []
        assert [row[4].split()[0] for row in rows] == shares
        assert [row[3] for row in rows] == [count(one) for one in reversed(campaigns["units_promo"].tolist())]


@pytest.mark.usefixtures("posix")
def test_what_is_not_known_is_a_dash_and_says_why_and_not_zero(site: Portal, tmp_path: Path) -> None:
    release, extracts = newest(site.extracts), tmp_path / "extracts"
    of = telling(release)
    unrated, bare = (site.ask(f"/product/{of[name]}").text for name in ("unrated", "without a page"))
    assert "\u2013 Average customer rating nobody has rated it" in words(unrated)
    assert "The export has prices of this product, but no page of it in the shop" in words(bare)
    assert {row[-1] for row in table(bare, "Month by month")} >= {"Sales: the export has no page of it."}
    assert "Not known in any month." in words(bare)
    assert any(
        "Price: its row is in quarantine." in row[-1] for row in table(site.ask(f"/product/{of['set aside']}").text, "Month by month")
    )
    extracts.mkdir()
    made, sku, _ = without_a_sale(release, extracts / name_after(release))
    (extracts / "latest").symlink_to(made.name)
    with portal(tmp_path) as other:
        english, in_french = (other.ask(f"/product/{sku}", **asked).text for asked in ({}, FRENCH))
    (row,) = [row for row in table(english, "Month by month") if row[-1]]
    assert row[4:] == [*["\u2013"] * 5, "Sales: its row is in quarantine."]
    assert "1 of sales, 0 of prices, 0 of promotions" in words(english)
    assert [row[-1].replace("\u00a0", " ") for row in table(in_french, "Mois par mois") if row[-1]] == [
        "Ventes : sa ligne est en quarantaine."
    ]


def test_recommendations_that_name_a_product_stand_on_its_page_in_the_readers_language(site: Portal) -> None:
    advice = read(newest(site.extracts), "business_recommendations.csv")
    named = advice[advice["sku"] != ""].iloc[0]
    english, in_french = (site.ask(f"/product/{named['sku']}", **asked).text for asked in ({}, FRENCH))
    for page, heading, language in (
        (english, "Recommendations on this product", "en"),
        (in_french, "Recommandations sur ce produit", "fr"),
    ):
        expected = advice.loc[advice["sku"] == named["sku"], f"sentence_{language}"].tolist()
        assert [row[1] for row in table(page, heading)] == [" ".join(sentence.split()) for sentence in expected]


@pytest.mark.parametrize("kind", ["promoted", "without a page", "set aside"])
def test_no_word_of_one_language_is_left_on_a_product_page_of_the_other(site: Portal, kind: str) -> None:
    path = f"/product/{telling(newest(site.extracts))[kind]}"
    english, in_french = (shown(site.ask(path, **asked).text, language) for asked, language in (({}, "en"), (FRENCH, "fr")))
    months = {text for text in english & in_french if re.fullmatch(r"(Oct|Jan|Apr|Jul|Mar|Nov|Dec|Feb|May|Jun|Aug|Sep)[ a-z.]* ?\d*", text)}
    title = {text for text in english if text.endswith(" \u00b7 BottleNeck")}
    assert english & in_french - ALIKE - months - title == set()


def test_the_charts_say_in_words_between_which_values_they_move(site: Portal) -> None:
    release = newest(site.extracts)
    sku = telling(release)["promoted"]
    page = site.ask(f"/product/{sku}").text
    tree: Any = html.fromstring(page)
    said = tree.xpath("//div[@class='plot']/@aria-label")
    assert len(said) == len(tree.xpath("//div[@class='plot']/svg")) == 4
    rows = read(release, "tables/sales.csv").query("sku == @sku").assign(units=lambda rows: pd.to_numeric(rows["units"]))
    low, high = (f"{value:,}" for value in (rows["units"].min(), rows["units"].max()))
    assert f"Units sold. Lowest: {low} in" in said[1]
    assert f"highest: {high} in" in said[1]
    assert "style=" not in "".join(html.tostring(svg, encoding="unicode") for svg in tree.xpath("//div[@class='plot']/svg"))


def test_the_table_is_sent_as_csv_and_as_french_excel_reads_it(site: Portal) -> None:
    release = newest(site.extracts)
    sku = telling(release)["promoted"]
    answer = site.ask(f"/product/{sku}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f"product%20{sku}.csv" in answer.headers["content-disposition"]
    sent = list(csv.DictReader(io.StringIO(answer.text)))
    sold = read(release, "tables/sales.csv").query("sku == @sku").set_index("month")["revenue"]
    assert {row["month"]: row["revenue"] for row in sent if row["revenue"]} == sold.to_dict()
    french = site.ask(f"/product/{sku}.fr.csv").body.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(french), delimiter=";"))
    assert [row["CA TTC"].replace(",", ".") for row in lines] == [row["revenue"] for row in sent]
    assert {"Pourquoi sans prix", "Pourquoi sans ventes", "Prix d\u2019achat HT"} <= lines[0].keys()


def test_products_are_found_by_words_of_their_names_without_accents_and_by_number(site: Portal) -> None:
    web = read(newest(site.extracts), "tables/web.csv")
    row = web[web["title"].str.contains("Ch\u00e2teau")].iloc[0]
    sought = row["title"].replace("\u00e2", "a").upper().replace(" ", "%20").encode("ascii", "ignore").decode()
    assert f'href="/product/{row["sku"]}"' in site.ask(f"/products?q={sought}").text
    led = site.ask(f"/products?q=%20{row['sku']}%20")
    assert (led.status, led.headers["location"]) == (303, f"/product/{row['sku']}")
    page = site.ask("/products").text
    assert len(table(page.replace("<h1>", "<h2>").replace("</h1>", "</h2>"), "Products")) == 50
    assert f"The first 50 of {len(web)}" in words(page)
    none = site.ask("/products?q=%3Cb%3Enothing").text
    assert "0 products found." in words(none)
    assert "<b>nothing" not in none


@pytest.mark.parametrize("sku", ["999999999999", "0", "x%3Cscript%3Ealert(1)", "9" * 30, "-5", "1e3", "%D9%A3"])
def test_a_product_that_is_not_there_is_said_to_be_none_with_what_to_do(site: Portal, sku: str) -> None:
    for path, asked, said in (
        (f"/product/{sku}", {}, "Look for it here by a part of its name or number."),
        (f"/product/{sku}", FRENCH, "Cherchez-le ici par une partie de son nom ou de son num\u00e9ro."),
        (f"/product/{sku}.csv", {}, "There is nothing here."),
    ):
        answer = site.ask(path, **asked)
        assert answer.status == 404
        assert said in words(answer.text)
        assert "<script>alert" not in answer.text
    assert 'action="/products"' in site.ask(f"/product/{sku}").text


@pytest.mark.usefixtures("posix")
def test_texts_of_the_export_are_text_on_the_page_of_a_product(refreshed_sample: Refreshed, tmp_path: Path) -> None:
    earlier, extracts = newest(refreshed_sample.data_dir / "extracts"), tmp_path / "extracts"
    extracts.mkdir()
    sku = int(telling(earlier)["promoted"])

    def evil(*columns: str) -> Any:
        return lambda rows: [{**row, **dict.fromkeys(columns, EVIL)} if row["sku"] == sku else row for row in rows]

    edits = {
        "tables/web.csv": evil("title", "segment", "product_type"),
        "customer_preferences.csv": evil("title", "segment", "product_type"),
        "business_recommendations.csv": lambda rows: [{**row, "sku": sku, "sentence_en": EVIL, "sentence_fr": EVIL} for row in rows],
    }
    later = edited(earlier, extracts / name_after(earlier), edits)
    (extracts / "latest").symlink_to(later.name)
    with portal(tmp_path) as site:
        for path in (f"/product/{sku}", "/products?q=alert", f"/product/{sku}?lang=fr"):
            page = site.ask(path).text
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.usefixtures("posix")
def test_a_portal_without_a_release_or_with_one_without_parquet_says_so(tmp_path: Path) -> None:
    (tmp_path / "extracts").mkdir()
    with portal(tmp_path) as site:
        assert site.ask("/products").status == site.ask("/product/1").status == 200
        assert site.ask("/product/1.csv").status == 404
        assert "There is no release yet" in words(site.ask("/product/1").text)
        publish_by_hand(tmp_path / "extracts", 1, {"overview.csv": b"a\n1\n"})
        older = site.ask("/product/1")
        assert older.status == 409
        assert "run bottleneck refresh" in words(older.text)


def test_the_pages_of_products_are_in_the_bar_and_led_to_from_the_changes(
    refreshed_sample: Refreshed, tmp_path: Path, site: Portal
) -> None:
    assert '<a href="/products"' in site.ask("/downloads").text
    earlier, extracts = newest(refreshed_sample.data_dir / "extracts"), tmp_path / "extracts"
    first = next(row for row in earlier.typed_rows("business_recommendations.csv") if row["sku"])
    shutil.copytree(earlier.folder, extracts / earlier.name)
    gone = {"business_recommendations.csv": lambda rows: [row for row in rows if row["sku"] != first["sku"]]}
    later = edited(earlier, extracts / name_after(earlier), gone)
    (extracts / "latest").symlink_to(later.name)
    with portal(tmp_path) as changed:
        assert f'<a href="/product/{first["sku"]}">' in changed.ask("/changes").text
