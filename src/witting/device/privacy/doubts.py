# ruff: noqa: RUF001 - typographic marks and full width signs are what these rules are about
"""What is masked in a picture beyond the detectors: words that nothing marks as personal but where they stand.

Channels and handles (`# deals`, `@ada`), repositories and paths (`granite/api`, `/ api`), names of teams and projects written with capitals
(`Cinder Robotics`), what is cut off, initials by themselves. A tree says what such a thing is; pixels don't. Works on the words of one
line as they were read. Invariant: it only adds masks, and every rule is the same for every program.
"""

import re
from collections.abc import Iterator, Sequence

from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.sample import fold, word_set

_LETTER = re.compile(r"[^\W\d_]")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SIGNED = re.compile(r"[#@＃＠]+\s*[^\W\d_]")
_LONE_SIGN = re.compile(r"[#@＃＠]+")
_LONE_SLASH = re.compile(r"[/\\›»]")
_PATH = re.compile(r"[\w.~-]*[/\\][\w.-]*[^\W\d_][\w./\\-]*")
_CUT_OFF = re.compile(r"(?:\.{2,}|…)$")
_INITIALS = re.compile(r"[A-ZÀ-Ý]\.?[A-ZÀ-Ý]?\.?")
_TITLE = re.compile(r"[A-ZÀ-Ý](?:[a-zà-ÿ]+(?:[-'’][^\W\d_]+)*[,:;]?|[a-zà-ÿ]*(?:\.{2,}|…))")
_ENDS = tuple('.!?:;|·•–—-"“(')
_HARMLESS_INITIALS = word_set("ok am pm id tv pc hr it uk us eu on no go in to up ui of or a i x")
_LEAST_TITLE = 2
_DWELLINGS = word_set("apt apartment suite flat floor unit piso puerta escalera bajo planta etage etg stock appartement porte")


def doubtful(words: Sequence[str], lexicon: Lexicon) -> set[int]:
    """Return the places of the words of a line that stay masked though no detector found anything."""
    found = {at for at, word in enumerate(words) if _is_told(words, at, word=word, lexicon=lexicon)}
    for run in _titles(words):
        is_first = run[0] == 0 or words[run[0] - 1].endswith(_ENDS)
        if (len(run) >= _LEAST_TITLE or not is_first) and _names_something([words[at] for at in run], lexicon):
            found.update(run)
    return found


def is_initials(words: Sequence[str]) -> bool:
    """Whether all that stands in a place is one or two capitals that say nothing of an interface: an avatar's, mostly."""
    return len(words) == 1 and _INITIALS.fullmatch(words[0]) is not None and fold(words[0].replace(".", "")) not in _HARMLESS_INITIALS


def _is_told(words: Sequence[str], at: int, *, word: str, lexicon: Lexicon) -> bool:
    """Whether a sign before it, a slash in or beside it, or its end says that a word isn't to be trusted."""
    before = words[at - 1] if at else ""
    after = words[at + 1] if at + 1 < len(words) else ""
    if _SIGNED.search(word) or (_LETTER.search(word) and _LONE_SIGN.fullmatch(before)):
        return True
    if _LETTER.search(word) and (_LONE_SLASH.fullmatch(before) or _LONE_SLASH.fullmatch(after)):
        return True
    if fold(word.strip(".,")) in _DWELLINGS and after[:1].isdigit():  # the end of an address
        return True
    if _PATH.search(word) and not _is_everyday(word, lexicon):
        return True
    return bool(_CUT_OFF.search(word)) and not all(fold(part) in lexicon.interface for part in _WORDS.findall(word) or [""])


def _is_everyday(word: str, lexicon: Lexicon) -> bool:
    """Whether a word with slashes is two of the most frequent ones, such as `and/or`: no hyphen, nothing before or behind."""
    parts = re.split(r"[/\\]", word.strip(".,:;()"))
    return len(parts) == _LEAST_TITLE and all(part.isdigit() or fold(part) in lexicon.common for part in parts)


def _titles(words: Sequence[str]) -> Iterator[list[int]]:
    """Yield the runs of neighbouring words that begin with a capital."""
    run: list[int] = []
    for at, word in enumerate([*words, ""]):
        if run and (not _TITLE.fullmatch(word) or words[run[-1]].endswith(_ENDS)):
            yield run
            run = []
        if _TITLE.fullmatch(word):
            run.append(at)


def _names_something(run: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether any of neighbouring capitalised words is neither frequent nor one of an interface."""
    return any(fold(part) not in lexicon.common for word in run for part in _WORDS.findall(word) or [word])
