"""Who saw what was lent, and what else the hub did with it: asked for by a button, every entry checked against the log here."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from witting.consent.wording import Words, words_for
from witting.device.desk.format import moment
from witting.device.desk.pages import Pages
from witting.device.desk.words import DEEDS
from witting.device.history import Deed, ask_history, proof_of, read_history
from witting.ledger.log import write_proof
from witting.terms.programme import Programme


@get("/used", sync_to_thread=True)
def see_used(pages: NamedDependency[Pages]) -> Response[str]:
    """Show what the hub last told, newest first, and offer to ask again."""
    enrolment = pages.desk.enrolment()
    history, say = read_history(enrolment), words_for(pages.language)
    rows = [_row(deed, enrolment.programme, say=say) for deed in reversed(history.deeds)]
    return pages.render(
        "used.html.j2",
        here="/used",
        asked_at=history.asked_at,
        log=history.log,
        reads=[row for row in rows if row["kind"] == "session_read"],
        others=[row for row in rows if row["kind"] != "session_read"],
        hub_url=enrolment.hub_url,
    )


@post("/used/now", sync_to_thread=True)
def ask_used(pages: NamedDependency[Pages]) -> Redirect:
    """Ask the hub, check every entry and the log itself, keep them."""
    with pages.desk.acting() as (enrolment, hub):
        ask_history(enrolment, hub=hub)
    return Redirect("/used", status_code=303)


@get("/used/{index:int}/proof", sync_to_thread=True)
def save_proof(pages: NamedDependency[Pages], index: FromPath[int]) -> Response[str]:
    """Return the proof of an entry as a file that anybody can verify (C2SP tlog-proof)."""
    return proof_file(write_proof(proof_of(pages.desk.enrolment(), index)), name=f"entry-{index}")


def proof_file(text: str, *, name: str) -> Response[str]:
    """Return a proof as a download."""
    headers = {"content-disposition": f'attachment; filename="{name}.tlog-proof"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


def _row(deed: Deed, programme: Programme, *, say: Words) -> dict[str, str]:
    """Return a deed as the page shows it."""
    titles = {purpose.id: purpose.title for purpose in programme.purposes}
    purposes = deed.fields.get("purposes")
    why = ", ".join(titles.get(purpose, purpose) for purpose in purposes) if isinstance(purposes, tuple) else ""
    return {
        "kind": deed.shown.kind,
        "what": say(DEEDS.get(deed.shown.kind, deed.shown.kind)),
        "when": moment(deed.shown.done_at, say.language),
        "session": deed.shown.session_id[:8],
        "who": str(deed.fields.get("reader") or ""),
        "why": why,
        "index": str(deed.shown.proof.index),
    }


HANDLERS = (see_used, ask_used, save_proof)
