"""The texts of a report in one language, with the figures in them.

Belongs here: how a text is found and filled in. Never here: a text itself, which stands beside its report, in English and in French.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from bottleneck_assets import wording

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?%?")


class Translations:
    """The French of what code says in English, by its sentences, where {} stands for each part that is put in."""

    def __init__(self, sentences: Iterable[Sequence[str]]) -> None:
        """Take the sentences, each in English and in French. One that has more words of its own is looked for first."""
        ranked = sorted(sentences, key=lambda pair: len(pair[0].replace("{}", "")), reverse=True)
        told = [(english.split("{}"), french) for english, french in ranked]
        self._patterns = [(words, re.compile("(.+?)".join(map(re.escape, words)), re.DOTALL), french) for words, french in told]

    def french(self, text: str) -> str | None:
        """Return the French of a text, its parts and figures in French too; None if there is none."""
        for words, pattern, translated in self._patterns:
            if all(word in text for word in words) and (found := pattern.fullmatch(text)):
                parts = [part if (known := self.french(part)) is None else known for part in map(_figure_in_french, found.groups())]
                return wording.typeset(translated, "fr").format(*parts)
        return None


def _figure_in_french(text: str) -> str:
    return wording.localized(text, "fr") if _FIGURE.fullmatch(text) else text


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

    def __init__(self, pairs: Mapping[str, Sequence[str]], language: str, said: Iterable[Sequence[str]] = ()) -> None:
        """Take the texts, English and French, by name, the language to say them in, `en` or `fr`, and what code says in English."""
        self.language = language
        self._translations = Translations(said)
        self._place = wording.LANGUAGES.index(language)
        self._texts = {key: self.chosen(*pair) for key, pair in pairs.items()}

    def chosen(self, *pair: str) -> Markup:
        """Return the one of two texts, English and French, that is in this language."""
        return Markup(wording.typeset(pair[self._place], self.language))  # noqa: S704 - no text of an export: our own

    def say(self, key: str, /, **parts: object) -> Markup:
        """Return a text with its parts put in. Raises KeyError if there is none, or a part of it is not given."""
        return self._texts[key].format(**{name: self._part(part) for name, part in parts.items()})

    def told(self, text: str) -> str:
        """Return what code says in English in this language. Raises LookupError if it has no French."""
        if self.language == "en":
            return text
        if (french := self._translations.french(text)) is None:
            message = f"There is no French for {text!r}."
            raise LookupError(message)
        return french

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

    def moment(self, moment: dt.datetime) -> str:
        """Write a moment in UTC: 2023-10-31 22:30 UTC; in French 31 octobre 2023, 22:30 UTC."""
        return f"{self.day(moment.date())}{'' if self.language == 'en' else ','} {moment:%H:%M} UTC"

    def _part(self, part: object) -> object:
        if not isinstance(part, int):
            return part
        count = _Count(part)
        count.language = self.language
        return count
