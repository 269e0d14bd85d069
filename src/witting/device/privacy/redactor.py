"""The only maker of redacted records: one Redactor per session turns raw texts, events, trees and frames into ones that may be kept.

Doesn't decide what is lent (the gate does) and writes nothing. Invariant: a result is wholly redacted, or a RedactionError is raised and
there is no result. Equal values have equal placeholders across everything a session says: instruction, typed text, titles, nodes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property

import zstandard

from witting.device.privacy.addresses import redact_address
from witting.device.privacy.detectors import Posture
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
    """Redacts one session. `words` are a programme's further words to mask; `seed` fixes the placeholder hash in tests.

    `query_keys` are, by origin, the keys of an address's query that the programme asks for. Without `keeps_field_text` (less than the text
    of typing is lent) no field's content stays in trees and pictures. With a `reader` text in pictures is read, so that more can be shown.
    """

    def __init__(
        self,
        posture: Posture = "strict",
        *,
        words: Sequence[str] = (),
        seed: bytes | None = None,
        query_keys: Mapping[str, Collection[str]] | None = None,
        keeps_field_text: bool = True,
        reader: Reader | None = None,
    ) -> None:
        self._texts = TextPipeline(posture, words=words, seed=seed)
        self._reader = reader
        self._query_keys = dict(query_keys or {})
        self._focused_label = ""
        self._keeps_field_text = keeps_field_text

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

    def hover(self, raw: RawHover, tree: UiTree | None) -> Hover:
        """Return a rest of the pointer; `tree` is the redacted one of `raw.tree`, and only its name is taken."""
        is_known = tree is not None and 0 <= raw.ref < len(tree.nodes)
        ref, digest = (raw.ref, tree.digest) if tree is not None and is_known else (-1, "")
        return Hover(raw.timestamp_ns, raw.end_ns, raw.x, raw.y, ref, digest)

    def key(self, raw: RawKey) -> Key | None:
        """Return an editing key or chord such as `ctrl+c`; None for any key that makes text."""
        held = [modifier for modifier in _CHORD_MODIFIERS if modifier in raw.modifiers]
        is_text = bool(raw.text) and raw.text.isprintable()
        makes_text = is_text and (not held or {"ctrl", "alt"} <= raw.modifiers)  # ctrl+alt is AltGr on some layouts
        if makes_text or (not held and raw.keysym not in _EDITING_KEYS):
            return None
        if "shift" in raw.modifiers:
            held.append("shift")
        return Key(raw.timestamp_ns, "+".join([*held, raw.keysym]), raw.pressed, raw.is_repeat)

    def typed(
        self, text: str, timestamp_ns: int, *, end_ns: int, is_secure: bool, context: str | None = None, is_uncertain: bool = False
    ) -> TextInput | Gap:
        """Return a run of typing as its redacted final value; a Gap when the field is secure.

        `context` is the field's label; without it the label of the field that had the focus in the last tree counts.

        Raises:
            RedactionError: a detector failed.
        """
        if is_secure:
            return Gap("secure_field", "keys", timestamp_ns, end_ns)
        redacted = self.text(text, context=self._focused_label if context is None else context)
        return TextInput(timestamp_ns, end_ns, redacted.text, redacted.findings, is_uncertain)

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
