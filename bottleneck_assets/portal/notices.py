"""What is wrong now, and what to do about it: the banner on every page.

Belongs here: what deserves a line of the banner. Never here: finding it out (application.py), and how it looks (pages/).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING

from bottleneck_assets import wording
from bottleneck_assets.portal.workflow import FAILED, SUCCEEDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bottleneck_assets.portal.drop_folder import Listed
    from bottleneck_assets.portal.workflow import Run


@dataclass(frozen=True)
class Notice:
    """A line of the banner: what is wrong, what to do, and the page on which to do it."""

    problem: str
    remedy: str
    address: str


def of_runs(runs: Sequence[Run]) -> list[Notice]:
    """Say that the last run that is over, of the newest first, has failed."""
    over = next((run for run in runs if run.status in {SUCCEEDED, *FAILED}), None)
    if over is None or over.status != "FAILURE":
        return []
    read = f" on {over.export}" if over.export else ""
    return [Notice(f"The last run has failed{read}; the figures are those before it.", "See why, and what to do", f"/refresh/{over.id}")]


def of_exports(found: Sequence[Listed], runs: Sequence[Run]) -> list[Notice]:
    """Say which exports are newer than the one that can be read, and whether that one waits; `found` is in the order of trial."""
    bad = takewhile(lambda one: not one.is_usable, found)
    is_under_way = any(run.status not in {SUCCEEDED, *FAILED} for run in runs)
    waiting = [one for one in found if one.is_next and not one.is_published and not is_under_way]
    return [
        *(Notice(f"{one.name} in the drop folder is not read. {one.state}", "Remove it, or send it anew", "/exports") for one in bad),
        *(Notice(f"{one.name} waits: the figures are of another export.", "Refresh from it", "/exports") for one in waiting),
    ]


def of_quarantine(worth: Iterable[Mapping[str, str]], address: str) -> list[Notice]:
    """Say what revenue is in quarantine, where there is any; `worth` are the rows of quality/quarantine_worth.csv."""
    revenue = sum((Decimal(row["revenue"] or 0) for row in worth), Decimal(0))
    said = f"Rows that cannot be read are worth about {wording.euros(revenue, 'en')} of revenue, which no figure holds."
    return [Notice(said, "See what to mend in the shop", address)] if revenue else []
