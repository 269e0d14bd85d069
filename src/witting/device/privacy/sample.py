# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""The text as detectors see it: normalised, cut into words once for all of them.

Doesn't know what is personal. Invariant: words don't overlap and stand in order; every letter and digit belongs to one word.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

# A word: letters and digits, apostrophes inside. Underscores, hyphens and dots separate words.
_WORD = re.compile(r"[^\W_]+(?:['’](?![sS](?![^\W_]))[^\W_]+)*")
_DIGIT = re.compile(r"\d")
_SENTENCE_END = re.compile(r"[.!?:;\n\"“”„«»(\[{|>•·–—-]\s*$")


class Word(NamedTuple):
    """One word with its place in the normalised text."""

    start: int  # offset of the first character
    end: int  # offset after the last character
    text: str  # the characters as written
    folded: str  # without case and accents, for look-ups
    is_capitalised: bool  # whether it begins with a capital letter
    has_digit: bool  # whether a digit is in it


@dataclass(frozen=True, slots=True)
class Sample:
    """A normalised text with its words."""

    text: str  # normalised text
    words: tuple[Word, ...]  # in order
    lowered: str  # the text in lower case, so that a rule can look for its telling words first; maybe of another length
    digits: int  # how many digits occur, so that number rules can be skipped
    vocabulary: frozenset[str]  # the folded words, so that rules of words can be skipped

    @property
    def has_digit(self) -> bool:
        """Whether any digit occurs."""
        return self.digits > 0

    def gap(self, index: int) -> str:
        """Return what stands between word `index` and the one before it."""
        before = self.words[index - 1].end if index else 0
        return self.text[before : self.words[index].start]

    def begins_sentence(self, index: int) -> bool:
        """Whether word `index` stands first in the text, a sentence, a quotation or a label's value."""
        if not index:
            return True
        gap = self.gap(index)
        return gap != " " and _SENTENCE_END.search(gap) is not None


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
    lowered = text.lower()
    digits = len(_DIGIT.findall(text))
    words = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        said = match[0]
        folded = lowered[start:end] if said.isascii() and len(lowered) == len(text) else fold(said)
        words.append(Word(start, end, said, folded, said[0].isupper(), digits > 0 and _DIGIT.search(said) is not None))
    return Sample(text, tuple(words), lowered, digits, frozenset([word.folded for word in words]))
