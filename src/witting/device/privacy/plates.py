"""Finds licence plates: after a word that announces one in any shape, by themselves only in shapes that little else has.

Doesn't know registers of vehicles. A part number such as `WD-ABCD-1234` is none. Invariant: a bare word or number is never a plate.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.sample import Sample
from witting.terms.findings import Finding

_TOLD = re.compile(
    r"(?i)(?<![^\W_])(?:(?:licen[cs]e|number|registration|vehicle)[ -]?plates?|plate|reg(?:istration)?[ .]{1,2}(?:no|number|mark)|vrn|"
    r"(?:kfz-?|auto)?kennzeichen|nummernschild|immatriculation|plaque(?: d['’]immatriculation)?|matr[íi]cula|targa|kenteken)"  # noqa: RUF001
    r"(?: (?:no|number|nr|is|ist|lautet|est|es|:)\.?)?[ :#=]{1,3}"
    r"(?=[a-zäöü ·-]{0,6}\d)([a-zäöü0-9]{1,8}(?:[ ·-]{1,3}[a-z0-9]{1,5}){0,3})(?![^\W_])",
)
_SIGNS = ("plate", "reg", "vrn", "kennzeichen", "nummernschild", "immat", "plaque", "matr", "targa", "kenteken")
_LIKE_ONE = re.compile(r"(?<![\w-])(?:[A-ZÄÖÜ]{1,3}[- ·]?[A-Z]{0,2}[- ·]?\d|\d{1,4}[ -][A-Z]{2,3}(?![\w]))")  # where one may begin
_SHAPES = (
    re.compile(r"(?<![\w-])[A-ZÄÖÜ]{1,3}[- ·][A-Z]{1,2}[ ·-]?\d{1,4} ?[EH]?(?![\w-])"),  # Germany: M-AB 1234
    re.compile(r"(?<![\w-])(?:[A-Z]{2}[- ]\d{3}[- ][A-Z]{2}|\d{1,4} [A-Z]{2,3} \d[\dAB])(?![\w-])"),  # France, Italy: AB-123-CD; 1234 AB 75
    re.compile(r"(?<![\w-])[A-Z]{2}\d{2} [A-Z]{3}(?![\w-])"),  # United Kingdom: LN52 XYZ
    re.compile(r"(?<![\w-])\d{4}[ -][BCDFGHJKLMNPRSTVWXYZ]{3}(?![\w-])"),  # Spain: 1234 BCD
    re.compile(
        r"(?<![\w-])(?:\d{1,2}-[A-Z]{2,3}-\d{1,3}|[A-Z]{1,2}-\d{2,3}-[A-Z]{1,3}|[A-Z]{2}-\d{2}-\d{2})(?![\w-])"
    ),  # Netherlands, Portugal
    re.compile(
        r"(?<![\w-])(?:[A-Z]{2} \d{2} [A-Z]{3}|[A-Z]{3}[ -]\d[A-Z]\d{2}|[A-Z]{1,2} ?\d{2} ?[A-Z]{1,2} ?\d{4})(?![\w-])"
    ),  # RO, BR, IN
)
_GERMAN = 0
# What else is written like a German plate: letters of standards, paper and weekdays before a number.
_NO_TOWN = frozenset(
    {"ISO", "DIN", "EN", "USB", "PDF", "UTF", "HP", "PC", "CPU", "GPU", "RAM", "TLS", "SSL", "SHA", "AES", "RFC", "PR", "US", "UK", "EU"}
)


def find_plates(sample: Sample) -> Iterator[Finding]:
    """Find licence plates: announced ones of any country, and bare ones in the shapes of ten."""
    if not sample.has_digit:
        return
    for match in _TOLD.finditer(sample.text) if any(sign in sample.lowered for sign in _SIGNS) else ():
        yield Finding("plate", *match.span(1), 0.9, "plate_told")
    for number, shape in enumerate(_SHAPES) if _LIKE_ONE.search(sample.text) else ():
        for match in shape.finditer(sample.text):
            if number != _GERMAN or re.split(r"[^A-ZÄÖÜ]", match[0])[0] not in _NO_TOWN:
                yield Finding("plate", *match.span(), 0.6, "plate_shape")
