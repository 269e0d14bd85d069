"""Whether keys tell what a field got: an input method may have made something else of them, and then the field itself is asked.

What an input method puts into a field has no keysym. Doesn't redact and doesn't read fields: it is given what a tree said after the run.
Invariant: while an input method is set up, text that no field shows is never told as what was typed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from witting.device.recorder.typist import Typed
from witting.terms.raw import RawTree

_SETTINGS = ("XMODIFIERS", "GTK_IM_MODULE", "QT_IM_MODULE")
_NONE = frozenset({"", "none", "simple", "gtk-im-context-simple", "compose", "xim", "wayland", "@im=none", "@im=local"})


def has_input_method(environment: Mapping[str, str]) -> bool:
    """Whether the session sets up an input method such as ibus or fcitx."""
    return any(environment.get(name, "").lower() not in _NONE for name in _SETTINGS)


def settle(run: Typed, tree: RawTree | None) -> Typed:
    """Return a run as far as the fields bear it out; `tree` is the last one of the window in front.

    Shown by a field: as it is. Not shown: what the focused field holds, or nothing. No tree since: as it is, but uncertain.
    """
    if tree is None or tree.timestamp_ns < run.to_ns:
        return replace(run, is_uncertain=True)
    fields = [node for node in tree.nodes if "editable" in node.states and not {"secure", "opaque"} & set(node.states)]
    if any(run.text in node.value for node in fields):
        return run
    return replace(run, text=_only([node.value for node in fields if "focused" in node.states]), is_uncertain=True)


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""
