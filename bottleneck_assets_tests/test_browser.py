"""The UI in a real browser, as a person meets it: Materialize, green, checks, the automation page, and a new export that runs by itself.

The pictures of the README are taken here: `make pictures` lets them be written where they are shown.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bottleneck_assets.sample.export import write_sample_export
from bottleneck_assets_tests.running import PATIENCE, chromium, up, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from bottleneck_assets_tests.running import Ui

PICTURED = {"dashboard/index": "dashboard", "report/recommendations": "recommendations", "report/data_access": "data_access"}
"""The documents that the README shows."""


@pytest.fixture(scope="module")
def ui(needs_chromium: None) -> Iterator[Ui]:
    with tempfile.TemporaryDirectory(prefix="bottleneck-") as folder, up(Path(folder) / "data", BOTTLENECK_REPORTS="true") as (ui, _):
        wait_for(lambda: ui.finished_run_of("sample.db"))  # the sensor's, which is not what these tests click
        yield ui


@pytest.fixture(scope="module")
def page(ui: Ui) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(viewport={"width": 1500, "height": 900}, base_url=ui.address)
        outside: list[str] = []
        ours = (ui.address, ui.portal, "data:", "blob:", "file:")
        context.on("request", lambda request: outside.append(request.url) if not request.url.startswith(ours) else None)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        yield page
    assert outside == [], "the UI asked another host"


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Page, str], None]:
    """Give a way to keep what is seen: in the folder PICTURES, else in a temporary one."""
    folder = Path(os.environ.get("PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.wait_for_timeout(3_000)  # what is drawn moves into its place
        page.screenshot(path=folder / f"{name}.png")

    return keep


def test_materialize_all_on_the_asset_graph_ends_in_green(ui: Ui, page: Page, picture: Callable[[Page, str], None]) -> None:
    before = ui.latest.resolve()
    page.goto("/asset-groups")
    button = page.locator("button", has_text=re.compile(r"^\s*Materialize all"))
    expect(button).to_be_enabled()
    button.click()
    launched = page.get_by_text(re.compile(r"Launched run [0-9a-f]{8}")).first
    launched.wait_for()
    (short,) = re.findall(r"[0-9a-f]{8}", launched.inner_text())
    run = next(run for run in ui.runs() if run.id.startswith(short))

    page.goto(f"/runs/{run.id}")
    page.get_by_text("Success", exact=True).first.wait_for()
    page.reload()  # with all its events at once
    page.get_by_text("Success", exact=True).first.wait_for()
    picture(page, "run")
    assert ui.latest.resolve() != before

    page.goto("/asset-groups?expanded=global@global:extract,global@global:publication")
    expect(button).to_be_enabled()
    picture(page, "asset-graph")


def test_the_page_of_an_asset_shows_its_columns_and_its_numbers_over_time(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/assets/kpi/revenue")
    page.get_by_text("revenue_previous_month").first.wait_for()
    picture(page, "asset-page")


def test_the_checks_tab_of_an_asset_shows_what_was_checked_and_found(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/assets/clean/row_accounting?view=checks")
    page.get_by_text("every_row_is_accounted_for").first.click()
    page.get_by_text("rows read = rows kept + rows in quarantine", exact=False).first.wait_for()
    expect(page.get_by_text("Passed").first).to_be_visible()
    picture(page, "checks")


def test_the_release_shows_its_freshness_and_its_figures_over_time(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/assets/publication/release")
    page.get_by_text("gross_margin_rate").first.wait_for()
    expect(page.get_by_text(re.compile("Passing|Fresh")).first).to_be_visible()
    picture(page, "release")


def test_the_asset_of_the_dashboard_shows_a_preview_and_leads_to_the_portal(ui: Ui, page: Page) -> None:
    page.goto("/assets/publication/dashboard")
    page.get_by_text("Show Markdown").first.click()
    preview = page.get_by_role("dialog").get_by_role("img", name="preview")
    wait_for(lambda: preview.evaluate("image => image.complete && image.naturalWidth > 300"))
    page.keyboard.press("Escape")
    address = page.locator(f"a[href^='{ui.portal}']").first.get_attribute("href")
    assert address == f"{ui.portal}/extracts/latest/dashboard/index.html"
    page.goto(address)
    expect(page.get_by_role("heading", name="Overview", exact=True)).to_be_visible()


@pytest.mark.parametrize(("path", "shown"), [("/downloads", "downloads"), ("/lineage/kpi.gross_margin/gross_margin_rate", "lineage")])
def test_the_portal_shows_what_there_is_and_where_it_comes_from(
    ui: Ui, page: Page, picture: Callable[[Page, str], None], path: str, shown: str
) -> None:
    page.goto(f"{ui.portal}{path}")
    expect(page.get_by_role("button", name="Refresh")).to_be_visible()
    picture(page, shown)


@pytest.mark.parametrize(
    "document",
    [
        *("dashboard/index", "report/recommendations", "report/recommendations.fr"),
        *("report/data_quality", "report/data_quality.fr", "report/data_access", "report/data_access.fr"),
    ],
)
def test_a_document_opens_from_disk_and_the_browser_has_nothing_to_complain_of(
    ui: Ui, page: Page, picture: Callable[[Page, str], None], document: str
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((ui.latest.resolve() / f"{document}.html").as_uri())
    assert page.locator("h1").count() == 1
    assert complaints == []
    # nothing is wider than the page, on a phone either
    page.set_viewport_size({"width": 400, "height": 800})
    wait_for(lambda: page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
    page.set_viewport_size({"width": 1500, "height": 900})
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page).response["violations"]
        assert [(scheme, one["id"], one["nodes"][0]["html"]) for one in found] == []
    page.emulate_media(color_scheme="light")
    if shown := PICTURED.get(document):
        picture(page, shown)
    if document == "dashboard/index":
        page.get_by_role("tab", name="Promotions & ROI").click()
        picture(page, "dashboard_promotions")


def test_the_schedule_and_the_sensors_are_seen_to_be_on(page: Page, picture: Callable[[Page, str], None]) -> None:
    page.goto("/automation")
    for name in ("new_export", "nightly_refresh", "alert_on_failure", "alert_on_stale_data"):
        page.get_by_text(name, exact=True).first.wait_for()
    switches = page.locator("input[type=checkbox][role=switch], input[type=checkbox]:not([disabled])")
    picture(page, "automation")
    assert switches.count() >= 4


def test_a_new_export_is_seen_to_run_by_itself(ui: Ui, page: Page, picture: Callable[[Page, str], None]) -> None:
    beside = ui.data_dir / "exports" / "new.part"
    write_sample_export(beside, seed=31)
    beside.rename(beside.with_suffix(".db"))
    page.goto("/runs")
    page.get_by_text("new_export").first.wait_for()
    run = wait_for(lambda: ui.finished_run_of("new.db"))
    page.goto(f"/runs/{run.id}")
    page.get_by_text("Success", exact=True).first.wait_for()
    page.get_by_text("View tags and config").click()
    page.get_by_text("bottleneck/export: new.db").first.wait_for()
    page.get_by_text(f"bottleneck/sha256: {ui.published()['sha256'][:20]}").first.wait_for()
    page.goto("/runs")
    page.get_by_text("new.db").first.wait_for()
    picture(page, "runs")
    assert ui.published()["name"] == "new.db"
