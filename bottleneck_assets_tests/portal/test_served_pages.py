"""In a browser: what the dashboard leads to where the portal serves it, and the pages of products on every screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from bottleneck_assets.release.release import newest
from bottleneck_assets_tests.release.test_product import telling
from bottleneck_assets_tests.running import PATIENCE, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from bottleneck_assets_tests.portal.serving import Portal


@pytest.fixture(scope="module")
def browser(needs_chromium: None, site: Portal) -> Iterator[Browser]:
    assert site.port  # begun before: no refresh runs beside the browser's own loop
    with chromium() as running:
        yield running


@pytest.mark.parametrize(("locale", "clock", "everything"), [("en-GB", "America/New_York", "Everything"), ("fr-FR", "UTC", "Tout")])
def test_the_served_dashboard_leads_to_the_checks_and_to_the_product_in_focus_and_tells_times_in_the_portals_zone(
    browser: Browser, site: Portal, locale: str, clock: str, everything: str
) -> None:
    sku = telling(newest(site.extracts))["promoted"]
    context = browser.new_context(base_url=site.origin, locale=locale, timezone_id=clock)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto("/")
    page.wait_for_selector("html[data-ready]")
    facts = page.locator("section:not([hidden]) .facts")
    expect(facts).to_contain_text("(Paris)")
    expect(page.locator("#chips a")).to_have_count(0)
    received = page.locator(".bar:visible .file-received").inner_text()
    (at,) = re.findall(r"\d\d:\d\d \(Paris\)", received)
    expect(facts).to_contain_text(at)
    facts.get_by_role("link").click()
    page.wait_for_url("**/checks")
    page.goto(f"/#promotions_roi?sku={sku}")
    page.wait_for_selector("html[data-ready]")
    page.get_by_role("link", name=re.compile(everything)).click()
    page.wait_for_url(f"**/product/{sku}")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_products_fit_the_screen_and_the_accessibility_audit_finds_nothing(
    browser: Browser, site: Portal, width: int, scheme: str
) -> None:
    of = telling(newest(site.extracts))
    for locale in ("en-GB", "fr-FR"):
        context = browser.new_context(base_url=site.origin, locale=locale, color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        for path in ("/products", f"/product/{of['promoted']}", f"/product/{of['without a page']}"):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
            found = Axe().run(page).response["violations"]
            assert [(path, one["id"], one["nodes"][0]["html"]) for one in found] == []
        context.close()
        assert said == []
