"""The strict posture: what isn't known to be harmless is masked. Words by list, numbers by length.

Doesn't know what a word means. Invariant: a word passes only if it, or each of its parts, is a general or interface word or a number of
at most three digits; every other word is found.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.sample import Sample, Word, fold
from witting.terms.findings import Finding

SHORT_NUMBER = 3
LONG_RUN = 7
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
_RUN = re.compile(r"\d+(?:(?:[.,:/()+-]|\)?[ ./-]\(?(?=\d\d))\d+)*")
_DIGITS = re.compile(r"\d+")
_MAX_PARTS = 2


def is_harmless(word: Word, lexicon: Lexicon) -> bool:
    """Whether a word may stand: in the lexicon, a short number, or made of at most two such parts."""
    if word.folded in lexicon.harmless or (len(word.folded) == 1 and word.folded.isascii()):
        return True
    if not word.has_digit:
        return all(_is_listed(part, lexicon) for part in _split_letters(word.text))
    parts = _PARTS.findall(word.text)
    return len(parts) <= _MAX_PARTS and all(_is_short(p) if p[0].isdigit() else _is_listed(fold(p), lexicon) for p in parts)


def _is_short(digits: str) -> bool:
    """Whether a number is too short to name anybody."""
    return len(digits) <= SHORT_NUMBER


def _is_listed(folded: str, lexicon: Lexicon) -> bool:
    """Whether a folded part is harmless."""
    return folded in lexicon.harmless or (len(folded) == 1 and folded.isascii())


def _split_letters(text: str) -> list[str]:
    """Return the folded parts of a word at apostrophes and inner capitals, `searchBox` → search, box."""
    return [fold(part) for piece in re.split("['’]", text) for part in _CAMEL.split(piece) if part]


def unlisted_words(sample: Sample, lexicon: Lexicon) -> Iterator[Finding]:
    """Find every word with letters that isn't known to be harmless."""
    for word in sample.words:
        if not word.text.isdigit() and not is_harmless(word, lexicon):
            yield Finding("unlisted_word", word.start, word.end, 0.3, "word_list")


def long_numbers(sample: Sample) -> Iterator[Finding]:
    """Find numbers of more than three digits, and runs of digits with separators of seven or more as one."""
    if not sample.has_digit:
        return
    for run in _RUN.finditer(sample.text):
        if sum(c.isdigit() for c in run[0]) >= LONG_RUN:
            yield Finding("number", run.start(), run.end(), 0.3, "number_list")
            continue
        for number in _DIGITS.finditer(run[0]):
            if len(number[0]) > SHORT_NUMBER:
                yield Finding("number", run.start() + number.start(), run.start() + number.end(), 0.3, "number_list")
