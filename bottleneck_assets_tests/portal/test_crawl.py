"""Every page that links of the portal lead to, in French and in English: nothing that a person reads is left in the other language."""

from __future__ import annotations

import json
import re
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from lxml import html

from bottleneck_assets.portal.language import COOKIE
from bottleneck_assets.portal.workflow import STEPS
from bottleneck_assets.release.release import newest
from bottleneck_assets_tests.portal.serving import NOWHERE, portal, publish_by_hand
from bottleneck_assets_tests.portal.test_language import ALIKE, FRENCH, shown
from bottleneck_assets_tests.portal.test_releases import FLAWS, damage
from bottleneck_assets_tests.portal.test_uploads import send
from bottleneck_assets_tests.portal.test_workflow import FORM, dagster
from bottleneck_assets_tests.release.test_changes import edited, name_after
from bottleneck_assets_tests.release.test_product import telling
from bottleneck_assets_tests.small_export import minimal_rows, write_export

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from bottleneck_assets_tests.conftest import Refreshed
    from bottleneck_assets_tests.portal.serving import Answer, Portal

pytestmark = [pytest.mark.full, pytest.mark.usefixtures("posix")]

KINDS = (
    (r"^/product/\d+$", "/product/*"),
    (r"^/releases/[^/]+", "/releases/*"),
    (r"^/refresh/[^/]+$", "/refresh/*"),
    (r"^(/releases/\*)?/lineage/([a-z]+)\.\w+/\w+$", r"\1/lineage/\2.*/*"),
    (r"^(/releases/\*)/lineage/([a-z]+)\.\w+$", r"\1/lineage/\2.*"),
)
"""Addresses that show the same kind of page, of which one is enough."""
TAGS = (
    {"bottleneck/launched_by": "portal"},
    {"bottleneck/launched_by": "command line", "bottleneck/export": "shop.db"},
    {"dagster/sensor_name": "new_export", "bottleneck/export": "shop.db"},
    {"dagster/schedule_name": "nightly_refresh"},
    {},
)
RUNS = [
    {
        "runId": f"run-{number}",
        "status": status,
        "jobName": job,
        "creationTime": 1.0,
        "startTime": None if status == "QUEUED" else 1.0,
        "tags": [{"key": key, "value": value} for key, value in TAGS[number % len(TAGS)].items()],
    }
    for number, (status, job) in enumerate(
        zip(
            ("FAILURE", "SUCCESS", "CANCELED", "SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS", "FAILURE"),
            ("refresh", "data_access", "raw", "clean", "kpi", "recommendation", "extract", "presentation", "publication", "__ASSET_JOB"),
            strict=True,
        )
    )
]
"""A run of every job; who asked for it is one of all."""
CHECK = {
    "assetKey": {"path": ["clean", "months"]},
    "checkName": "period_has_sales",
    "success": False,
    "severity": "ERROR",
    "description": "There are no sales from 2022-10 to 2023-09; the export covers 2021-01 to 2021-12.",
    "metadataEntries": [{"label": "remedy", "text": "Set a period that the export covers, or none."}],
}


@contextmanager
def before_dagster(data_dir: Path, status: str = "FAILURE") -> Iterator[Portal]:
    """Run the portal before a stand-in for Dagster whose runs are of every kind, and whose progress is that of a run in a state."""
    progress = {
        **RUNS[0],
        "__typename": "Run",
        "status": status,
        "executionPlan": {"steps": [{"key": step.replace(".", "__")} for step in STEPS]},
        "stepStats": [
            {"stepKey": step.replace(".", "__"), "status": state}
            for step, state in zip(STEPS, ("SUCCESS", "FAILURE", "IN_PROGRESS", "SKIPPED"), strict=False)
        ],
    }

    def answer(question: str) -> Any:
        if "Progress" in question:
            return {"answer": progress}
        if "Failure" in question:
            return {"answer": {"__typename": "EventConnection", "events": [{"evaluation": CHECK}]}}
        return {"answer": {"__typename": "Runs", "results": RUNS}}

    with dagster(answer) as (address, _), portal(data_dir, BOTTLENECK_DAGSTER_URL=address, BOTTLENECK_UPLOAD_MB="4") as site:
        yield site


