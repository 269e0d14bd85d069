"""Figures about groups as this person was shown them: the same that everybody is shown, each release held against the hub's log here.

What was shown once is kept, so that a release which changed or vanished, or a budget that was filled up again, is found out. Knows no
pages. Invariant: nothing is kept or returned that wasn't checked; asking sends the programme's id and nothing of this person.
"""

import hashlib

import msgspec

from witting.device.enrolment import Enrolment
from witting.device.send import HubClient
from witting.device.spool.disk import write_private
from witting.ledger.log import open_proof
from witting.terms.errors import IntegrityError, LogError
from witting.terms.insight import GroupRelease, InsightShown, ReleaseShown

GROUPS_FILE = "groups.json"
_HINT = "keep this device's data as evidence, and tell the programme's contact and whoever holds the witness"


def ask_groups(enrolment: Enrolment, *, hub: HubClient) -> InsightShown:
    """Ask the hub for the figures, check them, keep them and return them.

    Raises:
        LogError: a release isn't in the log as it is shown, or one that was shown before changed or is gone.
    """
    shown = hub.insight(enrolment.programme.id)
    releases = read_releases(enrolment, shown)
    before = _read(enrolment)
    known = {made.number: one.release for made, one in zip(releases, shown.releases, strict=True)}
    for made, one in zip(read_releases(enrolment, before), before.releases, strict=True) if before else ():
        if known.get(made.number) != one.release:
            message = f"release {made.number} of the group figures isn't the one that you were shown before"
            raise LogError(message, hint=_HINT)
    write_private(enrolment.data_dir / GROUPS_FILE, msgspec.json.encode(shown))
    return shown


def read_groups(enrolment: Enrolment) -> InsightShown | None:
    """Return what was last shown, checked again; None when nobody asked yet.

    Raises:
        IntegrityError: what is kept here was changed.
    """
    shown = _read(enrolment)
    if shown is not None:
        read_releases(enrolment, shown)
    return shown


def read_releases(enrolment: Enrolment, shown: InsightShown) -> list[GroupRelease]:
    """Return the releases, after checking that the log holds each as it is shown.

    Raises:
        LogError: it doesn't.
    """
    return [_checked(enrolment, one) for one in shown.releases]


def _checked(enrolment: Enrolment, one: ReleaseShown) -> GroupRelease:
    said = open_proof(one.proof, enrolment.offer.signing_key, origin=enrolment.offer.log_origin)
    try:
        made = msgspec.json.decode(one.release, type=GroupRelease)
    except msgspec.MsgspecError:
        raise LogError("a release of group figures can't be read", hint=_HINT) from None
    named = (said.kind, said.fields.get("programme_id"), said.fields.get("number"), said.fields.get("release_sha256"))
    if named != ("insight_released", enrolment.programme.id, made.number, hashlib.sha256(one.release).hexdigest()):
        raise LogError("the hub shows other group figures than the log holds", hint=_HINT)
    return made


def _read(enrolment: Enrolment) -> InsightShown | None:
    try:
        return msgspec.json.decode((enrolment.data_dir / GROUPS_FILE).read_bytes(), type=InsightShown)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError:
        raise IntegrityError("the group figures kept here were changed", hint="ask the hub for them again") from None
