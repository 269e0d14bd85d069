"""Finds ages: numbers that the words around them say are somebody's years, in English, German, French and Spanish.

Doesn't know dates. Invariant: only the number is found, so that what remains still reads.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.sample import Sample
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
_SIGNS = (
    *("age", "turn", "alter", "âge", "edad", "old", "y/o", "yo", "yr", "jahr", "jähr", "ans", "año", "i am", "i'm", "he is", "he's", "are"),
    *("bin", "ist", "j'ai", "il a", "elle a", "tengo", "tiene"),
)


def find_ages(sample: Sample) -> Iterator[Finding]:
    """Find the number in `aged 61`, `61 years old`, `61 Jahre alt`, `61 ans`, `61 años`."""
    if sample.has_digit and any(sign in sample.lowered for sign in _SIGNS):
        for pattern in _PATTERNS:
            for match in pattern.finditer(sample.text):
                yield Finding("date", *match.span(1), 0.8, "age")
