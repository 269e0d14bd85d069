"""`witting episodes`, `review`, `drop`: what lies on this machine, what would leave of it, and deleting it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from witting.cli.options import data_option, find_session, json_option, show

if TYPE_CHECKING:
    from witting.device.desk.desk import Desk, Line
    from witting.device.outbox import Outbox


@click.command()
@data_option
@json_option
def episodes(data: Path, *, as_json: bool) -> None:
    """List the recordings on this machine, oldest first."""
    desk = _desk(data)
    lines, damaged = desk.look_over()
    found = [_answer(line, desk.outbox()) for line in lines]
    text = "\n".join(
        f"{one['session_id'][:8]}  {one['when']}  {one['length']}  {one['pictures']} pictures  {one['state']}" for one in found
    )
    text += "".join(f"\n{session_id[:8]}  damaged; all that can be done is `witting drop {session_id[:8]}`" for session_id in damaged)
    show({"sessions": found, "damaged": damaged}, text or "nothing is recorded here", as_json=as_json)


@click.command()
@click.argument("session", required=False)
@data_option
@json_option
def review(session: str | None, data: Path, *, as_json: bool) -> None:
    """Show what would leave of SESSION, all of its text included, and what was removed and why; without SESSION, of the last one.

    Having been shown it is what `witting upload` asks for. Pictures, masks and taking things out are on your pages: `witting desk`.
    """
    from witting.device.desk.format import removed_of
    from witting.device.sending import note_review

    desk = _desk(data)
    enrolment = desk.enrolment()
    spool = enrolment.open_spool()
    session_id = find_session(spool, session if session is not None else _last(desk))
    shown = desk.show(session_id)
    removed = removed_of(shown.summary)
    if desk.outbox().sent(session_id) is None:
        note_review(enrolment, spool, session_id=session_id, content_digest=shown.summary.content_digest)
    answer = {
        "session_id": session_id,
        "content_digest": shown.summary.content_digest,
        "records": shown.summary.records,
        "size_bytes": shown.summary.size_bytes,
        "pictures": shown.summary.pictures,
        "rows": [{"time": row.time, "what": row.label, "text": _said(row)} for row in shown.rows],
        "said": [_said_by(tree) for tree in shown.trees],
        "findings": {what: count for count, what in removed["findings"]},
        "gaps": [{"count": count, "stream": stream, "why": why} for count, stream, why in removed["gaps"]],
    }
    show(answer, "\n".join(_as_text(answer)), as_json=as_json)


@click.command()
@click.argument("session")
@data_option
@json_option
def drop(session: str, data: Path, *, as_json: bool) -> None:
    """Delete SESSION from this machine: its key first, then its bytes. What was sent is taken back with `witting withdraw`."""
    desk = _desk(data)
    session_id = find_session(desk.enrolment().open_spool(), session)
    freed = desk.delete(session_id)
    show({"session_id": session_id, "bytes": freed}, f"deleted {session_id[:8]}: key destroyed, {freed} bytes gone", as_json=as_json)


def _as_text(answer: dict[str, Any]) -> Iterator[str]:
    """Write a review for reading: everything that would leave but the pictures, then what was removed."""
    for row in answer["rows"]:
        yield f"{row['time']:>8}  {row['what']}{': ' if row['text'] else ''}{row['text']}"
    yield "\nwhat windows and pages said:"
    for tree in answer["said"]:
        yield "  " + " · ".join(dict.fromkeys(tree))
    yield "\ncovered on your machine:"
    for what, count in answer["findings"].items():
        yield f"  {count} x {what}"
    yield "never recorded, or taken out:"
    for gap in answer["gaps"]:
        yield f"  {gap['count']} of {gap['stream']}: {gap['why']}"
    yield f"\n{answer['records']} records, {answer['pictures']} pictures among them: look at those with `witting desk`"
    yield f"fingerprint {answer['content_digest']}; to send exactly this: witting upload {answer['session_id'][:8]}"


def _desk(data: Path) -> "Desk":
    from witting.device.desk.config import DeskConfig
    from witting.device.desk.desk import Desk

    return Desk(DeskConfig(data))


def _answer(line: "Line", outbox: "Outbox") -> dict[str, Any]:
    """Return a session as the list shows it."""
    from witting.device.desk.format import length, standing, when

    info, summary = line.info, line.summary
    sent, waits = outbox.sent(info.session_id), outbox.is_waiting(info.session_id)
    return {
        "session_id": info.session_id,
        "when": when(info),
        "length": length(summary.ended_ns - summary.started_ns),
        "records": summary.records,
        "pictures": summary.pictures,
        "size_bytes": info.size_bytes,
        "state": standing(info, line.marks, sent=sent, is_waiting=waits),
        "is_sent": sent is not None,
    }


def _last(desk: "Desk") -> str:
    from witting.terms.errors import UsageError

    sessions = desk.enrolment().open_spool().sessions()
    if not sessions:
        raise UsageError("nothing is recorded here", hint='`witting record "what you are about to do"` starts a recording')
    return sessions[-1].session_id


def _said(row: Any) -> str:
    """Return a row's text as it would leave, placeholders in brackets."""
    return "".join(f"⟨{part.text}⟩" if part.is_placeholder else part.text for part in row.parts)


def _said_by(tree: Any) -> list[str]:
    """Return every text of a UI tree as it would leave."""
    return [text for node in tree.nodes for text in (node.name, node.value, node.key) if text]
