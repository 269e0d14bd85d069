"""For which of a session's purposes each record is lent: the gate asked once for each purpose, stream, app and site that occurs.

Windows, trees and pages name their app or site and are asked for exactly. Pointer and keys belong to the window in front as far as that
is recorded (its stream may not be lent); pictures may show several apps. What names no app is *possibly* lent for a purpose that lends
its stream of some app (the door's question: may it be stored?), and *surely* lent only when no app lends that stream for other purposes
alone (the reader's question: is it lent for this purpose?). Invariant: no answer here that the gate didn't give.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from witting.consent.gate import decide
from witting.consent.levels import holds, least_level
from witting.terms.consent import ConsentReceipt, GateQuestion, GateReason
from witting.terms.events import (
    STREAMS,
    Cadence,
    Clipboard,
    Frame,
    Gap,
    HeldButtons,
    HeldKeys,
    Hover,
    Key,
    KeyRun,
    KeysLevel,
    PageForm,
    PageNavigation,
    PageScroll,
    PointerButton,
    PointerMove,
    PointerPath,
    PointerWheel,
    Stream,
    TextInput,
    Tile,
    VoiceAudio,
    VoiceNote,
    WindowFocus,
    WindowLayout,
)
from witting.terms.programme import Programme
from witting.terms.session import Record
from witting.terms.tree import UiTree

Receipts = Sequence[ConsentReceipt]


class Lent(NamedTuple):
    """What a record is lent for."""

    possibly: frozenset[str]  # purposes; the door stores a record that has one
    surely: frozenset[str]  # purposes; a reader gets records that have theirs


NOTHING = Lent(frozenset(), frozenset())


class Lending:
    """Walks over a session's records in order; each of `choices`, a participant's receipts, has to permit what is asked.

    `later` are choices about a later version of the programme, which have to permit it under that version. `recorded` is the receipt that
    the session was recorded under: what names no app may be of any app that it lent, so once one of these isn't lent any more, it isn't.
    """

    def __init__(
        self,
        choices: Sequence[Receipts],
        programme: Programme,
        *,
        purposes: Iterable[str],
        at: datetime,
        later: tuple[Receipts, Programme] | None = None,
        recorded: ConsentReceipt | None = None,
    ) -> None:
        self._choices = choices
        self._programme = programme
        self._later = later
        self._recorded = recorded
        self.group_purposes = programme.group_purposes  # read for figures about groups, and for nothing else
        self._purposes = frozenset(purposes) - programme.desk_purposes  # what is for the desk only is for nobody here
        self._at = at
        self._verdicts: dict[tuple[str, Stream, str, str], bool] = {}
        self._front = ""  # the app in front, empty = not known
        self.refusal: GateReason = "no_receipt"  # the last no

    def ask(self, record: Record) -> Lent:
        """Return what this record is lent for; records that are of no stream are lent for every purpose."""
        if isinstance(record, WindowFocus):
            self._front = record.app
            return self._exactly("windows", record.app)
        if isinstance(record, WindowLayout):
            return self._of_all("windows", {window.app for window in record.windows if window.app})
        if isinstance(record, Gap) and record.stream == "windows":
            self._front = ""
        if isinstance(record, UiTree):
            return self._exactly("ui_tree", record.app, site=origin(record.url))
        if isinstance(record, PageNavigation | PageForm | PageScroll):
            return self._of_site("pages", origin(record.url))
        stream = _STREAM_OF.get(type(record))
        if stream is None:
            return Lent(self._purposes, self._purposes)
        return self._in_front(stream, record)

    def _in_front(self, stream: Stream, record: Record) -> Lent:
        """Return what a record that names no app is lent for."""
        if not holds(self._keys_level(), _NEEDS.get(type(record), "off")):
            self.refusal = "stream_not_granted"
            return NOTHING
        lent = self._of_stream(stream)
        return self._with_raw_ways(lent) if isinstance(record, PointerMove) else lent

    def _with_raw_ways(self, lent: Lent) -> Lent:
        """Return the same for a point of the pointer's way: a purpose that didn't ask for the whole way isn't given it."""
        asking = {purpose.id for purpose in self._programme.purposes if purpose.pointer_path == "raw"}
        return Lent(lent.possibly, lent.surely & asking)

    def _of_stream(self, stream: Stream) -> Lent:
        """Return what a record of a stream is lent for that belongs to what is in front."""
        in_front = self._exactly(stream, self._front) if self._front and stream not in {"screen", "voice"} else NOTHING
        return in_front if in_front.possibly else self._of_any(stream)

    def purposes_in_force(self) -> frozenset[str]:
        """Return the purposes that lend anything at all."""
        return frozenset(
            purpose
            for purpose in self._purposes
            if any(self._may(purpose, stream, app=app.id) for app in self._programme.apps for stream in STREAMS)
        )

    def holds_for(self, choices: Sequence[Receipts], programme: Programme, *, at: datetime) -> bool:
        """Whether every yes given so far is given again now."""
        again = Lending(choices, programme, purposes=self._purposes, at=at)
        given = [question for question, is_allowed in self._verdicts.items() if is_allowed]
        holds = all(again._may(purpose, stream, app=app, site=site) for purpose, stream, app, site in given)
        self.refusal = again.refusal
        return holds

    def _exactly(self, stream: Stream, app: str, *, site: str = "") -> Lent:
        found = frozenset(purpose for purpose in self._purposes if self._may(purpose, stream, app=app, site=site))
        return Lent(found, found)

    def _of_all(self, stream: Stream, apps: Iterable[str]) -> Lent:
        """Return what a record that names several apps is lent for: what each of them is lent for."""
        found = [self._exactly(stream, app).surely for app in apps]
        return Lent(found[0].intersection(*found), found[0].intersection(*found)) if found else self._of_any(stream)

    def _of_site(self, stream: Stream, site: str) -> Lent:
        browsers = [app.id for app in self._programme.apps if site and site in app.sites]
        found = frozenset(purpose for purpose in self._purposes if any(self._may(purpose, stream, app=app, site=site) for app in browsers))
        if not browsers:
            self.refusal = "site_not_listed"
        return Lent(found, found)

    def _of_any(self, stream: Stream) -> Lent:
        apps_of = {
            purpose: {app.id for app in self._programme.apps if self._may(purpose, stream, app=app.id)} for purpose in self._purposes
        }
        before = self._apps_recorded(stream)
        every = set().union(*apps_of.values(), before)
        possibly = frozenset(purpose for purpose, apps in apps_of.items() if apps and apps >= before)
        return Lent(possibly, frozenset(purpose for purpose in possibly if apps_of[purpose] == every))

    def _apps_recorded(self, stream: Stream) -> set[str]:
        """Return the apps of which a stream may be in the session: those lent for each of its purposes when it was recorded."""
        if self._recorded is None or not self._purposes:
            return set()
        lent = [{grant.app for grant in self._recorded.grants if (grant.purpose, grant.stream) == (one, stream)} for one in self._purposes]
        return set.intersection(*lent) & {app.id for app in self._programme.apps}

    def _may(self, purpose: str, stream: Stream, *, app: str, site: str = "") -> bool:
        question = (purpose, stream, app, site)
        if question not in self._verdicts:
            asked = GateQuestion(purpose=purpose, stream=stream, app=app, site=site or self._any_site(app), at=self._at)
            verdicts = [decide(receipts, self._programme, question=asked) for receipts in self._choices]
            if self._later is not None:
                verdicts.append(decide(self._later[0], self._later[1], question=asked))
            self.refusal = next((verdict.reason for verdict in verdicts if not verdict.is_allowed), self.refusal)
            self._verdicts[question] = bool(verdicts) and all(verdict.is_allowed for verdict in verdicts)
        return self._verdicts[question]

    def _keys_level(self) -> KeysLevel:
        """Return how much of typing each of the choices lends, the least of them."""
        level = self._programme.keys_level
        for receipts in (*self._choices, *(() if self._later is None else self._later[:1])):
            mine = [receipt for receipt in receipts if receipt.programme_id == self._programme.id]
            level = least_level(level, max(mine, key=lambda receipt: receipt.given_at).keys_level) if mine else "shortcuts"
        return level

    def _any_site(self, app: str) -> str:
        """Return a site under which a browser is lent, for records that name none; empty for other apps."""
        return next((known.sites[0] for known in self._programme.apps if known.id == app and known.sites), "")


