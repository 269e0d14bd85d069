"""The attack on behaviour finds people who can be found, guesses where nothing tells them apart, and says what is wrong with its data."""

import gzip
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from witting.audit import behaviour_data, recognising
from witting.audit.behaviour_data import KEY_COLUMNS, POINTER_COLUMNS, Point, Press, read_keystrokes, read_pointers
from witting.audit.pointer_attack import as_recorded as pointer_as_recorded
from witting.audit.pointer_attack import recognise_movers, reduced
from witting.audit.recognising import Finding, Round, Seen, recognise, strongest
from witting.audit.typing_attack import as_recorded, recognise_typists
from witting.cli.audit import audit
from witting.terms.errors import MissingExtraError, UsageError
from witting.terms.events import PointerButton, PointerPath, PointerWheel

ALL = dict(recognising._CLASSIFIERS)
HEAD, POINTER_HEAD = ",".join(KEY_COLUMNS), ",".join(POINTER_COLUMNS)
WORDS = "the quick brown fox jumps over the lazy dog and runs away from it".upper()


@pytest.fixture(autouse=True)
def _small_forests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small forests and two kinds of attack do for people this different."""
    monkeypatch.setattr(recognising, "_TREES", 15)
    monkeypatch.setattr(recognising, "_CLASSIFIERS", {name: ALL[name] for name in ("random forest", "linear discriminant")})


def keystrokes(path: Path, *, people: int = 3, sentences: int = 10) -> Path:
    """Write a table of made-up typists, each with a pace and a touch of their own."""
    draw = random.Random(7)
    lines = [HEAD]
    for person in range(people):
        pace, touch = 120 + 60 * person, 60 + 25 * person
        for sentence in range(sentences):
            text = " ".join(draw.sample(WORDS.split(), 6))
            for place, letter in enumerate(text):
                held, since = draw.gauss(touch, 6), draw.gauss(pace, 12)
                lines.append(f"{person},{sentence},{place},{ord(letter)},{held:.0f},{since if place else 0:.0f},{since - held:.0f}")
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
    return path


def pointers(folder: Path, *, people: int = 3, sessions: int = 3, ways: int = 70) -> Path:
    """Write sessions of made-up people who differ only in how fast and how crooked they move, not in where they click."""
    draw = random.Random(5)
    for person in range(people):
        home = folder / f"user{person}"
        home.mkdir(parents=True)
        for session in range(sessions):
            rows, now, x, y = [POINTER_HEAD], 0.0, 500.0, 400.0
            for _ in range(ways):
                to_x, to_y = draw.uniform(0, 1000), draw.uniform(0, 800)
                for step in range(1, 13):
                    now += 0.010 + 0.012 * person
                    bow = (4 + 30 * person) * np.sin(np.pi * step / 12)
                    rows.append(f"{now},{now},NoButton,Move,{x + (to_x - x) * step / 12 + bow:.0f},{y + (to_y - y) * step / 12 + 100:.0f}")
                x, y = to_x, to_y
                rows.append(f"{now + 0.05},{now + 0.05},Left,Pressed,{x:.0f},{y + 100:.0f}")
                rows.append(f"{now + 0.1},{now + 0.1},Left,Released,{x:.0f},{y + 100:.0f}")
                now += 2 + draw.uniform(0, 4)
            (home / f"session_{session}.csv").write_text("\n".join(rows) + "\n")
    return folder


@pytest.mark.promise("P7")
def test_who_typed_is_found_in_raw_times_and_not_in_what_is_written(tmp_path: Path) -> None:
    """People with a rhythm of their own are recognised by it; what witting writes of them is about as good as the order of keys."""
    raw, order, reduced_ = recognise_typists(read_keystrokes(keystrokes(tmp_path / "keys.csv.gz")), seed=1)
    assert (raw.what, order.what, reduced_.what) == ("raw", "key order alone", "reduced")
    assert raw.share == 1.0
    assert raw.people == 3
    assert raw.chance == 1 / 3
    assert reduced_.share <= 0.75
    assert reduced_.low <= reduced_.share <= reduced_.high


@pytest.mark.promise("P7")
def test_who_moved_is_found_in_the_whole_way_and_not_in_what_is_written(tmp_path: Path) -> None:
    """People who differ in speed and crookedness alone can't be told apart by what is left of their ways."""
    raw, _, reduced_ = recognise_movers(read_pointers(pointers(tmp_path / "movers")), seed=1)
    assert raw.share > 0.95
    assert reduced_.share < 0.75
    assert raw.tries >= 9


