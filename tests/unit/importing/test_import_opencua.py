"""OpenCUA's sample session reduced by us, beside what they made of it; and streams as DuckTrack writes them, a thousand moves a second."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from witting.actions import episodes, reduction, steps
from witting.lab.importing import ImportedSession, Problem, opencua
from witting.lab.importing.ducktrack import read as read_ducktrack
from witting.terms.events import PointerMove
from witting.terms.geometry import Rect
from witting.terms.work import Action, Step

BUTTONS = {"left": "click", "right": "right_click", "middle": "middle_click"}
SCREEN = Rect(0, 0, 1366, 768)


@pytest.fixture(scope="module")
def sample(public_data: Path) -> Path:
    """Return the folder of the sample session."""
    folder = public_data / "opencua-sample" / "raw"
    if not folder.is_dir():
        pytest.skip("the sample session (opencua-sample) is absent from the public data")
    return folder


@pytest.fixture(scope="module")
def session(sample: Path) -> ImportedSession:
    """Return the session as imported."""
    (found,) = opencua.read(sample)
    assert isinstance(found, ImportedSession)
    return found


@pytest.fixture(scope="module")
def ours(session: ImportedSession) -> dict[int, Step]:
    """Return our steps of input by when they began, in units of 0.1 ms."""
    return {
        round(step.action.timestamp_ns / 1e5): step
        for step in steps(session.records)
        if step.action.kind not in {"switch_app", "wait", "stop"}
    }


@pytest.fixture(scope="module")
def theirs(sample: Path) -> dict[int, dict[str, Any]]:
    """Return their actions by when they began."""
    file = sample / "session-0001" / "reduced_events_complete.jsonl"
    return {round(told["start_time"] * 1e4): told for told in map(json.loads, file.read_text().splitlines())}


def as_theirs(told: dict[str, Any]) -> tuple[Any, ...]:
    """Return one of their actions in our words: kind, place, place of the end, detents."""
    if told["action"] == "scroll":
        first = told["trace"][0]
        return "scroll", (first["x"], first["y"]), (0, 0), -sum(turn["dy"] for turn in told["trace"])
    place = told["coordinate"]["x"], told["coordinate"]["y"]
    if told["action"] == "drag":
        _, _, to = told["description"].partition(" to ")
        return "drag", place, tuple(json.loads(to.replace("(", "[").replace(")", "]"))), 0
    return BUTTONS[told["button"]], place, (0, 0), 0


def as_ours(action: Action) -> tuple[Any, ...]:
    """Return one of our actions in the same words."""
    return action.kind, (action.x, action.y), (action.to_x, action.to_y), action.dy


def test_each_of_their_actions_is_ours(ours: dict[int, Step], theirs: dict[int, dict[str, Any]]) -> None:
    """Every click, drag and scroll that they made of the session is ours: same time, kind, place and turns."""
    assert len(theirs) == 14
    assert {at: as_ours(ours[at].action) for at in theirs} == {at: as_theirs(told) for at, told in theirs.items()}


def test_where_we_differ_the_reason_is_known(ours: dict[int, Step], theirs: dict[int, dict[str, Any]]) -> None:
    """We keep what they dropped: all of the stretch in which the resolution was another, and what came after their last; each is named."""
    first, last = 307_247_022, max(theirs)
    extra = {at: step.action for at, step in ours.items() if at not in theirs}
    stretch = [action for at, action in extra.items() if first <= at < 307_819_981]
    after = [action for at, action in extra.items() if at > last]
    assert len(extra) == len(stretch) + len(after)
    missing = sorted(set(range(23)) - {told["id"] for told in theirs.values()})
    assert missing == list(range(11, 20))  # nine in a row that they numbered and took out, after the resolution was changed to 1680 x 1050
    assert [(action.kind, action.x, action.y) for action in stretch] == [
        ("click", 846, 782), ("click", 827, 843), ("click", 835, 872), ("click", 435, 790), ("click", 436, 708), ("click", 1056, 566),
        ("click", 773, 785), ("click", 773, 785), ("scroll", 1212, 756), ("scroll", 1219, 758),
    ]  # fmt: skip
    beyond = [action for action in stretch if not SCREEN.contains(action.x, action.y)]
    assert len(beyond) == 6  # outside the screen that the session began with: kept where they were, not clamped to its edge
    # ten of ours for nine of theirs: two turns of the wheel two seconds apart are two runs, theirs have no pause
    assert [(action.kind, action.dy, action.key) for action in after] == [("scroll", 6, ""), ("scroll", -4, ""), ("key", 0, "ctrl+alt+t")]
    # the recorder's own stop chord, and scrolling after the task was over: they cut what comes after the last action of the task


def test_targets_are_those_they_bound(ours: dict[int, Step], theirs: dict[int, dict[str, Any]]) -> None:
    """Where they bound an action to a named element as it stood before the click, our hit test finds the same name."""
    told = 0
    for at, action in theirs.items():
        name = action.get("past_frame_target", {}).get("title")
        step = ours[at]
        tree = step.observation.tree
        if not name or tree is None or name == "Settings":  # their fallback is the window itself; ours the innermost part of it
            continue
        refs = [step.action.target, *step.action.alternatives]
        assert name in [tree.nodes[ref].name for ref in refs]
        told += 1
    assert told >= 7


def test_everything_of_the_session_is_accounted_for(session: ImportedSession) -> None:
    """Four thousand events become a few dozen actions; none but motion is outside them, but for a reason."""
    result = reduction(session.records)
    assert len(result.actions) < 40
    assert sum(isinstance(record, PointerMove) for record in session.records) > 4000
    assert {one.reason for one in result.ignored} <= {"monitors", "task_mark", "same_app"}
    (episode,) = episodes(session.records, participant=session.participant, session_id=session.session_id)
    assert episode.instruction.startswith("Open the system display settings")


def write(place: Path, lines: list[dict[str, Any]], facts: object = None) -> None:
    """Write a recording as DuckTrack does."""
    place.mkdir(parents=True)
    (place / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (place / "metadata.json").write_text(json.dumps(facts or {"system": "Linux", "screen_width": 1920, "screen_height": 1080}))
    (place / "README.md").write_text("# Book a train\n")


def stream(seconds: int, seed: int) -> tuple[list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Return lines at 1,000 moves a second with deeds in them, and the deeds."""
    chance = random.Random(seed)
    lines: list[dict[str, Any]] = []
    deeds: list[tuple[Any, ...]] = []
    x, y = 960, 540
    for second in range(seconds):
        for number in range(1000):
            x, y = min(1919, max(0, x + chance.randint(-3, 3))), min(1079, max(0, y + chance.randint(-3, 3)))
            lines.append({"time_stamp": 100 + second + number / 1000, "action": "move", "x": x, "y": y})
        at = 100 + second + 0.0005
        kind = second % 4
        if kind == 0:
            lines += [
                {"time_stamp": at + 0.1 * up, "action": "click", "x": x, "y": y, "button": "left", "pressed": not up} for up in (0, 1)
            ]
            deeds.append(("click", x, y))
        elif kind == 1:
            word = "".join(chance.choice("abcdefgh") for _ in range(5))
            keys = [*word[:3], "z", "backspace", *word[3:]]
            for number, name in enumerate(keys):
                lines += [
                    {"time_stamp": at + 0.1 * number + 0.05 * up, "action": "release" if up else "press", "name": name} for up in (0, 1)
                ]
            deeds.append(("type", word))
        elif kind == 2:
            lines += [{"time_stamp": at + 0.05 * turn, "action": "scroll", "x": x, "y": y, "dx": 0, "dy": -1} for turn in range(4)]
            deeds.append(("scroll", x, y, 4))
        else:
            lines += [{"time_stamp": at + 0.02 * place, "action": "press", "name": name} for place, name in enumerate(["ctrl_l", "s"])]
            lines += [
                {"time_stamp": at + 0.1 + 0.02 * place, "action": "release", "name": name} for place, name in enumerate(["s", "ctrl_l"])
            ]
            deeds.append(("key", "ctrl+s"))
    return sorted(lines, key=lambda line: line["time_stamp"]), deeds


