"""Routines in words: each step as a sentence that its person reads on the command line and on their page.

Pure. Invariant: a slot's values are never told, only its name.
"""

from witting.device.assist.routines import Routine, RoutineStep
from witting.device.assist.script import ScriptStep

_OFTEN = 1.0
_MINUTES_FROM_S = 90


def tell(step: RoutineStep, routine: Routine) -> str:
    """Return a step as a sentence."""
    asides = []
    slot = next((one for one in routine.slots if one.name == step.slot), None)
    if slot is not None and slot.is_secret:
        asides.append("asked each time")
    if step.share < _OFTEN:
        asides.append(f"in {step.share:.0%} of all times")
    if step.is_anywhere:
        asides.append("sometimes earlier or later")
    return _deed(step) + (f" ({', '.join(asides)})" if asides else "")


def _deed(step: RoutineStep) -> str:
    what, app, place, role, _ = step.symbol
    thing = f"{role or 'spot'} “{step.label}”" if step.label else (role or "a spot")
    thing = f"the {role} that “{step.slot}” names" if step.slot and what != "fill" else thing
    where = f" in {place or app}"
    if what == "fill":
        said = f"what “{step.slot}” says" if step.slot else f"“{step.text}”" if step.text else "something"
        return f"fill {said} into {thing}{where}"
    verbs = {"click": "click", "double_click": "double-click", "right_click": "right-click", "drag": "drag"}
    if what in verbs:
        return f"{verbs[what]} {thing}{where}"
    return {
        "press": f"press {step.label}{where}",
        "open": f"open {place or 'a page'}",
        "switch_tab": f"go to the tab of {place or 'a page'}",
        "switch_app": f"go to {app}",
        "submit": f"send the form of {place or 'a page'}",
    }[what]


def tell_script_step(step: ScriptStep) -> str:
    """Return a script's step as a sentence; inputs are told by their names, in braces."""
    where = step.place or step.app
    if step.on is None:
        return f"press {step.key} in {where}"
    thing = f"{step.on.role or 'spot'} “{step.on.name or step.on.near or step.on.hint}”".replace(" “”", "")
    if step.do == "fill":
        return f"fill “{step.text}” into {thing} in {where}"
    verb = {"click": "click", "double_click": "double-click", "right_click": "right-click"}[step.do]
    return f"{verb} {thing} in {where}"


def tell_length(seconds: float) -> str:
    """Return a length of time as a person says it."""
    return f"{seconds:.0f} s" if seconds < _MINUTES_FROM_S else f"{seconds / 60:.0f} min"
