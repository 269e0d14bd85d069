# ruff: noqa: RUF001 - typographic apostrophes are what people write
"""Finds dates of birth as people write them: `born May 5th, '91`, `mein Geburtstag ist der 3. März`, `Jahrgang 1985`, `DOB 03-Apr-1985`.

Doesn't judge other dates. All repetition is bounded. Invariant: only the date is found, never the word that announced it.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.sample import Sample
from witting.terms.findings import Finding

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|jän|mär|mai|okt|dez|janv|févr|fevr|avr|juin|juil|août|aout|déc|ene|abr|ago|dic)"
    r"[^\W\d_]{0,8}\.?"
)
_YEAR = r"(?:(?:1[89]|20)\d\d|['’]?\d\d)"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|º|\.)?"
_SPACE = r"[ ,./-]{1,3}"
_OF = r"(?:(?:of|the|de|del) )?"
_DATE = (
    rf"(?:\d{{4}}[-/. ]{{1,2}}\d{{1,2}}[-/. ]{{1,2}}\d{{1,2}}|\d{{1,2}}[-/. ]{{1,2}}\d{{1,2}}[-/. ]{{1,2}}\d{{2,4}}|\d{{1,2}}/\d{{1,2}}"
    rf"|{_DAY}{_SPACE}{_OF}{_MONTH}(?:{_SPACE}{_OF}{_YEAR})?|{_MONTH}{_SPACE}{_OF}{_DAY}(?:{_SPACE}{_YEAR})?|{_MONTH}{_SPACE}{_YEAR}|{_YEAR})(?![\w'’])"
)
_TOLD = (
    r"(?:born|birth|birthday|birth ?date|date of birth|d\.?o\.?b\.?|geb(?:\.|oren)?|geburtsdatum|geburtstag|jahrgang|n[ée]e?s?|naissance"
    r"|anniversaire|nacid[oa]s?|nacimiento|naci[óo]|nac[íi]|cumplea[ñn]os|turn(?:s|ed|ing)? \d{1,3}|nato|nata)"
)
_LINK = r"[ :=\t]{1,3}(?:(?:is|was|on|in|the|ist|war|am|im|der|den|est|le|en|es|el|fue|il|mi|a)\.? ){0,3}"
_BIRTH = re.compile(rf"(?i)(?<![^\W_]){_TOLD}{_LINK}({_DATE})")
_IN_PLACE = re.compile(
    rf"(?i)(?<![^\W_])(?:born|geboren|née?|nacid[oa]|naci[óo]) (?:in|à|en) [^\d\n]{{2,40}}? (?:on|in|am|im|le|en|el) ({_DATE})"
)
_SIGNS = ("born", "birth", "d.o", "dob", "do.b", "geb", "jahrgang", "né", "naiss", "anniv", "nac", "cumple", "turn", "nato", "nata")


def find_birth_dates(sample: Sample) -> Iterator[Finding]:
    """Find dates, with or without a year, that the words before them say are somebody's birth."""
    if sample.has_digit and any(sign in sample.lowered for sign in _SIGNS):
        for pattern in (_BIRTH, _IN_PLACE):
            for match in pattern.finditer(sample.text):
                yield Finding("birth_date", *match.span(1), 0.9, "birth_date")