def as_deed(action: Action) -> tuple[Any, ...]:
    """Return an action as its deed."""
    told: dict[str, tuple[Any, ...]] = {"type": (action.text,), "key": (action.key,), "scroll": (action.x, action.y, action.dy)}
    return action.kind, *told.get(action.kind, (action.x, action.y))


def test_a_thousand_moves_a_second_change_nothing(tmp_path: Path) -> None:
    """A minute of motion at 1 kHz comes down to exactly the sixty deeds in it, and to reduce it takes less than it lasted."""
    lines, deeds = stream(60, 3)
    write(tmp_path / "recording-1", lines)
    (found,) = read_ducktrack(tmp_path)
    assert isinstance(found, ImportedSession)
    began = time.process_time()
    result = reduction(found.records)
    spent = time.process_time() - began
    print(f"1 kHz: {len(found.records)} records reduced in {spent:.2f} CPU s")
    assert [as_deed(action) for action in result.actions] == deeds
    assert spent < 30
    (episode,) = episodes(found.records, participant=found.participant, session_id=found.session_id)
    assert episode.instruction == "Book a train"


def test_broken_lines_are_counted_and_the_rest_is_kept(tmp_path: Path) -> None:
    """Half a line, a line without a time and an unknown action are told; what else was done is kept."""
    lines, deeds = stream(2, 4)
    write(tmp_path / "recording-1", [*lines, {"action": "move", "x": 1, "y": 1}, {"time_stamp": 5, "action": "dance"}])
    with (tmp_path / "recording-1" / "events.jsonl").open("a") as file:
        file.write('{"time_stamp": 7, "act')
    (tmp_path / "recording-2").mkdir()
    (tmp_path / "recording-2" / "events.jsonl").write_text("")
    (tmp_path / "recording-3").mkdir()
    (tmp_path / "recording-3" / "events.jsonl").write_text("")
    (tmp_path / "recording-3" / "metadata.json").write_text("{}")
    both = list(read_ducktrack(tmp_path))
    problems = [(one.file, one.reason) for one in both if isinstance(one, Problem)]
    assert [file for file, _ in problems] == [
        "recording-1/events.jsonl", "recording-1/events.jsonl", "recording-2/metadata.json", "recording-3",
    ]  # fmt: skip
    (kept,) = [one for one in both if isinstance(one, ImportedSession)]
    assert [as_deed(action) for action in reduction(kept.records).actions] == deeds


