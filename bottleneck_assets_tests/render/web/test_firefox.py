"""The dashboard is the same in Firefox as in Chromium, where the other tests look at it: every tab in both languages, filters, links, Back.

Playwright cannot drive the Firefox that Debian has; Puppeteer can.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from bottleneck_assets_tests.outside import node_modules
from bottleneck_assets_tests.render.web.test_dashboard import NAMES, opened
from bottleneck_assets_tests.running import PATIENCE, chromium
from bottleneck_assets_tests.tiers import FIREFOX

if TYPE_CHECKING:
    from collections.abc import Callable

    from bottleneck_assets_tests.conftest import Refreshed

PUPPETEER = "puppeteer-core@25.16.0"
DRIVER = Path(__file__).with_name("firefox.mjs")
SEGMENT = "Vin"
CHOSEN = {"en": "", "fr": f"&segment={SEGMENT}&compare=before&from=2023-04"}
"""What is chosen on every tab, by language."""
STANDS = "section:not([hidden]) .listing .dt-layout-table"
SEEN = """() => {
  const panel = document.querySelector("section:not([hidden])");
  const texts = (selector) => [...panel.querySelectorAll(selector)].map((one) => one.textContent);
  return {
    figures: texts(".value, .answer [data-measure]"),
    rows: texts(".listing tbody td"),
    lines: new Set([...document.querySelectorAll("#filters label")].map((one) => Math.round(one.getBoundingClientRect().top))).size,
    words: [...texts("h1, h2, h3, p, figcaption, .cards li, .advice li, .listing th"), document.getElementById("chips").textContent],
  };
}"""


@pytest.fixture(scope="module")
def addresses(refreshed_sample: Refreshed) -> list[str]:
    page = (refreshed_sample.release / "dashboard/index.html").as_uri()
    return [f"{page}#{tab}?lang={language}{chosen}" for language, chosen in CHOSEN.items() for tab in NAMES]


@pytest.fixture(scope="module")
def in_firefox(needs_firefox: None, node: str, made_once: Callable[..., Path], addresses: list[str]) -> dict[str, Any]:
    modules = made_once("puppeteer", lambda folder: node_modules(folder, PUPPETEER))
    given = {
        "modules": str(modules),
        "firefox": FIREFOX,
        "patience": PATIENCE * 1000,
        "stands": STANDS,
        "seen": SEEN,
        "addresses": addresses,
        "segment": SEGMENT,
    }
    done = subprocess.run([node, DRIVER], input=json.dumps(given), capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def in_chromium(needs_chromium: None, refreshed_sample: Refreshed, addresses: list[str]) -> list[dict[str, Any]]:
    with chromium() as browser:
        shown = opened(browser, refreshed_sample.release)
        found = list[dict[str, Any]]()
        for address in addresses:
            shown.page.goto("about:blank")  # else only what follows the # changes
            shown.page.goto(address)
            shown.page.wait_for_selector(STANDS)
            found.append(shown.page.evaluate(SEEN))
        return found


def test_firefox_shows_every_figure_table_and_sentence_that_chromium_shows(
    in_firefox: dict[str, Any], in_chromium: list[dict[str, Any]], addresses: list[str]
) -> None:
    for address, there, here in zip(addresses, in_firefox["shows"], in_chromium, strict=True):
        assert len(here["figures"]) > 3, address
        assert {name: there[name] for name in here} == here, address


def test_firefox_has_nothing_to_complain_of(in_firefox: dict[str, Any]) -> None:
    assert [said for shown in (*in_firefox["shows"], in_firefox["chosen"]) for said in shown["said"]] == []


def test_in_firefox_a_choice_is_in_the_address_and_back_undoes_it(in_firefox: dict[str, Any]) -> None:
    chosen = in_firefox["chosen"]
    assert f"segment={quote(SEGMENT)}" in chosen["address"]
    assert chosen["after"]["figures"] != chosen["before"]["figures"] == chosen["undone"]["figures"]
