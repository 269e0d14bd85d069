"""Starting a recorder for the enrolment on this device: writes what the recorder is told below <data>/run and says how it is started.

Doesn't record. Invariant: a configuration is only written while the enrolment says that consent is given; what is written holds no secret.
"""

import subprocess
import sys
import time
from pathlib import Path

import msgspec

from witting.consent.states import YES
from witting.device import control
from witting.device.control import RecorderStatus
from witting.device.enrolment import Enrolment
from witting.device.recorder import RecorderConfig, load_config, save_config
from witting.device.spool.disk import write_private
from witting.device.taking_back import check_nothing_waits
from witting.terms.errors import CaptureError, NoConsentError, NoticeChangedError, StoreLockedError, UsageError, WittingError

_PATIENCE_S = 15.0
_ERRORS: dict[int, type[WittingError]] = {
    kind.exit_code: kind for kind in (NoConsentError, NoticeChangedError, StoreLockedError, UsageError)
}


def prepare(
    data_dir: Path,
    *,
    display: str = "",
    purposes: tuple[str, ...] = (),
    task: str = "",
    voice_key: str = "",
    picture_seconds: float = 0,
) -> Path:
    """Write the recorder's configuration for the enrolment in `data_dir`; return its path.

    Raises:
        NoConsentError: there is no enrolment, consent isn't given, or a part that was taken back waits for the hub.
    """
    enrolment = Enrolment(data_dir)
    if enrolment.status not in YES:
        raise NoConsentError("no consent is in force, so nothing is recorded", hint="`witting join LINK` shows the notice and asks")
    check_nothing_waits(data_dir)
    run = data_dir / "run"
    run.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(run / "programme.json", msgspec.json.encode(enrolment.programme))
    write_private(run / "receipts.json", msgspec.json.encode(enrolment.signed_receipts))
    config = RecorderConfig(
        data_dir=str(data_dir),
        programme=str(run / "programme.json"),
        receipts=str(run / "receipts.json"),
        controller_key=enrolment.offer.signing_key,
        purposes=purposes,
        display=display,
        use_keyring=True,
        task=task,
        voice_key=voice_key,
        frame_interval_ms=round(picture_seconds * 1000),
    )
    if control.is_running(config.control_path):
        raise UsageError("a recorder runs already", hint="`witting status` says what it does; `witting stop` ends it")
    save_config(config, run / "recorder.json")
    return run / "recorder.json"


def command(config_path: Path) -> list[str]:
    """Return the command that runs the recorder."""
    return [sys.executable, "-m", "witting.device.recorder", "--config", str(config_path)]


def start_detached(config_path: Path, *, log: Path) -> RecorderStatus:
    """Start a recorder that outlives this process; return what it does once it records.

    Raises:
        WittingError: it ended instead; the class is that of its exit status, the message its last line.
    """
    control_path = load_config(config_path).control_path
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(command(config_path), stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    deadline = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        if control.is_running(control_path):
            return control.status(control_path)
        time.sleep(0.05)
    if process.poll() is None:
        process.terminate()
        raise CaptureError("the recorder didn't begin in time and was ended", hint="`witting doctor` says what is missing")
    raise _told(log, process.returncode)


def _told(log: Path, exit_code: int) -> WittingError:
    """Return what the recorder said as it ended."""
    lines = dict(line.partition(": ")[::2] for line in log.read_text("utf-8", "replace").splitlines())
    message = lines.get("witting", "").removeprefix("error: ") or f"the recorder ended with {exit_code}"
    return _ERRORS.get(exit_code, CaptureError)(message, hint=lines.get("hint", "`witting doctor` says what is missing"))
