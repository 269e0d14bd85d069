"""The desktop suite's tasks: an instruction with a seed, what is there at the start, what counts as done, and how somebody would do it.

Knows files, applications by their command, and actions; no display. What counts is the state that is left (files; what a calculator shows),
never which keys led there. Invariant: the same seed gives the same task.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from witting.terms.work import PolicyAction

Values = Mapping[str, str]
Shown = Callable[[str], str]
"""What the text field of an application shows, by the application's name."""
_WORDS = (
    "anchor", "basket", "candle", "dragon", "ember", "falcon", "garden", "harbour", "island", "jacket", "kettle", "ladder", "marble",
    "needle", "orchid", "pepper", "quartz", "ribbon", "saddle", "timber",
)  # fmt: skip
NOTE = "note.txt"
_EDITOR = ("mousepad", "--disable-server")


@dataclass(frozen=True, kw_only=True)
class State:
    """What a checker looks at."""

    folder: Path  # where the task's files lie
    values: Values  # what the seed drew
    shown: Shown

    def lines(self, name: str = NOTE) -> list[str]:
        """Return a file's lines; none when it isn't there."""
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def names(self) -> set[str]:
        """Return what lies in the folder."""
        return {path.name for path in self.folder.iterdir()}


@dataclass(frozen=True, kw_only=True)
class DesktopTask:
    """One task; texts in braces are what a seed drew."""

    name: str
    instruction: str
    apps: tuple[tuple[str, ...], ...]  # commands, the last one in front; {folder} is where the files lie
    files: Mapping[str, str]  # name -> content at the start
    is_done: Callable[[State], bool]
    oracle: tuple[str, ...]  # deeds that solve it: `type …`, else a key
    near_miss: tuple[str, ...]  # deeds that almost solve it

    def draw(self, seed: int) -> dict[str, str]:
        """Return the values that a seed stands for."""
        chance = random.Random(f"desktop {self.name} {seed}")
        first, second, third, fourth = chance.sample(_WORDS, 4)
        words = {"first": first, "second": second, "third": third, "new": f"{fourth} {chance.randint(100, 999)}", "name": fourth}
        numbers = _numbers(chance)
        while any(
            a == b for told in numbers.values() for a, b in pairwise(told)
        ):  # the calculator drops a digit that is typed twice at once
            numbers = _numbers(chance)
        return {**words, **numbers}

    def deeds(self, told: Sequence[str], values: Values) -> list[PolicyAction]:
        """Return deeds as actions, the values filled in."""
        found = []
        for one in told:
            said = one.format(**values)
            is_text = said.startswith("type ")
            found.append(PolicyAction(kind="type", text=said.removeprefix("type ")) if is_text else PolicyAction(kind="key", key=said))
        return found


def _numbers(chance: random.Random) -> dict[str, str]:
    a, b, c = chance.randint(12, 97), chance.randint(3, 9), chance.randint(11, 48)
    found = {"a": a, "b": b, "c": c, "sum": a + c, "product": a * b, "whole": a * b + c, "near": b + 1}
    return {name: str(value) for name, value in found.items()}


def _editor(name: str, instruction: str, *, want: str, oracle: str, near: str, before: str = "{first}\n{second}\n{third}\n") -> DesktopTask:
    """Return a task in the editor; deeds stand with semicolons between them, `want` is the file's content in the end."""
    return DesktopTask(
        name=name,
        instruction=f"In the editor: {instruction} Then save the file.",
        apps=((*_EDITOR, "{folder}/" + NOTE),),
        files={NOTE: before},
        is_done=lambda state: state.lines() == want.format(**state.values).splitlines(),
        oracle=(*oracle.split("; "), "ctrl+s"),
        near_miss=tuple(near.split("; ")),
    )


def _calculator(name: str, instruction: str, *, want: str, typed: str, near: str) -> DesktopTask:
    return DesktopTask(
        name=name,
        instruction=f"Work out {instruction} with the calculator, so that it shows the result.",
        apps=(("galculator",),),
        files={},
        is_done=lambda state: state.shown("galculator") == want.format(**state.values),
        oracle=(f"type {typed}", "Return"),
        near_miss=(f"type {near}", "Return"),
    )


def _files(name: str, instruction: str, *, is_done: Callable[[State], bool], oracle: str, near: str) -> DesktopTask:
    return DesktopTask(
        name=name,
        instruction=f"In the file manager: {instruction}",
        apps=(("pcmanfm", "{folder}"),),
        files={"{first}.txt": "{second}\n"},
        is_done=is_done,
        oracle=tuple(oracle.split("; ")),
        near_miss=tuple(near.split("; ")),
    )


def _two(name: str, instruction: str, *, is_done: Callable[[State], bool], oracle: str, near: str, other: str = "") -> DesktopTask:
    """Return a task between two applications: a second editor, or the one that is named, lies behind the editor with the note."""
    return DesktopTask(
        name=name,
        instruction=instruction,
        apps=(
            (other,) if other else (*_EDITOR, "{folder}/source.txt"),
            (*_EDITOR, "{folder}/" + NOTE),
        ),
        files={NOTE: "", **({} if other else {"source.txt": "{first}\n{second}\n{third}\n"})},
        is_done=is_done,
        oracle=tuple(oracle.split("; ")),
        near_miss=tuple(near.split("; ")),
    )


def _note_is(want: str) -> Callable[[State], bool]:
    return lambda state: state.lines() == want.format(**state.values).splitlines()


