"""The tiers of tests, what a test needs of the machine, and what a run has left out: a plugin, which pyproject.toml loads.

Belongs here: what holds for every test, and the fixtures `needs_…`. Never here: a test, or a fixture that makes something.

A test is quick unless it says otherwise. It is full if it is marked so or needs something, nightly if it is marked so; a tier is run
with those before it. `pytest` runs the quick ones; a file or a test that is named on the command line runs up to full.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

TIERS = {"quick": "make test", "full": "make test-all", "nightly": "make nightly"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
INITDB = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
LEFT_OUT = pytest.StashKey[Counter[str]]()
TIER_OF = pytest.StashKey[dict[str, str]]()
"""The first tier that runs something of a test function that was collected, by its name, whether it is left out or not."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer --tier, and --from-tier."""
    parser.addoption("--tier", choices=TIERS, help="run the tests up to this tier: quick, full or nightly")
    parser.addoption("--from-tier", choices=TIERS, default="quick", help="leave out the tests of earlier tiers")


def pytest_configure() -> None:
    """Listen to Ctrl-C also where a shell has started the tests in the background, and told them to ignore it.

    After a run Dagster gives SIGTERM the handler that SIGINT had: what a test starts afterwards would ignore it too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give every test its tier as a marker, leave out those of later tiers, and put the slow ones first, for no worker to wait for."""
    order = list(TIERS)
    named = config.args_source is pytest.Config.ArgsSource.ARGS and not all(Path(arg).is_dir() for arg in config.args)
    wanted = range(order.index(config.option.from_tier), order.index(config.option.tier or ("full" if named else "quick")) + 1)
    tiers = {item: order.index(_tier(item)) for item in items}
    for item, tier in tiers.items():
        item.add_marker(order[tier])
    first: dict[str, int] = {}
    for item, tier in tiers.items():
        name = getattr(item, "originalname", item.name)
        first[name] = min(tier, first.get(name, tier))
    config.stash[TIER_OF] = {name: order[tier] for name, tier in first.items()}
    left = [item for item in items if tiers[item] not in wanted]
    config.stash[LEFT_OUT] = Counter(order[tiers[item]] for item in left)
    config.hook.pytest_deselected(items=left)
    slow = {item.path for item in items if 0 < tiers[item] in wanted}
    items[:] = sorted((item for item in items if tiers[item] in wanted), key=lambda item: item.path not in slow)


def _tier(item: pytest.Item) -> str:
    marked = {tier for tier in TIERS if any(item.iter_markers(tier))}
    if len(marked) > 1:
        message = f"{item.nodeid} is marked as {' and as '.join(sorted(marked))}"
        raise pytest.UsageError(message)
    needing = any(name.startswith("needs_") for name in getattr(item, "fixturenames", ()))
    return next(iter(marked), "full" if needing else "quick")


# --- What was left out -------------------------------------------------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand over what was left out, if this is a worker: the process that writes the summary collects no tests."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["left_out"] = dict(session.config.stash.get(LEFT_OUT, Counter()))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take from a worker what it has left out; all of them have collected the same."""
    node.config.stash[LEFT_OUT] = Counter(getattr(node, "workeroutput", {}).get("left_out", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which tiers were left out, and how to have them."""
    for line in left_out(config.stash.get(LEFT_OUT, Counter())):
        terminalreporter.write_line(line)


def left_out(counted: Counter[str]) -> Iterable[str]:
    """Return a line for each tier that was left out."""
    return (f"Left out: {counted[tier]} tests of the tier {tier} ({command})." for tier, command in TIERS.items() if counted[tier])


# --- What a test needs -------------------------------------------------------------------------------------------------------------


def need(lacking: Iterable[str], remedy: str) -> None:
    """Skip the test if anything is lacking, naming it and how to have it; in CI, where nothing may be, fail it."""
    if names := " and ".join(lacking):
        reason = f"There is no {names}: {remedy}"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def lacking(*packages: str, **programs: object) -> list[str]:
    """Return the packages that are not installed and the programs that were not found."""
    return [*(name for name in packages if not find_spec(name)), *(name for name, found in programs.items() if not found)]


@pytest.fixture(scope="session")
def needs_tableau() -> None:
    """The extra tableau."""
    need(lacking("tableauhyperapi", "tableauserverclient"), "`make test-all` installs the extra tableau, but for ARM on Linux.")


@pytest.fixture(scope="session")
def needs_postgres() -> None:
    """The extra postgres, and a PostgreSQL that Debian has installed."""
    need(lacking("dagster_postgres", PostgreSQL=INITDB), "`make test-all` installs the extra postgres; the server is Debian's postgresql.")


@pytest.fixture(scope="session")
def needs_spark() -> None:
    """The extra spark, and Java."""
    need(lacking("pyspark", Java=shutil.which("java")), "`make test-all` installs the extra spark; Java is 17 or newer.")


@pytest.fixture(scope="session")
def needs_mcp() -> None:
    """The extra mcp."""
    need(lacking("mcp"), "`make test-all` installs the extra mcp.")


@pytest.fixture(scope="session")
def needs_chromium() -> None:
    """A Chromium or a Chrome; Playwright's own is not downloaded."""
    need(lacking(Chromium=CHROMIUM), "Debian's package is chromium; Chrome will do.")


@pytest.fixture(scope="session")
def needs_firefox() -> None:
    """A Firefox, as Debian has it."""
    need(lacking(Firefox=FIREFOX), "Debian's package is firefox-esr.")


@pytest.fixture(scope="session")
def needs_nginx() -> None:
    """The reverse proxy of the deployment."""
    need(lacking(nginx=NGINX), "Debian's package is nginx-light.")


@pytest.fixture(scope="session")
def needs_systemd() -> None:
    """The program that verifies units."""
    need(lacking(systemd=shutil.which("systemd-analyze")), "Debian's package is systemd.")


@pytest.fixture(scope="session")
def posix() -> None:
    """What Windows does not have, or has otherwise: signals, modes of files, links for everyone."""
    if sys.platform == "win32":
        pytest.skip("Only POSIX has what these tests use: signals, modes of files, links for everyone.")
