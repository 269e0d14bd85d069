"""Finds numbers that name a person or their money: cards (Luhn, ISO/IEC 7812), IBAN (ISO 13616), national ids with checksums, digit runs.

Doesn't know contexts; the checksum decides the kind. What only looks like one is left to the digit-run rule.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from stdnum import iban, luhn

from witting.device.privacy.digests import digests
from witting.device.privacy.sample import Sample, word_set
from witting.terms.findings import Finding

# Groups may be set apart by whatever a page or a table puts between them; the checksum decides.
_CARD = re.compile(r"(?<![\w.])\d(?:[\s._·•|,/-]{0,2}\d){12,18}(?!\w)")
_MIN_CARD = 13
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[\s.·-]{0,2}[A-Za-z0-9]){11,30}(?!\w)")
_MIN_IBAN = 15
_MIN_IBAN_DIGITS = 6
_MIN_ID_DIGITS = 6
_RUN = re.compile(r"(?<!\w)\(?\+?\d(?:[ ()./:\-]{0,2}\d){6,40}(?!\w)")
_DATE_TIME = re.compile(
    r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[ T]?\d{1,2}:\d{2}(?::\d{2})?)?$",
)
_MIXED = re.compile(r"(?<!\w)(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{8,64}(?!\w)")
_LONG_DIGITS = re.compile(r"\d{6,}")
_MIN_DIGITS = 6

# country and kind of number in python-stdnum, and the shape it is written in
_NATIONAL_SHAPES: tuple[tuple[str, str], ...] = (
    ("ar.cuit", r"\d{2}-?\d{8}-?\d"),
    ("at.vnr", r"\d{4} ?\d{6}"),
    ("be.nn", r"\d{2}\.?\d{2}\.?\d{2}-?\d{3}\.?\d{2}"),
    ("bg.egn", r"\d{10}"),
    ("br.cpf", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"),
    ("ca.sin", r"\d{3}[ -]?\d{3}[ -]?\d{3}"),
    ("ch.ssn", r"756\.?\d{4}\.?\d{4}\.?\d{2}"),
    ("cl.rut", r"\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]"),
    ("cn.ric", r"\d{17}[\dXx]"),
    ("cz.rc", r"\d{6}/\d{3,4}"),
    ("de.idnr", r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
    ("dk.cpr", r"\d{6}-\d{4}"),
    ("ee.ik", r"[1-6]\d{10}"),
    ("es.dni", r"\d{8}-?[A-Za-z]"),
    ("es.nie", r"[XYZxyz]-?\d{7}-?[A-Za-z]"),
    ("fi.hetu", r"\d{6}[-+A]\d{3}[0-9A-Ya-y]"),
    ("fr.nir", r"[12] ?\d{2} ?\d{2} ?\d[0-9AB] ?\d{3} ?\d{3} ?\d{2}"),
    ("gb.nhs", r"\d{3} \d{3} \d{4}"),
    ("hr.oib", r"\d{11}"),
    ("in_.aadhaar", r"\d{4} ?\d{4} ?\d{4}"),
    ("in_.pan", r"[A-Z]{5}\d{4}[A-Z]"),
    ("it.codicefiscale", r"[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]"),
    ("mx.curp", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z0-9]\d"),
    ("nl.bsn", r"\d{9}"),
    ("no.fodselsnummer", r"\d{6} ?\d{5}"),
    ("pl.pesel", r"\d{11}"),
    ("pt.nif", r"\d{9}"),
    ("ro.cnp", r"[1-9]\d{12}"),
    ("se.personnummer", r"\d{6}(?:\d{2})?[-+]\d{4}"),
    ("tr.tckimlik", r"\d{11}"),
    ("us.ssn", r"\d{3}-\d{2}-\d{4}"),
    ("za.idnr", r"\d{13}"),
)
_SPOKEN_DIGITS = word_set(
    """zero oh one two three four five six seven eight nine null eins zwei zwo drei vier funf fuenf sechs sieben acht neun
    un deux trois quatre cinq sept huit neuf cero uno dos tres cuatro cinco seis siete ocho nueve double triple""",
)
_SPOKEN_GAP = re.compile(r"[\s,.;-]{1,3}")
_MIN_SPOKEN = 6
# without a checksum: the British national insurance number
_NINO = re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D](?!\w)")
# where any of them may begin: six letters and a digit at the latest, and that many digits and letters further on
_ID_BEGIN = re.compile(r"(?<![\w-])(?=[A-Za-z]{0,6}\d)(?=(?:[ ./+-]?[A-Za-z0-9]){8})")
_NATIONAL: tuple[tuple[Any, re.Pattern[str]], ...] = tuple(
    (import_module(f"stdnum.{module}"), re.compile(rf"(?<![\w-]){shape}(?![\w-])")) for module, shape in _NATIONAL_SHAPES
)


def find_cards(sample: Sample) -> Iterator[Finding]:
    """Find payment card numbers: 13 to 19 digits whose Luhn sum is right."""
    if sample.digits >= _MIN_CARD:
        for match in _CARD.finditer(sample.text):
            end = next((end for end in _group_ends(match[0]) if luhn.is_valid(_digits(match[0][:end]))), None)
            if end is not None:
                yield Finding("card", match.start(), match.start() + end, 1.0, "card")


def _group_ends(text: str) -> Iterator[int]:
    """Yield, longest first, where a group of digits ends and at least a card's digits stand before: a date or a code may follow it."""
    for end in range(len(text), _MIN_CARD - 1, -1):
        if text[end - 1].isdigit() and not text[end : end + 1].isdigit() and len(_digits(text[:end])) >= _MIN_CARD:
            yield end


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def find_ibans(sample: Sample) -> Iterator[Finding]:
    """Find bank account numbers whose check digits and country structure are right; the longest fitting end is taken."""
    if sample.digits < _MIN_IBAN_DIGITS:
        return
    for match in _IBAN.finditer(sample.text):
        for end in range(match.end(), match.start() + _MIN_IBAN - 1, -1):
            written = sample.text[match.start() : end]
            if written[-1].isalnum() and iban.is_valid("".join(filter(str.isalnum, written)), check_country=False):
                yield Finding("iban", match.start(), end, 1.0, "iban")
                break


