"""The texts of a report in one language, with the figures in them.

Belongs here: how a text is found and filled in. Never here: a text itself, which stands beside its report, in English and in French.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from bottleneck_assets import wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class _Count(int):
    """A count as a text has it: alone, or, where the text gives forms such as `# row|# rows`, with what is counted."""

    language: str

    def __html_format__(self, forms: str) -> Markup:
        written = (
            wording.counted(int(self), wording.joined(forms), self.language) if forms else wording.number(str(int(self)), self.language)
        )
        return Markup.escape(written)


class Texts:
    """The texts of a report in a language: each is markup of our own, and what is put into it is escaped."""

    def __init__(self, pairs: Mapping[str, Sequence[str]], language: str) -> None:
        """Take the texts, English and French, by name, and the language to say them in, `en` or `fr`."""
        self.language = language
        self._place = wording.LANGUAGES.index(language)
        self._texts = {key: self.chosen(*pair) for key, pair in pairs.items()}

    def chosen(self, *pair: str) -> Markup:
        """Return the one of two texts, English and French, that is in this language."""
        return Markup(wording.typeset(pair[self._place], self.language))  # noqa: S704 - no text of an export: our own

    def say(self, key: str, /, **parts: object) -> Markup:
        """Return a text with its parts put in. Raises KeyError if there is none, or a part of it is not given."""
        return self._texts[key].format(**{name: self._part(part) for name, part in parts.items()})

    def number(self, value: int) -> str:
        """Write a count."""
        return wording.number(str(value), self.language)

    def signed(self, value: int) -> str:
        """Write a difference: with its sign, a true minus."""
        return ("+" if value > 0 else "") + self.number(value)

    def written(self, digits: str) -> str:
        """Return a figure, written as in English, as this language writes it."""
        return wording.localized(digits, self.language)

    def month(self, day: object) -> str:
        """Write a day's month: 2023-10, octobre 2023."""
        return f"{day:%Y-%m}" if self.language == "en" else wording.month(day, self.language)

    def day(self, day: object) -> str:
        """Write a day: 2023-10-31, 31 octobre 2023."""
        return f"{day:%Y-%m-%d}" if self.language == "en" else wording.date(day, self.language)

    def _part(self, part: object) -> object:
        if not isinstance(part, int):
            return part
        count = _Count(part)
        count.language = self.language
        return count