def _is_renamed(state: State) -> bool:
    return state.names() == {f"{state.values['name']}.txt"} and state.lines(f"{state.values['name']}.txt") == [state.values["second"]]


def _is_deleted(state: State) -> bool:
    return not state.names()


def _has_folder(state: State) -> bool:
    return (state.folder / state.values["name"]).is_dir()


_ALL = "{first}\n{second}\n{third}\n"
TASKS: dict[str, DesktopTask] = {
    one.name: one
    for one in (
        _editor("append-line", 'add a line "{new}" after the last one.', want=_ALL + "{new}",
                oracle="ctrl+End; type {new}", near="ctrl+End; type {new}"),
        _editor("insert-on-top", 'add a line "{new}" above the first one.', want="{new}\n" + _ALL, oracle="ctrl+Home; type {new}; Return",
                near="ctrl+End; type {new}; ctrl+s"),
        _editor("insert-second", 'add a line "{new}" after the first one.', want="{first}\n{new}\n{second}\n{third}",
                oracle="ctrl+Home; End; Return; type {new}", near="ctrl+Home; End; type {new}; ctrl+s"),
        _editor("delete-first-line", "delete the first line.", want="{second}\n{third}", oracle="ctrl+Home; shift+Down; Delete",
                near="ctrl+Home; Delete; ctrl+s"),
        _editor("delete-last-line", "delete the last line.", want="{first}\n{second}", oracle="ctrl+End; shift+Up; Delete",
                near="ctrl+Home; shift+Down; Delete; ctrl+s"),
        _editor("keep-first-line", "delete everything but the first line.", want="{first}",
                oracle="ctrl+Home; Down; shift+ctrl+End; Delete",
                near="ctrl+a; Delete; ctrl+s"),
        _editor("empty-file", "delete everything.", want="", oracle="ctrl+a; Delete", near="ctrl+a; Delete"),
        _editor("write-anew", 'replace everything with "{new}".', want="{new}",
                oracle="ctrl+a; type {new}", near="ctrl+End; type {new}; ctrl+s"),
        _editor("fill-in", 'write "{new}" after "Order:".', want="Order: {new}\nColour:", before="Order: \nColour:\n",
                oracle="ctrl+Home; End; type {new}", near="ctrl+End; Up; End; type {new}; ctrl+s"),
        _editor("join-lines", "put the first two lines on one, without a space between.", want="{first}{second}\n{third}",
                oracle="ctrl+Home; End; Delete", near="ctrl+Home; Delete; ctrl+s"),
        _editor("copy-line-down", "copy the first line to the end as well.", want=_ALL + "{first}",
                oracle="ctrl+Home; shift+Down; ctrl+c; ctrl+End; ctrl+v", near="ctrl+Home; shift+Down; ctrl+x; ctrl+End; ctrl+v; ctrl+s"),
        _editor("move-line-down", "move the first line to the end.", want="{second}\n{third}\n{first}",
                oracle="ctrl+Home; shift+Down; ctrl+x; ctrl+End; ctrl+v", near="ctrl+Home; shift+Down; ctrl+c; ctrl+End; ctrl+v; ctrl+s"),
        _calculator("add", "{a} plus {c}", want="{sum}", typed="{a}+{c}", near="{a}+{b}"),
        _calculator("multiply", "{a} times {b}", want="{product}", typed="{a}*{b}", near="{a}*{near}"),
        _calculator("subtract", "{sum} minus {a}", want="{c}", typed="{sum}-{a}", near="{sum}+{a}"),
        _calculator("divide", "{product} divided by {b}", want="{a}", typed="{product}/{b}", near="{product}*{b}"),
        _calculator("two-operations", "{a} times {b}, plus {c},", want="{whole}", typed="{a}*{b}+{c}", near="{a}*{b}"),
        _files("rename-file", 'give the file the name "{name}.txt".', is_done=_is_renamed,
               oracle="ctrl+a; F2; ctrl+a; type {name}.txt; Return",
               near="ctrl+a; F2; ctrl+a; type {name}; Return"),
        _files("delete-file", "throw the file away.", is_done=_is_deleted, oracle="ctrl+a; Delete; Return", near="ctrl+a; Delete; Escape"),
        _files("new-folder", 'make a folder "{name}".', is_done=_has_folder, oracle="shift+ctrl+n; type {name}; Return",
               near="shift+ctrl+n; type {name}; Escape"),
        _two("copy-between-files", "Copy all lines of source.txt into note.txt and save it.", is_done=_note_is(_ALL),
             oracle="alt+Tab; ctrl+a; ctrl+c; alt+Tab; ctrl+v; ctrl+s", near="alt+Tab; ctrl+a; ctrl+c; alt+Tab; ctrl+v"),
        _two("copy-first-line-over", "Copy the first line of source.txt into note.txt and save it.", is_done=_note_is("{first}"),
             oracle="alt+Tab; ctrl+Home; shift+End; ctrl+c; alt+Tab; ctrl+v; ctrl+s",
             near="alt+Tab; ctrl+a; ctrl+c; alt+Tab; ctrl+v; ctrl+s"),
        _two("note-a-result", "Work out {a} times {b} with the calculator, write the result into note.txt and save it.",
             is_done=_note_is("{product}"), other="galculator", oracle="alt+Tab; type {a}*{b}; Return; alt+Tab; type {product}; ctrl+s",
             near="alt+Tab; type {a}*{b}; Return; alt+Tab; type {product}"),
    )
}  # fmt: skip
