"""Voice notes of a session: the microphone while it is held, then a process that turns the sound into text, then an item for the pipeline.

Doesn't redact; whether a note may be spoken now is asked. Invariant: the microphone is open only between `begin` and `end`, and only after
the sign says so; the sound lives in this process's memory and in the note's own process until the text is there, and in no file.
"""

import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from witting.device.capture.microphone import BYTES_PER_SECOND, RATE_HZ, Microphone
from witting.device.recorder.config import RecorderConfig
from witting.terms.clock import Clock
from witting.terms.errors import CaptureError, UsageError, WittingError
from witting.terms.events import GapReason
from witting.terms.raw import RawVoice

LONGEST_NS = 60_000_000_000  # then the note ends by itself
PATIENCE_NS = 60_000_000_000  # for the text
_AT_ONCE = 2
_TEXT_LIMIT = 20_000


def engine_command(config: RecorderConfig) -> tuple[str, ...]:
    """Return the command that turns sound on its standard input into text on its standard output."""
    return (sys.executable, "-m", "witting.device.voice", config.voice_engine, str(RATE_HZ), config.voice_model)


@dataclass(slots=True, repr=False)
class _Open:
    """A note that is being spoken."""

    microphone: Microphone
    from_ns: int
    keeps_sound: bool
    sound: bytearray = field(default_factory=bytearray)


@dataclass(slots=True, repr=False)
class _Waiting:
    """A note whose text is awaited."""

    process: subprocess.Popen[bytes]
    from_ns: int
    to_ns: int
    kept_sound: bytes
    said: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class VoiceOutlets:
    """Where notes go, and how the sign is told."""

    keep: Callable[[RawVoice], None]
    drop: Callable[[GapReason, int], None]
    show: Callable[[bool], None]  # whether the microphone is open
    refuse: Callable[[], None]  # raises UsageError when no note may be spoken now


