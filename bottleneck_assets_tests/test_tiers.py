"""Every test has one tier, what a test needs is said where it is not there, and so is what a run has left out."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

import pytest

from bottleneck_assets_tests import tiers
from bottleneck_assets_tests.tiers import TIERS, lacking

ROOT = Path(__file__).parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
MODULE = """
import pytest

@pytest.fixture
def needs_a_program():
    from bottleneck_assets_tests.tiers import lacking, need
    need(lacking("json", Oak=None), "Plant one.")

@pytest.fixture
def barrel(needs_a_program):
    pass

def test_plain():
    pass

@pytest.mark.full
def test_slow():
    pass

def test_of_a_barrel(barrel):
    pass

@pytest.mark.nightly
def test_long():
    pass
"""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with a test of each kind, which is run with the plugin, in this process."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    unused = " ".join(f"-p no:{plugin}" for plugin in ("cacheprovider", "hypothesispytest", "typeguard", "anyio"))
    pytester.makeini(f"[pytest]\naddopts = -ra -p bottleneck_assets_tests.tiers {unused}\nmarkers =\n  quick\n  full\n  nightly\n")
    pytester.makepyfile(test_wine=MODULE)
    return pytester


def test_every_test_of_this_run_has_exactly_one_tier(request: pytest.FixtureRequest) -> None:
    found = {item.nodeid: {mark.name for mark in item.iter_markers() if mark.name in TIERS} for item in request.session.items}
    assert {test: marks for test, marks in found.items() if len(marks) != 1} == {}


@pytest.mark.parametrize(
    ("given", "passed", "left"),
    [
        ((), ["plain"], ["2 tests of the tier full (make test-all)", "1 tests of the tier nightly (make nightly)"]),
        (("--tier=quick", "test_wine.py"), ["plain"], ["2 tests of the tier full (make test-all)", "1 tests of the tier nightly"]),
        (("test_wine.py",), ["plain", "slow"], ["1 tests of the tier nightly"]),
        (("--tier=full",), ["plain", "slow"], ["1 tests of the tier nightly"]),
        (("--tier=nightly",), ["plain", "slow", "long"], []),
        (
            ("--tier=full", "--from-tier=full"),
            ["slow"],
            ["1 tests of the tier quick (make test)", "1 tests of the tier nightly (make nightly)"],
        ),
    ],
)
def test_a_run_holds_its_tier_with_those_before_it_and_says_what_it_left_out(
    given: tuple[str, ...], passed: list[str], left: list[str], inner: pytest.Pytester
) -> None:
    done = inner.runpytest_inprocess("-v", *given)
    assert {line.split("::test_")[1].split()[0] for line in done.outlines if "PASSED" in line} == set(passed)
    told = [line.removeprefix("Left out: ") for line in done.outlines if line.startswith("Left out: ")]
    assert len(told) == len(left)
    assert all(one.startswith(expected) for one, expected in zip(told, left, strict=True))


def test_workers_tell_what_they_left_out(inner: pytest.Pytester) -> None:
    done = inner.runpytest_subprocess("--numprocesses=1")
    done.stdout.fnmatch_lines(["Left out: 2 tests of the tier full (make test-all)."])


def test_what_a_test_needs_is_named_with_the_way_to_have_it(inner: pytest.Pytester) -> None:
    done = inner.runpytest_inprocess("--tier=full")
    done.assert_outcomes(passed=2, skipped=1, deselected=1)
    done.stdout.fnmatch_lines(["SKIPPED * There is no Oak: Plant one."])


def test_in_ci_nothing_that_is_needed_may_be_missing(inner: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    inner.runpytest_inprocess("--tier=full").assert_outcomes(passed=2, errors=1, deselected=1)


def test_a_test_of_two_tiers_is_refused(inner: pytest.Pytester) -> None:
    inner.makepyfile(test_twice="import pytest\n@pytest.mark.full\n@pytest.mark.nightly\ndef test_both():\n    pass\n")
    done = inner.runpytest_inprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*test_twice.py::test_both is marked as full and as nightly"])


def test_slow_modules_come_first(inner: pytest.Pytester) -> None:
    inner.makepyfile(test_ale="def test_quick():\n    pass\n")
    done = inner.runpytest_inprocess("-v", "--tier=full")
    ran = [line.split("::")[0] for line in done.outlines if "PASSED" in line]
    assert ran == ["test_wine.py", "test_wine.py", "test_ale.py"]


def test_what_is_lacking_is_named() -> None:
    assert lacking("json", "no_such_package", Python="/usr/bin/python3", Corkscrew=None) == ["no_such_package", "Corkscrew"]


def test_every_need_says_what_it_is() -> None:
    needs = [name for name in vars(tiers) if name.startswith("needs_")]
    assert len(needs) > 5
    assert all(getattr(tiers, name).__doc__ for name in needs)


@pytest.mark.nightly
@pytest.mark.timeout(5400)  # a fresh environment, and all the quick tests
@pytest.mark.parametrize("extra", EXTRAS)
def test_the_quick_tests_pass_in_a_fresh_clone_with_one_extra_alone(extra: str, tmp_path: Path) -> None:
    own = {"VIRTUAL_ENV", "CI"}  # CI wants all that a test may need
    environment = {name: value for name, value in os.environ.items() if name not in own and not name.startswith("PYTEST_")}
    subprocess.run(["git", "clone", "--quiet", ROOT, tmp_path / "clone"], check=True)
    test = ["make", "--directory", tmp_path / "clone", "test", f"EXTRA={extra}"]
    done = subprocess.run(test, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
