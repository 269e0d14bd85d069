"""Finds ages: numbers that the words around them say are somebody's years, in English, German, French and Spanish.

Doesn't know dates. Invariant: only the number is found, so that what remains still reads.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.sample import Sample, word_set
from witting.terms.findings import Finding

_AGE = r"(1[01]\d|[1-9]?\d)(?:[.,]\d)?"
_PATTERNS = (
    re.compile(
        rf"(?i)(?<![^\W_])(?:aged?|age of|ages|turn(?:ed|s|ing)?|(?:im )?alter(?: von)?|âge|edad(?: de)?)[ :]{{1,3}}{_AGE}(?![\w%])"
    ),
    re.compile(rf"(?i)(?<![\w.,]){_AGE}[ -]?(?:years?|yrs?|months?)[ -]old(?!\w)"),
    re.compile(rf"(?i)(?<![\w.,]){_AGE} ?(?:y/o|yo|yr|jahre alt|jährige[rsnm]?|-jährige[rsnm]?|ans|años(?: de edad)?)(?!\w)"),
    re.compile(
        rf"(?i)(?<![^\W_])(?:i am|i'm|s?he is|s?he's|they are|ich bin|er ist|sie ist|j'ai|il a|elle a|tengo|tiene) {_AGE}(?=[.,!?]|$| and )"
    ),
    re.compile(rf"(?i)(?<![\w.,]){_AGE} years? of age(?!\w)"),
)
# for each pattern, words of which one is in every match; none for those whose words may be grown onto the number
_WORDS: tuple[frozenset[str], ...] = (
    word_set("age aged ages turn turned turns turning alter edad"),
    word_set("old"),
    frozenset(),
    word_set("i'm am she's he's is are bin ist j'ai a tengo tiene"),
    word_set("age"),
)
_GROWN = ("yo", "y/o", "yr", "jahre", "jähri", " ans", "años", "ans ", "anos")


def find_ages(sample: Sample) -> Iterator[Finding]:
    """Find the number in `aged 61`, `61 years old`, `61 Jahre alt`, `61 ans`, `61 años`."""
    if not sample.has_digit:
        return
    for pattern, words in zip(_PATTERNS, _WORDS, strict=True):
        if words.isdisjoint(sample.vocabulary) and (words or not any(sign in sample.lowered for sign in _GROWN)):
            continue
        for match in pattern.finditer(sample.text):
            yield Finding("date", *match.span(1), 0.8, "age")
