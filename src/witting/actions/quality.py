"""Quality flags: what to mind when learning from an episode, told from its steps and holes alone.

Knows no score and no model; judges episodes, never people. Invariant: flags come in one order, so equal episodes have equal flags.
"""

from collections.abc import Sequence
from itertools import pairwise

from witting.terms.events import Gap
from witting.terms.work import POINTED, QualityFlag, Step

NOISY_SHARE = 0.3  # of steps that undo or repeat the one before
UNTARGETED_SHARE = 0.5  # of pointed steps that hit nothing a tree shows
_REDACTED = frozenset({"secure_field", "redaction_failed", "focus_unknown", "marked_secret", "participant_removed", "private_window"})
_LOST = frozenset({"lost", "over_budget", "suspended", "sign_hidden", "screen_locked", "paused", "low_battery"})
_UNDOING = frozenset({"ctrl+z", "BackSpace", "Escape", "alt+Left"})


def flags_of(steps: Sequence[Step], gaps: Sequence[Gap], *, outcome: str) -> tuple[QualityFlag, ...]:
    """Return the flags of an episode with these steps and the holes inside it."""
    pointed = [step for step in steps if step.action.kind in POINTED]
    aimless = sum(step.action.target < 0 for step in pointed)
    wasted = sum(_is_wasted(step, before) for before, step in pairwise(steps))
    told: list[tuple[QualityFlag, bool]] = [
        ("success_unknown", outcome == "unknown"),
        ("gave_up", outcome == "gave_up"),
        ("noisy", wasted > NOISY_SHARE * len(steps)),
        ("partial", any(gap.reason in _LOST for gap in gaps)),
        ("redaction_holes", any(gap.reason in _REDACTED for gap in gaps)),
        ("untargeted", aimless > UNTARGETED_SHARE * len(pointed)),
    ]
    return tuple(flag for flag, holds in told if holds)


def _is_wasted(step: Step, before: Step) -> bool:
    """Whether a step undoes the one before, or does the same at the same place to no effect."""
    action, earlier = step.action, before.action
    if action.kind == "key" and action.key in _UNDOING:
        return True
    is_same = (action.kind, action.target, action.text, action.key) == (earlier.kind, earlier.target, earlier.text, earlier.key)
    trees = step.observation.tree, before.observation.tree
    return is_same and action.kind in POINTED and None not in trees and getattr(trees[0], "digest", "") == getattr(trees[1], "digest", "")
