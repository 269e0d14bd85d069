"""What a programme must tell people before it may ask them: what its law packs ask, and what recording at work needs besides.

Pure. Gathers all problems, so that a steward mends them in one go. It isn't legal advice; each problem cites what it rests on.
"""

import re
from collections.abc import Iterator

from witting.consent.packs.checking import UNWRITTEN, PackReport, Problem, check_packs
from witting.consent.packs.loading import EEA
from witting.consent.wording import LANGUAGES, is_known, words_for
from witting.terms.fields import load_fields
from witting.terms.programme import Programme

__all__ = ["EEA", "PackReport", "Problem", "check_packs", "check_programme"]

_SAFEGUARD = re.compile(r"adequacy|contractual clauses|binding corporate rules|derogation|Art\. 4[5-9]", re.IGNORECASE)
_REACHABLE = re.compile(r"\S@\S|https?://\S|\+?\d[\d /()-]{5,}")


def check_programme(programme: Programme) -> list[Problem]:
    """Return all missing and doubtful fields, each once, missing ones first.

    Raises:
        ProgrammeError: the programme names a law pack that isn't there.
    """
    asked = [problem for report in check_packs(programme) for problem in report.problems]
    found: dict[str, Problem] = {}
    for problem in sorted([*asked, *_own(programme)], key=lambda problem: not problem.is_missing):
        found.setdefault(problem.field, problem)
    return list(found.values())


def _own(programme: Programme) -> Iterator[Problem]:
    """Find what no law pack's field can show."""
    yield from _reachable(programme)
    yield from _abroad(programme)
    yield from _readable(programme)
    if not any(purpose.is_optional for purpose in programme.purposes):
        yield Problem("purposes", "none is optional: people can't choose among them", "GDPR Art. 7(4)", is_missing=False)


def _reachable(programme: Programme) -> Iterator[Problem]:
    """Find contacts that nobody can use."""
    contacts = {
        "controller.contact": (programme.controller.contact, "GDPR Art. 13(1)(a)"),
        "dpo_contact": (programme.dpo_contact, "GDPR Art. 13(1)(b)"),
        "participant_contact": (programme.participant_contact, "GDPR Art. 13(2)(b)"),
    }
    for index, one in enumerate(programme.representatives):
        contacts[f"representatives[{index}].contact"] = (one.contact, "BetrVG § 87(1) no. 6")
    for field, (text, citation) in contacts.items():
        if not UNWRITTEN.fullmatch(text) and not _REACHABLE.search(text):
            yield Problem(field, "names no mail address, page or telephone", citation, is_missing=False)


def _abroad(programme: Programme) -> Iterator[Problem]:
    """Find recipients and places outside the European Economic Area that say nothing of what keeps data safe there."""
    if programme.jurisdiction[:2] not in EEA:
        return
    named = {recipient.country for recipient in programme.recipients}
    for index, recipient in enumerate(programme.recipients):
        if recipient.country not in EEA and not _SAFEGUARD.search(f"{recipient.why} {recipient.safeguard}"):
            message = f"lies in {recipient.country}: say which safeguard holds, e.g. standard contractual clauses or an adequacy decision"
            yield Problem(f"recipients[{index}].why", message, "GDPR Art. 13(1)(f)", pack="gdpr")
    for index, place in enumerate(programme.places):
        if place.country not in EEA | named:
            message = f"lies in {place.country}, and no recipient does: say who gets data there"
            yield Problem(f"places[{index}].country", message, "GDPR Art. 13(1)(f)", pack="gdpr")


def _readable(programme: Programme) -> Iterator[Problem]:
    """Check that the whole notice can be written in the language asked for."""
    citation = "GDPR Art. 12(1)"
    if not is_known(programme.language):
        yield Problem("language", f"has no catalogue: the notice can be made in {', '.join(LANGUAGES)} so far", citation)
        return
    used = {stream for purpose in programme.purposes for stream in purpose.streams} | {"all"}
    told = [text for field in load_fields() if field.stream in used for text in (field.meaning, field.why)]
    if lacking := words_for(programme.language).lacks(told):
        yield Problem("language", f"lacks {len(lacking)} sentences of what is recorded, such as {lacking[0]!r}", citation)
