"""One run of a script: look, check, do, check; ask before what can't be taken back; stop at whatever is unexpected.

Knows the desk and the person by their ports only. Invariant: a step is done only in a view that was checked just before it, at most once;
what can't be taken back is done only after a yes to that very step; after a stop nothing more is done.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from witting.device.acting.checks import has_keyboard, is_secure, popped_up, ready, shape, went_well
from witting.device.acting.targets import Located
from witting.device.acting.view import Desk, TakenOverError, View
from witting.device.assist.script import Script, ScriptStep, filled, inputs_in, is_irreversible
from witting.device.assist.telling import tell_script_step
from witting.terms.errors import UsageError
from witting.terms.raw import RawNode

End = Literal["done", "declined", "stopped", "taken_over"]
Ask = Literal["irreversible", "yours", "taken_over"]
PATIENCE_S = 5.0  # so long a step waits for its page, and for its effect
_LOOK_EVERY_S = 0.15
_MOST_TURNS = 20  # of the wheel, in each direction
_PRESS_S = 0.4  # a key press is given this long to have its effect, which isn't known


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended."""

    end: End
    done: int  # steps that were done and checked
    of: int
    why: str = ""  # in plain words, without content of the screen


@dataclass(frozen=True, slots=True)
class Question:
    """What the person is asked."""

    kind: Ask
    number: int  # the step, from 1
    sentence: str


class Person(Protocol):
    """Who had the script run."""

    def hears(self, number: int, of: int, *, sentence: str) -> None:
        """Is told which step comes."""
        ...

    def may_go_on(self, question: Question) -> bool:
        """Says whether to go on."""
        ...


