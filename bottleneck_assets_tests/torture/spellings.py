"""Writes the values of an export in every notation that their type has, and holds the cleaned tables against what was meant.

Belongs here: the notations, as spreadsheets, shops and data frames write them. Never here: values that are none (hostile_exports.py).

What is meant is computed by `independent` from the same export in the shop's own notation. Some notations have two readings: there a row
may be in quarantine instead, but never kept with another value.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from contextlib import closing
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from bottleneck_assets_tests import independent
from bottleneck_assets_tests.small_export import built, minimal_rows, rows_of, write_export
from bottleneck_assets_tests.torture.trials import Outcome, Scope, Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from bottleneck_assets_tests.small_export import Cell, Rows

Records = dict[tuple[Any, ...], dict[str, Any]]
CLEAN = ("web", "finance", "promo", "sales")
SPACES = (" ", "\u00a0", "\u202f", "\u2009")
AROUND = ("", " ", "\t", "\r", "\r\n", "\u00a0", "\ufeff", "\u3000", "\u200b")


def _grouped(thousands: str, decimal: str) -> Callable[[str], str]:
    return lambda plain: f"{Decimal(plain):,}".translate({ord(","): thousands, ord("."): decimal})


def _day(form: str) -> Callable[[str], str]:
    def written(plain: str) -> str:
        year_first = plain[4] == "-"
        return f"{dt.datetime.strptime(plain, '%Y-%m-%d' if year_first else '%d-%m-%Y').replace(tzinfo=dt.UTC):{form}}"

    return written


AMOUNTS: Mapping[str, Callable[[str], str]] = {
    "a comma": lambda plain: plain.replace(".", ","),
    **{f"thousands after U+{ord(space):04X}, a comma": _grouped(space, ",") for space in SPACES},
    "thousands after a comma": _grouped(",", "."),
    "thousands after a dot": _grouped(".", ","),
    "an apostrophe": _grouped("'", "."),
    "a currency behind": lambda plain: f"{plain.replace('.', ',')}\u00a0€",
    "a currency before": lambda plain: f"€ {plain}",
    "a currency as a word": lambda plain: f"{plain} EUR",
    "zeros behind": lambda plain: f"{Decimal(plain):.4f}",
}
COUNTS: Mapping[str, Callable[[str], str]] = {
    "a float": lambda plain: f"{plain}.0",
    "a float with a comma": lambda plain: f"{plain},00",
    "a zero before": lambda plain: f"0{plain}",
    **{f"thousands after U+{ord(space):04X}": _grouped(space, ".") for space in SPACES},
    "thousands after a comma": _grouped(",", "."),
}
DATES: Mapping[str, Callable[[str], str]] = {
    form: _day(form)
    for form in (
        "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d 00:00:00", "%Y-%m-%dT00:00:00", "%Y-%m-%dT00:00:00Z", "%Y-%m-%d 13:45:12", "%d/%m/%Y",
        "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y 08:30",
    )
}  # fmt: skip
FLAGS: Mapping[str, Callable[[str], str]] = {
    f"{yes} and {no}": {"1": yes, "0": no}.__getitem__
    for yes, no in (
        ("true", "false"),
        ("True", "False"),
        ("TRUE", "FALSE"),
        ("oui", "non"),
        ("Vrai", "Faux"),
        ("yes", "no"),
        ("1.0", "0.0"),
    )
}
KEYS: Mapping[str, Callable[[str], str]] = {
    "a float": lambda plain: f"{plain}.0",
    "a padded month": lambda plain: "-".join((plain[:4], plain[5:].partition("_")[0].zfill(2))) + "_" + plain.partition("_")[2],
}
NUMBERS: Mapping[str, Callable[[str], str]] = {"a float": lambda plain: f"{plain}.0", "as it is": str}

TYPES: Mapping[str, tuple[Mapping[str, Callable[[str], str]], Sequence[tuple[str, str]]]] = {
    "amount": (AMOUNTS, [("Finance", "Price"), ("Finance", "Purchase_Price"), ("Promo", "Price_Offer")]),
    "count": (
        COUNTS,
        [
            ("Sales", "Sales"), ("Sales", "Stock"), ("Sales", "Orders"), ("Promo", "Sales_Offer"), ("Web", "Rating_count"),
            ("Web", "Comment_count"),
        ],
    ),
    "date": (
        DATES, [("Finance", "Date"), ("Promo", "Start_Date"), ("Promo", "End_Date"), ("Web", "Post_date"), ("Web", "Post_modified")],
    ),
    "flag": (FLAGS, [("Finance", "Onsale_Web")]),
    "key": (KEYS, [("Finance", "Key_Finance"), ("Sales", "Key_Sales"), ("Promo", "Key_Promo")]),
    "number": (NUMBERS, [("Web", "SKU"), ("Finance", "SKU"), ("Web", "Post_author")]),
}  # fmt: skip
"""By type: its notations, and the columns that are of it."""


def drawn_rows(drawn: random.Random) -> Rows:
    """Return the minimal export with values of every size, in the shop's own notation."""
    rows = minimal_rows()
    for row in rows["Finance"]:
        cost = Decimal(drawn.randrange(100, drawn.choice((10_000, 1_000_000)))) / 100
        row |= {"Purchase_Price": str(cost), "Price": str((cost * 2).quantize(Decimal("0.01"))), "Onsale_Web": drawn.choice((0, 1))}
    for row in rows["Sales"]:
        row |= {"Sales": drawn.randrange(0, drawn.choice((90, 90_000))), "Stock": drawn.randrange(0, drawn.choice((90, 90_000)))}
        row |= {"Orders": drawn.choice(("", drawn.randrange(1, 9_000)))}
    for row in rows["Promo"]:
        row |= {"Sales_Offer": drawn.randrange(1, 5_000), "Price_Offer": "15.50"}
    return rows


