"""Less of typing than its text: what reaches the records then, and what never does."""

import itertools
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorder_ground import PROGRAMME, Ground, receipt

from witting.device.privacy import Redactor
from witting.device.recorder.lending import Lending
from witting.device.recorder.pipeline import Pipeline
from witting.device.recorder.rhythm import LATE_NS, WINDOW_NS, KeyCounts, class_of
from witting.device.recorder.writer import KeptTree, Writer
from witting.terms.events import Gap, Key, KeyRun
from witting.terms.geometry import Rect
from witting.terms.raw import RawButton, RawKey, RawKeyRun, RawNode, RawTree
from witting.terms.session import Record

MS = 1_000_000
SECOND = 1000 * MS
T0 = 20 * SECOND
LETTERS = "äßжλø𝄞"  # none of them in any name or number that may be written


class Spooled:
    """Takes records as a session's writer does."""

    session_id = "s"
    is_closed = False

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, record: Record) -> None:
        """Take a record."""
        self.records.append(record)


class Levelled(Ground):
    """A pipeline with a participant who lends this much of typing, and a redactor behind it."""

    def __init__(self, level: str, **more: object) -> None:
        super().__init__()
        mine = receipt(self.clock, **({"keys_level": level} | more))
        self.lending = Lending([mine], PROGRAMME, purposes=(), clock=self.clock)
        self.pipeline = Pipeline(self.lending, self.fronts, focus=self.focus, sink=self)
        self.front("mousepad", T0 - 200 * MS)
        self.focus.note(T0 - 100 * MS, "text", is_secure=False)

    def records(self) -> list[Record]:
        """Return what would be written."""
        spooled = Spooled()
        redactor = Redactor(keeps=("field_text",) if self.lending.keys_level == "text" else ())
        writer = Writer(redactor, spooled, clock=self.clock)
        for job in self.finish():
            writer._do(job)
        return spooled.records


def press(keysym: str, at_ns: int, *, modifiers: tuple[str, ...] = (), text: str | None = None) -> RawKey:
    """Return a key press; a key of one character types it."""
    typed = (keysym if len(keysym) == 1 else "") if text is None else text
    return RawKey(at_ns, keysym, typed, pressed=True, modifiers=frozenset(modifiers))


def type_all(ground: Levelled, keys: list[RawKey]) -> None:
    """Hand keys in."""
    for key in keys:
        ground.pipeline.hold(key, T0)


def field_tree(at_ns: int, value: str) -> RawTree:
    """Return a tree whose focused field, and the words inside it, hold what was typed."""
    box = Rect(0, 0, 50, 20)
    return RawTree(
        at_ns, "atspi", "mousepad", "",
        (
            RawNode(0, -1, "window", "Open"),
            RawNode(1, 0, "textbox", "Name", value, ("focused", "editable"), box),
            RawNode(2, 1, "text", value, "", (), box),
            RawNode(3, 0, "button", "Save", "", (), box),
        ),
    )  # fmt: skip


TYPED = st.lists(
    st.one_of(
        st.sampled_from(LETTERS).map(lambda letter: (letter, ())),
        st.sampled_from(["BackSpace", "Left", "Return", "Tab", "Delete"]).map(lambda name: (name, ())),
        st.sampled_from(["c", "v"]).map(lambda letter: (letter, ("ctrl",))),
    ),
    max_size=40,
)


@pytest.mark.promise("P22")
@given(keys=TYPED, level=st.sampled_from(["shortcuts", "rhythm"]), step_ms=st.integers(1, 900), secure_from=st.integers(0, 40))
def test_below_text_no_typed_character_reaches_a_record(
    keys: list[tuple[str, tuple[str, ...]]], level: str, step_ms: int, secure_from: int
) -> None:
    """Whatever is typed, in plain and secure fields, with trees that say it: no character of it is in any record's bytes."""
    ground = Levelled(level)
    at_ns = T0
    for number, (keysym, modifiers) in enumerate(keys):
        if number == secure_from:
            ground.focus.note(at_ns, "secret", is_secure=True)
        at_ns += step_ms * MS
        if keysym in {"Return", "Tab"} or modifiers:
            ground.focus.note(at_ns + 1, "text", is_secure=number > secure_from)
        ground.pipeline.hold(press(keysym, at_ns, modifiers=modifiers, text="" if modifiers else None), at_ns)
    typed = "".join(keysym for keysym, modifiers in keys if len(keysym) == 1 and not modifiers)
    ground.pipeline.hold(KeptTree(field_tree(at_ns, typed)), at_ns)
    records = ground.records()
    for data in map(msgspec.json.encode, records):
        assert not [letter for letter in LETTERS if letter.encode() in data]
    assert {type(record) for record in records if level == "shortcuts"}.isdisjoint({KeyRun})
    gapped = Counter(record.stream for record in records if isinstance(record, Gap) for _ in range(record.count))
    assert gapped == +ground.pipeline.tally.gapped


@pytest.mark.parametrize("streams", [("pointer", "ui_tree"), ("keys", "ui_tree")])
@pytest.mark.parametrize("level", ["shortcuts", "rhythm", "text"])
def test_fields_are_read_from_trees_only_where_their_text_is_lent(level: str, streams: tuple[str, ...]) -> None:
    """A window's own words don't tell what the keys may not: no value, no words inside a field, and pictures mask it; labels stay."""
    ground = Levelled(level, streams=streams)
    ground.pipeline.hold(KeptTree(field_tree(T0, "qjx")), T0)
    (tree,) = ground.records()
    is_open = level == "text" and "keys" in streams
    assert ("opaque" in tree.nodes[1].states) is not is_open
    assert bool(tree.nodes[1].value) is is_open
    assert bool(tree.nodes[2].name) is is_open
    assert (tree.nodes[1].name, tree.nodes[3].name) == ("Name", "Save")
    assert ground.lending.keys_level == (level if "keys" in streams else "off")


