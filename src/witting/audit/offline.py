"""What anybody can check without a network and without trusting the hub: a saved proof, a whole exported log.

Knows no hub. Invariant: an export is recomputed from its entries under a key that was given; where none was, the evidence says that the key
is the export's own word.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from witting.audit.report import ReportCheck
from witting.device.enrolment import ENROLMENT_FILE, Enrolment
from witting.ledger.log import FolderLogStore, claimed, open_checkpoint, open_cosignature, read_opening, read_proof, verifier_key
from witting.ledger.log.checkpoint import verify_proof_under
from witting.ledger.log.entries import entry_kind, open_entry
from witting.ledger.log.store import check_store
from witting.terms.clock import rfc3339
from witting.terms.errors import LogError, UsageError, WittingError

_MOST_BYTES = 1_000_000
_END_OF_TIME = 253_402_300_799  # 9999-12-31


class Trust(NamedTuple):
    """Keys that came from elsewhere than what is checked."""

    log: str = ""  # C2SP verifier key of the log; empty = none was given
    witness: str = ""  # of the witness; empty = its cosignature isn't asked for


def own_key(data_dir: Path) -> str:
    """Return the log's key as this device's invitation brought it; empty where there is no enrolment."""
    if not (data_dir / ENROLMENT_FILE).exists():
        return ""
    offer = Enrolment(data_dir).offer
    return verifier_key(offer.log_origin, offer.signing_key)


def check_proof_file(file: Path, trust: Trust) -> list[ReportCheck]:
    """Return the checks of a saved proof.

    Raises:
        UsageError: no key of the log was given, or the file can't be a proof.
    """
    if not trust.log:
        raise UsageError("no key of the log was given", hint="`--key KEY`: the hub's page /log shows it, or ask whoever holds the witness")
    if file.stat().st_size > _MOST_BYTES:
        raise UsageError("a proof isn't that large", hint="name a .tlog-proof file or an exported log's folder")
    try:
        proof = read_proof(file.read_text("utf-8"))
    except UnicodeDecodeError:
        raise LogError("a file is no proof of a log entry (C2SP tlog-proof)", hint="save it again from the page it came from") from None

    def held() -> str:
        entry = verify_proof_under(proof, trust.log)
        return f"entry {proof.index}, {entry_kind(entry)}, in the log's state with {claimed(proof.checkpoint).size}"

    def said() -> str:
        opening = read_opening(proof.opening)
        kind = open_entry(proof.entry, opening.fields, salt=bytes.fromhex(opening.salt))
        return ", ".join([kind, *(f"{name} {value}" for name, value in sorted(opening.fields.items()) if value not in ("", None))])

    checks = [_try("The log holds the entry", held)]
    checks += [_try("The entry says", said)] * bool(proof.opening)
    return [*checks, *_witnessed(proof.checkpoint, trust)]


def check_export(folder: Path, trust: Trust, *, on_progress: Callable[[int, int], None] | None = None) -> list[ReportCheck]:
    """Return the checks of an exported log, recomputed from its entries."""

    def recomputed() -> str:
        store = FolderLogStore(folder)
        key, whose = (
            (trust.log, "") if trust.log else (next(iter(store.keys()), ""), "; the key is the export's own word, give it by --key")
        )
        signed = open_checkpoint(store.checkpoint, key)
        if signed.origin != key.split("+", 1)[0]:
            raise LogError("a checkpoint is of another log", hint="give the key of this one")
        size = check_store(store, store.checkpoint, verifier=key, on_progress=on_progress)
        return f"{size} entries of {signed.origin}, root {signed.root.hex()[:16]}…{whose}"

    checks = [_try("Entries, tiles and signed root fit together", recomputed)]
    if trust.witness:
        checks.append(_try("The witness cosigned this state", lambda: _cosigned(FolderLogStore(folder).checkpoint, trust.witness)))
    return checks


def _witnessed(checkpoint: str, trust: Trust) -> list[ReportCheck]:
    return [_try("The witness cosigned this state", lambda: _cosigned(checkpoint, trust.witness))] if trust.witness else []


def _cosigned(checkpoint: str, witness: str) -> str:
    seen = datetime.fromtimestamp(min(open_cosignature(checkpoint, witness), _END_OF_TIME), UTC)
    return f"{witness.split('+', 1)[0]} at {rfc3339(seen)}"


def _try(name: str, look: Callable[[], str]) -> ReportCheck:
    """Return the check that `look` makes: its evidence, or the error it ends with."""
    try:
        return ReportCheck(name=name, holds=True, evidence=look())
    except WittingError as error:
        return ReportCheck(name=name, holds=False, evidence=str(error))
