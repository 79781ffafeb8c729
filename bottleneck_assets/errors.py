"""What can go wrong, said so that the reader can act: the file, the table, the column, and the remedy.

Belongs here: the exceptions that a user may meet. Never here: handling them.
"""

from __future__ import annotations


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
    """A Tableau Server or Cloud that could not be asked, or did not take what it was given."""
