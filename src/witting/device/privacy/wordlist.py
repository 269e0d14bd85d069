# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""The strict posture: what isn't known to be harmless is masked. Words by list, numbers by length.

Doesn't know what a word means. Invariant: a word passes only if it, or each of its parts, is a general or interface word or a number of
at most three digits; every other word is found.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.sample import Sample, Word, fold, word_set
from witting.terms.findings import Finding

SHORT_NUMBER = 3
LONG_RUN = 7
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
_RUN = re.compile(r"\d+(?:(?:[.,:/()+-]|\)?[ ./-]\(?(?=\d\d))\d+)*")
_DIGITS = re.compile(r"\d+")
_SIZE = re.compile(r"(?<![\w.,])[1-9]\d{2,3} ?[x×] ?[1-9]\d{2,3}(?![\w.,]*\d)")  # of a screen or picture
# A word drawn out letter by letter, `A n n a`, is no row of harmless letters.
_DRAWN_OUT = re.compile(r"(?<![^\W_])[^\W_](?:[\s._·•|,:/*@+-]{1,3}[^\W_](?![^\W_])){4,200}")
_MIN_LETTERS = 3
_MAX_PARTS = 2
_MIN_PART = 3
# what stands beside a number or an apostrophe and is no word: ordinals, units, headings, elisions
_AFFIXES = word_set(
    "st nd rd th s t d m l ll re ve qu x h v p r n px pt em ms kb mb gb tb hz ghz am pm cm mm km kg er eme te ter o a k ui id"
)


def is_harmless(word: Word, lexicon: Lexicon) -> bool:
    """Whether a word may stand: in the lexicon, a short number, or made of at most two such parts."""
    if word.folded in lexicon.harmless or (len(word.folded) == 1 and word.folded.isascii()):
        return True
    if not word.has_digit:
        return all(_is_part(fold(part), lexicon) for part in _split_letters(word.text))
    parts = _PARTS.findall(word.text)
    return len(parts) <= _MAX_PARTS and all(_is_part(fold(part), lexicon) for part in parts)


def _is_part(part: str, lexicon: Lexicon) -> bool:
    """Whether a folded part of a word is harmless: a short number, an affix, or a listed word that isn't too short to mean anything."""
    if part.isdigit():
        return len(part) <= SHORT_NUMBER
    return part in _AFFIXES or (len(part) >= _MIN_PART and part in lexicon.harmless)


def _split_letters(text: str) -> list[str]:
    """Return a word's parts at apostrophes and inner capitals, `searchBox` → search, Box."""
    return [part for piece in re.split("['’]", text) for part in _CAMEL.split(piece) if part]


def unlisted_words(sample: Sample, lexicon: Lexicon) -> Iterator[Finding]:
    """Find every word with letters that isn't known to be harmless, and words drawn out letter by letter."""
    for word in sample.words:
        if word.folded not in lexicon.harmless and not word.text.isdigit() and not is_harmless(word, lexicon):
            yield Finding("unlisted_word", word.start, word.end, 0.3, "word_list")
    for match in _DRAWN_OUT.finditer(sample.text):
        if sum(c.isalpha() for c in match[0]) >= _MIN_LETTERS:
            yield Finding("unlisted_word", *match.span(), 0.3, "drawn_out")


def long_numbers(sample: Sample) -> Iterator[Finding]:
    """Find numbers of more than three digits, and runs of digits with separators of seven or more as one; not the sizes of screens."""
    if not sample.has_digit:
        return
    sizes = {place for match in _SIZE.finditer(sample.text) for place in range(*match.span())}
    for run in _RUN.finditer(sample.text):
        if sum(c.isdigit() for c in run[0]) >= LONG_RUN:
            yield Finding("number", run.start(), run.end(), 0.3, "number_list")
            continue
        for number in _DIGITS.finditer(run[0]):
            if len(number[0]) > SHORT_NUMBER and run.start() + number.start() not in sizes:
                yield Finding("number", run.start() + number.start(), run.start() + number.end(), 0.3, "number_list")