def test_the_attack_is_the_same_for_a_seed(tmp_path: Path) -> None:
    """Two runs with one seed find the same, to the last digit."""
    people = read_pointers(pointers(tmp_path / "movers", people=2, sessions=2, ways=45))
    assert recognise_movers(people, seed=3) == recognise_movers(people, seed=3)


def test_people_who_do_not_differ_are_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where features say nothing the attack is at chance, and features that never differ, or are nowhere, don't stop it."""
    monkeypatch.setattr(recognising, "_CLASSIFIERS", ALL)
    draw = np.random.default_rng(0)
    seen = [Seen(np.array([draw.normal(), 1.0, np.nan]), "ab"[number % 2], str(number)) for number in range(400)]
    found = recognise("noise", [Round(seen[:200], seen[200:])], seed=0)
    assert 0.35 < found.share < 0.7
    assert found.tries == 200
    blank = [Seen(np.array([1.0, np.nan]), "ab"[number % 2], str(number)) for number in range(40)]
    assert recognise("nothing", [Round(blank[:20], blank[20:])], seed=0).share == 0.5


def test_the_strongest_is_told_beside_chance() -> None:
    """Of several findings the one that recognised most is told; how often beyond chance follows from it."""
    weak, strong = (
        Finding(what="raw", attack=str(share), people=4, tries=8, share=share, low=0.0, high=1.0, chance=0.25) for share in (0.25, 0.5)
    )
    assert strongest([weak, strong]) is strong
    assert strong.times_chance == 2.0


def test_the_attack_sees_what_the_recorder_writes() -> None:
    """Text without what was taken back, keys by name, capitals by shift; no time finer than the reduction's."""
    keys = [(16, 300), (72, 0), (73, 0), (8, 0), (79, 0), (13, 0)]
    rows = as_recorded([Press(code, held or 80, 150, 70) for code, held in keys])
    assert [int(code) for code in rows[:, 0]] == [1072, 79, 13]
    assert np.isnan(rows[:, 1]).all()
    assert set(rows[1:, 2]) <= {50.0, 100.0}
    quick = as_recorded([Press(code, held or 80, 120, 40) for code, held in keys])
    assert np.array_equal(rows[:, 2], quick[:, 2], equal_nan=True)
    assert len(as_recorded([])) == 0


def test_the_pointer_attack_sees_what_the_recorder_writes(tmp_path: Path) -> None:
    """A way without a point of it, then the click; a row for each deed."""
    (person, *_) = read_pointers(pointers(tmp_path / "movers", people=2, sessions=1, ways=3))
    records = list(reduced(person.sessions[0]))
    assert [type(one) for one in records] == [PointerPath, PointerButton, PointerButton] * 3
    assert len(pointer_as_recorded(person.sessions[0])) == 3
    assert len(pointer_as_recorded(())) == 0


BAD_KEYS = {
    "no column 'dwell_ms'": "user,sentence,i,keycode\n1,0,0,65\n",
    "no column 'user'": "",
    "line 2 of keys.csv has 8 columns, not 7": f"{HEAD}\n1,0,0,65,80,0,0,5\n",
    "line 3 of keys.csv has 6 columns": f"{HEAD}\n1,0,0,65,80,0,0\n1,0,1,66,80,90\n",
    "line 2 of keys.csv holds something else": f"{HEAD}\n1,0,0,A,80,0,0\n",
    "line 2 of keys.csv holds a number beyond": f"{HEAD}\n1,0,0,65,nan,0,0\n",
    "line 2 of keys.csv holds a time before": f"{HEAD}\n1,0,0,65,-80,0,0\n",
    "keys.csv holds 1 people": f"{HEAD}\n1,0,0,65,80,0,0\n",
    "keys.csv holds 0 people": f"{HEAD}\n",
}


@pytest.mark.parametrize(("message", "text"), BAD_KEYS.items())
def test_a_table_of_keys_that_is_wrong_is_refused_by_line(tmp_path: Path, message: str, text: str) -> None:
    """What is wrong is said with file and line, and never what stood there."""
    path = tmp_path / "keys.csv"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        read_keystrokes(path)
    assert message in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("data", [b"\x1f\x8bnot gzip", b"\xff\xfe\x00\x01", b"\x1f\x8b"])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    """Broken gzip and other bytes end with a sentence, not with a traceback."""
    path = tmp_path / "keys.csv.gz"
    path.write_bytes(data)
    with pytest.raises(UsageError):
        read_keystrokes(path)


