"""The recorder's end of the sign on Wayland: starts the program that shows it, tells it what to say, hears clicks.

The compositor keeps the overlay layer above windows, full-screen ones too; only a screen locker and other overlays lie as high. Whether
one of those covers the sign isn't told. Nobody may switch it off. Invariant: the constructor returns only when the sign is on the screen;
when its program ends, the sign is gone.
"""

import json
import os
import select
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from witting.device.capture.sign import HEIGHT_PX, Sign, picture, width_of
from witting.device.capture.wayland_display import WaylandDisplay
from witting.device.guards.rules import Corner
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Monitor, Rect

_PROGRAM = ("/usr/bin/python3", str(Path(__file__).with_name("wayland_sign.py")))
_PATIENCE_S = 8.0
_MARGIN_PX = 6
SIGN_HINT = "apt install python3-gi gir1.2-gtk-3.0 gir1.2-gtklayershell-0.1, and record in a compositor with layer-shell"


def has_sign_program() -> bool:
    """Whether Debian's python has what the sign is made of; opens nothing."""
    code = "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('GtkLayerShell', '0.1')"
    try:
        return subprocess.run([_PROGRAM[0], "-c", code], capture_output=True, check=False, timeout=_PATIENCE_S).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


@dataclass(frozen=True, slots=True)
class SignClicked:
    """The sign was clicked."""


class WaylandIndicator:
    """The sign on every monitor, shown at once.

    Raises:
        CaptureError: the sign can't be shown; then nothing may be recorded.
    """

    window_ids: frozenset[int] = frozenset()
    wants_look = False
    next_due_ns: int | None = None

    def __init__(self, display: WaylandDisplay, sign: Sign, *, corner: Corner = "top-right", clock: Clock | None = None) -> None:
        self._display = display
        self._clock = clock or SystemClock()
        self.corner: Corner = corner
        self._sign = sign
        self._is_over = False
        try:
            self._process = subprocess.Popen(
                _PROGRAM,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "GDK_BACKEND": "wayland"},
            )
        except OSError:
            raise CaptureError("the recording sign can't be shown", hint=SIGN_HINT) from None
        assert self._process.stdin is not None  # noqa: S101 - asked for as pipes
        assert self._process.stdout is not None  # noqa: S101
        self._input, self._output = self._process.stdin, self._process.stdout
        self._tell()
        if not select.select([self._output], [], [], _PATIENCE_S)[0] or self._output.readline().strip() != b"shown":
            self.close()
            raise CaptureError("the recording sign can't be shown", hint=SIGN_HINT)
        os.set_blocking(self._output.fileno(), False)
        display.listen(self._output.fileno(), self._read)

    @property
    def process_id(self) -> int:
        """The program that shows the sign."""
        return self._process.pid

    @property
    def areas(self) -> tuple[Rect, ...]:
        """Where the sign lies, as wide as it can get."""
        width = width_of(self._sign)
        vertical, horizontal = self.corner.split("-")
        found = []
        for monitor in self._display.monitors():
            area = monitor.area
            x = area.x + _MARGIN_PX if horizontal == "left" else area.x + area.width - width - _MARGIN_PX
            y = area.y + _MARGIN_PX if vertical == "top" else area.y + area.height - HEIGHT_PX - _MARGIN_PX
            found.append(Rect(x - _MARGIN_PX, y - _MARGIN_PX, width + 2 * _MARGIN_PX, HEIGHT_PX + 2 * _MARGIN_PX))
        return tuple(found)

    def show(self, sign: Sign) -> None:
        """Say this from now on."""
        if sign != self._sign and not self._is_over:
            self._sign = sign
            self._tell()

    def put(self, corner: Corner) -> None:
        """Move the sign into a corner."""
        if corner != self.corner:
            self.corner = corner
            self._tell()

    def follow(self, monitors: Sequence[Monitor]) -> None:
        """The monitors changed: the compositor keeps the sign on those that stay."""
        del monitors

    def handle(self, event: object) -> bool:
        """Take an event; True when the sign was clicked."""
        return isinstance(event, SignClicked) and self._sign.can_click

    def look(self, stack: object) -> None:
        """Covers aren't told of here."""
        del stack

    def check_compositor(self) -> None:
        """The compositor is always there."""

    def is_lost(self) -> bool:
        """Whether the person may not see the sign."""
        return self.is_gone

    @property
    def is_gone(self) -> bool:
        """Whether the sign's program ended."""
        return self._is_over or self._process.poll() is not None

    def close(self) -> None:
        """Take the sign away."""
        if not self._is_over:
            self._is_over = True
            self._display.forget(self._output.fileno())
            self._input.close()
            self._output.close()
            self._process.terminate()
            self._process.wait()

    def _read(self) -> Iterator[SignClicked]:
        try:
            said = os.read(self._output.fileno(), 4096)
        except BlockingIOError:
            return
        if not said:
            self._display.forget(self._output.fileno())
        yield from (SignClicked() for line in said.splitlines() if line == b"click")

    def _tell(self) -> None:
        width = width_of(self._sign)
        pixels = np.frombuffer(picture(self._sign), np.uint8).reshape(HEIGHT_PX, width, 4)[:, :, 2::-1]
        head = json.dumps({"width": width, "height": HEIGHT_PX, "corner": self.corner}).encode() + b"\n"
        try:
            self._input.write(head + np.ascontiguousarray(pixels).tobytes())
            self._input.flush()
        except OSError:
            self._is_over = self._process.poll() is not None
