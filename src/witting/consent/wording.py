"""Words in the reader's language: catalogues from English sentences to their translation, as TOML files in `words/`.

Knows no programme. The English sentence is the key, so the code reads as the notice does. Invariant: a sentence with no translation is
never passed over in silence: `Words.lacks` names it, and no notice is made while one is lacking.
"""

import re
import tomllib
from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("en", "de")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>|#!&~])")


class Words:
    """Says English sentences in one language."""

    def __init__(self, language: str, known: dict[str, str]) -> None:
        self.language = language  # BCP 47, the primary part
        self._known = MappingProxyType(known)

    def __call__(self, english: str, **values: object) -> str:
        """Return a sentence in this language, with `{name}` filled in; where it has no translation, in English."""
        sentence = self._known.get(english, english)
        return sentence.format(**values) if values else sentence

    def lacks(self, sentences: Iterable[str]) -> list[str]:
        """Return the sentences that have no translation."""
        return [] if self.language == "en" else [sentence for sentence in dict.fromkeys(sentences) if sentence not in self._known]

    def listed(self, names: Iterable[str]) -> str:
        """Return names as a sentence lists them, with what markdown would read as a mark escaped."""
        shown = [plain(name) for name in names]
        return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {self('and')} {shown[-1]}"

    def day(self, day: date) -> str:
        """Return a day as it is written in this language."""
        return f"{day.day}.{day.month}.{day.year}" if self.language == "de" else str(day)


def words_for(language: str) -> Words:
    """Return the words of a language tag; English where there is no catalogue."""
    primary = language.split("-", maxsplit=1)[0].lower()
    return _words(primary if primary in LANGUAGES else "en")


def is_known(language: str) -> bool:
    """Whether there is a catalogue for a language tag."""
    return language.split("-", maxsplit=1)[0].lower() in LANGUAGES


def plain(text: str) -> str:
    """Return a programme's text on one line, without its last stop, with what markdown would read as a mark escaped."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split())).rstrip(".")


@cache
def _words(language: str) -> Words:
    """Read a catalogue; its tables only group the sentences."""
    if language == "en":
        return Words("en", {})
    tables = tomllib.loads(files("witting.consent").joinpath("words", f"{language}.toml").read_text("utf-8"))
    return Words(language, {english: said for table in tables.values() for english, said in table.items()})