def test_shortcuts_keeps_chords_and_editing_keys_and_tells_a_run_of_text_once() -> None:
    """What makes text is one hole that begins at a whole second and has no end; what doesn't is kept by name."""
    ground = Levelled("shortcuts")
    type_all(ground, [press(letter, T0 + 300 * MS + i) for i, letter in enumerate("hello")])
    type_all(ground, [press("BackSpace", T0 + 400 * MS), press("s", T0 + 500 * MS, modifiers=("ctrl",), text="")])
    records = ground.records()
    assert [record.key for record in records if isinstance(record, Key)] == ["BackSpace", "ctrl+s"]
    assert [record for record in records if isinstance(record, Gap)] == [Gap("level_not_lent", "keys", T0, T0, 1)]


def test_rhythm_counts_classes_in_windows_of_five_seconds() -> None:
    """Letters, digits, spaces, signs and editing keys, told when the window is over; a window cut by the end is a hole."""
    ground = Levelled("rhythm")
    keys = ["h", "é", "7", " ", "!", "BackSpace", "Left"]
    type_all(ground, [press(key, T0 + i * 10 * MS + 400 * MS) for i, key in enumerate(keys)])
    type_all(ground, [press("z", T0 + 6 * SECOND)])
    records = ground.records()
    runs = [record for record in records if isinstance(record, KeyRun)]
    assert runs == [KeyRun(T0, T0 + WINDOW_NS, letters=2, digits=1, spaces=1, punctuation=1, editing=2)]
    assert [(gap.reason, gap.from_ns) for gap in records if isinstance(gap, Gap)] == [("too_little", T0 + 6 * SECOND)]
    assert [record.key for record in records if isinstance(record, Key)] == ["BackSpace", "Left"]


@pytest.mark.promise("P7")
@pytest.mark.parametrize("field", ["", "secret"])
def test_keys_of_secure_and_unknown_fields_are_never_counted(field: str) -> None:
    """Neither counts nor length of what goes where nobody may read: one hole, however much was typed."""
    told = []
    for length in (3, 30):
        ground = Levelled("rhythm")
        ground.focus.note(T0, field, is_secure=bool(field))
        type_all(ground, [press("q", T0 + 200 * MS + i * MS) for i in range(length)])
        told.append([(type(record), getattr(record, "count", 0), record.timestamp_ns) for record in ground.records()])
    assert told[0] == told[1] == [(Gap, 1, T0 + 200 * MS)]


@given(st.lists(st.integers(0, 3 * SECOND), min_size=1, max_size=60))
def test_windows_lie_on_whole_seconds_and_hold_every_key_once(steps: list[int]) -> None:
    """Each window is five seconds on the grid, windows don't overlap, and all counts add up to the keys."""
    counts, now_ns, runs = KeyCounts(), T0, []
    for step in steps:
        now_ns += step
        runs += counts.count("letters", now_ns)
    runs += counts.end_overdue(now_ns + WINDOW_NS + LATE_NS)
    assert counts.next_due_ns is None
    assert sum(run.letters for run in runs) == len(steps)
    assert all(run.end_ns - run.timestamp_ns == WINDOW_NS and run.timestamp_ns % SECOND == 0 for run in runs)
    assert all(first.end_ns <= second.timestamp_ns for first, second in itertools.pairwise(runs))


@given(st.characters())
def test_every_character_has_a_class_and_an_editing_key_none(character: str) -> None:
    """Letters of any script are letters; only what types nothing is an editing key."""
    assert class_of(character) in {"letters", "digits", "spaces", "punctuation"}
    assert class_of("") == "editing"
    if character.isalpha():
        assert class_of(character) == "letters"


def test_counts_refuse_encoders_and_become_records_only_by_the_redactor() -> None:
    """The raw twin can't be written; the redactor's record says the same numbers."""
    raw = RawKeyRun(T0, T0 + WINDOW_NS, 1, 2, 3, 4, 5)
    with pytest.raises(TypeError):
        msgspec.json.encode(raw)
    assert Redactor().event(raw) == KeyRun(T0, T0 + WINDOW_NS, 1, 2, 3, 4, 5)


def test_a_click_does_not_end_a_window() -> None:
    """Windows go by time alone, so that a click right after a word doesn't tell how long the word was."""
    ground = Levelled("rhythm")
    type_all(ground, [press("q", T0 + i * MS) for i in range(4)])
    ground.pipeline.hold(RawButton(T0 + 5 * MS, 1, 1, 1, pressed=True), T0, owner=(1, "mousepad"))
    ground.focus.note(T0 + 6 * MS, "text", is_secure=False)
    type_all(ground, [press("q", T0 + 10 * MS + i * MS) for i in range(3)])
    ground.pipeline.release(T0 + 2 * SECOND)
    assert not [job for job in ground.jobs if isinstance(job, RawKeyRun)]
    ground.pipeline.release(T0 + WINDOW_NS + LATE_NS)
    assert [job.letters for job in ground.jobs if isinstance(job, RawKeyRun)] == [7]
