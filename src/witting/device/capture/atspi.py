"""Native apps' UI trees and keyboard focus over the accessibility bus (AT-SPI2), asked without waiting.

`Cache.GetItems` gives all nodes at once; places and values come from a second round of questions about the nodes in view. Apps answer only
after some client registered for an event, so this source registers for focus. Doesn't know consent, nor browsers' pages (they aren't in
it). Invariant: a field that was ever a password stays secure, its text is never asked for, and an app that is slow gives no tree.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jeepney import DBusAddress, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from witting.device.capture.atspi_nodes import Ref, in_document_order, showing, the_window_at, to_raw, windows_of
from witting.device.capture.atspi_rows import Rows, read_box, read_text
from witting.device.capture.atspi_wire import MEMBER, PATH, RETURN, SENDER, SIGNAL, Packet, Wire
from witting.device.capture.atspi_words import PASSWORD_TEXT
from witting.terms.clock import Clock, SystemClock
from witting.terms.errors import CaptureError
from witting.terms.geometry import Rect
from witting.terms.raw import RawFocus, RawTree

_REGISTRY = "org.a11y.atspi.Registry"
_ROOT = "/org/a11y/atspi/accessible/root"
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_OBJECT_EVENT = "org.a11y.atspi.Event.Object"
_FOCUS_EVENT = "object:state-changed:focused"
_PATIENCE_NS = 250_000_000  # an app that hasn't answered by then gives no tree
_VALUE_LIMIT = 4000  # characters
_BATCH_NS = 6_000_000  # so long after something began to arrive it is read
_MANY, _MANY_NS = 8, 10_000_000  # so long while more answers than that are awaited: they come by the hundred

Answer = Packet | None  # None = an error
_Steps = Generator[Sequence[Message], list[Answer], "NativeTree | RawFocus | None"]


@dataclass(frozen=True, slots=True, repr=False)
class NativeTree:
    """An app's tree, and the number of the request it answers; `raw` is None when the app has none or was too slow."""

    request: int
    raw: RawTree | None
    asked_ns: int  # CLOCK_MONOTONIC of the request: what it says was true then or later


@dataclass(slots=True)
class _Job:
    """One conversation: what was asked, what has been answered."""

    steps: _Steps
    deadline_ns: int
    waiting: dict[int, int] = field(default_factory=dict)  # serial → place of its answer
    answers: list[Answer] = field(default_factory=list)
    failed: NativeTree | None = None  # what to give when time runs out


