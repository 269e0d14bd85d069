"""The desktop suite's tasks as data: seeds, words and checkers, without a display."""

from itertools import pairwise
from pathlib import Path

import pytest

from witting.terms.errors import UsageError
from witting.testing.desktop_suite import TASKS, DesktopEnv
from witting.testing.desktop_suite.environment import action_of
from witting.testing.desktop_suite.tasks import NOTE, State


def _state(folder: Path, values: dict[str, str], shown: str = "") -> State:
    return State(folder=folder, values=values, shown=lambda _: shown)


def test_there_are_twenty_tasks_and_more_in_four_kinds() -> None:
    """Editor, calculator, file manager, and between two applications."""
    apps = [tuple(argv[0] for argv in task.apps) for task in TASKS.values()]
    assert len(TASKS) >= 20
    assert {("mousepad",), ("galculator",), ("pcmanfm",), ("mousepad", "mousepad"), ("galculator", "mousepad")} == set(apps)


@pytest.mark.parametrize("name", TASKS)
def test_a_seed_is_one_task(name: str) -> None:
    """The same seed says the same; another one says something else, in instruction or files, with nothing left to be filled in."""
    task = TASKS[name]

    def told(seed: int) -> str:
        values = task.draw(seed)
        files = [one.format(**values) for pair in task.files.items() for one in pair]
        return " ".join([task.instruction.format(**values), *files])

    assert told(1) == told(1)
    assert len({told(seed) for seed in range(8)}) > 4
    assert "{" not in told(1)
    assert "}" not in told(1)


@pytest.mark.parametrize("name", TASKS)
def test_deeds_are_actions_of_a_policy(name: str) -> None:
    """Oracle and near miss differ, are typing and keys, and fit a policy's step budget."""
    task, values = TASKS[name], TASKS[name].draw(3)
    oracle, near = task.deeds(task.oracle, values), task.deeds(task.near_miss, values)
    assert oracle != near
    for deed in (*oracle, *near):
        assert (deed.kind == "type") == bool(deed.text)
        assert (deed.kind == "key") == bool(deed.key)
        assert "{" not in deed.text + deed.key
    assert 1 <= len(oracle) <= 15


@pytest.mark.parametrize("name", TASKS)
def test_nothing_is_done_at_the_start(name: str, tmp_path: Path) -> None:
    """As set up, a task isn't solved already, whatever the seed."""
    task = TASKS[name]
    for seed in range(20):
        folder = tmp_path / str(seed)
        folder.mkdir()
        values = task.draw(seed)
        for file, content in task.files.items():
            (folder / file.format(**values)).write_text(content.format(**values))
        assert not task.is_done(_state(folder, values, shown="0"))


def test_a_file_without_an_end_of_line_counts_the_same(tmp_path: Path) -> None:
    """What lines say counts, not whether the last one is ended; a missing file has none; other lines don't pass."""
    task = TASKS["append-line"]
    values = task.draw(5)
    lines = [values["first"], values["second"], values["third"], values["new"]]
    assert not task.is_done(_state(tmp_path, values))
    for end in ("", "\n"):
        (tmp_path / NOTE).write_text("\n".join(lines) + end)
        assert task.is_done(_state(tmp_path, values))
    (tmp_path / NOTE).write_text("\n".join([*lines, "more"]))
    assert not task.is_done(_state(tmp_path, values))


@pytest.mark.parametrize(
    ("name", "left", "is_done"),
    [
        ("rename-file", {"{name}.txt": "{second}\n"}, True), ("rename-file", {"{name}": "{second}\n"}, False),
        ("rename-file", {"{name}.txt": "{second}\n", "{first}.txt": "{second}\n"}, False), ("rename-file", {"{name}.txt": ""}, False),
        ("delete-file", {}, True), ("delete-file", {"{first}.txt": ""}, False), ("delete-file", {"{first}.txt~": ""}, False),
        ("new-folder", {"{name}": ""}, False),
    ],
)  # fmt: skip
def test_the_file_manager_is_judged_by_what_lies_there(name: str, left: dict[str, str], *, is_done: bool, tmp_path: Path) -> None:
    """Renamed is renamed with its content and alone; thrown away leaves nothing; a file of a folder's name is no folder."""
    task, values = TASKS[name], TASKS[name].draw(2)
    for file, content in left.items():
        (tmp_path / file.format(**values)).write_text(content.format(**values))
    assert task.is_done(_state(tmp_path, values)) is is_done


def test_a_calculator_is_judged_by_what_it_shows(tmp_path: Path) -> None:
    """The result and nothing else: neither what was typed, nor more digits, nor an empty field."""
    task, values = TASKS["multiply"], TASKS["multiply"].draw(9)
    for shown in ("", "0", values["a"], f"{values['a']}*{values['b']}", values["product"] + "0"):
        assert not task.is_done(_state(tmp_path, values, shown=shown))
    assert task.is_done(_state(tmp_path, values, shown=values["product"]))


@pytest.mark.parametrize("seed", range(0, 400, 7))
def test_numbers_can_be_typed_and_worked_out(seed: int) -> None:
    """Every drawn sum is right, and no number has the same digit twice in a row, of which the calculator may drop one."""
    drawn = TASKS["two-operations"].draw(seed)
    a, b, c = (int(drawn[name]) for name in "abc")
    assert [drawn["sum"], drawn["product"], drawn["whole"]] == [str(a + c), str(a * b), str(a * b + c)]
    assert drawn["near"] != drawn["b"]
    numbers = [value for value in drawn.values() if value.isdecimal()]
    assert not [one for one in numbers if any(left == right for left, right in pairwise(one))]


def test_actions_of_the_space_are_a_policys() -> None:
    """What the environment's action space draws can be done; a task that isn't there is refused by name."""
    env = DesktopEnv("add")
    env.action_space.seed(1)
    kinds = {action_of(env.action_space.sample()).kind for _ in range(40)}
    assert kinds == {"click", "type", "key", "stop"}
    env.close()
    with pytest.raises(UsageError, match="no desktop task 'mine-sweeping'"):
        DesktopEnv("mine-sweeping")
