"""The portal in French and in English: the language that is chosen, and that nothing of the other one is left on a page."""

# ruff: noqa: RUF001 - typographic apostrophes are meant

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from bottleneck_assets import portal as package
from bottleneck_assets.defs.asset_checks import CHECKS, CONTRACT
from bottleneck_assets.models.catalog import models
from bottleneck_assets.portal.application import DESCRIPTIONS
from bottleneck_assets.portal.language import Language, french
from bottleneck_assets.release.publishing import published_models
from bottleneck_assets_tests.portal.serving import portal, publish_by_hand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bottleneck_assets_tests.portal.serving import Portal

FOLDER = Path(package.__file__).parent
PACKAGE = FOLDER.parent
TEXTS = {name: json.loads((FOLDER / name).read_text(encoding="utf-8")) for name in ("texts.json", "contents.json", "said.json")}
ALIKE = {
    *("English", "Type", "Table", "Export", "Tableau", "Excel (.xlsx)", "Tableau (.tds)", "ZIP", "export", "document", "Pages"),
    *("Zoom", "Promotions", "cl", "promotions", "segments", "exports", "SKU", "Segment", "Contradiction", "Parquet", "Verdict"),
}
"""Words that are the same in both languages."""
PAGES = (
    *(
        "/products",
        "/downloads",
        "/changes",
        "/lineage",
        "/lineage/extract.overview",
        "/lineage/clean.sales/revenue",
        "/status",
        "/checks",
        "/exports",
        "/nothing",
    ),
    "/refresh/none",
)
FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"}
READS = (
    *("portal/application.py", "portal/drop_folder.py", "portal/rows.py", "portal/uploads.py", "source/exports.py", "release/release.py"),
    *("defs/workflow.py", "render/sheets/excel.py", "models/checks.py", "figures/adding_up.py", "errors.py"),
)
"""The modules whose sentences reach a page."""
UNSEEN = {"not a time with its zone", "not a path inside the release", "X X.", "X holds no export (X)."}


