"""`witting withdraw`: take sessions, or everything, back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import data_option, json_option, show, show_deletion

if TYPE_CHECKING:
    from witting.device.enrolment import Enrolment
    from witting.terms.consent import Item
    from witting.terms.events import Stream


@click.command()
@click.argument("sessions", nargs=-1)
@data_option
@click.option("--purpose", "purposes", multiple=True, help="Lend nothing for this purpose any more; may be repeated.")
@click.option("--stream", "streams", multiple=True, help="Take this kind of recording back, e.g. screen; may be repeated.")
@click.option("--from", "start", default="", help="Of one session that was sent, only what happened from this time (m:ss) on; with --to.")
@click.option("--to", "end", default="", help="Up to this time (m:ss), both included.")
@click.option("--again", "is_again", is_flag=True, help="Tell the hub of what was taken back while it couldn't be reached.")
@click.option("--all", "is_all", is_flag=True, help="Everything: consent ends, as with `witting leave`.")
@json_option
def withdraw(
    sessions: tuple[str, ...], data: Path, *, start: str, end: str, is_again: bool, is_all: bool, as_json: bool, **part: tuple[str, ...]
) -> None:
    """Take SESSIONS back: erased here and at the hub; with --all, leave. No reason is asked. Prints the deletion receipt.

    With --purpose or --stream what you lent for that purpose, or of that kind, is taken back and the rest stays lent; a recorder that
    runs stops. Recordings on this machine are erased that hold that kind or are for that purpose alone.

    With --from and --to one part of a recording that was sent is taken back, a picture, a text or a step; the rest of it stays.

    Exit status 15 when the hub can't be reached: it ended here already, `witting withdraw --again` tells the hub.
    """
    from witting.device.enrolment import Enrolment
    from witting.device.leaving import leave
    from witting.device.send import HubClient
    from witting.device.taking_back import tell_hub, withdraw_items, withdraw_part, withdraw_sessions
    from witting.terms.errors import UsageError

    purposes, streams = part["purposes"], part["streams"]
    if sum(map(bool, (is_all, is_again, purposes or streams, sessions))) > 1 or (bool(start) != bool(end)):
        raise UsageError("several ways of taking back were named at once", hint="take back one after the other; nothing was changed")
    if is_all:
        show_deletion(leave(data), as_json=as_json)
        return
    enrolment = Enrolment(data)
    kinds = _kinds(streams)
    with HubClient(enrolment.hub_url) as hub:
        if is_again:
            told = tell_hub(enrolment, hub=hub)
            if not told:
                show({"told": 0}, "nothing waits for the hub", as_json=as_json)
            for kept in told:
                show_deletion(kept, as_json=as_json)
        elif purposes or kinds:
            show_deletion(withdraw_part(enrolment, purposes=purposes, streams=kinds, hub=hub), as_json=as_json)
        elif start:
            show_deletion(withdraw_items(enrolment, (_item(enrolment, sessions, start=start, end=end),), hub=hub), as_json=as_json)
        else:
            named = tuple(_find(enrolment, name) for name in sessions)
            show_deletion(withdraw_sessions(enrolment, named, hub=hub), as_json=as_json)


def _kinds(streams: tuple[str, ...]) -> "tuple[Stream, ...]":
    """Return the kinds of recording of these names."""
    from witting.terms.errors import UsageError
    from witting.terms.events import STREAMS

    kinds = tuple(known for known in STREAMS if known in streams)
    if len(kinds) != len(set(streams)):
        raise UsageError("there is no such kind of recording", hint=f"the kinds are {', '.join(STREAMS)}")
    return kinds


def _item(enrolment: "Enrolment", sessions: tuple[str, ...], *, start: str, end: str) -> "Item":
    """Return the part of the one session that was named, by times since its beginning."""
    from witting.device.taking_back import span_of
    from witting.terms.errors import UsageError

    if len(sessions) != 1:
        raise UsageError("times are of one session", hint="name one session with --from and --to; nothing was changed")
    return span_of(enrolment, _find(enrolment, sessions[0]), start=start, end=end)


def _find(enrolment: "Enrolment", name: str) -> str:
    """Return the id of a session that is here or was sent from here."""
    from witting.device.outbox import Outbox
    from witting.terms.errors import UsageError

    known = {info.session_id for info in enrolment.open_spool().sessions()}
    known |= {sent.parcel.session_id for sent in Outbox(enrolment.data_dir).all_sent()}
    found = [session_id for session_id in known if session_id.startswith(name)]
    if len(found) != 1:
        message = f"{len(found) or 'no'} sessions begin with {name[:32]!r}"
        raise UsageError(message, hint="`witting episodes` lists what is here")
    return found[0]
