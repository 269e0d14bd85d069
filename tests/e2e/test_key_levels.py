"""The same typing at each level that a person may lend, through the real recorder: what each level promises is there, and nothing finer."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from recorded import adds_up, bytes_below, frames, holes, middle, tiles, typed

from witting.actions.pictures import assemble
from witting.terms.consent import Grant
from witting.terms.events import STREAMS, USUAL_STREAMS, Cadence, Gap, HeldKeys, Key, KeyRun, Stream, TextInput
from witting.terms.geometry import Rect
from witting.terms.session import Record, SessionHeader
from witting.terms.tree import UiTree
from witting.testing.desktop import App, DesktopSession
from witting.testing.hands import Hands
from witting.testing.lender import Lender, lent_programme
from witting.testing.x11 import wait_for

pytestmark = pytest.mark.e2e

SENTENCE = "the order is ready"
ASIDE = "7, later"
NAMED = ["ctrl+a", "End", "Return", "BackSpace"]
SECOND = 1_000_000_000
PROGRAMME = lent_programme({"mousepad": ()}, streams=STREAMS)
TYPING = (TextInput, Key, KeyRun, HeldKeys, Cadence)


def lender_of(folder: Path, level: str, *, streams: Sequence[Stream] = USUAL_STREAMS) -> Lender:
    """Return somebody who lends these streams, and so much of typing."""
    granted = [stream for stream in streams if stream != "keys" or level != "off"]
    grants = [Grant("train", stream, "mousepad") for stream in granted]
    return Lender(folder / "lent", PROGRAMME, grants=grants, keys_level="text" if level == "off" else level)


@contextlib.contextmanager
def editor_of(desktop: DesktopSession, folder: Path) -> Iterator[App]:
    """Give an editor in front, with an empty file."""
    app = desktop.start_mousepad(folder / "plan.txt")
    app.activate()
    yield app
    app.process.terminate()
    app.process.wait()


class Told(NamedTuple):
    """What was recorded of the script."""

    records: list[Record]
    area: Rect  # of the editor
    lender: Lender


@pytest.fixture(scope="module")
def typed_at(desktop: DesktopSession, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Told]:
    """Give what is recorded of the script at a level; each is done once."""
    return functools.cache(lambda level: type_at(level, desktop, tmp_path_factory.mktemp(level)))


def type_at(level: str, desktop: DesktopSession, folder: Path) -> Told:
    """Type the script at a level; return what was recorded."""
    lender = lender_of(folder, level)
    with editor_of(desktop, folder) as app, Hands(desktop.display, seed=3, pace=2.0) as hands, lender.start(desktop.env) as recorder:
        hands.click(*middle(app.area()))
        hands.type_text(SENTENCE)
        for key in NAMED[:3]:
            hands.press(key)
        hands.type_text(ASIDE)
        hands.press(NAMED[3])
        kept = {"off": 0, "shortcuts": 4, "rhythm": 5, "text": 3}[level]  # at text the last run is told at the end
        wait_for("the keys", lambda: recorder.status().kept.get("keys", 0) >= kept, seconds=60)
        time.sleep(0.6)  # what is kept although it shouldn't be comes later too
        area = app.area()
        assert recorder.stop() == 0
    records = lender.records()
    assert adds_up(records)
    return Told(records, area, lender)


def said(records: Sequence[Record]) -> str:
    """Return everything that records say, pixels aside."""
    return b"".join(msgspec.json.encode(r) for r in records if not hasattr(r, "data")).decode()


def looks_of_the_text(records: Sequence[Record], area: Rect) -> set[bytes]:
    """Return how the place where the text stands looks in all pictures."""
    known = tiles(records)
    rows, columns = slice(area.y + 64, area.y + 200), slice(area.x + 8, area.x + area.width - 8)
    return {assemble(frame, known)[rows, columns].tobytes() for frame in frames(records)}


@pytest.mark.promise("P6")
@pytest.mark.parametrize("level", ["off", "shortcuts", "rhythm"])
def test_below_text_nothing_tells_what_was_typed(typed_at, level):
    """No run of text, no name of a key that makes a character, no field's value, no pixel that typing changes."""
    records, area, lender = typed_at(level)
    assert not [record for record in records if isinstance(record, TextInput)]
    words = [word for word in (*SENTENCE.split(), "later") if len(word) > 3]
    assert not [word for word in words if f'"{word}' in said(records) or f" {word}" in said(records)]
    assert SENTENCE.encode() not in bytes_below(lender.folder)
    assert all(not node.value for tree in records if isinstance(tree, UiTree) for node in tree.nodes if "editable" in node.states)
    assert {len(record.key.split("+")[-1]) > 1 or "+" in record.key for record in records if isinstance(record, Key)} <= {True}
    assert len(looks_of_the_text(records, area)) <= 1
    header = records[0]
    assert isinstance(header, SessionHeader)
    assert ("keys" in header.streams) is (level != "off")


