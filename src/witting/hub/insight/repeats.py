"""Steps that one session does again and again, each as a list of readable names, wherever in the round it was begun.

Pure. Knows one session at a time. Invariant: a name in a routine is a verb and what the app itself calls a thing; never what was typed.
"""

from collections import Counter
from collections.abc import Sequence

from witting.hub.insight.lasting import lasted_ns
from witting.hub.insight.naming import COMMANDS, EDITABLE, command_of_keys, label
from witting.terms.work import Step

SHORTEST, LONGEST = 3, 8
LEAST_TIMES = 3  # in one session
MOST = 3  # of one session
_VERBS = {
    "click": "click", "double_click": "double-click", "right_click": "right-click", "type": "fill in", "submit_form": "submit",
    "switch_app": "go to", "drag": "drag",
}  # fmt: skip


def repeats(made: Sequence[Step]) -> Counter[tuple[str, ...]]:
    """Return the routines of a session, each with the seconds it took in all."""
    named = [(name, step) for step in made if (name := _name(step))]
    names = [name for name, _ in named]
    found: dict[tuple[str, ...], tuple[int, int]] = {}
    for length in range(SHORTEST, min(LONGEST, len(names)) + 1):
        for gram, places in _grams(names, length).items():
            if len(places) >= LEAST_TIMES and len(set(gram)) > 1 and not _is_doubled(gram):
                seconds = sum(lasted_ns(step for _, step in named[place : place + length]) for place in places) // 1_000_000_000
                round_ = _turned(gram)
                if len(places) > found.get(round_, (0, 0))[0]:
                    found[round_] = (len(places), seconds)
    return Counter({gram: max(1, seconds) for gram, (_, seconds) in _largest(found).items()})


def _grams(names: Sequence[str], length: int) -> dict[tuple[str, ...], list[int]]:
    """Return each run of names with the places where it stands, none of which overlap."""
    places: dict[tuple[str, ...], list[int]] = {}
    for place in range(len(names) - length + 1):
        at = places.setdefault(tuple(names[place : place + length]), [])
        if not at or place >= at[-1] + length:
            at.append(place)
    return places


def _largest(found: dict[tuple[str, ...], tuple[int, int]]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return the routines that cover most steps, without those that are only a part of one taken already."""
    taken: dict[tuple[str, ...], tuple[int, int]] = {}
    for gram in sorted(found, key=lambda one: (-found[one][0] * len(one), len(one), one)):
        if len(taken) < MOST and not any(set(gram) & set(other) for other in taken):
            taken[gram] = found[gram]
    return taken


def _turned(gram: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same round begun at its first name of all, so that it is one routine wherever somebody begins it."""
    return min(gram[place:] + gram[:place] for place in range(len(gram)))


def _is_doubled(gram: tuple[str, ...]) -> bool:
    """Whether it is a shorter round gone through several times."""
    return any(len(gram) % part == 0 and gram == gram[:part] * (len(gram) // part) for part in range(1, len(gram) // 2 + 1))


def _name(step: Step) -> str:
    """Return what a step is called; empty for what is no part of a routine."""
    action, tree = step.action, step.observation.tree
    if action.kind == "key":
        command = command_of_keys(action.key)
        return f"{command} ({COMMANDS[command][0]})" if command else ""
    verb = _VERBS.get(action.kind)
    if verb is None:
        return ""
    if action.kind == "switch_app":
        return f"{verb} {action.app}"
    node = tree.nodes[action.target] if tree is not None and 0 <= action.target < len(tree.nodes) else None
    if node is not None and action.kind == "click" and node.role in EDITABLE:
        return ""  # on the way to typing; some take Tab
    if action.kind == "submit_form":
        return f"{verb} the form"
    return f"{verb} {label(f'{node.role} {node.name}' if action.kind != 'type' else node.name or 'a field')}" if node is not None else ""
