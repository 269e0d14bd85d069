"""Redacted events: what a session is made of. Only `witting.device.privacy` makes them from raw ones.

Every event carries `timestamp_ns` on CLOCK_MONOTONIC and screen pixels. Single characters are never an event: typing is a
`TextInput` with the redacted final value; `Key` is for editing keys and chords.
"""

from typing import Literal

import msgspec

from witting.terms.findings import Finding
from witting.terms.geometry import Monitor, Rect

Stream = Literal["pointer", "keys", "windows", "pages", "ui_tree", "screen", "clipboard", "voice", "cadence"]
STREAMS: tuple[Stream, ...] = ("pointer", "keys", "windows", "pages", "ui_tree", "screen", "clipboard", "voice", "cadence")
USUAL_STREAMS: tuple[Stream, ...] = STREAMS[:-1]  # "everything" never means cadence: it is asked for and given by its own name

KeysLevel = Literal["shortcuts", "rhythm", "text"]  # how much of typing; not to lend any is not to grant the stream
KeysChoice = Literal["off", "shortcuts", "rhythm", "text"]
KEYS_CHOICES: tuple[KeysChoice, ...] = ("off", "shortcuts", "rhythm", "text")  # each holds what the one before it holds
KEYS_LEVELS: tuple[KeysLevel, ...] = ("shortcuts", "rhythm", "text")

GapReason = Literal[
    "app_not_lent", "site_not_lent", "stream_not_lent", "no_consent", "paused", "secure_field", "focus_unknown",
    "private_window", "redaction_failed", "over_budget", "participant_removed", "notice_changed", "lost", "marked_secret",
    "screen_locked", "quiet_hours", "screen_shared", "low_battery", "suspended", "sign_hidden", "sound_kept_here",
    "level_not_lent", "too_little",
]  # fmt: skip


FrameReason = Literal["start", "damage", "periodic", "click", "after_click"]


class PointerMove(msgspec.Struct, frozen=True, tag="move"):
    """The pointer passed here."""

    timestamp_ns: int
    x: int
    y: int


GRID_NS = 250_000_000  # of the times of what is reduced
WAY_TIMES_MS = (0, 1000)  # a way took at least so long
Bend = Literal["direct", "winding"]
PathDetail = Literal["reduced", "raw"]  # of the pointer's way: a coarse summary, or every point of it


class PointerPath(msgspec.Struct, frozen=True, tag="path"):
    """The pointer went from what was done before to what is done next, told coarsely; nothing finer can be made or read."""

    timestamp_ns: int  # when it came there, a multiple of 250 ms
    took_ms: int  # at least so long: 0 or 1000
    bend: Bend  # winding = at least half as long again as the straight way

    def __post_init__(self) -> None:
        """Refuse what is finer than a reduced way may be."""
        if self.timestamp_ns % GRID_NS or self.took_ms not in WAY_TIMES_MS:
            raise ValueError("a reduced way has times of its classes only")


class PointerButton(msgspec.Struct, frozen=True, tag="button"):
    """A button went down or up; button 1 is left, 2 middle, 3 right."""

    timestamp_ns: int
    x: int
    y: int
    button: int
    pressed: bool


class PointerWheel(msgspec.Struct, frozen=True, tag="wheel"):
    """The wheel turned; detents, down and right positive."""

    timestamp_ns: int
    x: int
    y: int
    dx: int
    dy: int


class Hover(msgspec.Struct, frozen=True, tag="hover"):
    """The pointer rested for half a second or more; the element under it is a node of the tree of that digest."""

    timestamp_ns: int
    end_ns: int
    x: int
    y: int
    ref: int = -1  # index in UiTree.nodes, -1 = not known
    tree_digest: str = ""  # of the tree that was in force


class HeldButtons(msgspec.Struct, frozen=True, tag="held_buttons"):
    """The buttons that are down: told once a second while any is, and when the last one was let go."""

    timestamp_ns: int
    buttons: tuple[int, ...]


