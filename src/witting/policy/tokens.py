"""Words of instructions and UI text, with placeholders kept whole.

Knows nothing of trees or models. A placeholder such as `⟨NAME_1⟩` is one opaque token: equal to itself and to nothing else, so
relations between an instruction and a page survive redaction.
"""

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(r"⟨[^⟩\s]+⟩|\d{1,2}:\d{2}(?::\d{2})?[ \u00a0]?[AaPp]\.?[Mm]\b|\w+(?:[@._'\u2019/:\-]\w+)*|[^\w\s]")
_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”|«([^»]+)»|(?<!\w)\'([^\']+)\'(?!\w)')
_REAL_WORD = re.compile(r"[^\W\d_](?:[^\W\d_A-Z]*|[A-Z]*s?)")  # word, Word, WORD, WORDs
_OWNER = frozenset({"'s", "\u2019s"})
_LONGEST_SPAN = 5
_LONGEST_WORD = 20
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "last": -1}
_NUMERIC_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class Token:
    """One word or mark of a text."""

    text: str  # as written
    folded: str  # NFKC, case folded: what equality is asked of
    start: int  # offset in the text
    end: int
    is_quoted: bool = False

    @property
    def is_placeholder(self) -> bool:
        """Whether it stands for something that redaction took out."""
        return self.text.startswith("⟨")

    @property
    def is_owner(self) -> bool:
        """Whether it says whose something is."""
        return self.text[-2:] in _OWNER and len(self.text) > len("'s")

    @property
    def is_word(self) -> bool:
        """Whether it's more than a mark."""
        return self.is_placeholder or self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive tokens of an instruction that might be what to type."""

    first: int  # index of the first token
    end: int  # index after the last token
    text: str  # as written in the instruction
    is_quoted: bool


def fold(text: str) -> str:
    """Return `text` in NFKC, case folded, with single spaces: equal when a reader would say so."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def tokenise(text: str) -> tuple[Token, ...]:
    """Return the tokens of `text` in order."""
    quotes = [(match.start() + 1, match.end() - 1) for match in _QUOTED.finditer(text)]
    return tuple(
        Token(
            text=match.group(),
            folded=match.group() if match.group().startswith("⟨") else _without_owner(fold(match.group())),
            start=match.start(),
            end=match.end(),
            is_quoted=any(start <= match.start() and match.end() <= end for start, end in quotes),
        )
        for match in _TOKEN.finditer(text)
    )


def _without_owner(word: str) -> str:
    """Return a folded word without the 's of possession: whose something is names them as well."""
    return word[:-2] if word[-2:] in _OWNER and len(word) > len("'s") else word


def folded_words(text: str) -> tuple[str, ...]:
    """Return the folded words of `text` without marks."""
    return tuple(token.folded for token in tokenise(text) if token.is_word)


def spans_of(text: str, tokens: tuple[Token, ...]) -> tuple[Span, ...]:
    """Return the quoted strings, then the runs of up to five words that cross no mark."""
    quoted = []
    for match in _QUOTED.finditer(text):
        start, end = match.start() + 1, match.end() - 1
        inside = [index for index, token in enumerate(tokens) if start <= token.start and token.end <= end]
        if inside:
            quoted.append(Span(inside[0], inside[-1] + 1, text[start:end], is_quoted=True))
    taken = {(span.first, span.end) for span in quoted}
    runs = []
    for first in range(len(tokens)):
        for end in range(first + 1, min(len(tokens), first + _LONGEST_SPAN) + 1):
            if not tokens[end - 1].is_word:
                break
            if (first, end) not in taken:
                runs.append(Span(first, end, text[tokens[first].start : tokens[end - 1].end], is_quoted=False))
    return (*quoted, *runs)


def ordinal_of(word: str) -> int:
    """Return the place a folded word names: 2 for `second` and `2nd`, -1 for `last`, 0 for none."""
    if match := _NUMERIC_ORDINAL.fullmatch(word):
        return int(match.group(1))
    return _ORDINALS.get(word, 0)


def is_real_word(word: str) -> bool:
    """Whether a word as written looks like language: letters only, capitals only where a reader expects them."""
    return len(word) <= _LONGEST_WORD and _REAL_WORD.fullmatch(word) is not None