def spelled(rows: Rows, column: tuple[str, str], write: Callable[[str], str], around: str) -> Rows:
    """Return the rows with one column in another notation, and white space around its cells."""
    table, name = column

    def cell(plain: Cell) -> Cell:
        return plain if plain in {"", None} else f"{around}{write(str(plain))}{around}"

    return {**rows, table: [{**row, name: cell(row[name])} for row in rows[table]]}


def lost(rows: Rows, column: tuple[str, str], bent: Rows, folder: Path) -> list[str]:
    """Return which rows were kept with another value than is meant, or are neither kept nor in quarantine."""
    try:
        plain = write_export(folder / "plain.db", rows)
        clean = independent.clean_all(independent.read_all(independent.read_export(plain)), "included")
        with closing(built(folder / "bent", bent, ["clean.quarantine", *(f"clean.{name}" for name in CLEAN)])) as warehouse:
            quarantined = len(rows_of(warehouse, "clean.quarantine"))
            found = {name: _keyed(rows_of(warehouse, f"clean.{name}")) for name in CLEAN}
    except Exception as error:  # noqa: BLE001 - any at all is what is looked for
        return [f"{type(error).__name__}: {error}"]
    losses = list[str]()
    for name in CLEAN:
        meant = _keyed(clean[name].to_dict("records"))
        others = [key for key, row in found[name].items() if row != meant.get(key)]
        losses += [f"{name} {key} is read as {found[name][key]} and not {meant.get(key)}" for key in others[:1] if not quarantined]
        losses += [f"{name} has lost rows" for _ in range(len(found[name]) < len(meant) and not quarantined)]
        losses += [f"{name} {key}: another value is believed" for key in others[:1] if quarantined and name.title() == column[0]]
    return losses


def _keyed(rows: Iterable[Mapping[Any, Any]]) -> Records:
    def comparable(value: Any) -> Any:
        return None if pd.isna(value) else round(value, 9) if isinstance(value, float) else value

    return {(row.get("month"), row["sku"]): {str(name): comparable(value) for name, value in row.items()} for row in rows}


def notations(scope: Scope) -> Iterable[Outcome]:
    """Write each column of each type in each notation, with white space of a kind around its cells."""
    drawn = random.Random(scope.in_full)  # noqa: S311 - any will do
    every = [
        (kind, column, name, write, around)
        for kind, (ways, columns) in TYPES.items()
        for column in columns
        for name, write in ways.items()
        for around in AROUND
    ]
    for kind in TYPES:
        chosen = [one for one in every if one[0] == kind]
        chosen = chosen if scope.in_full else drawn.sample(chosen, 2)
        losses = list[str]()
        for _, column, name, write, around in chosen:
            scope.folder.joinpath(kind).mkdir()
            rows = drawn_rows(drawn)
            found = lost(rows, column, spelled(rows, column, write, around), scope.folder / kind)
            losses += [f"{'.'.join(column)} written with {name}, {around!r} around it: {loss}" for loss in found]
            shutil.rmtree(scope.folder / kind)
        yield Outcome(f"every notation of a {kind}, with white space of every kind", len(chosen), losses)


TRIALS = (Trial("spellings", "A plain spelling changes no value; what has two readings is kept with no other.", notations),)