class HeldKeys(msgspec.Struct, frozen=True, tag="held_keys"):
    """The modifiers and editing keys that are down, never a character's: told once a second while any is, and when the last was let go."""

    timestamp_ns: int
    keys: tuple[str, ...]


DeviceKind = Literal["mouse", "touchpad", "touchscreen", "keyboard", "other"]


Setting = Literal["unknown", "off", "on"]
AccelProfile = Literal["unknown", "none", "adaptive", "flat", "custom"]


class PointerDevice(msgspec.Struct, frozen=True):
    """One pointing device's scrolling and acceleration; 0 and "unknown" = it doesn't tell."""

    kind: DeviceKind
    vertical_increment: float = 0.0  # units of smooth scrolling that make one detent; 0 = it turns in detents only
    horizontal_increment: float = 0.0
    natural_scroll: Setting = "unknown"  # on = content follows the fingers
    accel_profile: AccelProfile = "unknown"
    accel_speed: float = 0.0  # from -1 to 1


class InputSettings(msgspec.Struct, frozen=True, tag="input_settings"):
    """How pointer and keyboard are set from here on; 0 = not known."""

    timestamp_ns: int = 0
    devices: tuple[DeviceKind, ...] = ()
    accel_numerator: int = 0
    accel_denominator: int = 0
    accel_threshold_px: int = 0  # acceleration begins beyond
    has_repeat: bool = False
    repeat_delay_ms: int = 0
    repeat_interval_ms: int = 0
    pointers: tuple[PointerDevice, ...] = ()  # one for each pointing device


class Key(msgspec.Struct, frozen=True, tag="key"):
    """An editing key or a chord such as `ctrl+c`, named by keysym; never a character that became text."""

    timestamp_ns: int
    key: str
    pressed: bool = True
    is_repeat: bool = False  # the keyboard repeated it because it was held


class TextInput(msgspec.Struct, frozen=True, tag="text"):
    """Text typed into one field from `timestamp_ns` to `end_ns`, as the redacted final value of the run."""

    timestamp_ns: int
    end_ns: int
    text: str
    findings: tuple[Finding, ...] = ()
    is_uncertain: bool = False  # the field said something else than the keys, as with input methods


class KeyRun(msgspec.Struct, frozen=True, tag="key_run"):
    """How many keys of which class went into plain fields within a window of 5 s or more; which ones isn't known. Level rhythm only."""

    timestamp_ns: int  # whole seconds
    end_ns: int  # whole seconds
    letters: int = 0
    digits: int = 0
    spaces: int = 0
    punctuation: int = 0
    editing: int = 0


class Cadence(msgspec.Struct, frozen=True, tag="cadence"):
    """How far apart keys were in at least 60 s of plain typing: counts by steps of 50 ms, the last for all beyond. Never which keys."""

    timestamp_ns: int  # whole minutes
    end_ns: int  # whole minutes
    step_ms: int
    counts: tuple[int, ...]


class WindowFocus(msgspec.Struct, frozen=True, tag="window"):
    """A lent window came to the front."""

    timestamp_ns: int
    app: str
    title: str
    findings: tuple[Finding, ...] = ()
    area: Rect = Rect(0, 0, 0, 0)  # without its frame; empty = not known
    workspace: int = -1  # -1 = not known, or no window manager tells
    window: int = 0  # random per session and window, 0 = not known


class PlacedWindow(msgspec.Struct, frozen=True):
    """One window of a layout: a lent one, or something else that covers lent ones, of which nothing but the place is told."""

    window: int  # as in WindowFocus; 0 = something that isn't lent
    app: str  # "" = something that isn't lent
    title: str
    area: Rect  # of a lent window without its frame; of something else only the part that covers a lent one
    findings: tuple[Finding, ...] = ()


class WindowLayout(msgspec.Struct, frozen=True, tag="layout"):
    """The lent windows on the screen and what covers them, from the bottom of the stack to its top."""

    timestamp_ns: int
    windows: tuple[PlacedWindow, ...]
    workspace: int = -1


