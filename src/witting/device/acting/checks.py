"""What must hold before a step and after it. Pure.

Invariant: every check that fails says in plain words what was expected, without any content of the screen.
"""

import unicodedata
from collections.abc import Mapping

from witting.device.acting.targets import Located, dialogs, locate
from witting.device.acting.view import View
from witting.device.assist.deeds import place_of
from witting.device.assist.script import ScriptStep, filled

_FIELDS = frozenset({"textbox", "entry", "searchbox", "combobox", "combo box", "spinbutton", "spin button"})


def wrong_place(step: ScriptStep, view: View) -> str:
    """Return why a step can't be done in what is in front, "" when it can."""
    if view.app != step.app:
        return f"{step.app} isn't in front"
    if view.why_not:
        return view.why_not
    if step.place and place_of(view.url) != step.place:
        return "another page is in front"
    return ""


def ready(step: ScriptStep, view: View, *, inputs: Mapping[str, str]) -> Located:
    """Return where a step's target is, or why the step can't be done now; a press has no target and gets index 0."""
    why = wrong_place(step, view)
    if why:
        return Located(-1, why)
    if step.on is None:
        return Located(0) if len(dialogs(view.nodes)) == 0 else Located(-1, "a dialog stands open")
    found = locate(step.on, view, inputs=inputs)
    return Located(-1, "a dialog stands open") if found.is_missing and dialogs(view.nodes) else found


def is_secure(view: View, index: int) -> bool:
    """Whether a node is a field that nobody but its person fills in."""
    return "secure" in view.nodes[index].states


def has_keyboard(step: ScriptStep, view: View, *, inputs: Mapping[str, str]) -> str:
    """Return why what is typed wouldn't go into a step's field, "" when it would; native apps may not say where the keyboard is."""
    found = ready(step, view, inputs=inputs)
    if not found.is_found:
        return found.why
    says = any("focused" in node.states for node in view.nodes)
    return "" if "focused" in view.nodes[found.index].states or (not says and not step.place) else "the field doesn't take the keyboard"


def went_well(step: ScriptStep, before: View, *, after: View, inputs: Mapping[str, str]) -> str:
    """Return why a step doesn't seem to have worked, "" when it did."""
    if after.why_not and after.app == step.app:
        return after.why_not
    if step.do == "fill":
        return _is_filled(step, after, inputs=inputs)
    if step.do in {"press", "right_click"} or (step.on is not None and step.on.role in _FIELDS):
        return ""
    if (before.app, before.url, shape(before)) == (after.app, after.url, shape(after)):
        return "nothing changed"
    return ""


def popped_up(before: View, after: View) -> str:
    """Return what stands open after a run that didn't before, "" when nothing does."""
    return "a dialog opened that wasn't there before" if len(dialogs(after.nodes)) > len(dialogs(before.nodes)) else ""


def shape(view: View) -> tuple[object, ...]:
    """Return what of a view tells whether something happened: all that it says, and where the keyboard is doesn't count."""
    return tuple(
        (node.role, node.name, node.value, tuple(state for state in node.states if state not in {"focused", "touched"}), node.box)
        for node in view.nodes
    )


def _is_filled(step: ScriptStep, after: View, *, inputs: Mapping[str, str]) -> str:
    if step.on is None:
        return "there is no field"
    found = locate(step.on, after, inputs=inputs)
    if not found.is_found:
        return "the field is gone after it was filled in"
    node = after.nodes[found.index]
    said = node.value or (node.name if node.role in {"text", "document text"} else "")
    return "" if _same(said, filled(step.text, inputs)) else "the field doesn't hold what was filled in"


def _same(one: str, other: str) -> bool:
    return " ".join(unicodedata.normalize("NFC", one).split()) == " ".join(unicodedata.normalize("NFC", other).split())
