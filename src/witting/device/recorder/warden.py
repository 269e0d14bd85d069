"""Who may hold a session back, and what the person sees of it: their own pause, the guards, the sign, the tray.

Decides whether recording is held and why; opening and closing sources is the loop's work. Invariant: sources are open only while nothing
holds; every hold ends up in the record as a hole that names it; a sign that is gone ends the session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from witting.device.capture.sign import Sign
from witting.device.capture.tray import Tray
from witting.device.guards import GAP_OF, SHORT, WORDS, HoldReason, save_rules
from witting.device.guards.reasons import ONLY_A_PERSON_LIFTS
from witting.device.guards.watchers import Guards
from witting.device.recorder.fronts import Front
from witting.device.recorder.holds import Holds
from witting.device.recorder.lending import Lending
from witting.device.recorder.sources import Sources
from witting.terms.clock import Clock
from witting.terms.errors import CaptureError, UsageError, WittingError
from witting.terms.events import Gap, GapReason

_COMPOSITOR_EVERY_NS = 10_000_000_000
_FORGET_S = 300  # what the tray's button forgets


@dataclass(frozen=True, slots=True)
class Acts:
    """What the warden has the loop do."""

    close: Callable[[GapReason], None]  # stop reading; return when what was read is on the disk
    open: Callable[[], None]  # read again
    keep: Callable[[Gap], None]
    end: Callable[[WittingError | str], None]
    forget: Callable[[int], None]  # so many seconds


class Warden:
    """One session's holds, sign and tray."""

    def __init__(self, data_dir: Path, lending: Lending, *, sources: Sources, acts: Acts, clock: Clock) -> None:
        self._data_dir, self._lending, self._sources, self._acts, self._clock = data_dir, lending, sources, acts, clock
        self._holds = Holds(lending.streams)
        self._titles = {app.id: app.title for app in lending.programme.apps}
        self._app = ""
        self._is_over = False
        self._is_listening = False  # the microphone is open for a voice note
        self._is_ready = False  # whether guards may have the loop act
        self._compositor_due_ns = clock.monotonic_ns() + _COMPOSITOR_EVERY_NS
        limits = lending.programme.limits_in_force
        self.guards = Guards(data_dir, limits, display=sources.display, on_change=self._on_guard, clock=clock)
        self.tray = Tray(self.guards.session, self._on_tray)
        self._is_ready = True
        self.show()

    # ---- holding ----

    @property
    def is_holding(self) -> bool:
        """Whether recording is held back."""
        return self._holds.leading is not None

    @property
    def leading(self) -> HoldReason | None:
        """What holds it back; of several the first."""
        return self._holds.leading

    @property
    def holds(self) -> tuple[HoldReason, ...]:
        """Everything that holds it back."""
        return self._holds.all

    def hold(self, reason: HoldReason) -> None:
        """Hold recording back; harmless if it is held already."""
        if self._is_over or reason in self._holds.all:
            return
        if self._holds.put(reason, self._clock.monotonic_ns()):
            self._acts.close(GAP_OF[reason])
        self.show()

    def lift(self, reason: HoldReason) -> None:
        """Stop holding for a reason; recording goes on if nothing else holds."""
        if self._is_over or reason not in self._holds.all:
            return
        for gap in self._holds.lift(reason, self._clock.monotonic_ns()):
            self._acts.keep(gap)
        if not self.is_holding:
            self._acts.open()
        self.show()

    def go_on(self) -> None:
        """The person goes on: lift what only a person can."""
        self.guards.processor.forgive()
        for reason in ONLY_A_PERSON_LIFTS:
            self.lift(reason)

    def toggle(self) -> None:
        """The sign was clicked: pause, or go on if the person may."""
        if not self.is_holding:
            self.hold("person")
        else:
            self.go_on()

    # ---- the world ----

    def handle(self, event: Any) -> None:
        """Take an event of the display."""
        self.guards.handle(event)

    def after_events(self) -> None:
        """The display's events have been taken: look at the sign, keep the corner it was dragged to."""
        indicator = self._sources.indicator
        if indicator.wants_look:
            indicator.look(self._sources.stack.current())
        if indicator.corner != self.guards.rules.corner:
            self.guards.rules = msgspec.structs.replace(self.guards.rules, corner=indicator.corner)
            save_rules(self._data_dir, self.guards.rules)
        self._check_sign()

    def tick(self, now_ns: int) -> None:
        """Do what is due by time."""
        self.guards.tick()
        if now_ns >= self._compositor_due_ns:
            self._compositor_due_ns = now_ns + _COMPOSITOR_EVERY_NS
            self._sources.indicator.check_compositor()
        due_ns = self._sources.indicator.next_due_ns
        if due_ns is not None and now_ns >= due_ns:
            self.after_events()

    def reload(self) -> None:
        """A file of the participant's changed: their rules may be others."""
        self.guards.reload()
        if self.guards.rules.corner != self._sources.indicator.corner:
            self._sources.indicator.put(self.guards.rules.corner)

    @property
    def next_due_ns(self) -> int:
        """When `tick` has something to do."""
        sign_ns = self._sources.indicator.next_due_ns
        return min(self.guards.next_due_ns, self._compositor_due_ns, *([] if sign_ns is None else [sign_ns]))

    # ---- voice notes ----

    def refuse_note(self) -> None:
        """Raise UsageError when no voice note may be spoken now."""
        if self.is_holding:
            raise UsageError("recording is paused, so no note can be spoken", hint="`witting resume` first")
        if self._lending.refusal_of_all("voice") is not None:
            raise UsageError("you don't lend voice notes", hint="they are a choice of their own: `witting notice`")

    def listen(self, is_listening: bool) -> None:  # noqa: FBT001 - as voice notes say it
        """The microphone is about to open, or was closed: the sign says so first."""
        self._is_listening = is_listening
        self.show()

    # ---- what is shown ----

    def see(self, front: Front) -> None:
        """Another window may be in front."""
        is_lent = not front.is_private and self._lending.lends_anything(front.app, front.site)
        self._app = front.app if is_lent else ""
        self.show()

    @property
    def app(self) -> str:
        """The lent app in front, "" when the window in front isn't lent."""
        return self._app

    @property
    def because(self) -> str:
        """Why recording is held back, in plain words."""
        return WORDS[self._holds.leading] if self._holds.leading is not None else ""

    def show(self) -> None:
        """Have sign and tray say what is."""
        if self._is_over:
            return
        leading = self._holds.leading
        if leading is None:
            sign = Sign("recording", self._titles.get(self._app, self._app), is_listening=self._is_listening)
        else:
            why = "" if leading == "person" else SHORT[leading]
            sign = Sign("paused", why=why, can_click=leading in ONLY_A_PERSON_LIFTS)
        self._sources.indicator.show(sign)
        self.tray.show(sign)

    def end(self, why: str) -> None:
        """The session is over: say so, and tell the hole that is open."""
        for gap in self._holds.tell(self._clock.monotonic_ns()):
            self._acts.keep(gap)
        self._is_over = True
        sign = Sign("off", why=why)
        self._sources.indicator.show(sign)
        self.tray.show(sign)

    def close(self) -> None:
        """Leave the buses, the tray with them."""
        self.tray.close()
        self.guards.close()

    # ---- what comes back ----

    def _on_guard(self, reason: HoldReason, is_holding: bool) -> None:  # noqa: FBT001 - as guards say it
        if is_holding and not self._is_ready:
            self._holds.put(reason, self._clock.monotonic_ns())
        elif is_holding:
            self.hold(reason)
        elif self._is_ready:
            self.lift(reason)

    def _on_tray(self, what: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "toggle": self.toggle,
            "stop": lambda: self._acts.end("stopped"),
            "forget": lambda: self._acts.forget(_FORGET_S),
        }
        actions[what]()

    def _check_sign(self) -> None:
        indicator = self._sources.indicator
        if not indicator.is_lost():
            self.lift("sign_hidden")
        elif indicator.is_gone:
            self._acts.end(
                CaptureError(
                    "the recording sign was taken off the screen", hint="nothing is recorded without it; start again", code="sign_gone"
                )
            )
        else:
            self.hold("sign_hidden")
