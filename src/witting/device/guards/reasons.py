"""Why recording is held, in codes and in plain words: one table for the sign, the tray, the command line and the pages.

Invariant, held by a test: every reason has its words, its short words and the reason of the hole that it leaves in the record.
"""

from typing import Literal

from witting.terms.events import GapReason

HoldReason = Literal[
    "person", "locked", "quiet_hours", "screen_shared", "low_battery", "over_cpu", "over_disk", "disk_full", "suspended", "sign_hidden",
]  # fmt: skip

WORDS: dict[HoldReason, str] = {
    "person": "you paused it; it stays so until you go on",
    "locked": "the screen is locked; it goes on when you unlock it",
    "quiet_hours": "these are your quiet hours; it goes on after them",
    "screen_shared": "the screen is shown to others; it goes on when that ends",
    "low_battery": "the battery is low; it goes on when you plug in",
    "over_cpu": "it used more of the processor than it may; go on when you like",
    "over_disk": "it has written as much today as it may; it goes on tomorrow",
    "disk_full": "the disk is nearly full; it goes on when there is room",
    "suspended": "the machine is going to sleep; it goes on when it wakes",
    "sign_hidden": "the sign on the screen is covered; it goes on when you can see it again",
}
SHORT: dict[HoldReason, str] = {
    "person": "click to go on",
    "locked": "screen locked",
    "quiet_hours": "quiet hours",
    "screen_shared": "screen shared",
    "low_battery": "low battery",
    "over_cpu": "processor budget",
    "over_disk": "today's disk budget",
    "disk_full": "disk nearly full",
    "suspended": "going to sleep",
    "sign_hidden": "sign was covered",
}
GAP_OF: dict[HoldReason, GapReason] = {
    "person": "paused",
    "locked": "screen_locked",
    "quiet_hours": "quiet_hours",
    "screen_shared": "screen_shared",
    "low_battery": "low_battery",
    "over_cpu": "over_budget",
    "over_disk": "over_budget",
    "disk_full": "over_budget",
    "suspended": "suspended",
    "sign_hidden": "sign_hidden",
}
ONLY_A_PERSON_LIFTS: frozenset[HoldReason] = frozenset({"person", "over_cpu"})
