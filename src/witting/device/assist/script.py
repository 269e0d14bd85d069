"""Routines → scripts: what an automation does, step by step, in a file that a person can read, change and check.

A step names its target by role, name, the author's hint and what stands beside it, never by a place on the screen. Pure. Invariant: a
script holds no value of a secret slot and no coordinates; a step that can't be taken back says so and asks.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Formatter

import msgspec

from witting.device.assist.deeds import What
from witting.device.assist.routines import Routine, RoutineStep
from witting.terms.errors import UsageError

_MOST_BYTES = 1_000_000
_ACTED_ON: frozenset[What] = frozenset({"click", "double_click", "right_click", "fill"})


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a run is told before it begins."""

    name: str
    label: str = ""
    secret: bool = False  # asked each time, never written down


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a step is done to."""

    role: str
    name: str = ""  # accessible name; `{input}` = the one that an input names
    hint: str = ""  # the author's hint: id and classes
    near: str = ""  # the words before it, which tell two of the same name apart


class ScriptStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step."""

    do: What
    app: str
    place: str = ""  # of a page: host and path that must be open before, numbers as #
    on: Target | None = None
    text: str = ""  # to fill in; `{input}` = what an input says
    key: str = ""  # the chord of "press"
    asks: bool = False  # it can't be taken back: the person is asked first
    may_be_missing: bool = False  # goes on when its target isn't there


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """An automation."""

    schema: int
    title: str
    routine: str
    inputs: tuple[Input, ...] = ()
    steps: tuple[ScriptStep, ...]


def script_of(routine: Routine, *, ask_first: Iterable[str] = ()) -> Script:
    """Return the script of a routine; `ask_first` adds beginnings of words before which to ask."""
    more = tuple(ask_first)
    inputs = tuple(Input(name=slot.name, label=slot.label, secret=slot.is_secret) for slot in routine.slots)
    steps = tuple(_step(step, more) for step in routine.steps if step.symbol.what in {*_ACTED_ON, "press"})
    return Script(schema=1, title=routine.title, routine=routine.routine_id, inputs=inputs, steps=steps)


def _step(step: RoutineStep, more: Sequence[str]) -> ScriptStep:
    what, app, place, role, name = step.symbol
    on = None
    if what in _ACTED_ON:
        on = Target(role=role, name=_said(step), hint=step.hint, near=step.near)
    return ScriptStep(
        do=what,
        app=app,
        place=place,
        on=on,
        text=(f"{{{step.slot}}}" if step.slot else literal(step.text)) if what == "fill" else "",
        key=name if what == "press" else "",
        asks=is_irreversible(step.label or name, more) if what != "fill" else False,
        may_be_missing=step.share < 1,
    )


def _said(step: RoutineStep) -> str:
    """What a target is called: an input names it, or it has one name; a label that is but its hint or its place is no name."""
    if step.slot and step.symbol.what != "fill":
        return f"{{{step.slot}}}"
    return "" if step.label in {step.hint, step.symbol.place, step.symbol.app} else literal(step.label)


def is_irreversible(label: str, more: Iterable[str] = ()) -> bool:
    """Whether what a thing is called says that it can't be taken back; Return sends what is filled in, so it counts."""
    words = _plain(label).split()
    beginnings = (*_beginnings(), *(_plain(one) for one in more))
    return label in {"Return", "KP_Enter", "Delete", "ctrl+Return"} or any(
        word.startswith(beginning) if len(beginning) > 2 else word == beginning  # noqa: PLR2004 # "ok" isn't the beginning of "okapi"
        for word in words
        for beginning in beginnings
    )


@cache
def _beginnings() -> tuple[str, ...]:
    lists = tomllib.loads(files("witting.device.assist").joinpath("irreversible.toml").read_text(encoding="utf-8"))
    return tuple(dict.fromkeys(_plain(word) for words in lists.values() for word in words))


def _plain(text: str) -> str:
    """Lower case, without what decorates letters, everything else a space."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char if char.isalnum() else "" if unicodedata.combining(char) else " " for char in split)


def to_yaml(script: Script) -> str:
    """Return the script as a file."""
    return msgspec.yaml.encode(script).decode()


def from_yaml(data: bytes) -> Script:
    """Return the script that a file holds.

    Raises:
        UsageError: it is no script, or says something that no script may say.
    """
    if len(data) > _MOST_BYTES:
        raise UsageError("that script is too long", hint="a script of a routine is a few kilobytes")
    try:
        script = msgspec.yaml.decode(data, type=Script)
    except (msgspec.MsgspecError, ValueError) as error:
        where = str(error).rpartition(" - at ")[2] if " - at " in str(error) else "its form"
        message = f"that is no script: something is wrong with {where[:60]}"
        raise UsageError(message, hint="`witting routines export ID` writes one; docs/reference says what each field means") from None
    check(script)
    return script


def check(script: Script) -> None:
    """Check what types don't say.

    Raises:
        UsageError: another schema, no steps, an input that nothing declares, a step without what it needs.
    """
    if script.schema != 1:
        raise UsageError("the script is of another schema", hint="this witting runs schema 1")
    if not script.steps:
        raise UsageError("the script has no steps", hint="`witting routines export ID` writes one")
    declared = {one.name for one in script.inputs}
    for number, step in enumerate(script.steps, 1):
        if (
            (step.do in _ACTED_ON) != (step.on is not None)
            or (step.do == "press") != bool(step.key)
            or step.do not in {*_ACTED_ON, "press"}
        ):
            message = f"step {number} lacks what it needs, or has what it can't have"
            raise UsageError(message, hint="a click and a fill need `on`, a press needs `key`")
        if not (inputs_in(step.text) | inputs_in(step.on.name if step.on else "")) <= declared:
            message = f"step {number} asks for an input that isn't declared"
            raise UsageError(message, hint="name it under `inputs`")


def inputs_in(text: str) -> set[str]:
    """Return the names of the inputs in a text; a brace that is meant as one stands twice.

    Raises:
        UsageError: a brace stands alone, or holds more than a name.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        parts = [("", "", "", None)]
    if any(name is not None and (spec or conversion or not name.isidentifier()) for _, name, spec, conversion in parts):
        raise UsageError("a text of the script has a brace that names no input", hint="write {name} for an input, {{ and }} for braces")
    return {name for _, name, _, _ in parts if name}


def filled(text: str, inputs: Mapping[str, str]) -> str:
    """Return a text with its inputs filled in."""
    inputs_in(text)
    return "".join(literal + (inputs[name] if name else "") for literal, name, _, _ in Formatter().parse(text))


def literal(text: str) -> str:
    """Return a text as a script writes it."""
    return text.replace("{", "{{").replace("}", "}}")
