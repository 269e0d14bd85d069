"""What an export rests on, beside it: the dataset, its sessions' receipts, what was left out, and a digest of each file.

Invariant: consented recordings without a receipt are not exported; whoever gets an export can tell from it which sessions to ask about, and
whether a file was changed.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from witting.ledger.pseudonyms import new_session_id
from witting.terms.clock import SystemClock, rfc3339
from witting.terms.errors import IntegrityError, NoConsentError
from witting.terms.work import DatasetManifest, Handout

RECEIPTS_FILE = "receipts.json"


class ExportedSession(msgspec.Struct, frozen=True):
    """One session that is in an export."""

    session_id: str
    receipt_id: str  # empty for imported data, which rests on its source's licence
    digest: str
    split: str


class ExportReceipts(msgspec.Struct, frozen=True, kw_only=True):
    """What an export rests on."""

    dataset_id: str
    dataset_root: str
    purpose: str
    format: str
    exported_at: str
    source: str
    licence: str
    sessions: tuple[ExportedSession, ...]
    left_out: dict[str, int]  # steps that the format can't tell, by kind of action
    files: dict[str, str]  # sha256 by path
    asks: str = (
        "People may take their sessions back. Before each use ask the programme's hub which of these sessions still stand, and use the "
        "newest version of the dataset."
    )


def check_receipts(manifest: DatasetManifest) -> None:
    """Refuse what rests on nothing.

    Raises:
        NoConsentError: the recordings are consented ones and a session has no receipt.
    """
    bare = [session.session_id for session in manifest.sessions if not session.receipt_id]
    if bare and not manifest.source:
        message = f"{len(bare)} sessions of {manifest.dataset_id} name no receipt; nothing was exported"
        raise NoConsentError(message, hint="build the dataset again from the vault")


def write_receipts(folder: Path, manifest: DatasetManifest, *, form: str, left_out: Mapping[str, int]) -> ExportReceipts:
    """Write the receipts of an export that is otherwise whole."""
    told = ExportReceipts(
        dataset_id=manifest.dataset_id,
        dataset_root=manifest.root,
        purpose=manifest.purpose,
        format=form,
        exported_at=rfc3339(SystemClock().now()),
        source=manifest.source,
        licence=manifest.licence,
        sessions=tuple(ExportedSession(one.session_id, one.receipt_id, one.digest, one.split) for one in manifest.sessions),
        left_out=dict(sorted(left_out.items())),
        files=_digests(folder),
    )
    (folder / RECEIPTS_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n")
    return told


def handout_of(told: ExportReceipts, *, recipient: str) -> Handout:
    """Return what the hub has to know of an export that somebody gets."""
    files = "".join(f"{digest}  {path}\n" for path, digest in sorted(told.files.items()))
    return Handout(
        export_id=new_session_id(),
        dataset_id=told.dataset_id,
        purpose=told.purpose,
        format=told.format,
        recipient=recipient,
        sessions=tuple(session.session_id for session in told.sessions),
        files_sha256=hashlib.sha256(files.encode()).hexdigest(),
        exported_at=told.exported_at,
    )


def read_receipts(folder: Path) -> ExportReceipts:
    """Return the receipts of an export after checking each file against them.

    Raises:
        IntegrityError: a file was changed, added or taken away.
    """
    told = msgspec.json.decode((folder / RECEIPTS_FILE).read_bytes(), type=ExportReceipts)
    if _digests(folder) != told.files:
        raise IntegrityError("an export's files aren't those that its receipts name", hint="export it again")
    return told


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / RECEIPTS_FILE)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