def find_national_ids(sample: Sample) -> Iterator[Finding]:
    """Find national and tax ids of 33 countries whose checksum is right."""
    if sample.digits < _MIN_ID_DIGITS:
        return
    for begin in _ID_BEGIN.finditer(sample.text):
        for number, pattern in _NATIONAL:
            match = pattern.match(sample.text, begin.start())
            if match and _is_valid(number, match[0]):
                yield Finding("national_id", *match.span(), 0.8, f"national_id:{number.__name__.removeprefix('stdnum.')}")
    for match in _NINO.finditer(sample.text):
        yield Finding("national_id", *match.span(), 0.8, "national_id:gb.nino")


def _is_valid(number: Any, written: str) -> bool:
    """Whether a number's checksum is right; where the library trips over it, it counts as one."""
    try:
        return bool(number.is_valid(written))
    except (LookupError, ValueError, AttributeError, TypeError):  # e.g. a Chinese id of a place that its table lacks
        return True


def find_digit_runs(sample: Sample) -> Iterator[Finding]:
    """Find long numbers of no known kind: seven digits and more with separators, six in a row, codes that mix letters with them."""
    if sample.digits < _MIN_DIGITS:
        return
    runs = [(match.span(), "digit_run") for match in _RUN.finditer(sample.text) if not _DATE_TIME.match(match[0])]
    runs += [(match.span(), "digit_run") for match in _LONG_DIGITS.finditer(sample.text)]
    runs += [(match.span(), "mixed_code") for match in _MIXED.finditer(sample.text) if sum(map(str.isdigit, match[0])) >= _MIN_DIGITS]
    known = list(digests(sample.text)) if runs else []
    for (begin, end), detector in runs:
        if not any(start <= begin < stop for start, stop in known):
            yield Finding("number", begin, end, 0.4, detector)


def find_spoken_digits(sample: Sample) -> Iterator[Finding]:
    """Find numbers told digit by digit in words, six and more: `zero three zero, nine oh one`."""
    if _SPOKEN_DIGITS.isdisjoint(sample.vocabulary):
        return
    run: list[int] = []
    for index, word in enumerate(sample.words):
        if word.folded not in _SPOKEN_DIGITS or (run and not _SPOKEN_GAP.fullmatch(sample.gap(index))):
            yield from _spoken(sample, run) if run else ()
            run = []
        if word.folded in _SPOKEN_DIGITS:
            run.append(index)
    yield from _spoken(sample, run)


def _spoken(sample: Sample, run: list[int]) -> Iterator[Finding]:
    """Find a run of spoken digits that is long enough to be somebody's number."""
    if len(run) >= _MIN_SPOKEN:
        yield Finding("number", sample.words[run[0]].start, sample.words[run[-1]].end, 0.4, "spoken_digits")
