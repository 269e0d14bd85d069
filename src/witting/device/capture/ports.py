"""What the recorder needs of a desktop, by role; X11's classes, Wayland's and the portable ones satisfy these.

Protocols only: nothing here opens anything. Invariant: what the recorder does with a desktop goes through these, so a desktop that can't do
one thing (global input on Wayland) has a class that does nothing there, and never one that makes something up.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from witting.device.capture.screen import Grab
from witting.device.capture.sign import Sign
from witting.device.guards.rules import Corner
from witting.terms.geometry import Monitor, Rect
from witting.terms.raw import RawButton, RawKey, RawMove, RawWheel, RawWindow

RawInput = RawMove | RawButton | RawWheel | RawKey


class InputPort(Protocol):
    """Pointer and keys from the moment it is made until `close`."""

    keyboard_window: int  # the window that had the keyboard at the last `read`, 0 = unknown
    next_deadline_ns: int | None  # when `read` has something though `fileno` is silent
    may_have_lost: bool  # whether events may be missing before those of the last `read`

    def fileno(self) -> int:
        """Return a descriptor that is readable when something happened."""
        ...

    def rang(self) -> None:
        """`fileno` was readable: `read` may wait a moment, so that much is read at once."""
        ...

    def read(self) -> Sequence[RawInput]:
        """Return what is due to be read, in order."""
        ...

    def read_now(self) -> Sequence[RawInput]:
        """Return everything that happened since the last call, in order."""
        ...

    def be_prompt(self, is_prompt: bool) -> None:  # noqa: FBT001 - it is what it says
        """Read characters as soon as other keys from now on, or no longer."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


class ScreenPort(Protocol):
    """Pictures of the screen."""

    is_damaged: bool  # whether anything may have changed since the last grab

    def grab(self) -> Grab:
        """Return the screen as it is now."""
        ...

    def ignore_damage(self) -> None:
        """Take what changed so far as seen."""
        ...

    def handle(self, event: Any) -> None:
        """Take an event of the display."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class WindowPort(Protocol):
    """The window in front."""

    front: RawWindow
    process_id: int  # of the window in front, 0 = unknown

    def read_front(self, timestamp_ns: int) -> RawWindow:
        """Ask which window is in front; returns it with the time given."""
        ...


class IndicatorPort(Protocol):
    """The sign that the person sees."""

    corner: Corner

    def show(self, sign: Sign) -> None:
        """Say this from now on."""
        ...

    def is_lost(self) -> bool:
        """Whether the person may not see the sign."""
        ...

    @property
    def is_gone(self) -> bool:
        """Whether the sign is off the screen for good."""
        ...

    def close(self) -> None:
        """Take the sign away."""
        ...


class DisplayPort(Protocol):
    """A desktop session that is spoken to."""

    width_px: int
    height_px: int

    def fileno(self) -> int:
        """Return a descriptor that is readable when something happened."""
        ...

    def events(self) -> Iterable[Any]:
        """Return what has happened, for the sources to take."""
        ...

    def monitors(self) -> tuple[Monitor, ...]:
        """Return the monitors in force."""
        ...

    def close(self) -> None:
        """End the connection."""
        ...


NOWHERE = Rect(0, 0, 0, 0)