@pytest.mark.parametrize(
    ("message", "row"),
    [
        ("holds something else", "0.1,0;016,NoButton,Move,1,1"),
        ("has 7 columns", "0,1,0,NoButton,Move,1,1"),
        ("names a button", "0.1,0.1,Links,Pressed,1,1"),
        ("names a state", "0.1,0.1,Left,Gedrückt,1,1"),
        ("holds a number beyond", "0.1,inf,NoButton,Move,1,1"),
    ],
)
def test_a_table_of_points_that_is_wrong_is_refused_by_line(tmp_path: Path, message: str, row: str) -> None:
    """Decimal commas, words of another language and numbers that are none are named by their line."""
    home = tmp_path / "user1"
    home.mkdir()
    (home / "one.csv").write_text(f"{POINTER_HEAD}\n0,0,NoButton,Move,1,1\n{row}\n", "utf-8")
    with pytest.raises(UsageError, match=message) as caught:
        read_pointers(tmp_path)
    assert "line 3 of one.csv" in str(caught.value)
    assert row not in str(caught.value)


def test_points_off_every_screen_are_left_out_and_counted(tmp_path: Path) -> None:
    """The 65535 of some recorders is no place; files of any name are read, packed or not, with or without a mark of their encoding."""
    for person in ("a", "b"):
        home = tmp_path / person
        home.mkdir()
        (home / "session_1").write_bytes(
            gzip.compress(f"\ufeff{POINTER_HEAD}\r\n0,0,NoButton,Move,65535,1\r\n1,1,Scroll,Up,5,5\r\n".encode())
        )
    first, second = read_pointers(tmp_path)
    assert (first.left_out, second.left_out) == (1, 1)
    assert [point.what for point in first.sessions[0]] == ["wheel"]


def test_too_little_of_somebody_is_said(tmp_path: Path) -> None:
    """Few sentences, one session, few ways, one person: each has its sentence."""
    few = read_keystrokes(keystrokes(tmp_path / "keys.csv.gz", sentences=7))
    with pytest.raises(UsageError, match="3 of 3 people have fewer than 10 sentences"):
        recognise_typists(few, seed=0)
    with pytest.raises(UsageError, match="one session only"):
        recognise_movers(read_pointers(pointers(tmp_path / "one", sessions=1, ways=45)), seed=0)
    with pytest.raises(UsageError, match="fewer than 20 ways"):
        recognise_movers(read_pointers(pointers(tmp_path / "few", sessions=2, ways=5)), seed=0)
    with pytest.raises(UsageError, match="holds 1 people"):
        read_pointers(pointers(tmp_path / "alone", people=1, ways=2))
    with pytest.raises(UsageError, match="is no folder"):
        read_pointers(tmp_path / "nowhere")


def test_the_verb_prints_both_and_asks_for_one(tmp_path: Path) -> None:
    """JSON holds the findings by kind; the text shows them beside chance; without data it says what to name."""
    folder = pointers(tmp_path / "movers", people=2, sessions=2, ways=45)
    said = CliRunner().invoke(audit, ["reidentify", "--pointer", str(folder), "--json"], catch_exceptions=False)
    found = json.loads(said.output)
    assert [one["what"] for one in found["pointer"]] == ["raw", "click places alone", "reduced"]
    assert found["seed"] == 0
    text = CliRunner().invoke(audit, ["reidentify", "--pointer", str(folder)], catch_exceptions=False).output
    assert "pointer: 2 people, chance 50.0%" in text
    assert "x chance" in text
    with pytest.raises(UsageError, match="nothing to recognise people by"):
        CliRunner().invoke(audit, ["reidentify"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("line 3 of keys.csv can't be split", f"{HEAD}\n1,0,0,65,80,0,0\n{'9' * 200_000},0,0,65,80,0,0\n".encode()),
        ("keys.csv is no text in UTF-8", f"{HEAD}\n1,0,0,65,80,0,Ä\n".encode("latin-1")),
    ],
)
def test_a_table_that_is_none_is_refused_by_what_it_is(tmp_path: Path, message: str, data: bytes) -> None:
    """A field beyond any number's length and an encoding of another time end with a sentence."""
    path = tmp_path / "keys.csv"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=message):
        read_keystrokes(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_table_larger_than_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]) -> None:
    """What would unpack to more than can be held is refused before it is held, however small the file is."""
    monkeypatch.setattr(behaviour_data, "_MOST_BYTES", 1000)
    path = tmp_path / "keys.csv"
    path.write_bytes(pack(f"{HEAD}\n".encode() + b"1,0,0,65,80,0,0\n" * 500))
    with pytest.raises(UsageError, match="holds more than 0 MiB"):
        read_keystrokes(path)


