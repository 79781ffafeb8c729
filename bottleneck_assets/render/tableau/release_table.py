"""The one-row table that says how old the data of a release is, for the line 'Data as of' on every dashboard.

Belongs here: that table, as fields and as a CSV. Never here: anything about a release that its manifest does not say.
"""
# ruff: noqa: RUF001 - typographic apostrophes are meant
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (pyarrow has types in part)

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING

from bottleneck_assets.figures.measures import Words
from bottleneck_assets.figures.written import UNKNOWN
from bottleneck_assets.render.tableau.fields import DATES, DIMENSIONS, Field
from bottleneck_assets.render.tableau.theme import DAY, MONTH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_START, _END = Words("Start of the period", "Début de la période"), Words("End of the period", "Fin de la période")
_COLUMNS: Mapping[str, tuple[Words, Words, Words | None]] = {
    "data_as_of": (
        Words("Data as of", "Données au"),
        Words(
            "The last day of the last month in the export behind the release.",
            "Le dernier jour du dernier mois de l’export dont vient la publication.",
        ),
        DAY,
    ),
    "received": (
        Words("File received", "Fichier reçu"),
        Words("When that export was last changed, and so received.", "Quand cet export a été modifié pour la dernière fois, donc reçu."),
        None,
    ),
    "period_start": (_START, Words("The first month of the figures.", "Le premier mois des chiffres."), MONTH),
    "period_end": (_END, Words("The last month of the figures.", "Le dernier mois des chiffres."), MONTH),
}
"""What each column is called and means, and how it looks if it is a date."""


def release_fields(language: str = "en") -> tuple[Field, ...]:
    """Return the fields of the table, with what readers see of them in a language."""
    return tuple(
        Field(
            name=name,
            caption=caption[language],
            datatype="date" if look else "string",
            role="dimension",
            type="ordinal" if look else "nominal",
            aggregation="Year" if look else "Count",
            format=look[language] if look else "",
            folder=(DATES if look else DIMENSIONS)[language],
            description=meaning[language],
            remote_type=133 if look else 129,
            extract_remote_type=133 if look else 129,
            hyper_type="DATE" if look else "TEXT",
            is_nullable=name == "data_as_of",
            is_key=False,
        )
        for name, (caption, meaning, look) in _COLUMNS.items()
    )


def release_row(data_as_of: dt.date | None, received: str, start: dt.date, end: dt.date) -> dict[str, dt.date | str | None]:
    """Return the row. The time is in ISO 8601, empty if it is not known, and comes out as people of every language read it."""
    when = f"{dt.datetime.fromisoformat(received).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC" if received else UNKNOWN
    return {"data_as_of": data_as_of, "received": when, "period_start": start, "period_end": end}


def write_csv(row: Mapping[str, object], target: Path) -> None:
    """Write the table as the other CSVs of a release are written."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        writer.writeheader()
        writer.writerow(row)


def write_parquet(row: Mapping[str, object], target: Path) -> None:
    """Write the table as an extract takes it in."""
    import pyarrow as pa
    from pyarrow import parquet

    types = pa.schema([(field.name, pa.date32() if field.datatype == "date" else pa.string()) for field in release_fields()])
    parquet.write_table(pa.table({name: [value] for name, value in row.items()}, schema=types), target)
