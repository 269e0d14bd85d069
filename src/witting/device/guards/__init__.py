"""What holds recording back by itself: a locked screen, quiet hours, a low battery and the like, each in a small file.

A guard says whether it holds; the recorder pauses while any does, and says which. Knows nothing of capture or spools. Invariant: a guard
can only hold recording back, never start it.
"""

from witting.device.guards.reasons import GAP_OF, SHORT, WORDS, HoldReason
from witting.device.guards.rules import OwnRules, load_rules, rules_path, save_rules

__all__ = ["GAP_OF", "SHORT", "WORDS", "HoldReason", "OwnRules", "load_rules", "rules_path", "save_rules"]