class AtspiSource:
    """A client of the accessibility bus.

    Raises:
        CaptureError: there is no session bus, or no accessibility bus on it.
    """

    def __init__(self, *, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        bus = _open_bus()
        self._rows = Rows()
        self._jobs: list[_Job] = []
        self._apps: dict[int, str] = {}  # process → its name on the bus
        self._secure: set[Ref] = set()
        self._requests = 0
        self._read_ns: int | None = None  # when to read what has begun to arrive
        _ask_now(bus, new_method_call(DBusAddress("/org/a11y/atspi/registry", _REGISTRY, _REGISTRY), "RegisterEvent", "s", (_FOCUS_EVENT,)))
        rule = MatchRule(type="signal", interface=_OBJECT_EVENT, member="StateChanged")
        rule.add_arg_condition(0, "focused")
        _ask_now(bus, message_bus_call("AddMatch", rule.serialise()))
        self._wire = Wire(bus)

    def fileno(self) -> int:
        """Return the bus socket, for select."""
        return self._wire.fileno()

    def request_tree(self, process_id: int, app: str, *, places: Sequence[Rect] = ()) -> int:
        """Ask for the tree of a process's window: the active one, or the one that lies at one of `places`.

        The answer comes from `read` under the number returned.
        """
        self._requests += 1
        number, now_ns = self._requests, self._clock.monotonic_ns()
        failed = NativeTree(number, None, now_ns)
        self._start(_Job(self._tree_steps(number, process_id, app=app, places=places), now_ns + _PATIENCE_NS, failed=failed))
        return number

    def read(self) -> list[NativeTree | RawFocus]:
        """Return trees and focus changes that have arrived, and empty trees for those that took too long."""
        self._read_ns = None
        found: list[NativeTree | RawFocus] = []
        for packet in self._wire.packets():
            found += self._dispatch(packet)
        now_ns = self._clock.monotonic_ns()
        for job in [job for job in self._jobs if job.deadline_ns <= now_ns]:
            self._jobs.remove(job)
            found += [job.failed] if job.failed else []
        return found

    @property
    def next_deadline_ns(self) -> int | None:
        """When `read` should be called though nothing arrived."""
        times = [job.deadline_ns for job in self._jobs] + ([] if self._read_ns is None else [self._read_ns])
        return min(times, default=None)

    def rang(self) -> None:
        """Take note that something has begun to arrive: `next_deadline_ns` says when to read; until then nobody need listen."""
        if self._read_ns is None:
            awaited = sum(len(job.waiting) for job in self._jobs)
            self._read_ns = self._clock.monotonic_ns() + (_MANY_NS if awaited > _MANY else _BATCH_NS)

    def owns(self, process_id: int, focus: RawFocus) -> bool:
        """Whether a focus change came from a process; False until its tree was asked for."""
        name = self._apps.get(process_id)
        return name is not None and focus.field.startswith(f"{name}/")

    def close(self) -> None:
        """Leave the bus; registrations end with it."""
        self._wire.close()

    # ---- conversations ----

    def _tree_steps(self, number: int, process_id: int, *, app: str, places: Sequence[Rect]) -> _Steps:
        asked_ns = self._clock.monotonic_ns()
        if process_id not in self._apps:
            yield from self._find_apps()
        name = self._apps.get(process_id)
        if name is None:
            return NativeTree(number, None, asked_ns)
        asked_ns = self._clock.monotonic_ns()
        (answer,) = yield [_call(name, "/org/a11y/atspi/cache", "org.a11y.atspi.Cache", "GetItems")]
        if answer is None:
            self._apps.pop(process_id, None)
            return NativeTree(number, None, asked_ns)
        known = self._rows.read(answer, name)
        window = None
        if places:
            candidates = windows_of(known)
            lie = yield [_call(*item.ref, "org.a11y.atspi.Component", "GetExtents", "u", (0,)) for item in candidates]
            window = the_window_at(places, candidates, areas=[read_box(packet) for packet in lie])
            if window is None:
                return NativeTree(number, None, asked_ns)
        items = in_document_order(showing(known, window))
        self._secure |= {item.ref for item in items if item.role == PASSWORD_TEXT}
        worded = [item for item in items if item.has_text and item.ref not in self._secure]
        answers = yield [
            *(_call(*item.ref, "org.a11y.atspi.Component", "GetExtents", "u", (0,)) for item in items),
            *(_call(*item.ref, "org.a11y.atspi.Text", "GetText", "ii", (0, _VALUE_LIMIT + 1)) for item in worded),
        ]
        boxes = [read_box(packet) for packet in answers[: len(items)]]
        values = {item.ref: read_text(packet) for item, packet in zip(worded, answers[len(items) :], strict=True) if packet is not None}
        nodes = to_raw(items, boxes, values=values, secure=frozenset(self._secure))
        return NativeTree(number, RawTree(asked_ns, "atspi", app, "", nodes), asked_ns)

    def _find_apps(self) -> Generator[Sequence[Message], list[Answer], None]:
        (answer,) = yield [_call(_REGISTRY, _ROOT, _ACCESSIBLE, "GetChildren")]
        names = [name for name, _ in answer.values()[0]] if answer else []
        owners = yield [message_bus_call("GetConnectionUnixProcessID", name) for name in names]
        self._apps = {owner.values()[0]: name for name, owner in zip(names, owners, strict=True) if owner}

    def _focus_steps(self, ref: Ref, at_ns: int) -> _Steps:
        (answer,) = yield [_call(*ref, _ACCESSIBLE, "GetRole")]
        if answer is not None and answer.values()[0] == PASSWORD_TEXT:
            self._secure.add(ref)
        is_secure = answer is None or ref in self._secure
        return RawFocus(at_ns, "atspi", f"{ref[0]}{ref[1].removeprefix('/org/a11y/atspi/accessible')}", is_secure)

    # ---- the bus ----

    def _dispatch(self, packet: Packet) -> Iterator[NativeTree | RawFocus]:
        if packet.kind == SIGNAL:
            if packet.text(MEMBER) == "StateChanged" and packet.values()[:2] == ("focused", 1):
                now_ns = self._clock.monotonic_ns()
                self._start(_Job(self._focus_steps((packet.text(SENDER), packet.text(PATH)), now_ns), now_ns + _PATIENCE_NS))
            return
        job = next((job for job in self._jobs if packet.answers in job.waiting), None)
        if job is None:
            return
        job.answers[job.waiting.pop(packet.answers)] = packet if packet.kind == RETURN else None
        if not job.waiting:
            yield from self._advance(job)

    def _start(self, job: _Job) -> None:
        self._jobs.append(job)
        self._ask(job, next(job.steps))

    def _advance(self, job: _Job) -> Iterator[NativeTree | RawFocus]:
        """Go on with a conversation whose questions are all answered; questions may be none."""
        while not job.waiting:
            try:
                self._ask(job, job.steps.send(job.answers))
            except StopIteration as end:
                self._jobs.remove(job)
                if end.value is not None:
                    yield end.value
                return

    def _ask(self, job: _Job, messages: Sequence[Message]) -> None:
        job.answers = [None] * len(messages)
        job.waiting = {serial: place for place, serial in enumerate(self._wire.send(messages))}


_HINT = "start at-spi2-core's bus launcher with --a11y=1, or log in to a desktop that has it"


def _open_bus() -> DBusConnection:
    try:
        with open_dbus_connection("SESSION") as session:
            reply = session.send_and_get_reply(_call("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress"), timeout=2.0)
        if reply.header.message_type != MessageType.method_return:
            raise CaptureError("the session has no accessibility bus", hint=_HINT)
        return open_dbus_connection(reply.body[0])
    except (OSError, TimeoutError, KeyError):
        raise CaptureError("the session has no accessibility bus", hint=_HINT) from None


def _call(destination: str, path: str, interface: str, member: str, *argument: Any) -> Message:
    """Return a call; an argument is given as its signature and a tuple of values."""
    signature, body = argument or (None, ())
    return new_method_call(DBusAddress(path, destination, interface), member, signature, body)


def _ask_now(bus: DBusConnection, message: Message) -> None:
    """Ask and wait; only while the source is being opened."""
    try:
        bus.send_and_get_reply(message, timeout=2.0)
    except (OSError, TimeoutError):
        raise CaptureError("the accessibility bus doesn't answer", hint=_HINT) from None


def message_bus_call(member: str, argument: str) -> Message:
    """Return a call of the bus itself with one string."""
    return new_method_call(message_bus, member, "s", (argument,))
