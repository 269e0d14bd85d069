"""A synthetic participant's consent and recorder: a programme, a receipt of the controller's, a recorder process, and what it wrote.

For tests, the demo's checks and benchmarks. Everything is as it would be but for the hub: the receipt is made and signed here. Holds: the
recorder runs in a process of its own, started exactly as `witting record` starts it.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from witting.consent.notice import make_notice
from witting.consent.programme import load_programme, programme_digest
from witting.consent.receipts import make_receipt, verify_statement
from witting.device import control
from witting.device.control import RecorderStatus
from witting.device.recorder.config import RecorderConfig, save_config
from witting.device.recorder.session import open_keys
from witting.device.spool import SessionInfo, Spool
from witting.ledger.keys import SigningKey
from witting.ledger.pseudonyms import new_pseudonym
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentStatement, Grant
from witting.terms.errors import UsageError
from witting.terms.events import USUAL_STREAMS, KeysLevel, PathDetail, Stream
from witting.terms.programme import App, Programme, Purpose
from witting.terms.session import Record
from witting.testing.x11 import wait_for

_EXAMPLE = Path(__file__).parents[1] / "consent" / "example.toml"
_PATIENCE_S = 15.0


def lent_programme(
    apps: Mapping[str, Sequence[str]], *, streams: Sequence[Stream] = USUAL_STREAMS, pointer_path: PathDetail = "raw"
) -> Programme:
    """Return a complete programme with one purpose that asks for these apps (by app, the sites of it), and for every point of the way."""
    example = load_programme(_EXAMPLE)
    today = datetime.now(UTC).date()
    return msgspec.structs.replace(
        example,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=300),
        purposes=(
            Purpose(
                id="train",
                title="Train agents",
                why="An agent learns from your work.",
                streams=tuple(streams),
                is_optional=True,
                pointer_path=pointer_path,
            ),
        ),
        apps=tuple(App(id=app, title=app.title(), sites=tuple(sites)) for app, sites in apps.items()),
    )


class Lender:
    """One participant below `folder`, who lends all streams of all apps of the programme, or only `grants`; of typing `keys_level`."""

    def __init__(
        self, folder: Path, programme: Programme, *, grants: Sequence[Grant] | None = None, keys_level: KeysLevel = "text"
    ) -> None:
        self.folder = folder
        self.programme = programme
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._programme_path = folder / "programme.json"
        self._receipts_path = folder / "receipts.json"
        self._controller = SigningKey.generate()
        self._programme_path.write_bytes(msgspec.json.encode(programme))
        everything = [
            Grant(purpose.id, stream, app.id) for purpose in programme.purposes for stream in purpose.streams for app in programme.apps
        ]
        self._write_receipt(tuple(sorted(everything if grants is None else grants)), keys_level)

    def config(self, display: str, **changes: object) -> RecorderConfig:
        """Return what the recorder is told."""
        config = RecorderConfig(
            data_dir=str(self.folder),
            programme=str(self._programme_path),
            receipts=str(self._receipts_path),
            controller_key=self._controller.public,
            display=display,
        )
        return msgspec.structs.replace(config, **changes)

    def start(self, env: Mapping[str, str], **changes: object) -> "RunningRecorder":
        """Start a recorder on the display of `env` and wait until it records."""
        config = self.config(env["DISPLAY"], **changes)
        path = self.folder / "recorder.json"
        save_config(config, path)
        log = self.folder / "recorder.log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "witting.device.recorder", "--config", str(path)],
                env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
            )  # fmt: skip
        recorder = RunningRecorder(process, config.control_path, log=log)
        recorder.wait_until_recording()
        return recorder

    def withdraw(self) -> None:
        """End consent as `witting withdraw` does: the mark that the recorder looks for."""
        (self.folder / "withdrawn").touch()

    def change_programme(self) -> None:
        """Have the controller change the programme without asking anybody."""
        changed = msgspec.structs.replace(self.programme, version=self.programme.version + 1)
        self._programme_path.write_bytes(msgspec.json.encode(changed))

    def spool(self) -> Spool:
        """Return what was recorded."""
        return Spool(self.folder, open_keys(self.config("")))

    def sessions(self) -> list[SessionInfo]:
        """Return the sessions on this participant's disk."""
        return self.spool().sessions()

    def records(self) -> list[Record]:
        """Return the records of the last session."""
        spool = self.spool()
        return list(spool.read(spool.sessions()[-1].session_id))

    def _write_receipt(self, grants: tuple[Grant, ...], keys_level: KeysLevel) -> None:
        key = SigningKey.generate()
        now = datetime.now(UTC)
        statement = ConsentStatement(
            participant=new_pseudonym(), participant_key=key.public, programme_id=self.programme.id,
            programme_version=self.programme.version, programme_digest=programme_digest(self.programme),
            notice_digest=make_notice(self.programme).digest, invite="test", grants=grants, given_at=rfc3339(now),
            keys_level=keys_level,
        )  # fmt: skip
        verified = verify_statement(key.sign("consent", statement))
        receipt = make_receipt(verified, self.programme, at=now, log_index=0, controller_key=self._controller)
        self._receipts_path.write_bytes(msgspec.json.encode([receipt]))


class RunningRecorder(AbstractContextManager["RunningRecorder"]):
    """A recorder process."""

    def __init__(self, process: subprocess.Popen[bytes], control_path: Path, *, log: Path) -> None:
        self.process = process
        self.control_path = control_path
        self.log = log

    def wait_until_recording(self) -> None:
        """Wait until it answers; raises UsageError with its last words when it ends instead."""
        wait_for("the recorder", lambda: self.process.poll() is not None or control.is_running(self.control_path), seconds=_PATIENCE_S)
        if self.process.poll() is not None:
            message = f"the recorder ended with {self.process.returncode}: {self.log.read_text().strip()}"
            raise UsageError(message)

    def status(self) -> RecorderStatus:
        """Return what it does."""
        return control.status(self.control_path)

    def stop(self) -> int:
        """End the session as `witting stop` does; return the exit status."""
        if self.process.poll() is None:
            control.stop(self.control_path)
        return self.process.wait(timeout=_PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=_PATIENCE_S)
