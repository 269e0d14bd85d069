"""What the hub did with what was lent: asked for by a button, every entry checked against the log here."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency

from witting.device.desk.format import moment
from witting.device.desk.pages import Pages
from witting.ledger.log import open_entry, verify_proof
from witting.terms.clock import rfc3339
from witting.terms.errors import LogError
from witting.terms.hub import DeedShown, DeedsRequest

_WORDS = {
    "consent_given": "Your consent was recorded",
    "upload_stored": "A recording of yours was stored",
    "session_read": "A recording of yours was read",
    "withdrawal": "Your withdrawal was taken",
    "erasure": "Something of yours was erased",
    "dataset_released": "A dataset with something of yours was made",
    "model_trained": "An agent learnt from something of yours",
}


class _Opening(msgspec.Struct, frozen=True):
    """What opens a log entry."""

    fields: dict[str, str | int | bool | tuple[str, ...] | None]
    salt: str


@get("/used", sync_to_thread=True)
def see_used(pages: NamedDependency[Pages]) -> Response[str]:
    """Offer to ask the hub."""
    return pages.render("used.html.j2", here="/used", deeds=None, hub_url=pages.desk.enrolment().hub_url)


@post("/used/now", sync_to_thread=True)
def ask_used(pages: NamedDependency[Pages]) -> Response[str]:
    """Ask the hub, check every entry, show them newest first."""
    enrolment = pages.desk.enrolment()
    request = DeedsRequest(participant=enrolment.participant, programme_id=enrolment.programme.id, asked_at=rfc3339(enrolment.clock.now()))
    with pages.desk.hub(enrolment.hub_url) as hub:
        answer = hub.deeds(enrolment.signing_key.sign("deeds", request))
    lines = [_line(deed, enrolment.offer.signing_key, origin=enrolment.offer.log_origin) for deed in answer.deeds]
    return pages.render("used.html.j2", here="/used", deeds=lines[::-1], hub_url=enrolment.hub_url)


def _line(deed: DeedShown, key: bytes, *, origin: str) -> dict[str, str]:
    """Return a deed as the page shows it, after checking that the log holds it and that it says this.

    Raises:
        LogError: it doesn't.
    """
    entry = verify_proof(deed.proof, key, origin=origin)
    try:
        opening = msgspec.json.decode(deed.proof.opening, type=_Opening)
        kind = open_entry(entry, opening.fields, salt=bytes.fromhex(opening.salt))
    except (msgspec.MsgspecError, ValueError):
        raise LogError("the hub showed an entry without what opens it", hint="ask the programme's contact what it is") from None
    if (kind, opening.fields.get("done_at"), opening.fields.get("session_id")) != (deed.kind, deed.done_at, deed.session_id):
        raise LogError("the hub shows another deed than the log holds", hint="tell the programme's contact")
    purposes = opening.fields.get("purposes")
    return {
        "what": _WORDS.get(kind, kind.replace("_", " ")),
        "when": moment(deed.done_at),
        "session": deed.session_id[:8],
        "who": str(opening.fields.get("reader") or ""),
        "why": ", ".join(purposes) if isinstance(purposes, tuple) else "",
        "index": str(deed.proof.index),
    }


HANDLERS = (see_used, ask_used)
