# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""The text as detectors see it: normalised, cut into words once for all of them.

Doesn't know what is personal. Invariant: words don't overlap and stand in order; every letter and digit belongs to one word.
"""

import re
import unicodedata
from dataclasses import dataclass, field

# A word: letters and digits, apostrophes inside. Underscores, hyphens and dots separate words.
_WORD = re.compile(r"[^\W_]+(?:['’](?![sS](?![^\W_]))[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;\n\"“”„«»(\[{|>•·–—-]\s*$")


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its place in the normalised text."""

    start: int  # offset of the first character
    end: int  # offset after the last character
    text: str  # the characters as written
    folded: str  # without case and accents, for look-ups

    @property
    def is_capitalised(self) -> bool:
        """Whether it begins with a capital letter."""
        return self.text[0].isupper()

    @property
    def has_digit(self) -> bool:
        """Whether a digit is in it."""
        return any(c.isdigit() for c in self.text)


@dataclass(frozen=True, slots=True)
class Sample:
    """A normalised text with its words."""

    text: str  # normalised text
    words: tuple[Word, ...]  # in order
    has_digit: bool = field(default=False)  # whether any digit occurs, so that number rules can be skipped

    def gap(self, index: int) -> str:
        """Return what stands between word `index` and the one before it."""
        before = self.words[index - 1].end if index else 0
        return self.text[before : self.words[index].start]

    def begins_sentence(self, index: int) -> bool:
        """Whether word `index` stands first in the text, a sentence, a quotation or a label's value."""
        return index == 0 or _SENTENCE_END.search(self.gap(index)) is not None


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list written as text."""
    return frozenset(words.split())


def fold(word: str) -> str:
    """Return `word` without case and accents."""
    folded = word.casefold()
    if folded.isascii():
        return folded
    return "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))


def make_sample(text: str) -> Sample:
    """Return the words of a normalised text."""
    words = tuple(Word(m.start(), m.end(), m[0], fold(m[0])) for m in _WORD.finditer(text))
    return Sample(text, words, any(c.isdigit() for c in text))