@pytest.fixture(scope="module")
def walked_dir(refreshed_sample: Refreshed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two releases that differ, and a drop folder in which one export is bad, one waits, and one is none."""
    folder = tmp_path_factory.mktemp("walked")
    earlier = newest(refreshed_sample.data_dir / "extracts")
    moved = {
        "kpis/headline.csv": lambda rows: [{**row, "value": row["value"] + 1} for row in rows],
        "tables/finance.csv": lambda rows: [{**row, "price": row["price"] + 1} for row in rows[1:]],
        "business_recommendations.csv": lambda rows: rows[1:],
    }
    shutil.copytree(earlier.folder, folder / "extracts" / earlier.name)
    later = edited(earlier, folder / "extracts" / name_after(earlier), moved)
    (folder / "extracts" / "latest").symlink_to(later.name)
    (folder / "exports").mkdir()
    write_export(folder / "exports" / "shop.db", minimal_rows())
    (folder / "exports" / "broken.db").write_bytes((folder / "exports" / "shop.db").read_bytes()[:5000])
    (folder / "exports" / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" * 100)
    return folder


@pytest.fixture(scope="module")
def walked_site(walked_dir: Path) -> Iterator[Portal]:
    with before_dagster(walked_dir) as site:
        yield site


def in_french(site: Portal) -> Portal:
    """Return the portal as a French browser asks it."""
    return replace(site, defaults=FRENCH)


def walk(site: Portal, *begin: str) -> dict[str, str]:
    """Follow the links of every page to the other pages of the portal; return one page of each kind by its address."""
    waiting, seen, pages = [*begin], set[str](), dict[str, str]()
    while waiting:
        address = waiting.pop(0)
        kind = kind_of(address)
        if kind in seen or address.startswith("/extracts/"):  # a file of a release
            continue
        seen.add(kind)
        answer = site.ask(address)
        if answer.status == 303:
            waiting.append(answer.headers["location"])
        elif answer.headers["content-type"].startswith("text/html"):
            pages[address] = answer.text
            tree: Any = html.fromstring(answer.text)
            for found in tree.xpath("//a[not(@hreflang)]/@href"):
                link = urlsplit(urljoin(f"http://portal{address}", found))
                if link.netloc == "portal":
                    waiting.append(f"{link.path}?{link.query}" if link.query else link.path)
    return pages


def kind_of(address: str) -> str:
    path, question, query = address.partition("?")
    for pattern, kind in KINDS:
        path = re.sub(pattern, kind, path)
    return path + question + query


def read(page: str, language: str) -> set[str]:
    """Return what a page shows in a language; of the dashboard, which has its own switch, what the portal has put into it."""
    tree: Any = html.fromstring(page)
    for title in tree.xpath("//head/title[//h1/@translate = 'no' and starts-with(., //h1)]"):  # the name of a product
        title.drop_tree()
    page = html.tostring(tree, encoding="unicode")
    bars = tree.xpath("//div[@class='bar']")
    if len(bars) == 1:
        assert f'<html lang="{language}">' in page
        return shown(page, language)
    return shown("".join(html.tostring(bar, encoding="unicode") for bar in bars if bar.get("lang") == language), language)


def left(english: Mapping[str, str], french: Mapping[str, str]) -> dict[str, set[str]]:
    """Return what each page in French shares with the English one, marks as English, or calls as the code does: nothing, if all is well."""
    found: dict[str, set[str]] = {}
    for address, page in french.items():
        texts = read(page, "fr")
        same = (read(english[address], "en") & texts - ALIKE) | {text for text in texts if re.fullmatch(r"[a-z]+_\w+", text)}
        tree: Any = html.fromstring(page)
        bars = tree.xpath("//div[@class='bar']")
        marked = [] if len(bars) > 1 else tree.xpath("//*[@lang='en' and not(@hreflang)]")
        if same or marked:
            found[address] = same | {one.text_content() for one in marked}
    return found


@pytest.fixture(scope="module")
def french_pages(walked_site: Portal) -> dict[str, str]:
    searched = ("/products?q=a", "/products?q=nothing%20of%20this", "/downloads?q=prix", "/downloads?q=nothing", "/lineage?q=marge")
    return walk(in_french(walked_site), "/", *searched)


def test_no_page_that_a_link_leads_to_has_a_word_of_english_in_french(walked_site: Portal, french_pages: dict[str, str]) -> None:
    kinds = {kind_of(address).partition("?")[0] for address in french_pages}
    assert kinds >= {
        *("/", "/products", "/product/*", "/changes", "/downloads", "/releases/*", "/status", "/checks", "/exports", "/refresh/*"),
        *("/lineage", "/lineage/kpi.revenue", "/lineage/extract.*/*", "/releases/*/lineage", "/releases/*/lineage/kpi.*"),
    }
    assert left({address: walked_site.ask(address).text for address in french_pages}, french_pages) == {}
    assert all(len(read(page, "fr")) > 8 for page in french_pages.values())


def test_the_language_that_was_chosen_is_kept_on_every_page(walked_site: Portal, french_pages: dict[str, str]) -> None:
    pages = walk(replace(walked_site, defaults={"Cookie": f"{COOKIE}=fr"}), "/", "/status?lang=fr")
    assert {*map(kind_of, pages)} - {"/status?lang=fr"} <= {*map(kind_of, french_pages)}
    assert all('<html lang="fr">' in page for address, page in pages.items() if address != "/")


@pytest.mark.parametrize("kind", ["promoted", "unrated", "without a page", "set aside"])
def test_the_page_of_every_kind_of_product_is_all_french(walked_site: Portal, kind: str) -> None:
    address = f"/product/{telling(newest(walked_site.extracts))[kind]}"
    english, french = ({address: site.ask(address).text} for site in (walked_site, in_french(walked_site)))
    assert left(english, french) == {}


def test_the_banner_is_all_french(walked_dir: Path, tmp_path: Path) -> None:
    publish_by_hand(tmp_path / "extracts", 1, {"quality/quarantine_worth.csv": b"source_table,revenue\nsales,99.0000\n"})
    shutil.copytree(walked_dir / "exports", tmp_path / "exports")
    with before_dagster(tmp_path) as site:
        told = json.loads(site.ask("/notices.json").text)
    said = {
        language: {text for line in (told["newer"][language], *told["notices"][language]) for key, text in line.items() if key != "address"}
        for language in ("en", "fr")
    }
    assert len(told["notices"]["fr"]) == 4
    assert len(said["fr"]) == len(said["en"]) > 8
    assert said["en"] & said["fr"] == set()


@pytest.mark.parametrize("status", ["SUCCESS", "CANCELED", "STARTED", "QUEUED"])
def test_the_progress_of_a_run_in_every_state_is_all_french(walked_dir: Path, status: str, tmp_path: Path) -> None:
    headline = (newest(walked_dir / "extracts").folder / "kpis" / "headline.csv").read_bytes()
    publish_by_hand(tmp_path / "extracts", 0, {"kpis/headline.csv": headline})
    with before_dagster(tmp_path, status) as site:
        english, french = ({"/": one.ask("/refresh/run-0").text} for one in (site, in_french(site)))
        told = [json.loads(one.ask("/refresh/run-0.json").text) for one in (site, in_french(site))]
    assert left(english, french) == {}
    said = [{one["said"], *(text for step in one["steps"] for text in (step["name"], step["said"]))} for one in told]
    assert said[0] & said[1] == set()


def post(site: Portal, path: str, **fields: str) -> Answer:
    cookie, token = site.form()
    body = urlencode({"token": token, **fields})
    return site.ask(path, "POST", body, Origin=site.origin, Content_Type=FORM, Cookie=cookie)


REFUSED = {
    "no such page": (404, lambda site: site.ask("/nothing")),
    "no such file": (404, lambda site: site.ask("/extracts/latest/nothing.csv")),
    "no such release": (404, lambda site: site.ask("/releases/none")),
    "no such table": (404, lambda site: site.ask("/lineage/kpi.nothing")),
    "no such product": (404, lambda site: site.ask("/product/99999999")),
    "nothing to compare": (404, lambda site: site.ask("/changes?before=gone")),
    "not asked so": (405, lambda site: site.ask("/refresh")),
    "no file": (400, lambda site: send(site, b"", "")),
    "a file of another name": (409, lambda site: send(site, b"text", "shop.csv")),
    "a text": (409, lambda site: send(site, b"name;price\n" * 100)),
    "an empty file": (409, lambda site: send(site, b"")),
    "no token": (403, lambda site: send(site, b"", token="")),
    "no such export": (404, lambda site: post(site, "/refresh", export="none.db")),
    "too large": (413, lambda site: send(site, bytes(5_000_000))),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_refusal_is_all_french(walked_site: Portal, why: str) -> None:
    status, ask = REFUSED[why]
    english, french = (ask(site) for site in (walked_site, in_french(walked_site)))
    assert (english.status, french.status) == (status, status)
    assert left({why: english.text}, {why: french.text}) == {}


def test_an_export_that_was_taken_is_said_in_french(walked_dir: Path, tmp_path: Path) -> None:
    with portal(tmp_path, BOTTLENECK_DAGSTER_URL=NOWHERE) as site:
        content = (walked_dir / "exports" / "shop.db").read_bytes()
        english, french = (send(one, content, "arrived.db").text for one in (site, in_french(site)))
        assert left({"": english}, {"": french}) == {}
        asked = [(one.ask(path).text, path) for path in ("/", "/status", "/exports") for one in (site, in_french(site))]
        assert left({path: page for page, path in asked[::2]}, {path: page for page, path in asked[1::2]}) == {}


@pytest.mark.parametrize("dagster_url", ["", NOWHERE])
def test_a_portal_without_a_release_is_all_french(tmp_path: Path, dagster_url: str) -> None:
    with portal(tmp_path, **({"BOTTLENECK_DAGSTER_URL": dagster_url} if dagster_url else {})) as site:
        pages = walk(in_french(site), "/")
        assert len(pages) > 90
        assert left({address: site.ask(address).text for address in pages}, pages) == {}


def test_a_release_without_a_dashboard_and_releases_with_flaws_are_all_french(walked_dir: Path, tmp_path: Path) -> None:
    good = newest(walked_dir / "extracts")
    files = {path: (good.folder / path).read_bytes() for path in ("kpis/headline.csv", "quality/quarantine.csv", "data_dictionary.csv")}
    files |= dict.fromkeys(
        ("overview.csv", "report/data_quality.html", "report/data_quality.fr.html", "report/data_access.html"), b"a\n1\n"
    )
    check = {"asset": "clean/web", "check": "quarantine_is_small", "passed": False, "severity": "WARN", "found": "", "remedy": ""}
    folders = [publish_by_hand(tmp_path / "extracts", number, {"overview.csv": b"a\n1\n"}) for number in range(len(FLAWS))]
    last = publish_by_hand(tmp_path / "extracts", 98, files, checks=[check])
    for folder, flaw in zip(folders, FLAWS.values(), strict=True):
        damage(folder, flaw)
    with portal(tmp_path) as site:
        pages = walk(in_french(site), "/")
        assert left({address: site.ask(address).text for address in pages}, pages) == {}
        broken = [f"/releases/{folder.name}" for folder in folders]
        assert left(*({path: one.ask(path).text for path in broken} for one in (site, in_french(site)))) == {}
        (last / "quality" / "quarantine.csv").write_bytes(b"changed\n")
        (last / "kpis" / "headline.csv").unlink()
        assert left(*({path: one.ask(path).text for path in ("/", "/status")} for one in (site, in_french(site)))) == {}
