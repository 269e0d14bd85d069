"""What a programme must tell people before it may ask them: GDPR Art. 13, and what recording at work needs besides.

Pure. Gathers all problems, so that a steward mends them in one go. It isn't legal advice; each problem cites what it rests on.
Packs of further jurisdictions are data to come; until then the strictest reading of Art. 13 holds everywhere.
"""

import re
from collections.abc import Iterator

import msgspec

from witting.terms.programme import Programme

EEA = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
    "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
_SAFEGUARD = re.compile(r"adequacy|contractual clauses|binding corporate rules|derogation|Art\. 4[5-9]", re.IGNORECASE)
_UNWRITTEN = re.compile(r"\W*|\W*(tbd|todo|tba|tbc|xxx+|n/?a|none|unknown|fixme|placeholder|lorem ipsum.*)\W*", re.IGNORECASE)
_REACHABLE = re.compile(r"\S@\S|https?://\S|\+?\d[\d /()-]{5,}")


class Problem(msgspec.Struct, frozen=True):
    """One thing that the notice must say and can't yet (missing), or that should be looked at (doubtful)."""

    field: str  # dotted
    message: str
    citation: str
    is_missing: bool = True  # False = doubtful: the notice can be made


def check_programme(programme: Programme) -> list[Problem]:
    """Return all missing and doubtful fields, missing ones first."""
    found = [*_who(programme), *_what_for(programme), *_who_sees(programme), *_basis(programme), *_wording(programme)]
    return sorted(found, key=lambda problem: not problem.is_missing)


def _who(programme: Programme) -> Iterator[Problem]:
    """Check who asks and whom one can turn to."""
    texts = {
        "title": (programme.title, "GDPR Art. 12(1)"),
        "controller.name": (programme.controller.name, "GDPR Art. 13(1)(a)"),
        "controller.address": (programme.controller.address, "ISO/IEC TS 27560:2023, party address"),
        "controller.contact": (programme.controller.contact, "GDPR Art. 13(1)(a)"),
        "dpo_contact": (programme.dpo_contact, "GDPR Art. 13(1)(b)"),
        "participant_contact": (programme.participant_contact, "GDPR Art. 13(2)(b)"),
        "authority": (programme.authority, "GDPR Art. 13(2)(d)"),
    }
    for field, (text, citation) in texts.items():
        yield from _written(field, text, citation=citation)
    for field in ("controller.contact", "dpo_contact", "participant_contact"):
        text, citation = texts[field]
        if not _UNWRITTEN.fullmatch(text) and not _REACHABLE.search(text):
            yield Problem(field, "names no mail address, page or telephone", citation, is_missing=False)


def _what_for(programme: Programme) -> Iterator[Problem]:
    """Check that each purpose and app says what it is."""
    for index, purpose in enumerate(programme.purposes):
        yield from _written(f"purposes[{index}].title", purpose.title, citation="GDPR Art. 13(1)(c)")
        yield from _written(f"purposes[{index}].why", purpose.why, citation="GDPR Art. 13(1)(c)")
    for index, app in enumerate(programme.apps):
        yield from _written(f"apps[{index}].title", app.title, citation="GDPR Art. 12(1)")
    if not any(purpose.is_optional for purpose in programme.purposes):
        yield Problem("purposes", "none is optional: people can't choose among them", "GDPR Art. 7(4)", is_missing=False)


def _who_sees(programme: Programme) -> Iterator[Problem]:
    """Check the recipients, and the safeguard of each that lies outside the European Economic Area."""
    if not programme.recipients:
        yield Problem("recipients", "names nobody: somebody will look at the data", "GDPR Art. 13(1)(e)", is_missing=False)
    for index, recipient in enumerate(programme.recipients):
        yield from _written(f"recipients[{index}].name", recipient.name, citation="GDPR Art. 13(1)(e)")
        yield from _written(f"recipients[{index}].why", recipient.why, citation="GDPR Art. 13(1)(e)")
        is_transfer = programme.jurisdiction[:2] in EEA and recipient.country not in EEA
        if is_transfer and not _SAFEGUARD.search(recipient.why):
            message = f"lies in {recipient.country}: say which safeguard holds, e.g. standard contractual clauses or an adequacy decision"
            yield Problem(f"recipients[{index}].why", message, "GDPR Art. 13(1)(f)")


def _basis(programme: Programme) -> Iterator[Problem]:
    """Check the documents that the legal basis and the place ask for."""
    is_agreed = programme.basis_mode == "collective_agreement+consent"
    if is_agreed or programme.jurisdiction.startswith("DE"):
        citation = "GDPR Art. 88" if is_agreed else "BetrVG § 87(1) no. 6"
        yield from _written("agreement_id", programme.agreement_id, citation=citation)
    has_assessment = not _UNWRITTEN.fullmatch(programme.dpia_id)
    if programme.basis_mode == "legitimate_interest+objection" and not has_assessment:
        yield Problem("dpia_id", "is missing: name the document that weighs the interests", "GDPR Art. 13(1)(d)")
    elif not has_assessment:
        yield Problem("dpia_id", "is missing: recording at work always needs an impact assessment", "GDPR Art. 35", is_missing=False)


def _wording(programme: Programme) -> Iterator[Problem]:
    """Check that the notice can be written in the language asked for."""
    if programme.language.split("-")[0] != "en":
        yield Problem("language", "isn't English: the notice can be made in English only so far", "GDPR Art. 12(1)")


def _written(field: str, text: str, *, citation: str) -> Iterator[Problem]:
    """Find a text that isn't there or only stands in for one."""
    if not text.strip():
        yield Problem(field, "is missing", citation)
    elif _UNWRITTEN.fullmatch(text):
        yield Problem(field, "is still to be written", citation)
