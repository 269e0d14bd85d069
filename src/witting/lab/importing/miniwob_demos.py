"""Imports demonstrations of MiniWoB++ tasks: tar files, or folders, of gzip'd JSON, one a demonstration, of any task.

Format: Liu, Guu, Pasupat, Shi, Liang, ICLR 2018. A sitting becomes a session, a demonstration an episode with the page's own raw reward as
its score. Knows no task by name. Invariant: a file that can't be read is named and the rest kept; what a demonstration lacks (which
button, how far a page was scrolled) isn't made up.
"""

import gzip
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from witting.lab.importing.imported import Found, ImportedSession, Problem, Source, header_of, name_of
from witting.lab.importing.typing import TypedRuns
from witting.policy.dom_info import tree_from_dom_info
from witting.terms.errors import RecordError
from witting.terms.events import PointerButton, TaskMark
from witting.terms.session import Record, SessionEnd
from witting.terms.tree import UiTree

SOURCE = Source(
    "miniwob-demos",
    "stanfordnlp/miniwob-plusplus-demos: paid crowd workers, 2017 (Liu, Guu, Pasupat, Shi, Liang, ICLR 2018)",
    "none stated for the demonstrations; the benchmark is MIT",
)
_MS = 1_000_000
_TICK_NS = 1_000  # between two things of one millisecond
_SETTLED_NS = 500 * _MS  # after an event a page is taken to have become what the next event finds
_BETWEEN_NS = 1_000 * _MS
_MOST_BYTES = 64 * 1024 * 1024
_SIZE = (160, 210)
_NAME = re.compile(r"(?P<sitting>.+)_d\d+\.json(\.gz)?$")
_TREES = {("mousedown", 1), ("keydown", 1), ("scroll", 1), ("click", 3), ("mouseup", 3), ("keyup", 3)}
_KEYS = {
    8: "BackSpace", 9: "Tab", 13: "Return", 16: "shift", 17: "ctrl", 18: "alt", 20: "caps_lock", 27: "Escape", 33: "Prior", 34: "Next",
    35: "End", 36: "Home", 37: "Left", 38: "Up", 39: "Right", 40: "Down", 45: "Insert", 46: "Delete",
    91: "super", 93: "super", 224: "super",
}  # fmt: skip
_LETTERS = range(65, 91)


class _Doing(msgspec.Struct):
    """One event as a page saw it."""

    type: str
    timing: int = 1
    x: float | None = None
    y: float | None = None
    keyCode: int = 0  # noqa: N815 - the format's name
    charCode: int = 0  # noqa: N815 - the format's name


class _State(msgspec.Struct):
    time: float  # ms since the page began
    dom: msgspec.Raw
    action: _Doing | None = None


class _Demo(msgspec.Struct):
    utterance: str | dict[str, Any]
    states: list[_State] = []
    rawReward: float | None = None  # noqa: N815 - the format's name
    taskName: str = ""  # noqa: N815 - the format's name


class _File(NamedTuple):
    """A demonstration's bytes, still packed."""

    task: str
    name: str
    data: bytes


def read(folder: Path) -> Iterator[Found]:
    """Yield the sessions in a folder of tar files, or of folders, one a task; sittings in order of their name."""
    for place in sorted([*folder.glob("*.tar"), *(path for path in folder.iterdir() if path.is_dir())]):
        sittings: dict[str, list[_File]] = defaultdict(list)
        for file in _files(place, folder):
            if isinstance(file, Problem):
                yield file
            elif match := _NAME.fullmatch(Path(file.name).name):
                sittings[match["sitting"]].append(file)
        for sitting in sorted(sittings):
            yield from _session(sitting, sorted(sittings[sitting]))


def _files(place: Path, folder: Path) -> Iterator[_File | Problem]:
    shown = str(place.relative_to(folder))
    if place.is_dir():
        for path in sorted([*place.glob("*.json"), *place.glob("*.json.gz")]):
            yield _File(place.name, f"{shown}/{path.name}", path.read_bytes())
        return
    if not _is_whole(place):
        yield Problem(shown, "the tar file was cut short; what stands before the cut is kept")
    try:
        with tarfile.open(place, mode="r|*") as archive:
            for member in archive:
                if member.isfile() and (content := archive.extractfile(member)) is not None:
                    yield _File(place.name.removesuffix(".tar"), member.name, content.read())
    except (tarfile.TarError, EOFError, OSError) as error:
        yield Problem(shown, f"can't be read as a tar file ({type(error).__name__})")


def _is_whole(place: Path) -> bool:
    """Whether a tar file ends as tar files do, with two blocks of zeros; tarfile takes some cuts for an end."""
    size = place.stat().st_size
    with place.open("rb") as file:
        file.seek(max(0, size - 2 * tarfile.BLOCKSIZE))
        return size % tarfile.BLOCKSIZE == 0 and not any(file.read())


