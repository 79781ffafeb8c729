"""The one-row table that says how old the data of a release is, for the line 'Data as of' on every dashboard.

Belongs here: that table, as fields and as a CSV. Never here: anything about a release that its manifest does not say.
"""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING

from bottleneck_assets.render.tableau.fields import Field

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def _text(name: str, caption: str, description: str) -> Field:
    return Field(
        name=name,
        caption=caption,
        datatype="string",
        role="dimension",
        type="nominal",
        aggregation="Count",
        format="",
        folder="Dimensions",
        description=description,
        remote_type=129,
        extract_remote_type=129,
        hyper_type="TEXT",
        is_nullable=False,
        is_key=False,
    )


RELEASE_FIELDS = (
    _text("data_as_of", "Data as of", "The last day of the last month in the export behind the release."),
    _text("received", "File received", "When that export was last changed, and so received."),
    _text("period", "Reporting period", "The first and the last month of the figures."),
)


def release_row(data_as_of: dt.date | None, received: str, start: dt.date, end: dt.date) -> dict[str, str]:
    """Return the row, as people read it. The time is in ISO 8601, empty if it is not known."""
    when = f"{dt.datetime.fromisoformat(received).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if received else "not known"
    return {
        "data_as_of": data_as_of.isoformat() if data_as_of else "not known",
        "received": when,
        "period": f"{start:%Y-%m} to {end:%Y-%m}",
    }


def write_csv(row: Mapping[str, str], target: Path) -> None:
    """Write the table as the other CSVs of a release are written."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)


def write_parquet(row: Mapping[str, str], target: Path) -> None:
    """Write the table as an extract takes it in."""
    from pyarrow import parquet, table  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

    parquet.write_table(table({name: [value] for name, value in row.items()}), target)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
