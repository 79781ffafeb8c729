"""docs/reliability.md: every promise about data has a test, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bottleneck_assets_tests.tiers import TIER_OF, TIERS
from bottleneck_assets_tests.torture.__main__ import TRIALS

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISED = DOCUMENT.partition("## The last long run")[0]
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
ROWS = [cells for line in PROMISED.splitlines() if len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == 3]
PROMISES = {promise: shown for promise, shown, _ in ROWS if promise != "promise"}
HELD_BY = {promise: tier for promise, _, tier in ROWS if promise != "promise"}


def collected() -> set[str]:
    """Return the names of all tests that pytest would collect."""
    modules = (ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "bottleneck_assets_tests").rglob("test_*.py"))
    return {node.name for module in modules for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_stands_in_the_readme_and_something_shows_it(promise: str) -> None:
    assert " ".join(promise.split()) in README
    assert re.findall(r"`(test_\w+)`", PROMISES[promise]) or "trial" in PROMISES[promise]


@pytest.mark.parametrize("promise", PROMISES)
def test_a_promise_is_held_by_the_first_tier_that_shows_it(promise: str, request: pytest.FixtureRequest) -> None:
    tier_of, commands = request.config.stash[TIER_OF], list(TIERS.values())
    shown = [
        TIERS[tier_of[test]] for test in re.findall(r"`(test_\w+)`", PROMISES[promise]) if test in tier_of
    ]  # one module alone knows few
    assert HELD_BY[promise].strip("`") in commands
    assert not shown or HELD_BY[promise].strip("`") == min(shown, key=commands.index)


def test_every_test_that_is_named_is_there() -> None:
    assert set(re.findall(r"`(test_\w+)`", DOCUMENT)) - collected() == set()


def test_every_trial_shows_a_promise_and_every_trial_that_is_named_is_there() -> None:
    named = {name for told in re.findall(r"trials? ((?:`[a-z-]+`(?:, )?)+)", DOCUMENT) for name in re.findall(r"`([a-z-]+)`", told)}
    assert named == set(TRIALS)


def test_everything_that_the_readme_says_of_what_may_be_wrong_is_shown() -> None:
    table = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("| what is wrong | what happens |\n|---|---|\n")[2].partition("\n\n")[0]
    )
    wrong = [line.strip("|").split(" | ")[0].strip() for line in table.splitlines()]
    assert len(wrong) > 8
    assert [one for one in wrong if one not in PROMISES] == []
