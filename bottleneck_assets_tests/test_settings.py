"""Proves that settings come from the environment, are checked, and are named where they cannot be used."""

import datetime as dt
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bottleneck_assets.errors import BottleneckError, SettingsError
from bottleneck_assets.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def without_the_callers_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("BOTTLENECK_")]:
        monkeypatch.delenv(name)


def test_the_defaults_are_those_that_the_contract_names() -> None:
    settings = load_settings()

    assert settings.data_dir == Path("data")
    assert settings.export is None
    assert (settings.period_start, settings.period_end) == (None, None)
    assert settings.promo_units == "included"
    assert settings.service_level == 0.95


def test_the_folders_follow_from_the_data_folder() -> None:
    settings = load_settings(data_dir="elsewhere")

    assert settings.exports_dir == Path("elsewhere/exports")
    assert settings.warehouse_dir == Path("elsewhere/warehouse")
    assert settings.extracts_dir == Path("elsewhere/extracts")
    assert settings.dagster_home == Path("elsewhere/dagster_home")


@pytest.mark.parametrize("name", ["BOTTLENECK_PROMO_UNITS", "bottleneck_promo_units"])
def test_a_setting_comes_from_the_environment_variable_with_the_prefix(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "excluded")

    assert load_settings().promo_units == "excluded"


def test_a_variable_without_the_prefix_is_not_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROMO_UNITS", "excluded")
    monkeypatch.setenv("PORT", "no port")

    assert load_settings().promo_units == "included"


def test_what_a_run_gives_goes_before_the_environment_and_none_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_PROMO_UNITS", "excluded")
    monkeypatch.setenv("BOTTLENECK_PORT", "4000")

    settings = load_settings(promo_units="included", port=None)

    assert (settings.promo_units, settings.port) == ("included", 4000)


def test_a_month_is_the_first_of_its_days() -> None:
    settings = load_settings(period_start="2022-10", period_end="2023-09")

    assert (settings.period_start, settings.period_end) == (dt.date(2022, 10, 1), dt.date(2023, 9, 1))


def test_a_date_within_a_month_is_that_month() -> None:
    settings = Settings(period_start=dt.date(2022, 10, 15), period_end=dt.date(2023, 9, 30))

    assert (settings.period_start, settings.period_end) == (dt.date(2022, 10, 1), dt.date(2023, 9, 1))


def test_months_are_written_as_they_are_read() -> None:
    written = load_settings(period_start="2022-10", period_end="2023-09").model_dump(mode="json")

    assert (written["period_start"], written["period_end"]) == ("2022-10", "2023-09")


@pytest.mark.parametrize("month", ["2022-13", "2022-00", "2022-10-01", "10-2022", "October", "", "2022", "2022/10", "2022-10 to 2023-09"])
def test_what_is_no_month_is_refused_by_the_settings_name(monkeypatch: pytest.MonkeyPatch, month: str) -> None:
    monkeypatch.setenv("BOTTLENECK_PERIOD_START", month)
    monkeypatch.setenv("BOTTLENECK_PERIOD_END", "2023-09")

    with pytest.raises(SettingsError, match="period_start") as refused:
        load_settings()

    assert repr(month) in refused.value.problem


@pytest.mark.parametrize("given", [{"period_start": "2022-10"}, {"period_end": "2023-09"}])
def test_half_a_period_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="period_start and period_end go together"):
        load_settings(**given)


def test_a_period_half_given_by_a_run_is_completed_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_PERIOD_END", "2023-09")

    assert load_settings(period_start="2023-01").period_end == dt.date(2023, 9, 1)


def test_a_reversed_period_is_refused() -> None:
    with pytest.raises(SettingsError, match="period_end lies before period_start"):
        load_settings(period_start="2023-09", period_end="2022-10")


def test_a_period_may_be_a_single_month() -> None:
    settings = load_settings(period_start="2023-01", period_end="2023-01")

    assert settings.period_start == settings.period_end


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("promo_units", "both"),
        ("max_quarantined_share", "1.5"),
        ("max_quarantined_share", "-0.1"),
        ("releases_kept", "0"),
        ("service_level", "1"),
        ("service_level", "0.5"),
        ("service_level", "high"),
        ("port", "70000"),
        ("port", "web"),
        ("memory_limit", "plenty"),
        ("engine", "postgres"),
    ],
)
def test_a_setting_out_of_its_limits_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"BOTTLENECK_{name.upper()}", value)

    with pytest.raises(SettingsError, match=name) as refused:
        load_settings()

    assert "BOTTLENECK_" in refused.value.remedy


def test_every_flaw_is_named_at_once() -> None:
    with pytest.raises(SettingsError, match=r"promo_units.*; port: "):
        load_settings(promo_units="both", port=0)


def test_a_name_that_is_no_setting_is_refused_by_that_name() -> None:
    with pytest.raises(SettingsError, match="promo_unit: "):
        load_settings(promo_unit="included")


def test_settings_cannot_be_changed_after_the_fact() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 4000


def test_an_error_prints_as_its_problem_and_its_remedy() -> None:
    with pytest.raises(BottleneckError) as refused:
        load_settings(port=0)

    assert str(refused.value).splitlines() == [refused.value.problem, refused.value.remedy]
