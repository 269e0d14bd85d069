"""What a run sees of the desk, and what it does there, by role: the real desk and the one in tests satisfy the same ports.

Protocols and values only. Invariant: a view lives in memory for one step; its nodes can't be encoded.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from witting.terms.errors import WittingError
from witting.terms.geometry import Rect
from witting.terms.raw import RawNode

Clicked = Literal["click", "double_click", "right_click"]
NOWHERE = Rect(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """What is in front at one moment; `why_not` says in plain words why nothing may be done there, "" = it may."""

    app: str = ""
    url: str = ""  # of the page in front, "" in native apps
    nodes: tuple[RawNode, ...] = ()
    why_not: str = ""
    covers: tuple[Rect, ...] = ()  # other windows that lie over the one in front, pixels


class TakenOverError(WittingError):
    """The person used mouse or keyboard: nothing more was done."""


class Desk(Protocol):
    """A person's desk, as a run sees it and acts there."""

    def look(self) -> View:
        """Return what is in front now."""
        ...

    def bring(self, app: str) -> None:
        """Bring a window of an app to the front, if it has one."""
        ...

    def click(self, node: RawNode, how: Clicked) -> None:
        """Click the middle of a node.

        Raises:
            TakenOverError: the person took over; a button that was down is up again.
        """
        ...

    def type_over(self, text: str) -> None:
        """Make the field that has the keyboard hold a text, in place of what it held.

        Raises:
            UsageError: no keys make that text; nothing of it was typed.
        """
        ...

    def press(self, chord: str) -> None:
        """Press a key or a chord."""
        ...

    def scroll(self, *, is_down: bool) -> None:
        """Turn the wheel a few notches over the window in front."""
        ...

    def wait(self, seconds: float) -> None:
        """Let the desk settle; raises TakenOverError at once when the person takes over."""
        ...

    def show(self, text: str) -> None:
        """Say on the screen what is being done."""
        ...

    def rest(self) -> Callable[[], None]:
        """Let the person use mouse and keyboard; what is returned ends that."""
        ...
