"""The tiers of tests, what a test needs of the machine, and what a run has left out: a plugin, which pyproject.toml loads.

Belongs here: what pytest is told about every test. Never here: a fixture, or a test.

A test is quick unless it says otherwise. It is full if it is marked so or needs something, nightly if it is marked so; a tier is run
with those before it. `pytest` runs the quick ones; a file or a test that is named on the command line runs up to full.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

TIERS = {"quick": "make test", "full": "make test-all", "nightly": "make nightly"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
INITDB = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


@dataclass(frozen=True)
class Need:
    """Something that not every machine has: the packages of an extra, a program; and how to have them."""

    packages: tuple[str, ...]
    programs: dict[str, object]
    remedy: str

    def lacking(self) -> list[str]:
        """Return the names of what is not there."""
        return [
            *(package for package in self.packages if not find_spec(package)),
            *(name for name, found in self.programs.items() if not found),
        ]


NEEDS = {
    "tableau": Need(("tableauhyperapi", "tableauserverclient"), {}, "make test-all; the wheels are for Linux x86-64, macOS and Windows x64"),
    "postgres": Need(("dagster_postgres",), {"PostgreSQL": INITDB}, "make test-all, and Debian's postgresql"),
    "spark": Need(("pyspark",), {"Java": shutil.which("java")}, "make test-all, and a Java 17 or newer on the PATH"),
    "chromium": Need((), {"Chromium": CHROMIUM}, "Debian's chromium, or Chrome"),
    "nginx": Need((), {"nginx": NGINX}, "Debian's nginx-light"),
    "systemd": Need((), {"systemd-analyze": shutil.which("systemd-analyze")}, "Debian's systemd"),
}
LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer --tier."""
    parser.addoption("--tier", choices=TIERS, help="run the tests up to this tier: quick, full or nightly")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give every test its tier as a marker, leave out those of later tiers, and put the slow ones first, for no worker to wait for."""
    order = list(TIERS)
    named = config.args_source is pytest.Config.ArgsSource.ARGS and not all(Path(arg).is_dir() for arg in config.args)
    last = order.index(config.option.tier or ("full" if named else "quick"))
    for item in items:
        if not any(item.iter_markers(tier := tier_of(item))):
            item.add_marker(tier)
    tiers = {item: order.index(tier_of(item)) for item in items}
    left = [item for item in items if tiers[item] > last]
    config.stash[LEFT_OUT] = Counter(order[tiers[item]] for item in left)
    config.hook.pytest_deselected(items=left)
    slow = {item.path for item in items if tiers[item]}
    items[:] = sorted((item for item in items if tiers[item] <= last), key=lambda item: item.path not in slow)


def tier_of(item: pytest.Item) -> str:
    """Return the tier of a test. Raises UsageError if it is marked with two, or needs what is not in NEEDS."""
    marked = sorted({tier for tier in TIERS if any(item.iter_markers(tier))}, key=list(TIERS).index)
    unknown = [name for name in needs_of(item) if name not in NEEDS]
    if len(marked) > 1 or unknown:
        problem = f"needs {unknown[0]}, which is not in NEEDS" if unknown else f"is marked as {' and as '.join(marked)}"
        raise pytest.UsageError(f"{item.nodeid} {problem}")
    return marked[0] if marked else "full" if needs_of(item) else "quick"


def needs_of(item: pytest.Item) -> list[str]:
    """Return the names of what a test needs."""
    return [name for marker in item.iter_markers("needs") for name in marker.args]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs what this machine lacks; in CI, fail it: everything is there, or the gate sees less than it says."""
    if sys.platform == "win32" and any(item.iter_markers("posix")):
        pytest.skip("only POSIX has what this test uses: signals, links, modes of files")
    for name in needs_of(item):
        if lacking := NEEDS[name].lacking():
            reason = f"needs {name}: {' and '.join(lacking)} not installed ({NEEDS[name].remedy})"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a worker what it has left out: the process that writes the summary collects no tests."""
    node.config.stash[LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was left out, if this is a worker."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["left_out"] = dict(session.config.stash.get(LEFT_OUT, Counter()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which tiers were left out, and how to have them."""
    for line in left_out(config.stash.get(LEFT_OUT, Counter())):
        terminalreporter.write_line(line)


def left_out(counted: Counter[str]) -> Iterable[str]:
    """Return a line for each tier that was left out."""
    return (f"Left out: {counted[tier]} tests of the tier {tier} ({TIERS[tier]})." for tier in TIERS if counted[tier])