def test_off_holds_nothing_of_the_keyboard(typed_at):
    """Neither chords nor counts nor held keys; one hole a run, and not how many keys were in it."""
    records = typed_at("off").records
    assert not [record for record in records if isinstance(record, TYPING)]
    gaps = [gap for gap in records if isinstance(gap, Gap) and gap.stream == "keys"]
    assert {gap.reason for gap in gaps} == {"stream_not_lent"}
    assert sum(gap.count for gap in gaps) == 1


def test_shortcuts_hold_chords_and_editing_keys_by_name(typed_at):
    """All four named keys in order, a hole in whole seconds for each stretch of text between them."""
    records = typed_at("shortcuts").records
    assert [key for key in typed(records) if key] == [f"[{name}]" for name in NAMED]
    assert not [record for record in records if isinstance(record, KeyRun | Cadence)]
    gaps = holes(records, "level_not_lent")
    assert sum(gap.count for gap in gaps) == 2  # the sentence, and the words after Return
    assert all(gap.from_ns % SECOND == 0 for gap in gaps)


def test_rhythm_counts_classes_over_five_seconds(typed_at):
    """The counts are those of what was typed, and the named keys are there as with shortcuts."""
    records = typed_at("rhythm").records
    assert typed(records) == [f"[{name}]" for name in NAMED]
    runs = [record for record in records if isinstance(record, KeyRun)]
    assert all(run.timestamp_ns % SECOND == 0 and run.end_ns - run.timestamp_ns == 5 * SECOND for run in runs)
    text = SENTENCE + ASIDE
    assert sum(run.letters for run in runs) == sum(c.isalpha() for c in text)
    assert sum(run.digits for run in runs) == 1
    assert sum(run.spaces for run in runs) == text.count(" ")
    assert sum(run.punctuation for run in runs) == 1


def test_text_holds_what_the_field_held_in_the_end(typed_at):
    """Runs of text with BackSpace applied and the named keys between them; still never letter by letter."""
    records = typed_at("text").records
    texts = typed(records)
    assert texts[0] == SENTENCE
    assert SENTENCE in said(records)  # the search of the other levels finds it here
    assert texts[1:4] == [f"[{name}]" for name in NAMED[:3]]
    assert texts[-1].endswith("late")  # the digit before may be covered
    assert len(texts) == 5
    assert not [record for record in records if isinstance(record, KeyRun | Cadence)]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("is_lent", [True, False])
def test_cadence_is_there_only_for_whom_lent_it_by_name(desktop, tmp_path, is_lent):
    """More than a minute of typing: where it is lent one histogram in steps of 50 ms over whole minutes, where it isn't no trace of it."""
    lender = lender_of(tmp_path, "text", streams=STREAMS if is_lent else USUAL_STREAMS)
    with editor_of(desktop, tmp_path) as app, Hands(desktop.display, seed=3, pace=0.7) as hands, lender.start(desktop.env) as recorder:
        hands.click(*middle(app.area()))
        begun, count = time.monotonic(), 0
        while time.monotonic() - begun < 66:
            hands.type_text(SENTENCE + " ")
            count += len(SENTENCE) + 1
        if is_lent:
            wait_for("the counts", lambda: recorder.status().kept.get("cadence", 0), seconds=30)
        time.sleep(0.6)
        assert recorder.stop() == 0
    records = lender.records()
    assert adds_up(records)
    found = [record for record in records if isinstance(record, Cadence)]
    assert len(found) == int(is_lent)
    assert ("cadence" in records[0].streams) is is_lent
    for cadence in found:
        assert cadence.step_ms == 50
        assert cadence.timestamp_ns % (60 * SECOND) == cadence.end_ns % (60 * SECOND) == 0
        assert count * 0.7 < sum(cadence.counts) < count
