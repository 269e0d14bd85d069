"""The only maker of redacted records: one Redactor per session turns raw texts, events, trees and frames into ones that may be kept.

Doesn't decide what is lent (the gate does) and writes nothing. Invariant: a result is wholly redacted, or a RedactionError is raised and
there is no result. Equal values have equal placeholders across everything a session says: instruction, typed text, titles, nodes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Literal

import zstandard

from witting.device.privacy.addresses import redact_address
from witting.device.privacy.behaviour import ButtonReducer, KeyReducer, PathReducer, Written, reduced_rest
from witting.device.privacy.detectors import NOTHING, Adds, Posture
from witting.device.privacy.fields import close_fields
from witting.device.privacy.guard import guard
from witting.device.privacy.labels import field_kind
from witting.device.privacy.pixels import FramePipeline, Pane
from witting.device.privacy.sample import word_set
from witting.device.privacy.split import is_field
from witting.device.privacy.spoken import as_written
from witting.device.privacy.texts import TextPipeline
from witting.device.privacy.trees import labelled, redact_tree
from witting.device.reading.found import Reader
from witting.terms.events import (
    Cadence,
    Clipboard,
    Event,
    Frame,
    Gap,
    HeldButtons,
    HeldKeys,
    Hover,
    Key,
    KeyRun,
    PageForm,
    PageNavigation,
    PageScroll,
    PlacedWindow,
    PointerButton,
    PointerMove,
    PointerWheel,
    TaskMark,
    TextInput,
    Tile,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.findings import RedactedText
from witting.terms.raw import (
    RawButton,
    RawCadence,
    RawClipboard,
    RawFrame,
    RawHeldButtons,
    RawHeldKeys,
    RawHover,
    RawInputSums,
    RawKey,
    RawKeyRun,
    RawLayout,
    RawMove,
    RawPage,
    RawPageScroll,
    RawPlaced,
    RawTask,
    RawTree,
    RawVoice,
    RawWheel,
    RawWindow,
)
from witting.terms.tree import UiTree

RecordableEvent = RawMove | RawButton | RawWheel | RawWindow | RawLayout | RawPage | RawPageScroll | RawTask | RawClipboard | RawInputSums
Kept = Literal["field_text", "path"]
_USUALLY_KEPT: tuple[Kept, ...] = ("field_text",)
_SMALLEST_SIZE = 64  # bytes; everything smaller has this size, passwords too
_CHORD_MODIFIERS = ("ctrl", "alt", "super")
_EDITING_KEYS = word_set(
    """Return KP_Enter Tab ISO_Left_Tab BackSpace Delete KP_Delete Insert Escape Home End Page_Up Page_Down Prior Next Left Right Up Down
    KP_Home KP_End KP_Left KP_Right KP_Up KP_Down KP_Page_Up KP_Page_Down Menu Print Pause Undo Redo Find Help Cancel
    F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12""",
)

_HELD_KEYS = (
    _EDITING_KEYS
    | {f"{name}_{side}" for name in ("Shift", "Control", "Alt", "Meta", "Super", "Hyper") for side in ("L", "R")}
    | {"ISO_Level3_Shift"}
)


class Redactor:
    """Redacts one session. `adds` are a programme's further words and patterns to mask; `seed` fixes the placeholder hash in tests.

    `query_keys` are, by origin, the keys of an address's query that the programme asks for. Unless it `keeps` field_text (less than
    the text of typing is lent) no field's content stays in trees and pictures. With a `reader` text in pictures is read, so
    that more can be shown. If it keeps the path the pointer is told point by point, and nothing of it is reduced.
    """

    def __init__(
        self,
        posture: Posture = "strict",
        *,
        adds: Adds = NOTHING,
        seed: bytes | None = None,
        query_keys: Mapping[str, Collection[str]] | None = None,
        keeps: Collection[Kept] = _USUALLY_KEPT,
        reader: Reader | None = None,
    ) -> None:
        self._texts = TextPipeline(posture, adds=adds, seed=seed)
        self._reader = reader
        self._query_keys = dict(query_keys or {})
        self._focused_label = ""
        self._keeps_field_text = "field_text" in keeps
        self._keeps_path = "path" in keeps
        self._written = Written()
        self._way, self._buttons, self._keys = PathReducer(), ButtonReducer(self._written), KeyReducer(self._written)
        self._rests_left_out = 0

    @cached_property
    def _frames(self) -> FramePipeline:
        """The pictures of this session; who redacts texts only has none."""
        return FramePipeline(self._reader, texts=self._texts)

    def forget(self, *, tiles: Collection[str], placeholders: Collection[str]) -> None:
        """Forget what was seen but for these tiles and placeholders, because the participant took the rest out of the session.

        Numbers that were given aren't given again. Words known as personal stay known, as keyed hashes: forgetting them would let them
        through.
        """
        self._texts.forget(placeholders)
        self._frames.forget(tiles)
        self._focused_label = ""

    def text(self, raw: str, *, context: str = "") -> RedactedText:
        """Return `raw` redacted; `context` is the label of the field it stands in. Offsets of findings are into `raw`.

        Raises:
            RedactionError: a detector failed; there is no result.
        """
        return guard("text", self._text, raw, context)

    def tree(self, raw: RawTree) -> UiTree:
        """Return the redacted tree, and note the label of the focused field for what is typed next.

        Raises:
            RedactionError: a detector failed, or the window is private.
        """
        return guard("tree", self._tree, raw)

    def focus(self, raw: RawTree) -> None:
        """Note which field has the focus. `tree` does so itself; who reuses a redacted tree must call it."""
        for node, label in labelled(raw.nodes):
            if "focused" in node.states and is_field(node):
                self._focused_label = label

    def event(self, raw: RecordableEvent) -> Event | None:
        """Return the redacted event; a Gap for a private window or page; None for a page that was left, which is no event.

        Raises:
            RedactionError: a detector failed.
        """
        if isinstance(raw, RawPage | RawPageScroll):
            return guard("event", _page, raw, self._texts, keys=self._keys_of(raw.url))
        return guard("event", lambda: _EVENTS[type(raw)](raw, self._texts))

    def pointer(self, raw: RawMove | RawButton | RawWheel) -> list[Event]:
        """Return what is told now that the pointer did this: reduced, and a move only as part of a way, later; or as it was."""
        if isinstance(raw, RawMove):
            if self._keeps_path:
                return [PointerMove(raw.timestamp_ns, raw.x, raw.y)]
            self._way.move(raw.timestamp_ns, raw.x, y=raw.y)
            return []
        self._keys.interrupt()
        if self._keeps_path:
            return [] if (told := self.event(raw)) is None else [told]
        if isinstance(raw, RawWheel):
            turn = self._buttons.wheel(raw.timestamp_ns, raw.x, y=raw.y, turns=(raw.dx, raw.dy))
            return [*self._way.end(raw.timestamp_ns), *([turn] if turn else ())]
        take = self._buttons.press if raw.pressed else self._buttons.release
        return [*self._way.end(raw.timestamp_ns), take(raw.timestamp_ns, raw.x, y=raw.y, button=raw.button)]

    def end_way(self) -> list[Event]:
        """Return the pointer's way so far, because something else comes; a click after that is no second click."""
        self._buttons.interrupt()
        return [*self._way.end()]

    def note(self, timestamp_ns: int) -> None:
        """Note when something else was written, so that what is told of later keeps its place behind it."""
        self._written.note(timestamp_ns)

    @property
    def reduced(self) -> int:
        """How many moves and turns became part of a way or scroll, beyond what is told of it, and rests on nothing known part of a way."""
        return self._way.reduced + self._buttons.reduced + self._rests_left_out

    @property
    def is_on_the_way(self) -> bool:
        """Whether moves wait to be told as a way."""
        return self._way.is_open

    def hover(self, raw: RawHover, tree: UiTree | None) -> Hover | None:
        """Return a rest of the pointer; `tree` is the redacted one of `raw.tree`.

        Reduced, the middle of the part it rested on is told with a class of time; a rest on nothing known isn't told.
        """
        is_known = tree is not None and 0 <= raw.ref < len(tree.nodes)
        ref, digest = (raw.ref, tree.digest) if tree is not None and is_known else (-1, "")
        if self._keeps_path:
            return Hover(raw.timestamp_ns, raw.end_ns, raw.x, raw.y, ref, digest)
        if tree is None or not is_known:
            self._rests_left_out += 1
            return None
        began_ns, ended_ns = reduced_rest(raw.timestamp_ns, raw.end_ns)
        box = tree.nodes[ref].box
        return Hover(began_ns, ended_ns, box.x + box.width // 2, box.y + box.height // 2, ref, digest)

    def key(self, raw: RawKey) -> Key | None:
        """Return an editing key or chord such as `ctrl+c`, its time reduced; None for any key that makes text."""
        held = [modifier for modifier in _CHORD_MODIFIERS if modifier in raw.modifiers]
        is_text = bool(raw.text) and raw.text.isprintable()
        makes_text = is_text and (not held or {"ctrl", "alt"} <= raw.modifiers)  # ctrl+alt is AltGr on some layouts
        if makes_text or (not held and raw.keysym not in _EDITING_KEYS):
            return None
        if "shift" in raw.modifiers:
            held.append("shift")
        return Key(self._keys.key(raw.timestamp_ns, is_repeat=raw.is_repeat), "+".join([*held, raw.keysym]), raw.pressed, raw.is_repeat)

    def typed(
        self, text: str, timestamp_ns: int, *, end_ns: int, is_secure: bool, context: str | None = None, is_uncertain: bool = False
    ) -> TextInput | Gap:
        """Return a run of typing as its redacted final value, its times reduced; a Gap when the field is secure.

        `context` is the field's label; without it the label of the field that had the focus in the last tree counts.

        Raises:
            RedactionError: a detector failed.
        """
        if is_secure:
            return Gap("secure_field", "keys", timestamp_ns, end_ns)
        redacted = self.text(text, context=self._focused_label if context is None else context)
        told_ns, ended_ns = self._keys.run(timestamp_ns, end_ns, length=len(redacted.text))
        return TextInput(told_ns, ended_ns, redacted.text, redacted.findings, is_uncertain)

    def voice(self, raw: RawVoice) -> list[VoiceNote | VoiceAudio]:
        """Return a voice note as redacted text, and its sound behind it if the participant asked to keep that.

        Raises:
            RedactionError: a detector failed.
        """
        redacted = guard("voice", lambda: self._texts.redact(as_written(raw.text)))
        note = VoiceNote(raw.timestamp_ns, raw.end_ns, redacted.text, redacted.findings)
        if not raw.audio:
            return [note]
        return [note, VoiceAudio(raw.timestamp_ns, raw.end_ns, raw.rate_hz, zstandard.compress(raw.audio, 9))]

    def frame(
        self, raw: RawFrame, trees_before: Sequence[UiTree], *, trees_after: Sequence[UiTree], others: Sequence[Pane] = ()
    ) -> tuple[Frame, list[Tile]]:
        """Return the masked frame and those of its tiles that this session hasn't been given before; `others`: lent windows behind.

        Raises:
            RedactionError: masking failed; no pixel is kept.
        """
        return guard("frame", lambda: self._frames.redact(raw, trees_before, trees_after=trees_after, others=others))

    def _keys_of(self, url: str) -> Collection[str]:
        """Return the query keys that are kept of an address."""
        return next((keys for site, keys in self._query_keys.items() if url.startswith(f"{site}/")), ())

    def _text(self, raw: str, context: str) -> RedactedText:
        """Redact one text as its field's label asks."""
        return self._texts.redact(raw, field_kind(context) if context else None)

    def _tree(self, raw: RawTree) -> UiTree:
        """Redact one tree and note the focused field's label."""
        tree = redact_tree(raw if self._keeps_field_text else close_fields(raw), self._texts)
        self.focus(raw)
        return tree


def _window(raw: RawWindow, texts: TextPipeline) -> Event:
    """Return the window with its title redacted."""
    if raw.is_private:
        return Gap("private_window", "windows", raw.timestamp_ns, raw.timestamp_ns)
    title = texts.redact(raw.title)
    return WindowFocus(raw.timestamp_ns, raw.app, title.text, title.findings, raw.area, raw.workspace, raw.number)


def _layout(raw: RawLayout, texts: TextPipeline) -> Event:
    """Return the layout with its titles redacted; what isn't lent has none."""
    return WindowLayout(raw.timestamp_ns, tuple(_placed(window, texts) for window in raw.windows), raw.workspace)


def _placed(raw: RawPlaced, texts: TextPipeline) -> PlacedWindow:
    """Return one window of a layout."""
    if not raw.number:
        return PlacedWindow(0, "", "", raw.area)
    title = texts.redact(raw.title)
    return PlacedWindow(raw.number, raw.app, title.text, raw.area, title.findings)


def _page(raw: RawPage | RawPageScroll, texts: TextPipeline, *, keys: Collection[str]) -> Event | None:
    """Return what a page did, with its address and title redacted."""
    if raw.is_private:
        return Gap("private_window", "pages", raw.timestamp_ns, raw.timestamp_ns)
    if isinstance(raw, RawPage) and raw.what == "left":
        return None
    url, findings = redact_address(raw.url, texts, keys=keys)
    if isinstance(raw, RawPageScroll):
        return PageScroll(raw.timestamp_ns, url, raw.x, raw.y, "part" if raw.is_part else "page", raw.tab)
    if raw.what == "form":
        return PageForm(raw.timestamp_ns, url)
    title = texts.redact(raw.title)
    return PageNavigation(raw.timestamp_ns, url, title.text, raw.tab, (*findings, *title.findings), "tab" if raw.what == "tab" else "open")


def _task(raw: RawTask, texts: TextPipeline) -> Event:
    """Return the task with its instruction redacted."""
    instruction = texts.redact(raw.instruction)
    return TaskMark(raw.timestamp_ns, raw.state, instruction.text, instruction.findings)


def _clipboard(raw: RawClipboard, _: TextPipeline) -> Event:
    """Return what was copied with its size rounded up to a power of two."""
    at_most = max(_SMALLEST_SIZE, 1 << (raw.size_bytes - 1).bit_length()) if raw.size_bytes > 0 else 0
    return Clipboard(raw.timestamp_ns, raw.kind, at_most)


def _key_run(raw: RawKeyRun, _: TextPipeline) -> Event:
    """Return the counts; they were made so coarse that nothing is left to redact."""
    return KeyRun(raw.timestamp_ns, raw.end_ns, raw.letters, raw.digits, raw.spaces, raw.punctuation, raw.editing)


def _cadence(raw: RawCadence, _: TextPipeline) -> Event:
    """Return the counts; they were made so coarse that nothing is left to redact."""
    return Cadence(raw.timestamp_ns, raw.end_ns, raw.step_ms, raw.counts)


_EVENTS: dict[type, Callable[..., Event | None]] = {
    RawMove: lambda raw, _: PointerMove(raw.timestamp_ns, raw.x, raw.y),
    RawButton: lambda raw, _: PointerButton(raw.timestamp_ns, raw.x, raw.y, raw.button, raw.pressed),
    RawWheel: lambda raw, _: PointerWheel(raw.timestamp_ns, raw.x, raw.y, raw.dx, raw.dy),
    RawWindow: _window,
    RawLayout: _layout,
    RawTask: _task,
    RawClipboard: _clipboard,
    RawKeyRun: _key_run,
    RawCadence: _cadence,
    RawHeldButtons: lambda raw, _: HeldButtons(raw.timestamp_ns, raw.buttons),
    RawHeldKeys: lambda raw, _: HeldKeys(raw.timestamp_ns, tuple(key for key in raw.keys if key in _HELD_KEYS)),
}
