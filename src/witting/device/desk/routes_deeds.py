"""What a participant does with a recording: mask, take out, undo, delete, send, take back. Each is a form of their own page."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from witting.device.desk.format import removed_of, size
from witting.device.desk.pages import Pages
from witting.device.desk.words import STREAMS
from witting.device.sending import note_review, send_session
from witting.device.taking_back import nanoseconds, withdraw_items, withdraw_sessions
from witting.ledger.pseudonyms import new_session_id
from witting.terms.consent import Item
from witting.terms.errors import UsageError
from witting.terms.geometry import Rect
from witting.terms.review import DropRange, Mark, MaskRegion, SendSound

_FOREVER_NS = 2**62
_MAX_PX = 100_000


@post("/sessions/{session_id:str}/mask", sync_to_thread=True)
def mask(pages: NamedDependency[Pages], session_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Mask a region of the screen while a picture shows, from there on, or for the whole session."""
    shown = pages.desk.show(session_id)
    number = _number(fields, "picture")
    from_ns, to_ns = shown.while_shown(number)
    if fields.get("while") in {"on", "all"}:
        to_ns = _FOREVER_NS
    if fields.get("while") == "all":
        from_ns = 0
    corner = shown.picture(number).area  # masks are places on the screen, and a picture may show another monitor than the first
    left, top = _number(fields, "x") + corner.x, _number(fields, "y") + corner.y
    area = Rect(left, top, _number(fields, "width"), _number(fields, "height"))
    if area.is_empty:
        raise UsageError("the region to mask is empty", hint="draw it over the picture or fill in the four numbers")
    _mark(pages, session_id, mark=MaskRegion(mark_id=new_session_id(), area=area, from_ns=from_ns, to_ns=to_ns))
    return Redirect(f"/sessions/{session_id}?told=masked", status_code=303)


@post("/sessions/{session_id:str}/drop", sync_to_thread=True)
def drop(pages: NamedDependency[Pages], session_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take out what happened from one time to another."""
    if "from_ns" in fields:
        from_ns, to_ns = _number(fields, "from_ns", most=_FOREVER_NS), _number(fields, "to_ns", most=_FOREVER_NS)
    else:
        started_ns = pages.desk.show(session_id).summary.started_ns
        from_ns, to_ns = (started_ns + nanoseconds(fields.get(name, "")) for name in ("from", "to"))
    if to_ns < from_ns:
        raise UsageError("the end lies before the beginning", hint="give the earlier time first; nothing was changed")
    _mark(pages, session_id, mark=DropRange(mark_id=new_session_id(), from_ns=from_ns, to_ns=to_ns))
    return Redirect(f"/sessions/{session_id}?told=dropped", status_code=303)


@post("/sessions/{session_id:str}/sound", sync_to_thread=True)
def let_sound_leave(pages: NamedDependency[Pages], session_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Let the sound of one voice note leave with the session; without this it stays here."""
    _mark(pages, session_id, mark=SendSound(mark_id=new_session_id(), timestamp_ns=_number(fields, "from_ns", most=_FOREVER_NS)))
    return Redirect(f"/sessions/{session_id}?told=sound", status_code=303)


@post("/sessions/{session_id:str}/undo", sync_to_thread=True)
def undo(pages: NamedDependency[Pages], session_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take a mark back."""
    with pages.desk.acts:
        pages.desk.enrolment().open_spool().remove_mark(session_id, fields.get("mark", ""))
    return Redirect(f"/sessions/{session_id}?told=undone", status_code=303)


@post("/sessions/{session_id:str}/delete", sync_to_thread=True)
def delete(pages: NamedDependency[Pages], session_id: FromPath[str]) -> Redirect:
    """Delete a session from this machine: key, then bytes."""
    pages.desk.delete(session_id)
    return Redirect("/sessions?told=deleted", status_code=303)


@get("/sessions/{session_id:str}/send", sync_to_thread=False)  # in a thread, Litestar would wrap handlers of a shared path twice
def see_send(pages: NamedDependency[Pages], session_id: FromPath[str]) -> Response[str]:
    """Show how much would leave, to whom and for what, before anything does."""
    enrolment, shown = pages.desk.enrolment(), pages.desk.show(session_id)
    purposes = {purpose.id: purpose.title for purpose in enrolment.programme.purposes}
    return pages.render(
        "send.html.j2",
        here="/sessions",
        id=session_id,
        summary=shown.summary,
        size=size(shown.summary.size_bytes),
        programme=enrolment.programme,
        hub_url=enrolment.hub_url,
        purposes=[purposes.get(purpose, purpose) for purpose in shown.info.header.purposes],
        kept=[(label, shown.summary.kept[stream]) for stream, label in STREAMS.items()],
        removed=removed_of(shown.summary)["removed"],
    )


@post("/sessions/{session_id:str}/send")
async def send(pages: NamedDependency[Pages], session_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Send exactly what was shown; if it changed since the page was made, nothing."""
    await asyncio.to_thread(_send, pages, session_id, shown_digest=fields.get("digest", ""))
    return Redirect(f"/sessions/{session_id}?told=sent", status_code=303)


@post("/sessions/{session_id:str}/withdraw", sync_to_thread=True)
def take_back(pages: NamedDependency[Pages], session_id: FromPath[str]) -> Redirect:
    """Take a sent session back."""
    with pages.desk.acting() as (enrolment, hub):
        withdraw_sessions(enrolment, (session_id,), hub=hub)
        pages.desk.shelf.forget(session_id)
    return Redirect("/sessions?told=back", status_code=303)


@post("/sessions/{session_id:str}/take-back", sync_to_thread=True)
def take_part_back(pages: NamedDependency[Pages], session_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take one thing of a sent session back: a picture, a text, a step; the rest stays."""
    from_us, to_us = (_number(fields, name, most=_FOREVER_NS) // 1000 for name in ("from_ns", "to_ns"))
    with pages.desk.acting() as (enrolment, hub):
        try:
            withdraw_items(enrolment, (Item(session_id, from_us, to_us),), hub=hub)
        finally:
            pages.desk.shelf.forget(session_id)
    return Redirect(f"/sessions/{session_id}?told=part", status_code=303)


def _send(pages: Pages, session_id: str, *, shown_digest: str) -> None:
    with pages.desk.acts:
        enrolment = pages.desk.enrolment()
        digest = pages.desk.show(session_id).summary.content_digest
        if shown_digest != digest:
            raise UsageError("the session changed since you looked at it; nothing was sent", hint="look at it again, then send")
        if pages.desk.outbox().sent(session_id) is None:
            note_review(enrolment, enrolment.open_spool(), session_id=session_id, content_digest=digest)
        with pages.desk.hub(enrolment.hub_url) as hub:
            send_session(enrolment, session_id, hub=hub)


def _mark(pages: Pages, session_id: str, *, mark: Mark) -> None:
    with pages.desk.acts:
        if pages.desk.outbox().sent(session_id) is not None:
            raise UsageError("this session was sent as it was", hint="take it back first if it should change")
        pages.desk.enrolment().open_spool().add_mark(session_id, mark)


def _number(fields: dict[str, Any], name: str, *, most: int = _MAX_PX) -> int:
    text = str(fields.get(name, ""))
    if not text.isdecimal() or int(text) > most:
        message = f"`{name}` isn't a number that can be"
        raise UsageError(message, hint="go back and fill in whole numbers; nothing was changed")
    return int(text)


HANDLERS = (mask, drop, let_sound_leave, undo, delete, see_send, send, take_back, take_part_back)
