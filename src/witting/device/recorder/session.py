"""From a configuration to a recorded session: shut the network, check consent, open the spool, run the loop, close the books.

Doesn't capture anything itself. Invariant: the network is shut before consent is read and before any source opens; without consent in force
nothing is opened; a session that was begun is closed with counts that add up, or says what is missing.
"""

import contextlib
import os
import resource
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from witting import __version__
from witting.consent.programme import load_programme
from witting.device.guards import load_rules
from witting.device.guards.rules import Corner
from witting.device.privacy import Adds, Kept, Redactor
from witting.device.reading.process import ReadingProcess
from witting.device.recorder.config import RecorderConfig
from witting.device.recorder.lending import Lending
from witting.device.recorder.loop import Loop
from witting.device.recorder.sources import Sources
from witting.device.recorder.watch import ConsentWatch
from witting.device.recorder.wayland_sources import WaylandSources, is_wayland_session
from witting.device.recorder.writer import Writer
from witting.device.seccomp import shut_network
from witting.device.spool import Spool
from witting.ledger.keys import open_signed
from witting.ledger.pseudonyms import new_session_id
from witting.ledger.seals import KeyStore, system_keyring
from witting.terms.clock import Clock, SystemClock, rfc3339
from witting.terms.consent import ConsentReceipt
from witting.terms.errors import NoConsentError, ProgrammeError, WittingError
from witting.terms.events import InputSettings
from witting.terms.programme import Programme
from witting.terms.session import SessionEnd, SessionHeader, Signed

_JOIN = "`witting join LINK` shows the notice and asks"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a session."""

    session_id: str
    error: WittingError | None  # None when it was ended by request


def run(config: RecorderConfig, *, clock: Clock | None = None) -> Outcome:
    """Record one session until it is stopped; gives up internet sockets of this process for good.

    Raises:
        NoConsentError, NoticeChangedError: nothing is lent; nothing was opened.
        CaptureError: the network can't be shut, or a source can't be opened.
        StoreLockedError, StoreFullError: the spool can't be opened.
    """
    shut_network()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash dump would hold what was captured
    clock = clock or SystemClock()
    lending = check_consent(config, clock=clock)
    spool = Spool(Path(config.data_dir), open_keys(config), clock=clock)
    corner = load_rules(Path(config.data_dir)).corner
    with contextlib.closing(open_sources(config, clock=clock, corner=corner)) as sources, contextlib.closing(ReadingProcess()) as reader:
        session = spool.open_session(_header(lending, sources, clock=clock))
        redactor = Redactor(
            lending.programme.posture,
            adds=Adds(lending.programme.redaction_words, lending.programme.redaction_patterns),
            query_keys=lending.query_keys,
            keeps=_kept_of(lending),
            reader=reader if lending.programme.reads_pictures else None,
        )
        writer = Writer(redactor, session, clock=clock, reader=reader)
        loop = Loop(config, lending, writer=writer, sources=sources, clock=clock)
        loop.stop_on_signals()
        error = loop.run()
        error = _close_books(loop, writer, clock=clock) or error
    return Outcome(session.session_id, error)


def _kept_of(lending: Lending) -> list[Kept]:
    """Return what isn't taken out of what is lent: the text of fields, every point of the pointer's way."""
    kept: dict[Kept, bool] = {"field_text": lending.keys_level == "text", "path": lending.pointer_path == "raw"}
    return [name for name, is_kept in kept.items() if is_kept]


def open_sources(config: RecorderConfig, *, clock: Clock, corner: Corner = "top-right") -> Sources:
    """Return the sources of this session: those of the X display that is named, else sway's where one runs, else those of $DISPLAY.

    Raises:
        CaptureError: there is neither.
    """
    if not config.display and is_wayland_session():
        return WaylandSources(config.browser_path, clock=clock, corner=corner)
    return Sources(config.display or os.environ.get("DISPLAY", ""), config.browser_path, clock=clock, corner=corner)


def check_consent(config: RecorderConfig, *, clock: Clock) -> Lending:
    """Return what is lent under the configuration's receipts.

    Raises:
        NoConsentError: no receipt is in force, one isn't sound, or consent was withdrawn.
        NoticeChangedError: the programme isn't the one agreed to.
        ProgrammeError: the programme can't be read.
    """
    lending = Lending(read_receipts(config), read_programme(Path(config.programme)), purposes=config.purposes, clock=clock)
    trouble = ConsentWatch(config).trouble()
    if trouble is not None:
        raise trouble
    return lending


def read_programme(path: Path) -> Programme:
    """Return the programme in a TOML file, or in a JSON file as a hub offers it.

    Raises:
        ProgrammeError: it can't be read.
    """
    if path.suffix != ".json":
        return load_programme(path)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Programme)
    except (OSError, msgspec.MsgspecError) as error:
        message = f"the programme {path.name} can't be read ({type(error).__name__})"
        raise ProgrammeError(message, hint=_JOIN) from None


def read_receipts(config: RecorderConfig) -> tuple[ConsentReceipt, ...]:
    """Return the receipts, each signed by the controller.

    Raises:
        NoConsentError: there are none, or the file can't be read.
        SignatureError: one was changed.
    """
    try:
        signed: Sequence[Signed] = msgspec.json.decode(Path(config.receipts).read_bytes(), type=tuple[Signed, ...])
    except (OSError, msgspec.MsgspecError):
        raise NoConsentError("there is no receipt to be read", hint=_JOIN) from None
    return tuple(open_signed(one, "receipt", statement_type=ConsentReceipt, key=config.controller_key) for one in signed)


def open_keys(config: RecorderConfig) -> KeyStore:
    """Return the key store, opened with the passphrase in the environment or the desktop's keyring.

    Raises:
        StoreLockedError: it can't be opened.
    """
    passphrase = os.environ.pop(config.passphrase_env, None)
    keyring = system_keyring() if config.use_keyring and passphrase is None else None
    return KeyStore(config.keys_path, passphrase=passphrase, keyring=keyring)


def _header(lending: Lending, sources: Sources, *, clock: Clock) -> SessionHeader:
    hour: datetime = clock.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return SessionHeader(
        session_id=new_session_id(),
        programme_id=lending.programme.id,
        programme_digest=lending.digest,
        receipt_id=lending.receipt.receipt_id,
        purposes=lending.purposes,
        streams=tuple(stream for stream in lending.streams if stream not in sources.impossible),
        platform=sources.platform,
        is_verified=sources.is_verified,
        recorded_at=rfc3339(hour),
        started_ns=clock.monotonic_ns(),
        recorder_version=__version__,
        width_px=sources.display.width_px,
        height_px=sources.display.height_px,
        keys_level=lending.keys_level,
        pointer_path=lending.pointer_path,
        input_settings=sources.input_settings.settings if {"pointer", "keys"} & set(lending.streams) else InputSettings(),
    )


def _close_books(loop: Loop, writer: Writer, *, clock: Clock) -> WittingError | None:
    """Write the end; what was produced and neither kept nor told of is told as lost."""
    missing = Counter(loop.books.produced) - Counter(writer.kept) - Counter(loop.books.gapped) - writer.reduced
    end = SessionEnd(
        timestamp_ns=clock.monotonic_ns(),
        reason=loop.reason,
        produced=loop.books.produced,
        kept=dict(writer.kept),
        gapped=dict(Counter(loop.books.gapped) + missing),
        reduced=dict(+writer.reduced),
    )
    try:
        writer.close(end, missing)
    except WittingError as error:
        return error
    return None
