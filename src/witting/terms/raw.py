"""Raw types: live in memory for milliseconds, have no encoder and refuse to be pickled.

Only `witting.device.capture` makes them and only `witting.device.privacy` may turn them into redacted ones. `repr` shows no content.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NoReturn

from witting.terms.events import (
    ClipboardKind,
    FrameReason,
)
from witting.terms.geometry import Monitor, Rect
from witting.terms.tree import NodeState, TreeSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


_NOWHERE = Rect(0, 0, 0, 0)


class _Unwritable:
    """A value that no encoder takes: msgspec doesn't know it, and copying and pickling it are refused."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("raw types live in memory only")


_UNWRITABLE = _Unwritable()


@dataclass(frozen=True, slots=True, repr=False)
class _MemoryOnly:
    """Refuses the ways by which an object usually reaches a disk or a log: its first field stops encoders that take dataclasses."""

    memory_only: _Unwritable = field(default=_UNWRITABLE, init=False, compare=False)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        message = f"{type(self).__name__} lives in memory only"
        raise TypeError(message)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@dataclass(frozen=True, slots=True, repr=False)
class RawMove(_MemoryOnly):
    """Pointer motion; server time lifted to CLOCK_MONOTONIC nanoseconds."""

    timestamp_ns: int
    x: int
    y: int


@dataclass(frozen=True, slots=True, repr=False)
class RawButton(_MemoryOnly):
    """A button press or release; wheel buttons come as RawWheel."""

    timestamp_ns: int
    x: int
    y: int
    button: int
    pressed: bool


@dataclass(frozen=True, slots=True, repr=False)
class RawWheel(_MemoryOnly):
    """Wheel detents; down and right positive."""

    timestamp_ns: int
    x: int
    y: int
    dx: int
    dy: int


@dataclass(frozen=True, slots=True, repr=False)
class RawKey(_MemoryOnly):
    """A key press or release: keysym name, the text it would produce, the modifiers held (ctrl, alt, super, shift)."""

    timestamp_ns: int
    keysym: str
    text: str
    pressed: bool
    modifiers: frozenset[str] = frozenset()
    is_repeat: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class RawKeyRun(_MemoryOnly):
    """Keys of plain fields counted by class; times are whole seconds already."""

    timestamp_ns: int
    end_ns: int
    letters: int = 0
    digits: int = 0
    spaces: int = 0
    punctuation: int = 0
    editing: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class RawCadence(_MemoryOnly):
    """Intervals between keys of plain typing counted by steps; times are whole minutes already."""

    timestamp_ns: int
    end_ns: int
    step_ms: int
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RawHeldButtons(_MemoryOnly):
    """The buttons that are down."""

    timestamp_ns: int
    buttons: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RawHeldKeys(_MemoryOnly):
    """The named keys that are down."""

    timestamp_ns: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RawWindow(_MemoryOnly):
    """The window that came to the front; empty `app` = unknown, which is never lent."""

    timestamp_ns: int
    app: str
    title: str
    window_id: int
    area: Rect
    is_private: bool = False
    workspace: int = -1
    number: int = 0  # what it is called in this session, 0 = not named yet


@dataclass(frozen=True, slots=True, repr=False)
class RawPlaced(_MemoryOnly):
    """A window in a layout; number 0 = something that isn't lent, of which only the place is known."""

    number: int
    app: str
    title: str
    area: Rect


@dataclass(frozen=True, slots=True, repr=False)
class RawLayout(_MemoryOnly):
    """The lent windows and what covers them, bottom to top."""

    timestamp_ns: int
    windows: tuple[RawPlaced, ...]
    workspace: int = -1


@dataclass(frozen=True, slots=True, repr=False)
class RawPage(_MemoryOnly):
    """The page in front, as the extension says it."""

    timestamp_ns: int
    url: str
    title: str
    tab: int
    is_private: bool
    what: Literal["navigation", "tab", "form", "left"]


@dataclass(frozen=True, slots=True, repr=False)
class RawPageScroll(_MemoryOnly):
    """A page, or a part of it, came to stand elsewhere; CSS pixels."""

    timestamp_ns: int
    url: str
    x: int
    y: int
    is_part: bool
    tab: int
    is_private: bool


@dataclass(frozen=True, slots=True, repr=False)
class RawFocus(_MemoryOnly):
    """The element that has the keyboard: secure or not, and a name for the field within its session."""

    timestamp_ns: int
    source: TreeSource
    field: str
    is_secure: bool


@dataclass(frozen=True, slots=True, repr=False)
class RawTask(_MemoryOnly):
    """The participant's own statement of a task."""

    timestamp_ns: int
    state: Literal["begin", "done", "gave_up"]
    instruction: str


@dataclass(frozen=True, slots=True, repr=False)
class RawClipboard(_MemoryOnly):
    """Something was put on the clipboard; not even here is its content known. Size 0 = not known."""

    timestamp_ns: int
    kind: ClipboardKind
    size_bytes: int
    process_id: int = 0  # of its owner, 0 = unknown


@dataclass(frozen=True, slots=True, repr=False)
class RawVoice(_MemoryOnly):
    """A voice note's transcript; `audio` (16-bit mono at `rate_hz`) only when the participant asked to keep it."""

    timestamp_ns: int
    end_ns: int
    text: str
    audio: bytes = b""
    rate_hz: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class RawNode(_MemoryOnly):
    """A node before redaction; the fields of UiNode."""

    ref: int
    parent: int
    role: str
    name: str = ""
    value: str = ""
    states: tuple[NodeState, ...] = ()
    box: Rect = _NOWHERE
    tag: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class RawTree(_MemoryOnly):
    """A UI tree before redaction. `url` is the page's address, empty for native apps."""

    timestamp_ns: int
    source: TreeSource
    app: str
    url: str
    nodes: tuple[RawNode, ...]
    is_private: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class RawFrame(_MemoryOnly):
    """A grab of the screen or of one monitor: RGB uint8 (height, width, 3), with the visible region of the lent window in front.

    Regions and trees are in pixels of the screen, whichever part of it `pixels` holds.
    """

    timestamp_ns: int
    reason: FrameReason
    pixels: "NDArray[np.uint8]"
    lent_regions: tuple[Rect, ...] = ()
    monitors: tuple[Monitor, ...] = field(default=())
    monitor: int = -1  # which of the monitors it shows, -1 = the whole screen
    area: Rect = _NOWHERE  # where on the screen the pixels lie; empty = from the top left corner


@dataclass(frozen=True, slots=True, repr=False)
class RawHover(_MemoryOnly):
    """The pointer rested; `tree` is what was in force, `ref` the node in it, -1 without one."""

    timestamp_ns: int
    end_ns: int
    x: int
    y: int
    ref: int = -1
    tree: RawTree | None = None


RawInputSums = RawKeyRun | RawCadence | RawHeldButtons | RawHeldKeys  # what the recorder makes of single events
RawEvent = (
    RawMove | RawButton | RawWheel | RawKey | RawWindow | RawLayout | RawPage | RawPageScroll | RawFocus | RawTask | RawClipboard | RawVoice
    | RawInputSums | RawHover
)  # fmt: skip