def _session(sitting: str, files: Sequence[_File]) -> Iterator[Found]:
    """Yield a sitting's session after the problems in its files; nothing but problems when none of them can be read."""
    told: list[Record] = []
    scores: list[float | None] = []
    now_ns = _BETWEEN_NS
    session_id = name_of(SOURCE.name, files[0].task, sitting)
    for file in files:
        try:
            demo = msgspec.json.decode(_unpacked(file), type=_Demo, strict=False)
            records = _records(demo, file, started_ns=now_ns)
        except (OSError, EOFError, ValueError, RecordError, msgspec.MsgspecError) as error:
            yield Problem(file.name, f"can't be read ({type(error).__name__})")
            continue
        if not records:
            yield Problem(file.name, "holds no states")
            continue
        told += records
        scores.append(demo.rawReward)
        now_ns = max(_time(record) for record in records) + _BETWEEN_NS
    if told:
        header = header_of(SOURCE, session_id, started_ns=_BETWEEN_NS, size=_SIZE, platform="web")
        end = SessionEnd(timestamp_ns=now_ns, reason="imported")
        yield ImportedSession(session_id, name_of(SOURCE.name, "person", sitting), [header, *told, end], scores)


def _unpacked(file: _File) -> bytes:
    if not file.name.endswith(".gz"):
        return file.data
    with gzip.GzipFile(fileobj=BytesIO(file.data)) as packed:
        data = packed.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise RecordError("a demonstration is larger than any should be", hint="see what it is before importing it")
    return data


def _records(demo: _Demo, file: _File, *, started_ns: int) -> list[Record]:
    """Return a demonstration as records from `started_ns` on; none when it has no states."""
    if not demo.states:
        return []
    said = demo.utterance if isinstance(demo.utterance, str) else str(demo.utterance["utterance"])
    page = _Page(f"https://miniwob.example/{demo.taskName or file.task}", started_ns)
    told: list[Record] = [TaskMark(started_ns, "begin", said)]
    for number, state in enumerate(demo.states):
        told += page.see(state, is_edge=number in (0, len(demo.states) - 1))
    told += page.finish()
    if demo.rawReward is not None and demo.rawReward >= 1:
        told.append(TaskMark(page.now_ns + _TICK_NS, "done"))
    return told


def _time(record: Record) -> int:
    return int(getattr(record, "end_ns", 0) or getattr(record, "timestamp_ns", 0))


class _Page:
    """Follows one demonstration: its clock never stands still, so that what stood before an event and what came after stay apart."""

    def __init__(self, url: str, started_ns: int) -> None:
        self.url = url
        self.started_ns = self.now_ns = started_ns
        self._dom = b""
        self._typing = TypedRuns()
        self._pressed: PointerButton | None = None

    def see(self, state: _State, *, is_edge: bool) -> list[Record]:
        """Take a state and return what it tells; `is_edge` marks a demonstration's first and last."""
        event = state.action
        at_ns = max(self.now_ns + _TICK_NS, self.started_ns + round(state.time * _MS))
        told: list[Record] = []
        if is_edge or event is None or (event.type, event.timing) in _TREES:
            tree = self._tree(state.dom, min(at_ns, self.now_ns + _SETTLED_NS))
            told += [tree] if tree else []
        if event is not None and event.timing == 1:
            self.now_ns = max(self.now_ns + _TICK_NS, at_ns)
            told += self._do(event, self.now_ns)
        return told

    def finish(self) -> list[Record]:
        """End the demonstration: a press under which the page ended it gets its release."""
        told: list[Record] = [*self._typing.flush()]
        if self._pressed is not None:
            self.now_ns += _TICK_NS
            told.append(PointerButton(self.now_ns, self._pressed.x, self._pressed.y, 1, pressed=False))
        return told

    def _tree(self, dom: msgspec.Raw, at_ns: int) -> UiTree | None:
        """Return the page's tree, None when it is as it was."""
        data = bytes(dom)
        if data == self._dom:
            return None
        self._dom = data
        self.now_ns = max(self.now_ns + _TICK_NS, at_ns)
        return tree_from_dom_info(msgspec.json.decode(data), self.now_ns, url=self.url)

    def _do(self, event: _Doing, at_ns: int) -> list[Record]:
        if event.type in {"mousedown", "mouseup"} and event.x is not None and event.y is not None:
            button = PointerButton(at_ns, round(event.x), round(event.y), 1, pressed=event.type == "mousedown")
            self._pressed = button if button.pressed else None
            return [*self._typing.flush(), button]
        if event.type == "keypress" and event.charCode >= ord(" "):
            return [*self._typing.press(chr(event.charCode), at_ns, text=chr(event.charCode), modifiers=())]
        if event.type == "keydown":
            return [*self._key_down(event.keyCode, at_ns)]
        if event.type == "keyup":
            self._typing.release(_KEYS.get(event.keyCode, ""))
        return []

    def _key_down(self, code: int, at_ns: int) -> list[Any]:
        """Take a key by its code; those that make text are told by the keypress after."""
        if code in _KEYS:
            return self._typing.press(_KEYS[code], at_ns)
        return self._typing.press(chr(code).lower(), at_ns) if code in _LETTERS and self._typing.is_chord else []