def test_empty_lines_and_empty_folders_are_nobody(tmp_path: Path) -> None:
    """An empty line is no row, and a folder without a table is no person."""
    table = tmp_path / "keys.csv"
    table.write_text(f"{HEAD}\n\n1,0,0,65,80,0,0\n\n2,0,0,66,80,0,0\n\n")
    assert [(person.name, len(person.sentences[0])) for person in read_keystrokes(table)] == [("1", 1), ("2", 1)]
    folder = pointers(tmp_path / "movers", people=2, sessions=1, ways=1)
    (folder / "nobody").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "readme.txt").write_text("no person")
    (folder / "user0" / ".lock").write_text("no table")
    assert [(person.name, len(person.sessions)) for person in read_pointers(folder)] == [("user0", 1), ("user1", 1)]


def test_a_sentence_without_a_key_stops_no_attack(tmp_path: Path) -> None:
    """Somebody who wrote nothing in one of their sentences is looked at all the same."""
    people = [person._replace(sentences=((), *person.sentences)) for person in read_keystrokes(keystrokes(tmp_path / "k.gz", people=2))]
    assert [finding.people for finding in recognise_typists(people, seed=0)] == [2, 2, 2]


def deeds(*told: tuple[float, str, int, int, int]) -> list[Point]:
    """Return points from seconds, what, x, y and button."""
    return [Point(round(at * 1e9) + 10**12, what, x, y, button) for at, what, x, y, button in told]


def test_the_attack_on_pointers_counts_scrolls_and_lone_releases() -> None:
    """A scroll is a row with its turns and no button; a button let go that nobody saw pressed is none; a drag is told by its length."""
    scrolled = pointer_as_recorded(deeds((0, "move", 5, 5, 0), (1, "wheel", 5, 5, 1), (4, "wheel", 5, 5, 1), (8, "wheel", 5, 5, -1)))
    assert set(scrolled[:, 2]) == {0.0}
    assert np.isfinite(scrolled[:, 3]).all()
    alone = pointer_as_recorded(deeds((0, "up", 5, 5, 1), (1, "down", 9, 9, 1), (1.2, "up", 99, 9, 1), (3, "up", 9, 9, 3)))
    assert len(alone) == 1
    assert alone[0, 2] == 1.0
    assert alone[0, -2:].tolist() == [90.0, 1.0]


def test_turns_of_one_scroll_are_one_row() -> None:
    """Turns that are written with one time are added up, and none is lost."""
    told = deeds(*((index / 50, "wheel", 5, 5, 1) for index in range(20)))
    wheels = [one for one in reduced(told) if isinstance(one, PointerWheel)]
    rows = pointer_as_recorded(told)
    assert len(rows) == len({one.timestamp_ns for one in wheels})
    assert sum(rows[:, 3]) == sum(one.dy for one in wheels)


def test_nobody_to_recognise_is_no_certainty() -> None:
    """Without a try the interval is everything there is."""
    assert recognising._interval(0.0, 0) == (0.0, 1.0)
    assert recognising._mean({"a": []}) == 0.0


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_an_interval_holds_its_share(tries: int, share: float) -> None:
    """Whatever was found lies in its interval, between nothing and all; with more tries it is narrower."""
    low, high = recognising._interval(share, tries)
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    wider = recognising._interval(share, max(1, tries // 4))
    assert high - low <= wider[1] - wider[0] + 1e-9


def test_without_its_library_the_attack_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks scikit-learn is told the extra that brings it."""
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    monkeypatch.setattr("sklearn.ensemble", None, raising=False)
    with pytest.raises(MissingExtraError) as caught:
        recognising._sklearn()
    assert "witting[audit]" in caught.value.hint