class Run:
    """One script, one desk, one person; `ask_first` adds beginnings of words before which to ask, `is_lent` is asked before each step."""

    def __init__(
        self,
        script: Script,
        inputs: Mapping[str, str],
        *,
        desk: Desk,
        person: Person,
        ask_first: tuple[str, ...] = (),
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._script = script
        self._inputs = checked_inputs(script, inputs)
        self._desk = desk
        self._person = person
        self._ask_first = ask_first
        self._patience_s = patience_s

    def play(self, *, first: int = 1) -> Outcome:
        """Do the steps from number `first` on; return how it ended."""
        steps = self._script.steps
        number = first
        while number <= len(steps):
            step = steps[number - 1]
            self._say(number, step)
            try:
                why = self._step(number, step)
            except TakenOverError:
                if self._ask("taken_over", number, step=step):
                    continue  # the same step again, checked anew
                return self._end("taken_over", number - 1, why="you took over")
            if why:
                return self._end("declined" if why == _DECLINED else "stopped", number - 1, why=why)
            number += 1
        return self._end("done", len(steps))

    def _step(self, number: int, step: ScriptStep) -> str:
        """Do one step; return why it wasn't, "" when it was."""
        before, found = self._ready(step)
        if not found.is_found:
            return "" if step.may_be_missing and found.is_missing else found.why
        if step.on is not None and is_secure(before, found.index):
            return "" if self._ask("yours", number, step=step) else _DECLINED
        if self._asks(step):
            if not self._ask("irreversible", number, step=step):
                return _DECLINED
            before, found = self._ready(step)  # time went by, and windows changed
            if not found.is_found:
                return found.why
        why = self._do(step, before, index=found.index)
        return why or self._confirm(step, before, is_last=number == len(self._script.steps))

    def _ready(self, step: ScriptStep) -> tuple[View, Located]:
        """Wait until a step can be done; a thing must stand still for two looks."""
        for view in self._looks():
            found = ready(step, view, inputs=self._inputs)
            if found.is_found and step.on is not None:
                self._desk.wait(_LOOK_EVERY_S / 3)
                again = self._desk.look()
                found_again = ready(step, again, inputs=self._inputs)
                if found_again.is_found and again.nodes[found_again.index].box == view.nodes[found.index].box:
                    return again, found_again
            elif found.is_found or (step.may_be_missing and found.is_missing):
                return view, found
            elif view.app != step.app:
                self._desk.bring(step.app)
        if found.is_found:
            return view, Located(-1, "what is meant doesn't stand still")
        return self._searched(step, view) if found.is_missing else (view, found)

    def _searched(self, step: ScriptStep, view: View) -> tuple[View, Located]:
        """Look for a target that isn't in view by scrolling, down to the end and up to the beginning."""
        for is_down in (True, False):
            for _ in range(_MOST_TURNS):
                self._desk.scroll(is_down=is_down)
                before, view = view, self._settled_view()
                found = ready(step, view, inputs=self._inputs)
                if found.is_found or not found.is_missing:
                    return view, found
                if shape(before) == shape(view):
                    break
        return view, found

    def _settled_view(self) -> View:
        """Look until two looks say the same: scrolling glides."""
        view = self._desk.look()
        for _ in range(_MOST_TURNS):
            self._desk.wait(_LOOK_EVERY_S)
            before, view = view, self._desk.look()
            if shape(before) == shape(view):
                break
        return view

    def _confirm(self, step: ScriptStep, before: View, *, is_last: bool) -> str:
        """Wait for a step's effect; return why it can't be seen, "" when it can."""
        if step.do == "press":
            self._desk.wait(_PRESS_S)
        why = ""
        for view in self._looks():
            why = went_well(step, before, after=view, inputs=self._inputs)
            if not why:
                return popped_up(before, view) if is_last else ""
        return why

    def _looks(self) -> Iterator[View]:
        """Yield views until patience ends; at least one."""
        until = time.monotonic() + self._patience_s
        yield self._desk.look()
        while time.monotonic() < until:
            self._desk.wait(_LOOK_EVERY_S)
            yield self._desk.look()

    def _do(self, step: ScriptStep, view: View, *, index: int) -> str:
        """Do it; return why it wasn't, "" when it was."""
        if step.do == "press":
            self._desk.press(step.key)
        elif step.do == "fill":
            return self._fill(step, view.nodes[index])
        elif step.do in {"click", "double_click", "right_click"}:
            self._desk.click(view.nodes[index], step.do)

        return ""

    def _fill(self, step: ScriptStep, node: RawNode) -> str:
        text = filled(step.text, self._inputs)
        if "\n" in text and "multiline" not in node.states:
            return "the text has several lines and the field takes one"
        self._desk.click(node, "click")
        why = ""
        for view in self._looks():
            why = has_keyboard(step, view, inputs=self._inputs)
            if not why:
                self._desk.type_over(text)
                break
        return why

    def _asks(self, step: ScriptStep) -> bool:
        """Whether a step can't be taken back; what an input names is known only now."""
        name = filled(step.on.name, self._inputs) if step.on is not None and step.do != "fill" else ""
        return step.asks or is_irreversible(name or step.key, self._ask_first)

    def _ask(self, kind: Ask, number: int, *, step: ScriptStep) -> bool:
        go_on = self._desk.rest()
        is_yes = self._person.may_go_on(Question(kind, number, tell_script_step(step)))
        if is_yes:
            go_on()
        return is_yes

    def _say(self, number: int, step: ScriptStep) -> None:
        of = len(self._script.steps)
        self._desk.show(f"step {number} of {of}")
        self._person.hears(number, of, sentence=tell_script_step(step))

    def _end(self, end: End, done: int, *, why: str = "") -> Outcome:
        return Outcome(end=end, done=done, of=len(self._script.steps), why=why)


_DECLINED = "you said no"


def settled_view(script: Script, *, inputs: Mapping[str, str], desk: Desk, patience_s: float = PATIENCE_S) -> View:
    """Return what is in front once the first step could be done, else what is in front when patience ends."""
    first = script.steps[0]
    until = time.monotonic() + patience_s
    view = desk.look()
    while not ready(first, view, inputs=inputs).is_found and time.monotonic() < until:
        if view.app != first.app:
            desk.bring(first.app)
        desk.wait(_LOOK_EVERY_S)
        view = desk.look()
    return view


def checked_inputs(script: Script, inputs: Mapping[str, str]) -> dict[str, str]:
    """Return a run's inputs.

    Raises:
        UsageError: one that a step needs is missing, or one was given that the script doesn't know.
    """
    known = {one.name for one in script.inputs}
    needed = {name for step in script.steps for text in (step.text, step.on.name if step.on else "") for name in inputs_in(text)}
    if unknown := sorted(set(inputs) - known):
        message = f"the script has no input {unknown[0][:40]!r}"
        raise UsageError(message, hint=f"it has: {', '.join(sorted(known)) or 'none'}")
    if missing := sorted(name for name in needed if not inputs.get(name)):
        message = f"the script needs to be told {missing[0]!r}"
        raise UsageError(message, hint=f"--input {missing[0]}=… says it; what is secret is asked for and never written down")
    return dict(inputs)