def test_every_text_is_there_in_both_languages_with_the_same_parts() -> None:
    pairs = [*TEXTS["texts.json"].values(), *TEXTS["contents.json"].values(), *TEXTS["said.json"]]
    for english, french_text in pairs:
        assert english.strip()
        assert french_text.strip()
        assert sorted(re.findall(r"\{\w*\}", english)) == sorted(re.findall(r"\{\w*\}", french_text)), english
    alike = {english for english, french_text in pairs if english == french_text and re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", english))}
    assert alike <= {*ALIKE, "{title} · BottleNeck", "{value} pt"}


def test_no_page_has_a_word_of_its_own_and_every_text_is_used() -> None:
    used = set[str]()
    for path in (FOLDER / "pages").glob("*.html"):
        page = path.read_text(encoding="utf-8")
        bare = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", page, flags=re.DOTALL)
        shown = re.sub(r"<[^>]*>", " ", bare) + " ".join(re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', bare))
        assert not set(re.findall("[A-Za-z.]{2,}", shown)) - {"manifest.json", "Parquet", "wide"}, path.name
        used |= set(re.findall(r'"(\w+)"', page))
    for path in FOLDER.glob("*.py"):
        used |= set(re.findall(r'"(\w+)"', path.read_text(encoding="utf-8")))
    kinds = {"step", "run", "job", "by", "check", "unit", "section", "layer", "product", "row"}
    for key in TEXTS["texts.json"]:
        counted = key.removesuffix("_one").removesuffix("_many")
        assert {key, counted, counted.removesuffix("_ago")} & used or key.partition("_")[0] in kinds, key


def test_every_table_file_check_and_unit_has_a_name() -> None:
    for language in (Language("en", ZoneInfo("UTC")), Language("fr", ZoneInfo("UTC"))):
        for ref, model in models().items():
            assert language.title(ref), ref
            assert all("<" not in language.named("unit", column.unit) for column in model.promise.columns if column.unit), ref
        for check in {CONTRACT, *(check.name for check in CHECKS)}:
            assert "<" not in language.named("check", check)
        assert all(language.contents(path) for path in {*DESCRIPTIONS, "overview.tds"})
        assert all(language.contents(model.ref) for model in published_models().values())


def test_what_every_column_means_has_its_french_and_every_french_its_column() -> None:
    said = {column.description for model in models().values() for column in model.promise.columns}
    known = json.loads((PACKAGE / "figures" / "descriptions.json").read_text(encoding="utf-8"))
    assert known.keys() == said
    assert all(text.strip() for text in known.values())
    assert {english for english, french_text in known.items() if english == french_text} == set()


def sentences(path: Path) -> Iterator[str]:
    """Yield what a module says: what its errors and verdicts are given, each part that is put in as X."""
    named = {"problem", "remedy", "message", "found", "said"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id in named for target in node.targets):
            yield from texts_of(node.value)
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name.endswith(("Error", "HTTPException", "Verdict")):
                for argument in (*node.args, *(word.value for word in node.keywords if word.arg in named)):
                    yield from texts_of(argument)


def texts_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    if isinstance(node, ast.IfExp):
        yield from texts_of(node.body)
        yield from texts_of(node.orelse)


@pytest.mark.parametrize("module", READS)
def test_what_the_code_below_says_has_its_french(module: str) -> None:
    said = {text.replace("a X.", "a folder.") for text in sentences(PACKAGE / module)} - UNSEEN
    assert [text for text in said if " " in text.strip() and french(text) is None] == []


def test_contradictions_are_listed_in_french() -> None:
    found = (
        "Cells of the export contradict one another: offer above the list price: 1,200 rows, such as 15 in 2023-09 (41.29 against 31.5, "
        "2023-09-01 to 2023-09-30); offer of 0 with units sold: 3 rows, such as 12 in 2023-01 (0 against 7, 2023-01-01 to 2023-01-30); "
        "cost far below the price: 2 rows, such as 9 in 2023-02 (50 against 1)."
    )
    assert str(french(found)).replace("\u202f", " ").replace("\u00a0", " ") == (
        "Des cellules de l’export se contredisent : prix promotionnel supérieur au prix catalogue : 1 200 lignes, dont 15 en 2023-09 "
        "(41,29 contre 31,5, du 2023-09-01 au 2023-09-30) ; prix promotionnel de 0 avec des ventes : 3 lignes, dont 12 en 2023-01 "
        "(0 contre 7, du 2023-01-01 au 2023-01-30) ; coût très inférieur au prix : 2 lignes, dont 9 en 2023-02 (50 contre 1)."
    )


def test_figures_in_what_is_said_are_written_as_in_french_and_a_long_text_stays_as_it_is() -> None:
    told = french("8752 of 8791 rows of the stock ledger balance (99.56%); 1,039 do not, in quality/stock_ledger_exceptions.csv.")
    assert told is not None
    assert "(99,56\u202f%)\u202f; 1\u202f039 ne le sont pas" in told
    assert french("broken.db in the drop folder is not read: It is not complete: it is still being written, or was cut short.") == (
        "broken.db, dans le dossier de dépôt, n’est pas lu. Il est incomplet\u00a0: encore en cours d’écriture, ou interrompu."
    )
    assert french("x is empty." * 200) is None
    assert Language("fr", ZoneInfo("UTC")).said("<b>Unheard of.") == '<span lang="en">&lt;b&gt;Unheard of.</span>'


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "en"), ("fr", "fr"), ("de-DE,fr;q=0.5,en;q=0.7", "en"), ("en;q=0.2,fr-CA", "fr"), ("fr;q=0,en", "en"), ("de", "en")],
)
def test_the_browsers_language_decides_at_first(site: Portal, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in site.ask("/downloads", **{"Accept-Language": accepted}).text


def test_a_link_chooses_the_other_language_which_is_remembered(site: Portal) -> None:
    page = site.ask("/lineage", **FRENCH).text
    assert 'href="?lang=en" lang="en" hreflang="en"' in page
    chosen = site.ask("/lineage?lang=en", **FRENCH)
    assert '<html lang="en">' in chosen.text
    cookie = chosen.headers["set-cookie"].partition(";")[0]
    assert '<html lang="en">' in site.ask("/status", Cookie=cookie, **FRENCH).text
    assert '<html lang="fr">' in site.ask("/status?lang=fr", Cookie=cookie).text
    assert '<html lang="en">' in site.ask("/status?lang=xx", Cookie="bottleneck_language=%22%3E").text


def shown(page: str, language: str) -> set[str]:
    """Return the texts that a page shows in its language: without names that every language shares, and what is marked as of the other."""
    tree: Any = html.fromstring(page)
    other = "en" if language == "fr" else "fr"
    aside = f"ancestor-or-self::code or ancestor-or-self::*[@translate='no' or @lang='{other}'] or ancestor::script or ancestor::style"
    texts = tree.xpath(f"//text()[not(parent::*[{aside}])]")
    for name in ("aria-label", "title", "alt", "placeholder", "data-too-large"):
        texts += tree.xpath(f"//@{name}[not(parent::*[{aside}])]")
    return {text for one in texts if re.search("[A-Za-z]{2}", text := " ".join(one.split()))}


@pytest.mark.parametrize("path", PAGES)
def test_no_word_of_one_language_is_left_on_a_page_of_the_other(open_site: Portal, path: str) -> None:
    english, in_french = shown(open_site.ask(path).text, "en"), shown(open_site.ask(path, **FRENCH).text, "fr")
    assert english & in_french - ALIKE == set()
    assert len(in_french) > 8


def test_the_dashboard_carries_the_bar_in_both_languages_and_begins_in_the_readers(open_site: Portal) -> None:
    page = open_site.ask("/", **FRENCH).text
    tree: Any = html.fromstring(page)
    bars = {bar.get("lang"): html.tostring(bar, encoding="unicode") for bar in tree.xpath("//div[@class='bar']")}
    assert bars.keys() == {"en", "fr"}
    assert shown(bars["en"], "en") & shown(bars["fr"], "fr") - ALIKE == set()
    assert 'data-language="fr"' in page
    assert 'data-language="en"' in open_site.ask("/").text


@pytest.mark.usefixtures("posix")
def test_times_say_their_zone_and_the_data_its_month(tmp_path: Path) -> None:
    export = {"name": "shop.db", "sha256": "0" * 64, "changed_at": "2025-11-28T19:20:00+00:00"}
    publish_by_hand(tmp_path / "extracts", 1, {"overview.csv": b"a\n1\n"}, export=export, data_as_of="2023-10-31")
    with portal(tmp_path) as site:
        english, in_french = (re.sub("<[^>]+>", "", site.ask("/status", **asked).text) for asked in ({}, FRENCH))
    assert "Data to October 2023, file received 28 November 2025, 20:20 (Paris)" in english
    assert "Données jusqu’à octobre 2023, fichier reçu le 28 novembre 2025, 20:20 (Paris)" in in_french
    now = dt.datetime.now(dt.UTC)
    assert str(now.year) not in Language("fr", ZoneInfo("Europe/Paris")).when(now.replace(month=6, day=2))
