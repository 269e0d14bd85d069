"""`witting withdraw`: take sessions, or everything, back."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import data_option, json_option, show_deletion

if TYPE_CHECKING:
    from witting.device.enrolment import Enrolment


@click.command()
@click.argument("sessions", nargs=-1)
@data_option
@click.option("--purpose", "purposes", multiple=True, help="Lend nothing for this purpose any more; may be repeated.")
@click.option("--stream", "streams", multiple=True, help="Take this kind of recording back, e.g. screen; may be repeated.")
@click.option("--all", "is_all", is_flag=True, help="Everything: consent ends, as with `witting leave`.")
@json_option
def withdraw(
    sessions: tuple[str, ...], data: Path, *, purposes: tuple[str, ...], streams: tuple[str, ...], is_all: bool, as_json: bool
) -> None:
    """Take SESSIONS back: erased here and at the hub; with --all, leave. No reason is asked. Prints the deletion receipt.

    With --purpose or --stream what you lent for that purpose, or of that kind, is taken back and the rest stays lent; a recorder that
    runs stops. Recordings on this machine are erased that hold that kind or are for that purpose alone.

    Exit status 15 when the hub can't be reached: erased here already, call again to tell the hub.
    """
    from witting.device.enrolment import Enrolment
    from witting.device.leaving import leave, withdraw_part, withdraw_sessions
    from witting.device.send import HubClient
    from witting.terms.errors import UsageError
    from witting.terms.events import STREAMS

    if is_all:
        show_deletion(leave(data), as_json=as_json)
        return
    enrolment = Enrolment(data)
    if (purposes or streams) and sessions:
        raise UsageError("sessions were named, and a purpose or kind too", hint="take back one after the other; nothing was changed")
    if purposes or streams:
        with HubClient(enrolment.hub_url) as hub:
            kinds = tuple(known for known in STREAMS if known in streams)
            if len(kinds) != len(set(streams)):
                raise UsageError("there is no such kind of recording", hint=f"the kinds are {', '.join(STREAMS)}")
            show_deletion(withdraw_part(enrolment, purposes=purposes, streams=kinds, hub=hub), as_json=as_json)
        return
    with HubClient(enrolment.hub_url) as hub:
        kept = withdraw_sessions(enrolment, tuple(_find(enrolment, name) for name in sessions), hub=hub)
    show_deletion(kept, as_json=as_json)


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
