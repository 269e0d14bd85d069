"""Context stages: where an action took place, what it caused, and when somebody waited.

A page that opens, a form that goes off or a window that comes to the front within two seconds after an action counts as that action's
consequence and is its child; what nobody caused here is an action of its own. Invariant: nothing is caused across a task's edge.
"""

from collections.abc import Sequence

import msgspec

from witting.actions.items import SECOND_NS, Item, Seen, claim
from witting.terms.events import PageForm, PageNavigation, TaskMark, WindowFocus
from witting.terms.tree import UiTree
from witting.terms.work import Action, ActionKind

CAUSE_NS = 2 * SECOND_NS
WAIT_NS = 2 * SECOND_NS
SETTLE_NS = SECOND_NS


def name_places(items: Sequence[Item]) -> list[Item]:
    """Say for each action which app and page were in front when it began; each app keeps its page."""
    app = ""
    pages: dict[str, str] = {}
    named: list[Item] = []
    for item in items:
        event = item.event if isinstance(item, Seen) else None
        if isinstance(event, WindowFocus):
            app = event.app
        elif isinstance(event, PageNavigation):
            pages[app] = event.url
        named.append(msgspec.structs.replace(item, app=app, url=pages.get(app, "")) if isinstance(item, Action) else item)
    return named


def attach_consequences(items: Sequence[Item]) -> list[Item]:
    """Give pages, forms and windows to the action that caused them; the rest of pages and apps become actions."""
    done: list[Item] = []
    cause: int | None = None  # where in `done` the last action stands
    app = ""
    for item in items:
        event = item.event if isinstance(item, Seen) else None
        if not isinstance(item, Seen) or not isinstance(event, PageNavigation | PageForm | WindowFocus):
            if isinstance(item, Action):
                cause = len(done) if item.kind != "stop" else None
            elif isinstance(event, TaskMark):
                cause = None
            done.append(item)
            continue
        came_to_front = isinstance(event, WindowFocus) and event.app != app
        app = event.app if isinstance(event, WindowFocus) else app
        action = done[cause] if cause is not None else None
        if isinstance(action, Action) and not came_to_front and item.timestamp_ns - action.end_ns <= CAUSE_NS:
            done[cause or 0] = claim(action, item)
            continue
        own = _own_action(item, event, app=app) if came_to_front or not isinstance(event, WindowFocus) else None
        cause = len(done) if own else cause
        done.append(own or item)
    return done


def _own_action(item: Seen, event: PageNavigation | PageForm | WindowFocus, *, app: str) -> Action:
    if isinstance(event, WindowFocus):
        return claim(Action(kind="switch_app", timestamp_ns=item.timestamp_ns, end_ns=0, app=app), item)
    is_tab = isinstance(event, PageNavigation) and event.what == "tab"
    kind: ActionKind = "submit_form" if isinstance(event, PageForm) else "switch_tab" if is_tab else "navigate"
    return claim(Action(kind=kind, timestamp_ns=item.timestamp_ns, end_ns=0, app=app, url=event.url), item)


def mark_stops(items: Sequence[Item]) -> list[Item]:
    """Turn the participant's word that a task is done into a stop."""
    return [
        claim(Action(kind="stop", timestamp_ns=item.timestamp_ns, end_ns=0), item)
        if isinstance(item, Seen) and isinstance(item.event, TaskMark) and item.event.state == "done"
        else item
        for item in items
    ]


def mark_waits(items: Sequence[Item]) -> list[Item]:
    """Add a wait where for two seconds nothing was done while the interface went on changing for more than one.

    The trees that changed are its children.
    """
    done: list[Item] = []
    last_end: int | None = None  # of the action before, None at a task's edge
    shown = ""  # digest of the last tree
    changed: list[Seen] = []
    for item in items:
        if isinstance(item, Action):
            if last_end is not None and changed and item.timestamp_ns - last_end >= WAIT_NS and item.kind != "stop":
                done.append(claim(Action(kind="wait", timestamp_ns=last_end + 1, end_ns=0, app=item.app, url=item.url), *changed))
            last_end = max(item.end_ns, last_end or 0) if item.kind != "stop" else None
            changed = []
        elif isinstance(item.event, UiTree):
            if last_end is not None and item.timestamp_ns - last_end > SETTLE_NS and item.event.digest != shown:
                changed.append(item)
            shown = item.event.digest
        elif isinstance(item.event, TaskMark):
            last_end, changed = None, []
        done.append(item)
    return done
