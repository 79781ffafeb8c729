"""What can go wrong, said so that the reader can act: the file, the table, the column, and the remedy.

Belongs here: the exceptions that a user may meet, and what to do about what the system says it lacks. Never here: handling them.
"""

from __future__ import annotations

import re

MORE_MEMORY = "Raise memory_limit (BOTTLENECK_MEMORY_LIMIT), as far as this machine's memory goes, and try again."
"""What to do where DuckDB has used up what it may."""
_LACKS = (
    (
        "no space left on device|disk is full|disk quota exceeded",
        "The disk is full: free space where the data folder is, and run it again.",
    ),
    ("too many open files", "Allow this process more open files (ulimit -n), and run it again."),
    (
        r"out of memory error: .* used\)",  # DuckDB's own limit, however much the machine has
        MORE_MEMORY,
    ),
    (
        "out of memory|cannot allocate memory|memoryerror|can't start new thread",
        "Free memory, or allow this process more, and run it again.",
    ),
    (
        "read-only file system|readonly database|permission denied|operation not permitted",
        "Let this user write where the data folder is, and run it again.",
    ),
    ("file too large|disk i/o error|input/output error", "Check that the disk works, and that files may grow (ulimit -f)."),
    ("unable to open database file", "Check that this user may use its folder, and open more files (ulimit -n); then run it again."),
)
"""What the system, SQLite and DuckDB say when they lack something, and what to do about it."""


def remedy_for(said: str) -> str | None:
    """Return what to do about an error of the system, by what it says; None if it does not speak of something that is lacking."""
    return next((remedy for words, remedy in _LACKS if re.search(words, said, re.IGNORECASE)), None)


def one_line(said: object, length: int = 200) -> str:
    """Return what an export or a library says as a short line that a terminal shows as it is."""
    text = "".join(character if character.isprintable() else repr(character)[1:-1] for character in str(said)[: length + 1])
    return text if len(text) <= length else f"{text[:length]}..."


class BottleneckError(Exception):
    """Something a user can mend. Prints as two lines: what is wrong, and what to do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        """Take the problem and its remedy, each one sentence."""
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the problem and the remedy, a line each."""
        return f"{self.problem}\n{self.remedy}"


class SettingsError(BottleneckError):
    """A setting that cannot be used."""


class ExportError(BottleneckError):
    """An export that is missing, damaged or not what the shop's export should be."""


class ExportNotFoundError(ExportError):
    """No export where one was looked for."""


class ContractError(BottleneckError):
    """A table that does not keep its contract, or that is not there."""


class ReleaseError(BottleneckError):
    """A release that must not be published."""


class AlertError(BottleneckError):
    """An alert that could not be sent by some of the channels that are set; `owed` names them."""

    def __init__(self, problem: str, remedy: str, owed: tuple[str, ...]) -> None:
        """Take the problem, its remedy, and the names of the channels."""
        super().__init__(problem, remedy)
        self.owed = owed


class ExtractError(BottleneckError):
    """An extract for Tableau that could not be written."""


class SiteError(BottleneckError):
    """A Tableau Server, Cloud or Desktop that could not be asked, or did not take what it was given."""
