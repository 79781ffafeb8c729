"""The portal in a real browser, with the whole workflow behind it: a file is dropped, Refresh is pressed, and the new figures are seen."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bottleneck_assets.figures.tabs import TABS
from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.running import PATIENCE, chromium, up, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from bottleneck_assets_tests.running import Ui

PAGES = (
    "/",
    "/changes",
    "/changes?table=tables/finance.csv",
    "/downloads",
    "/lineage",
    "/lineage?q=margin",
    "/lineage/extract.overview",
    "/lineage/extract.overview/gross_margin",
    "/status",
    "/checks",
    "/exports",
)
SIZES = ({"width": 1280, "height": 900}, {"width": 400, "height": 800})


@pytest.fixture(scope="module")
def ui(needs_chromium: None) -> Iterator[Ui]:
    with tempfile.TemporaryDirectory(prefix="bottleneck-") as folder:
        data_dir = Path(folder) / "data"
        write_sample_export(data_dir / "exports" / "first.db", seed=4)
        long_ago = dt.datetime(2025, 2, 3, 12, tzinfo=dt.UTC).timestamp()
        os.utime(data_dir / "exports" / "first.db", (long_ago, long_ago))
        with up(data_dir, BOTTLENECK_REPORTS="true") as (ui, _):
            wait_for(lambda: ui.finished_run_of("first.db"))
            ui.turn_off("new_export")  # these tests press the button
            yield ui


@pytest.fixture(scope="module")
def page(ui: Ui) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(viewport=SIZES[0], base_url=ui.portal)
        complaints: list[str] = []
        context.on("request", lambda request: complaints.append(request.url) if not request.url.startswith((ui.portal, "data:")) else None)
        context.on("console", lambda said: complaints.append(said.text) if said.type == "error" and "409" not in said.text else None)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        yield page
        context.close()
    assert complaints == [], "a page asked another host, or was refused something by its own policy"


def test_refresh_after_a_new_export_was_dropped_shows_its_progress_and_then_the_new_data_as_of(ui: Ui, page: Page, tmp_path: Path) -> None:
    page.goto("/")
    expect(page.locator(".bar:visible .file-received")).to_have_text("3 February 2025, 13:00 (Paris)")
    before = page.locator("html").get_attribute("data-files")

    meanwhile = page.context.new_page()
    meanwhile.goto("/#segments?lang=en")
    write_sample_export(tmp_path / "second.db", seed=5)
    page.get_by_role("link", name="New export").click()
    page.get_by_label(re.compile("Export")).set_input_files(tmp_path / "second.db")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="second.db was taken").wait_for()

    page.get_by_role("banner").get_by_role("button", name="Refresh").click()
    page.get_by_role("heading", name="Refreshing from second.db …").wait_for()
    expect(page.locator(".steps li").first).to_be_visible()
    page.get_by_role("heading", name="Refreshed").wait_for()
    meanwhile.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(meanwhile.locator(".notices").get_by_role("link", name="What changed")).to_have_attribute(
        "href", re.compile(r"^/changes\?before=")
    )
    meanwhile.get_by_role("link", name="Show it").click()
    meanwhile.wait_for_function("name => !document.documentElement.dataset.files.endsWith(name)", arg=str(before).rpartition("/")[2])
    assert meanwhile.url.endswith("#segments?lang=en")
    meanwhile.close()

    today = dt.datetime.now(dt.UTC)
    expect(page.locator(".bar:visible .data-to")).to_have_text("October 2023")
    expect(page.locator(".bar:visible .file-received")).to_contain_text(f"{today:%B}")
    expect(page.locator(".state:visible")).to_contain_text("second.db")
    assert ui.published()["name"] == "second.db"
    page.goto("/")
    expect(page.locator(".bar:visible .file-received")).not_to_have_text("3 February 2025, 13:00 (Paris)")
    assert page.locator("html").get_attribute("data-files") != before
    page.goto("/status")
    expect(page.locator("main")).to_contain_text("portal")


def test_the_dashboard_is_a_page_of_the_portal_that_is_loaded_again_as_it_was_and_printed_whole(page: Page) -> None:
    page.goto("/#stock_turnover?lang=fr")
    page.wait_for_selector("html[data-ready]")
    expect(page.get_by_role("banner")).to_have_count(1)
    page.locator("select[name=segment]").select_option(index=2)
    page.locator("section:not([hidden]) input[type=search]").fill("e")
    seen = page.locator("section:not([hidden])").inner_text()
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator("section:not([hidden])").inner_text() == seen
    address = page.locator("section:not([hidden]) .links a").first.evaluate("link => link.href")
    assert page.request.get(address).ok
    assert len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))) == len(TABS)


def test_a_second_click_while_it_runs_joins_the_run_in_progress(ui: Ui, page: Page) -> None:
    before = len(ui.runs())
    addresses: set[str] = set()
    for _ in range(3):
        page.goto("/status")
        page.get_by_role("banner").get_by_role("button", name="Refresh").click()
        page.wait_for_url(re.compile("/refresh/"))
        addresses.add(page.url)
    page.get_by_role("heading", name="Refreshed").wait_for()
    assert len(addresses) == 1
    assert len(ui.runs()) == before + 1


def test_an_export_can_be_dropped_on_the_page_and_one_that_is_none_is_refused_with_the_reason(page: Page) -> None:
    page.goto("/exports")
    page.evaluate("""() => {
        const data = new DataTransfer();
        data.items.add(new File(["no database"], "dropped.db"));
        document.querySelector("form.drop").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
    }""")
    page.get_by_role("heading", name="dropped.db is not a SQLite file.").wait_for()


def test_a_run_that_fails_says_why_and_the_last_release_stays(ui: Ui, page: Page) -> None:
    before = ui.latest.resolve()
    broken = shutil.copyfile(ui.data_dir / "exports" / "first.db", ui.data_dir / "exports" / "broken.db")
    with closing(sqlite3.connect(broken)) as export, export:
        export.execute("update Sales set Sales = 'many'")
    page.goto("/")
    page.get_by_role("banner").get_by_role("button", name="Refresh").click()
    page.get_by_role("heading", name="The refresh has failed").wait_for()
    expect(page.locator("main")).to_contain_text("of the rows are in quarantine: sales")
    assert ui.latest.resolve() == before
    page.goto("/#overview?lang=fr")
    expect(page.locator(".notices")).to_contain_text("La dernière exécution a échoué sur broken.db")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".notices")).to_contain_text("The last run has failed on broken.db; the figures are those before it.")
    page.get_by_role("link", name="See why, and what to do").click()
    page.get_by_role("heading", name="The refresh has failed").wait_for()


def test_the_dashboards_language_is_that_of_the_bar_and_of_every_other_page(page: Page) -> None:
    page.goto("/#stock_turnover?lang=fr")
    page.wait_for_selector("html[data-ready][lang=fr]")
    page.locator("select[name=segment]").select_option(index=1)
    page.goto("/status")  # what a link asked for is not remembered
    page.get_by_role("link", name="Français").click()
    page.get_by_role("link", name="Tableau de bord").click()
    page.wait_for_selector("html[data-ready][lang=fr]")
    expect(page.get_by_role("banner").get_by_role("link", name="Origine des chiffres")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Lineage")).to_be_hidden()
    page.get_by_role("button", name="English").click()
    page.get_by_role("banner").get_by_role("link", name="Lineage").click()
    page.get_by_role("heading", name="Where each table comes from").wait_for()


def test_a_graph_fits_its_window_and_is_zoomed(page: Page) -> None:
    page.set_viewport_size(SIZES[0])
    page.goto("/lineage")
    graph, width = page.locator(".graph"), "graph => graph.scrollWidth - graph.clientWidth"
    assert graph.evaluate(width) <= 1
    page.get_by_role("button", name="Larger").click()
    page.get_by_role("button", name="Larger").click()
    assert graph.evaluate(width) > 500
    page.get_by_role("button", name="Fit").click()
    assert graph.evaluate(width) <= 1
    page.goto("/lineage?q=business_recommendations")
    assert graph.evaluate("graph => graph.scrollLeft") > 500
    page.locator(".graph .chosen").scroll_into_view_if_needed()
    expect(page.locator(".graph .chosen")).to_be_in_viewport()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_its_window(path: str, page: Page) -> None:
    for size in SIZES:
        page.set_viewport_size(size)
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), size


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_the_accessibility_audit_finds_nothing(path: str, scheme: Literal["light", "dark"], page: Page) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