class PageNavigation(msgspec.Struct, frozen=True, tag="navigation"):
    """A lent page was opened or its tab came to the front; of its query only what the programme lists is left, of its fragment nothing."""

    timestamp_ns: int
    url: str
    title: str
    tab: int = 0
    findings: tuple[Finding, ...] = ()
    what: Literal["open", "tab"] = "open"  # another page, or another tab came to the front


class PageScroll(msgspec.Struct, frozen=True, tag="page_scroll"):
    """A lent page, or a part of it, was scrolled; where it came to stand, in CSS pixels from its beginning."""

    timestamp_ns: int
    url: str
    x: int
    y: int
    what: Literal["page", "part"] = "page"
    tab: int = 0


class PageForm(msgspec.Struct, frozen=True, tag="form"):
    """A form of a lent page was submitted."""

    timestamp_ns: int
    url: str


class TaskMark(msgspec.Struct, frozen=True, tag="task"):
    """The participant stated a task, or said that it ended."""

    timestamp_ns: int
    state: Literal["begin", "done", "gave_up"]
    instruction: str = ""
    findings: tuple[Finding, ...] = ()


ClipboardKind = Literal["text", "image", "files", "other"]


class Clipboard(msgspec.Struct, frozen=True, tag="clipboard"):
    """The lent app in front put something on the clipboard: what kind and about how much, never what."""

    timestamp_ns: int
    kind: ClipboardKind
    size_at_most: int  # bytes, a power of two from 64 on, so that no password's length is told; 0 = not known


class VoiceNote(msgspec.Struct, frozen=True, tag="voice"):
    """What the participant said while holding the key or button of a voice note, as redacted text."""

    timestamp_ns: int
    end_ns: int
    text: str
    findings: tuple[Finding, ...] = ()


class VoiceAudio(msgspec.Struct, frozen=True, tag="voice_audio"):
    """The sound of the voice note that began at `timestamp_ns`; only when the participant asked to keep it."""

    timestamp_ns: int
    end_ns: int
    rate_hz: int
    data: bytes  # 16-bit mono, zstd-compressed


class Gap(msgspec.Struct, frozen=True, tag="gap"):
    """A hole in the record, itself recorded: what kind of thing isn't here, how many, and why."""

    reason: GapReason
    stream: Stream
    from_ns: int
    to_ns: int
    count: int = 1

    @property
    def timestamp_ns(self) -> int:
        """When the hole begins."""
        return self.from_ns


class Tile(msgspec.Struct, frozen=True, tag="tile"):
    """64 by 64 RGB pixels after masking, zstd-compressed, named by the xxh3-128 of the pixels (32 hex digits)."""

    digest: str
    data: bytes


class Frame(msgspec.Struct, frozen=True, tag="frame"):
    """A picture of the screen after masking: tile digests row by row, 16 bytes each."""

    timestamp_ns: int
    reason: FrameReason
    width_px: int
    height_px: int
    tiles: bytes
    masked_share: float  # of pixels, 0 to 1
    findings: tuple[Finding, ...] = ()
    monitor: int = -1  # which one of the topology in force it shows, -1 = the whole screen
    area: Rect = Rect(0, 0, 0, 0)  # where on the screen its pixels lie; empty = from the top left corner


class Topology(msgspec.Struct, frozen=True, tag="topology"):
    """The monitors in force from here on."""

    timestamp_ns: int
    monitors: tuple[Monitor, ...]


Event = (
    PointerMove | PointerPath | PointerButton | PointerWheel | Key | TextInput | WindowFocus | WindowLayout | PageNavigation | PageForm
    | PageScroll | KeyRun | Cadence | Hover | HeldButtons | HeldKeys | InputSettings
    | TaskMark | Clipboard | VoiceNote | VoiceAudio | Gap | Topology
)  # fmt: skip
