"""How hard a text is to read, as the school year that can read it: Flesch-Kincaid for English, the first Wiener Sachtextformel for German.

Kincaid et al. 1975; Bamberger and Vanecek 1984. Pure. Syllables are groups of vowels: within half a year of counting by hand on prose of
this kind. Headings, bold lead-ins, tables, quoted law and addresses aren't counted.
"""

import re

import msgspec

HARDEST = 8.0  # school years that a notice may ask for
_SILENT = re.compile(r"(?<=[^l])e$|(?<=[^td])ed$|(?<=[^sxzcg])es$")
_GERMAN_VOWELS = re.compile(r"aa|ee|oo|ie|ei|ai|eu|äu|au|[aeiouyäöü]")
_LETTERS = r"A-Za-zÄÖÜäöüß"
_SYLLABLES, _LONG = 3, 6


class Reading(msgspec.Struct, frozen=True):
    """How hard a text is."""

    grade: float  # school years, one decimal
    index: str  # the formula


def reading_of(text: str, language: str) -> Reading:
    """Return how hard a text is by the formula of its language."""
    if language == "de":
        return Reading(round(german_grade(text), 1), "Wiener Sachtextformel 1")
    return Reading(round(reading_grade(text), 1), "Flesch-Kincaid")


def reading_grade(text: str) -> float:
    """Return the Flesch-Kincaid grade of English prose, less a silent ending of each word."""
    sentences, words = _parts(text)
    if not words:
        return 0.0
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", _SILENT.sub("", word.lower())))) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def german_grade(text: str) -> float:
    """Return the first Wiener Sachtextformel of German prose: from the shares of long words, of words of three syllables and of one."""
    sentences, words = _parts(text)
    if not words:
        return 0.0
    counts = [max(1, len(_GERMAN_VOWELS.findall(word.lower()))) for word in words]
    share = 100 / len(words)
    many = share * sum(count >= _SYLLABLES for count in counts)
    long = share * sum(len(word) > _LONG for word in words)
    single = share * sum(count == 1 for count in counts)
    return 0.1935 * many + 0.1672 * len(words) / len(sentences) + 0.1297 * long - 0.0327 * single - 0.875


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Return the sentences and the words of the prose in a text."""
    prose = "\n".join(line for line in text.splitlines() if not line.startswith(("|", "#", ">")))
    prose = re.sub(r"\*\*.*?\*\*|\S*(?:@|://)\S*", "", prose)
    sentences = [part for part in re.split(r"[.!?:;]+(?:\s|$)|\n\s*\n|\n(?=[-\d])", prose) if re.search(rf"[{_LETTERS}]{{2}}", part)]
    words = re.findall(rf"[{_LETTERS}]+(?:['’][a-z]+)?", " ".join(sentences))  # noqa: RUF001 - the typographic apostrophe is meant
    return sentences, words
