"""Suites: tasks that are evaluated together, by name.

`miniwob` holds the tasks of MiniWoB++ that clicks, typing and single keys can solve; what needs dragging, drawing, hovering, reading a
picture or waiting for a moment isn't in it. Every one is stated here; nothing else in witting knows a task.
"""

from witting.terms.errors import UsageError

MINIWOB = (
    "choose-date-easy", "choose-date-medium", "choose-date-nodelay", "choose-list", "click-button", "click-button-sequence",
    "click-checkboxes", "click-checkboxes-large", "click-checkboxes-soft", "click-checkboxes-transfer", "click-collapsible-2-nodelay",
    "click-collapsible-nodelay", "click-dialog", "click-dialog-2", "click-link", "click-option", "click-tab", "click-tab-2",
    "click-tab-2-easy", "click-tab-2-hard", "click-tab-2-medium", "click-test", "click-test-2", "click-test-transfer", "click-widget",
    "email-inbox", "email-inbox-delete", "email-inbox-forward", "email-inbox-forward-nl-turk", "email-inbox-important",
    "email-inbox-nl-turk", "email-inbox-noscroll", "email-inbox-reply", "email-inbox-star-reply", "enter-date", "enter-password",
    "enter-text", "enter-text-dynamic", "enter-time", "focus-text", "focus-text-2", "login-user", "login-user-popup", "multi-layouts",
    "multi-orderings", "navigate-tree", "search-engine", "social-media", "social-media-all", "social-media-some",
    "use-autocomplete-nodelay",
)  # fmt: skip
QUICK = (
    "click-checkboxes-soft", "click-tab-2-hard", "click-option", "enter-text", "click-button", "click-link", "login-user",
    "focus-text-2", "click-dialog-2", "click-button-sequence",
)  # fmt: skip
SUITES: dict[str, tuple[str, ...]] = {"miniwob": MINIWOB, "miniwob-quick": QUICK}


def tasks_of(suite: str, only: str = "") -> tuple[str, ...]:
    """Return the tasks of a suite, or those of MiniWoB that are named with commas between; `only` names those that are wanted.

    Raises:
        UsageError: nothing is named.
    """
    told = only or suite
    tasks = SUITES.get(told) or tuple(dict.fromkeys(name.strip() for name in told.split(",") if name.strip()))
    if not tasks or (only and suite not in SUITES):
        message = f"there is no suite {suite[:40]!r}" if only else "no task is named"
        raise UsageError(message, hint=f"{', '.join(SUITES)}, or names of MiniWoB tasks with commas between them")
    return tasks
