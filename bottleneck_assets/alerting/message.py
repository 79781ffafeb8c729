"""What an alert says: one subject, a few facts, one link.

Belongs here: the words, the same for every channel. Never here: sending them, and how a channel marks text up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBJECT_LENGTH = 150


@dataclass(frozen=True)
class Alert:
    """One message: its subject (one line), its facts by name, and the name and address of the page to open."""

    subject: str
    facts: Mapping[str, str]
    link: tuple[str, str]


def failed_run(  # noqa: PLR0913 - the facts of an alert
    *, export: str, asset: str, problem: str, remedy: str, last_release: str, run_url: str
) -> Alert:
    """Say that a refresh failed: the export, the asset, the reason, what to do, and what people see meanwhile."""
    facts = {"Export": export, "Asset": asset, "Reason": problem, "What to do": remedy, "Last release": last_release}
    return Alert(_one_line(f"Refresh failed: {problem}"), facts, ("Open the run", run_url))


def stale_data(  # noqa: PLR0913 - the facts of an alert
    *, state: str, export: str, asset: str, hours: float, limit: float, last_release: str, asset_url: str
) -> Alert:
    """Say that no release has been made for longer than the limit: the data is `late`, and later `stale`."""
    facts = {
        "Export": export,
        "Asset": asset,
        "Reason": f"The last release is {hours:,.0f} hours old; the limit is {limit:,.0f}.",
        "What to do": "See whether the shop's export arrives in the drop folder, and whether the last runs failed.",
        "Last release": last_release,
    }
    return Alert(f"The data is {state}: no new release for {hours:,.0f} hours", facts, ("Open the release", asset_url))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"
