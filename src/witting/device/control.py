"""How other programs of the same person speak to the recorder: one JSON object a line over a unix socket, one answer a line.

Commands: status, pause, resume, stop, task, forget, voice_begin, voice_end. Both ends are here. Doesn't know what recording is. Invariant:
an answer holds counts and states, never captured content; a line that isn't a command gets an error and changes nothing.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from witting.device.local_socket import LocalServer, Peer
from witting.terms.errors import UsageError, WittingError

_LINE_LIMIT = 16_384  # bytes
_PATIENCE_S = 5.0
_FORGETTING_S = 120.0  # a long session is written anew
_NOT_RUNNING = "`witting record` starts one"

TaskState = Literal["begin", "done", "gave_up"]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is asked of the recorder."""

    do: Literal["status", "pause", "resume", "stop", "task", "forget", "voice_begin", "voice_end"]
    state: TaskState = "begin"  # of a task
    instruction: Annotated[str, msgspec.Meta(max_length=4000)] = ""  # of a task that begins
    keep_sound: bool = False  # of the voice note that begins
    seconds: Annotated[int, msgspec.Meta(ge=1, le=604_800)] = 300  # to forget, back from now


class RecorderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What the recorder does now, in counts and states."""

    state: Literal["recording", "paused", "stopping"]
    session_id: str = ""
    app: str = ""  # the lent app in front, "" = the window in front isn't lent
    is_browser_connected: bool = False
    is_listening: bool = False  # the microphone is open for a voice note
    started_ns: int = 0  # CLOCK_MONOTONIC
    produced: dict[str, int] = {}  # by stream
    kept: dict[str, int] = {}
    gapped: dict[str, int] = {}
    gaps: dict[str, int] = {}  # by reason
    unverified_frames: int = 0  # pictures masked wholly because no tree came in time
    unread_places: int = 0  # places in pictures that stayed masked because there was no time to read them
    garbage: int = 0  # messages of the browser that weren't understood
    why: str = ""  # what holds recording back while paused, in a word of device.guards; the first of several
    because: str = ""  # the same in plain words
    holds: tuple[str, ...] = ()  # everything that holds it back now
    is_thinned: bool = False  # fewer pictures, because the processor's budget was exceeded
    forgotten: dict[str, int] = {}  # items taken out by `forget`, by stream


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The recorder's answer; `error` and `hint` are empty when it went well."""

    status: RecorderStatus | None = None
    error: str = ""
    hint: str = ""


class ControlServer:
    """Listens at `path`; `obey` carries a command out and returns the status after it."""

    def __init__(self, path: Path, obey: Callable[[Command], RecorderStatus]) -> None:
        self._server = LocalServer(path)
        self._obey = obey
        self._waiting: dict[Peer, bytearray] = {}

    def fileno(self) -> int:
        """Return a descriptor that is readable when something arrived."""
        return self._server.fileno()

    def serve(self) -> None:
        """Answer what has arrived."""
        for peer, data in self._server.poll():
            if not peer.is_open:
                self._waiting.pop(peer, None)
                continue
            for line in _lines(self._waiting.setdefault(peer, bytearray()), data):
                peer.send(msgspec.json.encode(self._answer(line)) + b"\n")
            if len(self._waiting[peer]) > _LINE_LIMIT:
                peer.is_open = False

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _answer(self, line: bytes) -> Answer:
        try:
            return Answer(status=self._obey(msgspec.json.decode(line, type=Command)))
        except (msgspec.DecodeError, msgspec.ValidationError):
            return Answer(error="that is no command", hint="commands: status, pause, resume, stop, task, forget, voice_begin, voice_end")
        except WittingError as error:
            return Answer(error=str(error), hint=error.hint)


def _lines(waiting: bytearray, data: bytes) -> Iterator[bytes]:
    """Yield the whole lines after `data`; the rest stays in `waiting`."""
    waiting += data
    *lines, rest = bytes(waiting).split(b"\n")
    waiting[:] = rest
    yield from (line for line in lines if line.strip())


def send_command(path: Path, command: Command) -> RecorderStatus:
    """Have the recorder at `path` carry a command out; returns its status after it.

    Raises:
        UsageError: no recorder runs there, or it refused.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_FORGETTING_S if command.do == "forget" else _PATIENCE_S)
        try:
            connection.connect(str(path))
            connection.sendall(msgspec.json.encode(command) + b"\n")
            with connection.makefile("rb") as reader:
                answer = msgspec.json.decode(reader.readline() or b"{}", type=Answer)
        except (OSError, msgspec.MsgspecError):
            raise UsageError("no recorder runs", hint=_NOT_RUNNING) from None
    if answer.status is None:
        raise UsageError(answer.error or "the recorder gave no answer", hint=answer.hint or _NOT_RUNNING)
    return answer.status


def status(path: Path) -> RecorderStatus:
    """Return what the recorder at `path` does; raises UsageError when none runs."""
    return send_command(path, Command(do="status"))


def pause(path: Path) -> RecorderStatus:
    """Stop recording at once, for as long as the person likes."""
    return send_command(path, Command(do="pause"))


def resume(path: Path) -> RecorderStatus:
    """Go on recording."""
    return send_command(path, Command(do="resume"))


def stop(path: Path) -> RecorderStatus:
    """End the session; what was recorded is on the disk when the recorder's process has ended."""
    return send_command(path, Command(do="stop"))


def state_task(path: Path, state: TaskState, *, instruction: str = "") -> RecorderStatus:
    """State a task, or that it ended."""
    return send_command(path, Command(do="task", state=state, instruction=instruction))


def forget(path: Path, seconds: int) -> RecorderStatus:
    """Take the last seconds out of the running session for good; they can't be read again when this returns."""
    return send_command(path, Command(do="forget", seconds=seconds))


def speak(path: Path, *, keep_sound: bool = False) -> RecorderStatus:
    """Open the microphone for a voice note; the sound is thrown away once it is text, unless the participant asks to keep it."""
    return send_command(path, Command(do="voice_begin", keep_sound=keep_sound))


def hush(path: Path) -> RecorderStatus:
    """Close the microphone; what was said becomes text."""
    return send_command(path, Command(do="voice_end"))


def is_running(path: Path) -> bool:
    """Whether a recorder answers at `path`."""
    try:
        status(path)
    except UsageError:
        return False
    return True
