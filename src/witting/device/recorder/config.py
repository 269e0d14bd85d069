"""What one recorder process is told, as a JSON file; made by `witting record` and the systemd unit.

Holds paths and names, no secret: the spool's key comes from the key store, a passphrase only by an environment variable. Unknown keys
are refused.
"""

from pathlib import Path
from typing import Annotated

import msgspec

from witting.terms.errors import UsageError
from witting.terms.programme import Programme

_SHORTEST_S, _LONGEST_S = 0.5, 60.0


class RecorderConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything `python -m witting.device.recorder --config FILE` needs."""

    data_dir: str  # the participant's data directory; spool and keys lie below it
    programme: str  # path of the programme file consented to (TOML)
    receipts: str  # path of a JSON list of signed receipts
    controller_key: bytes  # the controller's public Ed25519 key, base64 in JSON
    purposes: tuple[str, ...] = ()  # what this session is recorded for; empty = every purpose that is granted
    display: str = ""  # X display, empty = $DISPLAY
    control_socket: str = ""  # empty = <data_dir>/run/control.sock
    browser_socket: str = ""  # empty = <data_dir>/run/browser.sock; the native host connects here
    keys_dir: str = ""  # empty = <data_dir>/keys
    passphrase_env: str = "WITTING_PASSPHRASE"  # noqa: S105 - the environment variable that holds the key store's passphrase, if it has one
    use_keyring: bool = False  # take the device key from the desktop's keyring
    task: str = ""  # a task stated at the start
    voice_key: str = ""  # held for a voice note, a keysym's name such as F9; none unless the participant sets one
    voice_engine: str = "pocketsphinx"  # turns voice notes into text, on this machine
    voice_model: str = ""  # folder of the engine's model, for engines that bring none
    microphone: tuple[str, ...] = ()  # command that reads it; empty = parec or arecord
    frame_interval_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = (
        0  # the participant's, between pictures of changes; 0 = the programme's
    )

    @property
    def control_path(self) -> Path:
        """Where the control socket is."""
        return Path(self.control_socket or Path(self.data_dir) / "run" / "control.sock")

    @property
    def browser_path(self) -> Path:
        """Where the browser's native host connects to."""
        return Path(self.browser_socket or Path(self.data_dir) / "run" / "browser.sock")

    @property
    def keys_path(self) -> Path:
        """Where the wrapped keys are."""
        return Path(self.keys_dir or Path(self.data_dir) / "keys")

    @property
    def withdrawn_path(self) -> Path:
        """A file whose being there means: consent is withdrawn, stop now."""
        return Path(self.data_dir) / "withdrawn"


def picture_interval_ns(config: RecorderConfig, programme: Programme) -> int:
    """Return how long lies between pictures of changes: the longer of what the programme and the participant say, 0.5 to 60 s."""
    seconds = max(programme.picture_seconds, config.frame_interval_ms / 1000)
    return round(min(max(seconds, _SHORTEST_S), _LONGEST_S) * 1_000_000_000)


def load_config(path: Path) -> RecorderConfig:
    """Return the configuration in a JSON file.

    Raises:
        UsageError: the file is missing, no JSON, or holds an unknown or missing key.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=RecorderConfig)
    except OSError as error:
        message = f"{path} can't be read ({type(error).__name__})"
        raise UsageError(message, hint="`witting record` writes one") from None
    except msgspec.MsgspecError as error:
        message = f"{path} is no recorder configuration: {error}"
        raise UsageError(message, hint="`witting record` writes one") from None


def save_config(config: RecorderConfig, path: Path) -> None:
    """Write the configuration, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(config)))
