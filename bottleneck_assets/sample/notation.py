"""How the shop writes a value into its export: decimals, dates, keys, and text that once was a cell of a CSV file.

Here belong the dirty habits, each a pure function of the value. What the value is, is decided elsewhere.
"""

from datetime import date, timedelta
from typing import NamedTuple

from bottleneck_assets.sample.trade import EURO

DECIMAL_COMMA = ","
DECIMAL_DOT = "."
NON_BREAKING_SPACE = "\u00a0"


class Rhythm(NamedTuple):
    """Every so many products, from which one on. Habits are counted and not drawn, so that no sample lacks one."""

    every: int
    start: int

    def falls_on(self, position: int) -> bool:
        """Tell whether the product at this position has the habit."""
        return position % self.every == self.start


WRITTEN_WITH_A_DOT = Rhythm(12, 11)

FIRST_POST = date(2019, 1, 1)
LAST_EDIT = date(2023, 10, 31)
# Every day a post can carry, written once: a sample of scale 1000 has three million of them.
POST_DAYS = tuple((FIRST_POST + timedelta(days=day)).strftime("%d-%m-%Y") for day in range((LAST_EDIT - FIRST_POST).days + 1))


def decimal_mark(position: int) -> str:
    """Give the mark that the product at this position is written with: a comma as a rule, a dot now and then."""
    return DECIMAL_DOT if WRITTEN_WITH_A_DOT.falls_on(position) else DECIMAL_COMMA


def amount(hundred_millionths: int, mark: str) -> int | str:
    """Write an amount as the export does: an integer if it is whole, else text without trailing zeros.

    SQLite turns text with a dot into a number in a NUMERIC column and leaves text with a comma alone: that is how one column
    comes to hold integers, reals and text.
    """
    whole, fraction = divmod(hundred_millionths, EURO)
    return f"{whole}{mark}{fraction:08d}".rstrip("0") if fraction else whole


def key(month: str, sku: int) -> str:
    """Write the key that Finance, Sales and Promo share, its month unpadded."""
    return f"{month}_{sku}"


def csv_cell(text: str) -> str:
    """Leave the quotes of a CSV file around a text that holds a quote, and double the quotes inside."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if '"' in text else text
