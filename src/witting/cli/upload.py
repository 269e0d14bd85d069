"""`witting upload`: send sessions that were reviewed."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import data_option, find_session, json_option, show

if TYPE_CHECKING:
    from witting.device.outbox import Sent
    from witting.device.review import Summary


@click.command()
@click.argument("sessions", nargs=-1)
@data_option
@click.option("--all", "is_all", is_flag=True, help="Every session that was reviewed and not sent.")
@click.option("--over-metered", is_flag=True, help="Send although this network is metered.")
@click.option("--dry-run", is_flag=True, help="Print what would leave in bytes and counts; send nothing.")
@json_option
def upload(sessions: tuple[str, ...], data: Path, *, is_all: bool, over_metered: bool, dry_run: bool, as_json: bool) -> None:
    """Send SESSIONS exactly as you were shown them; sent twice, they arrive once.

    On a metered network nothing is sent, and it says so: --over-metered sends all the same.
    Exit status 2 when one wasn't reviewed as it is now, 10 when no consent is in force, 15 when the hub can't be reached (kept for later).
    """
    from witting.device.enrolment import Enrolment
    from witting.device.outbox import Outbox
    from witting.device.review import preview, summarise
    from witting.device.send import HubClient
    from witting.device.sending import last_review, send_session
    from witting.terms.errors import UsageError

    enrolment = Enrolment(data)
    spool, outbox = enrolment.open_spool(), Outbox(data)
    chosen = [find_session(spool, name) for name in sessions]
    if is_all:
        ready = [info.session_id for info in spool.sessions() if last_review(spool.marks(info.session_id))]
        chosen += [name for name in ready if outbox.sent(name) is None and name not in chosen]
    if not chosen:
        raise UsageError("no session was named", hint="`witting episodes` lists them, `witting review` shows one, --all sends the reviewed")
    if dry_run:
        for session_id in chosen:
            _show_size(session_id, summarise(preview(spool, session_id, marks=spool.marks(session_id))), as_json=as_json)
        return
    with HubClient(enrolment.hub_url) as hub:
        for session_id in chosen:
            _show_sent(send_session(enrolment, session_id, hub=hub, over_metered=over_metered), as_json=as_json)


def _show_size(session_id: str, summary: "Summary", *, as_json: bool) -> None:
    answer = {
        "session_id": session_id,
        "records": summary.records,
        "size_bytes": summary.size_bytes,
        "kept": dict(summary.kept),
        "pictures": summary.pictures,
        "texts": summary.texts,
        "content_digest": summary.content_digest,
        "is_sent": False,
    }
    text = f"{session_id[:8]}: {summary.records} records, {summary.size_bytes} bytes before packing; nothing was sent"
    fields = "".join(f"\n  {count:>7}  {stream}" for stream, count in summary.kept.items())
    show(answer, text + fields, as_json=as_json)


def _show_sent(sent: "Sent", *, as_json: bool) -> None:
    size, index = sum(entry.size_bytes for entry in sent.parcel.objects), sent.answer.proof.index
    answer = {
        "session_id": sent.parcel.session_id,
        "parcel_id": sent.parcel.parcel_id,
        "records": sent.parcel.records,
        "sealed_bytes": size,
        "content_digest": sent.parcel.content_digest,
        "log_index": index,
        "is_sent": True,
    }
    name = sent.parcel.session_id[:8]
    show(answer, f"{name}: sent {sent.parcel.records} records in {size} sealed bytes; log entry {index}, proven", as_json=as_json)