def test_button_without_a_point_is_where_the_pointer_was(tmp_path: Path) -> None:
    """A recorder that leaves the place out of its button events doesn't make every click one at the corner."""
    lines = [
        {"time_stamp": 1, "action": "move", "x": 400, "y": 300},
        {"time_stamp": 2, "action": "click", "button": "left", "pressed": True},
        {"time_stamp": 2.1, "action": "click", "button": "left", "pressed": False},
    ]
    write(tmp_path / "r", lines)
    (found,) = read_ducktrack(tmp_path)
    assert isinstance(found, ImportedSession)
    assert [as_deed(action) for action in reduction(found.records).actions] == [("click", 400, 300)]


@pytest.mark.parametrize(
    ("keys", "texts"),
    [
        (["shift", "A", "shift-", "b"], ["Ab"]),
        (["ctrl_l", "a", "ctrl_l-", "x"], ["[ctrl+a]", "x"]),
        (["ctrl_l", "alt_gr", "@", "alt_gr-", "ctrl_l-", "x"], ["@x"]),  # AltGr on Windows
        (["a", "backspace", "backspace"], ["[BackSpace]"]),
        (["$", "{", "space", "p"], ["${ p"]),  # a dollar sign is text, no control
        (["a", "enter", "b"], ["a", "[Return]", "b"]),
        (["shift_r", "tab"], ["[shift+Tab]"]),
        (["f5"], ["[F5]"]),
    ],
)
def test_keys_become_text_or_keep_their_name(tmp_path: Path, keys: list[str], texts: list[str]) -> None:
    """What types makes text; what doesn't keeps its name; nothing typed is taken for a command."""
    lines = [
        {"time_stamp": 1 + number, "action": "release" if name.endswith("-") else "press", "name": name.removesuffix("-")}
        for number, name in enumerate(keys)
    ]
    write(tmp_path / "r", lines)
    (found,) = read_ducktrack(tmp_path)
    assert isinstance(found, ImportedSession)
    told = [action.text or f"[{action.key}]" for action in reduction(found.records).actions]
    assert told == texts
