"""Proves that settings come from the environment, are checked, and are named where they cannot be used."""

import datetime as dt
import os
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bottleneck_assets import settings
from bottleneck_assets.errors import BottleneckError, SettingsError
from bottleneck_assets.settings import Settings, load_settings

PASSWORD = "grand-cru-1855"  # noqa: S105 - nobody's
SECRETS = {
    "postgres_url": f"postgresql+psycopg2://shop:{PASSWORD}@db/dagster",
    "smtp_password": PASSWORD,
    "portal_password": PASSWORD,
    "slack_webhook_url": f"https://hooks.slack.test/services/{PASSWORD}",
    "teams_webhook_url": f"https://shop.teams.test/workflows/{PASSWORD}",
    "tableau_token": PASSWORD,
}


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


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("BOTTLENECK_PERIOD_STRAT", "did you mean BOTTLENECK_PERIOD_START?"),
        ("bottleneck_period_strat", "did you mean BOTTLENECK_PERIOD_START?"),
        ("BOTTLENECK_FOO", "README.md lists the settings."),
    ],
)
def test_a_variable_that_is_no_setting_stops_nothing_and_is_named_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, variable: str, meant: str
) -> None:
    settings._warn_if_unknown.cache_clear()
    monkeypatch.setenv(variable, "2023-01")

    assert load_settings() == load_settings(data_dir="data")
    assert caplog.messages == [f"There is no setting {variable}; it is ignored: {meant}"]


def test_settings_cannot_be_changed_after_the_fact() -> None:
    with pytest.raises(ValidationError):
        load_settings().port = 4000


def test_an_error_prints_as_its_problem_and_its_remedy() -> None:
    with pytest.raises(BottleneckError) as refused:
        load_settings(port=0)

    assert str(refused.value).splitlines() == [refused.value.problem, refused.value.remedy]


# --- By itself ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "taken"), [("04:00", "04:00"), ("4:00", "04:00"), ("00:00", "00:00"), ("23:59", "23:59")])
def test_the_nightly_time_is_a_time_of_day(monkeypatch: pytest.MonkeyPatch, given: str, taken: str) -> None:
    monkeypatch.setenv("BOTTLENECK_NIGHTLY_AT", given)

    assert load_settings().nightly_at == taken


@pytest.mark.parametrize("given", ["24:00", "04:60", "-1:00", "4", "4am", "04.00", "04:00:00", "04:00 UTC", "noon", "0 4 * * *", "", " "])
def test_what_is_no_time_of_day_is_refused_by_the_settings_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("BOTTLENECK_NIGHTLY_AT", given)

    with pytest.raises(SettingsError, match="nightly_at") as refused:
        load_settings()

    assert repr(given) in refused.value.problem


@pytest.mark.parametrize("given", ["Europe/Paris", "UTC", "America/Argentina/Buenos_Aires"])
def test_the_time_zone_is_one_that_has_a_name(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("BOTTLENECK_TIME_ZONE", given)

    assert load_settings().time_zone == given


@pytest.mark.parametrize("given", ["Mars/Olympus", "Europe", "Paris time", "+02:00", "", " ", "../zone", "/etc/localtime", "Europe/\0"])
def test_what_is_no_time_zone_is_refused_by_the_settings_name(given: str) -> None:
    with pytest.raises(SettingsError, match="time_zone") as refused:
        load_settings(time_zone=given)

    assert repr(given) in refused.value.problem


@pytest.mark.parametrize(("late", "stale"), [(26, 26), (50, 26), (26, 25.9)])
def test_data_that_would_be_stale_before_it_is_late_is_refused(late: float, stale: float) -> None:
    with pytest.raises(SettingsError, match="stale_fail_hours must be more than stale_warn_hours"):
        load_settings(stale_warn_hours=late, stale_fail_hours=stale)


def test_one_limit_of_age_is_held_against_the_default_of_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_STALE_WARN_HOURS", "72")

    with pytest.raises(SettingsError, match="stale_fail_hours must be more than stale_warn_hours"):
        load_settings()
    assert load_settings(stale_fail_hours=96).stale_fail_hours == 96


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:3000"),
        ({"port": 4000}, "http://127.0.0.1:4000"),
        ({"ui_url": "https://kpi.shop.test"}, "https://kpi.shop.test"),
        ({"ui_url": "https://kpi.shop.test:8443/", "port": 4000}, "https://kpi.shop.test:8443"),
    ],
)
def test_links_lead_to_this_machine_unless_another_address_is_set(given: dict[str, Any], address: str) -> None:
    assert load_settings(**given).ui_address == address


# --- Secrets -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("driver", ["postgresql", "postgres", "postgresql+psycopg", "mysql", "sqlite"])
def test_another_way_to_postgresql_is_refused_and_the_password_not_repeated(monkeypatch: pytest.MonkeyPatch, driver: str) -> None:
    monkeypatch.setenv("BOTTLENECK_POSTGRES_URL", f"{driver}://shop:{PASSWORD}@db/dagster")

    with pytest.raises(SettingsError, match=r"postgres_url: it must begin with postgresql\+psycopg2://") as refused:
        load_settings()

    assert PASSWORD not in str(refused.value)


def test_postgresql_by_its_driver_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTLENECK_POSTGRES_URL", SECRETS["postgres_url"])

    taken = load_settings().postgres_url

    assert taken
    assert taken.get_secret_value() == SECRETS["postgres_url"]


def test_no_secret_shows_in_the_settings_nor_in_the_parameters_of_a_release() -> None:
    settings = load_settings(**SECRETS)

    shown = f"{settings!r} {settings} {settings.parameters} {settings.model_dump()} {settings.model_dump_json()}"
    assert not [secret for secret in (PASSWORD, *SECRETS.values()) if secret in shown]
    assert not set(SECRETS) & set(settings.parameters)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "flaw",
    [{"stale_warn_hours": 60}, {"period_start": "2022-10"}, {"port": 0}, {"postgres_url": f"x://{PASSWORD}"}],
    ids=["stale_warn_hours", "period_start", "port", "driver"],
)
def test_no_secret_shows_in_what_a_log_tells_of_settings_that_are_refused(name: str, flaw: dict[str, Any]) -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(**{name: SECRETS[name], **flaw})

    shown = "".join(traceback.format_exception(refused.value))
    assert not [secret for secret in (PASSWORD, *SECRETS.values()) if secret in shown]