_NEEDS: dict[type, KeysLevel] = {TextInput: "text", KeyRun: "rhythm"}  # what may not come from a device that lends less
_DEFAULT_PORTS = {"http": 80, "https": 443}
_STREAM_OF: dict[type, Stream] = {
    PointerMove: "pointer",
    PointerPath: "pointer",
    PointerButton: "pointer",
    PointerWheel: "pointer",
    Key: "keys",
    TextInput: "keys",
    KeyRun: "keys",
    Cadence: "cadence",
    Hover: "pointer",
    HeldButtons: "pointer",
    HeldKeys: "keys",
    Frame: "screen",
    Tile: "screen",
    Clipboard: "clipboard",
    VoiceNote: "voice",
    VoiceAudio: "voice",
}


def stream_of(record: Record) -> Stream | None:
    """Return the kind of recording that a record is of; None for what is of none."""
    if isinstance(record, WindowFocus | WindowLayout):
        return "windows"
    if isinstance(record, UiTree):
        return "ui_tree"
    if isinstance(record, PageNavigation | PageForm | PageScroll):
        return "pages"
    return _STREAM_OF.get(type(record))


def origin(url: str) -> str:
    """Return the origin of a page's address as programmes write it, `https://host[:port]`; empty when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if port != _DEFAULT_PORTS[parts.scheme] else f"{parts.scheme}://{parts.hostname}"
