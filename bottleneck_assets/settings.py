"""Every setting of the workflow, read from the environment (prefix BOTTLENECK_) or given by a run.

Belongs here: names, defaults, types and limits of settings, and the folders that follow from them. Never here: I/O, and nothing is read
from the environment before somebody asks for it.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bottleneck_assets.errors import SettingsError

_LOG = logging.getLogger(__name__)
Engine = Literal["duckdb", "spark"]
PromoUnits = Literal["included", "excluded"]
SalePrices = Literal["incl_vat", "excl_vat"]
VatRate = Annotated[Decimal, Field(ge=0, lt=1, max_digits=9, decimal_places=8)]
LATEST = "latest"
FIGURES_DEPEND_ON = {
    "promo_units",
    "sale_prices",
    "vat_rates",
    "best_seller_share",
    "segments_without_stock",
    "period_start",
    "period_end",
    "service_level",
    "least_free_cash",
    "carrying_cost_rate",
    "rating_gap",
    "interval_level",
}
POSTGRES_DRIVER = "postgresql+psycopg2://"


def _first_of_month(value: object) -> object:
    if isinstance(value, dt.date):
        return value.replace(day=1)
    if not isinstance(value, str):
        return value
    try:
        return dt.datetime.strptime(value, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        message = f"{value!r} is not a month such as 2022-10"
        raise ValueError(message) from None


Month = Annotated[dt.date, BeforeValidator(_first_of_month), PlainSerializer(lambda month: f"{month:%Y-%m}")]


def _time_of_day(value: str) -> str:
    try:
        return f"{dt.datetime.strptime(value, '%H:%M').replace(tzinfo=dt.UTC):%H:%M}"
    except ValueError:
        message = f"{value!r} is not a time such as 04:00"
        raise ValueError(message) from None


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the name of a folder of zones is an OSError
        message = f"{value!r} is not a time zone such as Europe/Paris"
        raise ValueError(message) from None
    return value


TimeOfDay = Annotated[str, AfterValidator(_time_of_day)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Settings(BaseSettings):
    """The settings of one run. Frozen: a run is about one set of settings."""

    # errors do not repeat what was given: it may be a secret
    model_config = SettingsConfigDict(env_prefix="BOTTLENECK_", frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Path = Field(Path("data"), description="The folder of exports, tables, extracts and the Dagster instance.")
    export: Path | None = Field(None, description="The export to read. Without it, the newest file in `exports/`.")
    export_wait_seconds: float = Field(
        60, ge=0, le=3600, description="How long a refresh waits for an export that another program holds locked."
    )
    period_start: Month | None = Field(None, description="First month of the reporting period, such as 2022-10.")
    period_end: Month | None = Field(None, description="Last month of the reporting period, such as 2023-09.")
    promo_units: PromoUnits = Field("included", description="Whether `Sales` includes the units sold on promotion.")
    sale_prices: SalePrices = Field("incl_vat", description="Whether sale prices, list and offer, include VAT. Purchase prices never do.")
    vat_rates: dict[str, VatRate] = Field(
        {
            "Vin": Decimal("0.2"),
            "Spiritueux": Decimal("0.2"),
            "Offres commerciales": Decimal("0.2"),
            "Huile": Decimal("0.055"),
            "Sans Alcool": Decimal("0.055"),
        },
        min_length=1,
        description="Rate of VAT by segment, as JSON; a segment without one is named and taken at the commonest.",
    )
    segments_without_stock: str = Field(
        "Offres commerciales",
        description="Segments that hold no stock, such as gift cards, with semicolons between them; case and white space do not matter.",
    )
    max_quarantined_share: float = Field(
        0.05, ge=0, le=1, description="Share of a table's rows in quarantine above which nothing is published."
    )
    max_quarantined_revenue_share: float = Field(
        0.005, ge=0, le=1, description="Share of the revenue that rows in quarantine may be worth; above it nothing is published."
    )
    reports: bool = Field(default=True, description="Whether a release holds the reports (`report/`); without them, tables and CSVs alone.")
    releases_kept: int = Field(30, ge=1, description="How many releases stay in `extracts/`.")
    service_level: float = Field(0.95, gt=0.5, lt=1, description="Share of months in which the reorder point should cover the demand.")
    least_free_cash: float = Field(
        500, ge=0, description="Euros of stock beyond the coming months' demand below which a product gets no advice of its own."
    )
    carrying_cost_rate: float = Field(
        0.1, ge=0, le=1, description="What holding a euro of stock costs a year: capital, storage, insurance. Low, since wine keeps."
    )
    best_seller_share: float = Field(
        0.2, gt=0, le=1, description="Share of a product type's stocked products that count as its best-sellers, by revenue."
    )
    rating_gap: float = Field(
        0.5, gt=0, le=5, description="Stars above or below the shop's mean from which a product counts as well or badly rated."
    )
    interval_level: float = Field(
        0.9, gt=0.5, le=0.99, description="How often the range given for a promotion's lift and return should hold the true value."
    )
    engine: Engine = Field("duckdb", description="What runs the SELECTs: DuckDB in this process, or Spark (see docs/scale.md).")
    memory_limit: str = Field(
        "2GB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$", description="Memory that DuckDB may use before it spills to disk."
    )
    instance_storage: Literal["pooled", "stock"] = Field(
        "pooled", description="How Dagster's databases are opened: kept open, or Dagster's own way."
    )
    postgres_url: SecretStr | None = Field(
        None,
        description="PostgreSQL for the Dagster instance, in place of its SQLite files: `postgresql+psycopg2://user:password@host/name`.",
    )
    runs_kept: int = Field(500, ge=1, description="How many finished runs stay in the Dagster instance.")
    port: int = Field(3000, ge=1, le=65535, description="Port of the Dagster UI on 127.0.0.1.")
    viewer_port: int = Field(3001, ge=1, le=65535, description="Port of the read-only Dagster UI on 127.0.0.1 (`bottleneck serve viewer`).")
    ui_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+/?$",
        description="Address at which people find the Dagster UI, for the links of alerts. Without it, `http://127.0.0.1:<port>`.",
    )
    viewer_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+/?$",
        description="Address at which people find the read-only Dagster UI, if a reverse proxy goes before it.",
    )
    portal_host: str = Field(
        "127.0.0.1", min_length=1, description="Where the portal listens. Beyond 127.0.0.1 it starts only with `portal_password`."
    )
    portal_port: int = Field(3002, ge=1, le=65535, description="Port of the portal.")
    portal_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+/?$",
        description="Address at which people find the portal, if a reverse proxy goes before it.",
    )
    portal_password: SecretStr | None = Field(
        None, min_length=8, description="Password of the portal, asked for by HTTP Basic with any user name; 8 characters or more."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses of reverse proxies whose `X-Forwarded-For` says who asks the portal, with commas between them; "
        "without it nobody's does.",
    )
    dagster_url: str | None = Field(
        None,
        pattern=r"^https?://[^/]+/?$",
        description="Dagster UI that the portal starts refreshes with; `bottleneck up` sets its own. Without it, no refresh and no upload.",
    )
    upload_mb: int = Field(500, ge=1, le=100_000, description="How large an export may be that is dropped on the portal, in MB.")
    nightly_at: TimeOfDay = Field("04:00", description="When the schedule `nightly_refresh` runs.")
    time_zone: TimeZone = Field("Europe/Paris", description="Time zone of `nightly_at`.")
    stale_warn_hours: float = Field(26, ge=1 / 60, description="Age of the last release, in hours, from which it counts as late.")
    stale_fail_hours: float = Field(50, ge=1 / 60, description="Age of the last release, in hours, from which it counts as stale.")
    alert_email_to: str | None = Field(None, description="Who gets alerts by e-mail; several addresses with commas between them.")
    alert_email_from: str | None = Field(None, description="Sender of alerts by e-mail. Without it, the first of `alert_email_to`.")
    smtp_host: str = Field("localhost", description="Mail server for alerts.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="How the way to the mail server is encrypted.")
    smtp_user: str | None = Field(None, description="User at the mail server. Without it, no sign-in.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    slack_webhook_url: SecretStr | None = Field(None, description="Slack webhook that gets alerts.")
    teams_webhook_url: SecretStr | None = Field(None, description="Teams webhook (a workflow) that gets alerts.")
    tableau_server: str | None = Field(
        None,
        pattern=r"^(https://[^/]+|http://(localhost|127\.0\.0\.1)(:\d+)?)/?$",  # the token goes there
        description="Tableau Server or Cloud that every release is published to, such as `https://tableau.shop.example`.",
    )
    tableau_site: str = Field("", description="Site there, as its address names it. Without it, the default site.")
    tableau_project: str = Field("default", min_length=1, description="Project there that holds the data source and the workbook.")
    tableau_token_name: str | None = Field(None, description="Name of the personal access token to sign in to Tableau with.")
    tableau_token: SecretStr | None = Field(None, description="Secret of that token.")

    @model_validator(mode="after")
    def _period_is_whole(self) -> Self:
        if (self.period_start is None) != (self.period_end is None):
            message = "period_start and period_end go together"
            raise ValueError(message)
        if self.period_start and self.period_end and self.period_end < self.period_start:
            message = "period_end lies before period_start"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _late_comes_before_stale(self) -> Self:
        if self.stale_fail_hours <= self.stale_warn_hours:
            message = "stale_fail_hours must be more than stale_warn_hours"
            raise ValueError(message)
        return self

    @field_validator("slack_webhook_url", "teams_webhook_url")
    @classmethod
    def _webhook_is_an_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(("https://", "http://")):
            message = "it must begin with https://"
            raise ValueError(message)
        return url

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_addresses(cls, proxies: str) -> str:
        for proxy in filter(None, (part.strip() for part in proxies.split(","))):
            try:
                ip_network(proxy)
            except ValueError:
                message = f"{proxy!r} is neither an address nor a network such as 10.0.0.0/24"
                raise ValueError(message) from None
        return proxies

    @field_validator("postgres_url")
    @classmethod
    def _driver_is_psycopg2(cls, url: SecretStr | None) -> SecretStr | None:
        if url and not url.get_secret_value().startswith(POSTGRES_DRIVER):
            message = f"it must begin with {POSTGRES_DRIVER}"
            raise ValueError(message)
        return url

    @property
    def parameters(self) -> dict[str, Any]:
        """The settings that figures depend on, as the manifest shows them."""
        return self.model_dump(mode="json", include=FIGURES_DEPEND_ON)

    @property
    def ui_address(self) -> str:
        """Where people find the Dagster UI."""
        return (self.ui_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def portal_address(self) -> str:
        """Where people find the portal."""
        return (self.portal_url or f"http://{self.portal_reached_at}").rstrip("/")

    @property
    def portal_reached_at(self) -> str:
        """Host and port at which this machine reaches the portal."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.portal_host, self.portal_host)  # noqa: S104 - every interface, so this one
        return f"[{host}]:{self.portal_port}" if ":" in host else f"{host}:{self.portal_port}"

    @property
    def proxies(self) -> list[str]:
        """The addresses and networks of `trusted_proxies`."""
        return [proxy for part in self.trusted_proxies.split(",") if (proxy := part.strip())]

    @property
    def exports_dir(self) -> Path:
        """The drop folder."""
        return self.data_dir / "exports"

    @property
    def warehouse_dir(self) -> Path:
        """The tables, as Parquet files."""
        return self.data_dir / "warehouse"

    @property
    def documents_dir(self) -> Path:
        """The documents that the next release takes."""
        return self.data_dir / "documents"

    @property
    def extracts_dir(self) -> Path:
        """The releases, and `latest`."""
        return self.data_dir / "extracts"

    @property
    def latest_release(self) -> Path:
        """The newest good release: what everyone reads."""
        return self.extracts_dir / LATEST

    @property
    def dagster_home(self) -> Path:
        """The Dagster instance: runs, events, check results."""
        return self.data_dir / "dagster_home"