class VoiceNotes:
    """All notes of a session; `microphone` reads the sound and `engine` understands it, `selector` is the loop's."""

    def __init__(
        self, selector: selectors.BaseSelector, outlets: VoiceOutlets, *, clock: Clock, microphone: Sequence[str], engine: Sequence[str]
    ) -> None:
        self._selector = selector
        self._outlets = outlets
        self._clock = clock
        self._command = tuple(microphone)
        self._engine = tuple(engine)
        self._open: _Open | None = None
        self._waiting: list[_Waiting] = []
        self.is_listening = False
        self.trouble = ""  # why the last hold of the key opened no microphone

    def on_key(self, holds: Sequence[bool]) -> None:
        """The key went down or up."""
        for is_down in holds:
            if not is_down:
                self.end()
                continue
            try:
                self.begin()
                self.trouble = ""
            except WittingError as error:
                self.trouble = str(error)

    def begin(self, *, keeps_sound: bool = False) -> None:
        """Show the sign, then open the microphone; harmless while it is open.

        Raises:
            UsageError: no note may be spoken now, or earlier ones are still being understood.
            CaptureError: there is no microphone.
        """
        if self._open is not None:
            return
        self._outlets.refuse()
        if len(self._waiting) >= _AT_ONCE:
            raise UsageError("earlier notes are still being understood", hint="wait a moment")
        self._listen(is_listening=True)
        try:
            self._open = _Open(Microphone(self._command), self._clock.monotonic_ns(), keeps_sound)
        except CaptureError:
            self._listen(is_listening=False)
            raise
        self._selector.register(self._open.microphone, selectors.EVENT_READ, self._on_sound)

    def end(self) -> None:
        """Close the microphone and have what was said understood; harmless while it is closed."""
        note = self._shut()
        if note is None or not note.sound:
            return
        self._waiting.append(self._understand(note))
        self._selector.register(self._waiting[-1].process.stdout, selectors.EVENT_READ, self._on_text)  # type: ignore[arg-type]

    def stop(self, reason: GapReason) -> None:
        """Close the microphone and throw away what is being said, because recording pauses or ends."""
        note = self._shut()
        if note is not None:
            self._outlets.drop(reason, note.from_ns)

    def forget(self, cut_ns: int) -> None:
        """Throw away what was said since a time and isn't text yet."""
        for note in [note for note in self._waiting if note.to_ns >= cut_ns]:
            self._give_up(note, "participant_removed")

    def finish(self, patience_s: float) -> None:
        """Wait a while for the notes that are being understood; what isn't by then is lost, and told."""
        deadline_ns = self._clock.monotonic_ns() + int(patience_s * 1e9)
        for note in list(self._waiting):
            try:
                note.process.wait(max(0.0, (deadline_ns - self._clock.monotonic_ns()) / 1e9))
            except subprocess.TimeoutExpired:
                self._give_up(note)
        while self._waiting:
            self._on_text()

    def tick(self, now_ns: int) -> None:
        """End a note that is too long, and give up on texts that don't come."""
        if self._open is not None and now_ns >= self._open.from_ns + LONGEST_NS:
            self.end()
        for note in [note for note in self._waiting if now_ns >= note.to_ns + PATIENCE_NS]:
            self._give_up(note)

    @property
    def next_due_ns(self) -> int | None:
        """When `tick` has something to do."""
        times = [note.to_ns + PATIENCE_NS for note in self._waiting]
        return min([*times, self._open.from_ns + LONGEST_NS] if self._open is not None else times, default=None)

    def _on_sound(self) -> None:
        if self._open is not None:
            self._open.sound += self._open.microphone.read()
            if self._open.microphone.is_over:
                self.end()

    def _on_text(self) -> None:
        """Take what the notes' processes have said; one that ended well has its text."""
        for note in list(self._waiting):
            os.set_blocking(_output(note), False)
            try:
                piece = os.read(_output(note), _TEXT_LIMIT)
            except BlockingIOError:
                continue
            note.said += piece
            if not piece or len(note.said) > _TEXT_LIMIT:
                self._close(note)
                self._settle(note)

    def _settle(self, note: _Waiting) -> None:
        if note.process.wait() != 0 or len(note.said) > _TEXT_LIMIT:
            self._outlets.drop("redaction_failed", note.from_ns)
            return
        text = note.said.decode("utf-8", "replace").strip()
        if text:
            self._outlets.keep(RawVoice(note.from_ns, note.to_ns, text, note.kept_sound, RATE_HZ if note.kept_sound else 0))

    def _give_up(self, note: _Waiting, reason: GapReason = "lost") -> None:
        note.process.kill()
        self._close(note)
        note.process.wait()
        self._outlets.drop(reason, note.from_ns)

    def _close(self, note: _Waiting) -> None:
        self._waiting.remove(note)
        self._selector.unregister(_output(note))
        note.process.stdout.close()  # type: ignore[union-attr] # it was asked for as a pipe

    def _shut(self) -> _Open | None:
        note, self._open = self._open, None
        if note is not None:
            self._selector.unregister(note.microphone)
            note.sound += note.microphone.read()
            note.microphone.close()
            self._listen(is_listening=False)
        return note

    def _listen(self, *, is_listening: bool) -> None:
        self.is_listening = is_listening
        self._outlets.show(is_listening)

    def _understand(self, note: _Open) -> _Waiting:
        """Hand the sound to a process of its own, in memory that has no name in any folder."""
        sound = bytes(note.sound[: LONGEST_NS // 1_000_000_000 * BYTES_PER_SECOND])
        memory = os.memfd_create("sound")
        try:
            with os.fdopen(memory, "wb", closefd=False) as file:
                file.write(sound)
            os.lseek(memory, 0, os.SEEK_SET)
            process = subprocess.Popen(self._engine, stdin=memory, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        finally:
            os.close(memory)
        return _Waiting(process, note.from_ns, self._clock.monotonic_ns(), sound if note.keeps_sound else b"")


def _output(note: _Waiting) -> int:
    return note.process.stdout.fileno()  # type: ignore[union-attr] # it was asked for as a pipe
