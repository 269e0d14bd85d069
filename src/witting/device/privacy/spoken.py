"""Speech as it would be written: digits said one by one, addresses spelt out, names in capitals, so that the detectors know them.

A recogniser gives `zero one seven six` and `anna dot muster at example dot org`, in which no rule finds a phone number, an address or a
name. Doesn't redact. English only: other engines write digits and capitals themselves. Invariant: no word is dropped.
"""

import re

from witting.device.privacy.lexicon import Lexicon, load_lexicon
from witting.device.privacy.sample import fold, word_set

_UNITS = {
    "zero": "0", "oh": "0", "nought": "0", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7",
    "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15",
    "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
}  # fmt: skip
_TENS = {"twenty": 2, "thirty": 3, "forty": 4, "fifty": 5, "sixty": 6, "seventy": 7, "eighty": 8, "ninety": 9}
_TIMES = {"double": 2, "triple": 3}
_RUN = 3  # so many number words in a row are a number that was dictated
_JOINTS = {"dot": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-"}
_JOINED = re.compile(rf"(?<=\w) (?:{'|'.join(_JOINTS)}) (?=\w)", re.IGNORECASE)
_AT = re.compile(r"(?<=\w) at (?=\w[\w-]*\.\w)", re.IGNORECASE)
_INTRODUCTIONS = word_set("mister missus miss doctor professor frau herr named called")
_TITLES = {"mister": "Mr", "missus": "Mrs", "miss": "Miss", "doctor": "Dr.", "professor": "Prof."}
_PAIRS = {("name", "is"), ("this", "is"), ("name's",)}


def as_written(text: str) -> str:
    """Return a transcript with dictated numbers as digits, spelt addresses joined, and names capitalised."""
    words = _digits(text.split())
    joined = _JOINED.sub(lambda found: _JOINTS[found[0].strip().lower()], " ".join(words))
    return _capitals(_AT.sub("@", joined), load_lexicon())


def _digits(words: list[str]) -> list[str]:
    """Replace each run of number words by its digits."""
    done: list[str] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _is_number(words[end]):
            end += 1
        if end - at >= _RUN:
            done.append(_number(words[at:end]))
            at = end
        else:
            done.append(words[at])
            at += 1
    return done


def _is_number(word: str) -> bool:
    word = word.lower()
    return word in _UNITS or word in _TENS or word in _TIMES


def _number(words: list[str]) -> str:
    """Return the digits of a run of number words."""
    digits = ""
    times, tens = 1, 0
    for word in (word.lower() for word in words):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        if tens:
            is_unit = len(_UNITS.get(word, "00")) == 1
            digits += str(tens) if is_unit else f"{tens}0"
            tens = 0
        if word in _TENS:
            tens = _TENS[word]
            continue
        digits += _UNITS[word] * times
        times = 1
    return digits + (f"{tens}0" if tens else "")


def _capitals(text: str, lexicon: Lexicon) -> str:
    """Capitalise what is a name by itself, beside another name, or after an introduction."""
    words = text.split(" ")
    folded = [fold(word) for word in words]
    is_plain = [lexicon.is_plain_name(word) for word in folded]
    for index, word in enumerate(words):
        is_beside = any(is_plain[near] for near in (index - 1, index + 1) if 0 <= near < len(words)) and lexicon.is_name(folded[index])
        before = tuple(folded[max(0, index - 2) : index])
        is_introduced = bool(before) and (before[-1] in _INTRODUCTIONS or before in _PAIRS or before[-1:] in _PAIRS)
        if is_introduced and before[-1] in _TITLES:
            words[index - 1] = _TITLES[before[-1]]
        if word and (is_plain[index] or is_beside or is_introduced):
            words[index] = word[0].upper() + word[1:]
    return " ".join(words)