def load_settings(**given: Any) -> Settings:  # noqa: ANN401 - pydantic checks each value
    """Return the environment's settings, with those that a run gives in place of them (None means not given).

    A variable with our prefix that no setting has is ignored, and named in a warning: once a process, on stderr unless logging is set up.
    Raises SettingsError, which names the setting and what is wrong with it.
    """
    for variable in os.environ:
        _warn_if_unknown(variable)
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        flaws = "; ".join(_flaw(detail) for detail in error.errors())
        problem = f"The settings cannot be used: {flaws}."
        raise SettingsError(problem, "Correct the option or the environment variable (prefix BOTTLENECK_) of that name.") from error


@cache
def _warn_if_unknown(variable: str) -> None:
    prefix, known = Settings.model_config.get("env_prefix", ""), Settings.model_fields
    name = variable.upper().removeprefix(prefix).lower()
    if variable.upper().startswith(prefix) and name not in known:
        nearest = get_close_matches(name, known, n=1)
        meant = f"did you mean {prefix}{nearest[0].upper()}?" if nearest else "README.md lists the settings."
        _LOG.warning("There is no setting %s; it is ignored: %s", variable, meant)


def _flaw(detail: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    where = ".".join(str(part) for part in detail["loc"])
    what = str(detail["msg"]).removeprefix("Value error, ")
    return f"{where}: {what}" if where else what
