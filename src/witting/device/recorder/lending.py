"""What is lent, asked of the gate for every item and remembered for at most a second.

Knows receipts, programme and purposes; not where they are kept. Invariant: an item is kept only if the gate says yes for each purpose of
the session; a browser without a known page is never lent, whatever the programme says.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from witting.consent.gate import decide
from witting.consent.levels import keys_in_force, path_in_force
from witting.consent.programme import programme_digest
from witting.terms.clock import Clock
from witting.terms.consent import ConsentReceipt, GateQuestion, GateReason
from witting.terms.errors import NoConsentError, NoticeChangedError
from witting.terms.events import STREAMS, GapReason, KeysChoice, PathDetail, Stream
from witting.terms.programme import Programme

_REMEMBERED_NS = 1_000_000_000
_NO_PAGE = "about:blank"  # an origin that no programme can list
_BROWSERS = frozenset({
    "chromium", "chromium-browser", "google-chrome", "firefox", "firefox-esr", "brave-browser", "microsoft-edge", "opera", "vivaldi-stable",
    "epiphany", "falkon",
})  # fmt: skip
_REASONS: dict[GateReason, GapReason] = {
    "unknown_app": "app_not_lent",
    "app_not_granted": "app_not_lent",
    "site_not_listed": "site_not_lent",
    "stream_not_granted": "stream_not_lent",
    "programme_changed": "notice_changed",
}


def shows_pages(app: str, programme: Programme) -> bool:
    """Whether an app is a browser, known as one or by the sites that the programme lists of it."""
    return app in _BROWSERS or any(known.id == app and known.sites for known in programme.apps)


class Lending:
    """One session's consent.

    Raises:
        NoticeChangedError: the programme isn't the one that was agreed to.
        NoConsentError: nothing is lent for these purposes now.
    """

    def __init__(self, receipts: Sequence[ConsentReceipt], programme: Programme, *, purposes: Sequence[str], clock: Clock) -> None:
        self.programme = programme
        self.digest = programme_digest(programme)
        self._receipts = tuple(receipts)
        self._clock = clock
        self._apps = {app.id: app for app in programme.apps}
        self._is_over = False
        self._known: dict[tuple[Stream, str, str], tuple[int, GapReason | None]] = {}
        self.receipt = self._latest()
        asked = purposes or widest_purposes(self.receipt, programme)
        self.purposes = tuple(purpose for purpose in asked if purpose not in programme.desk_purposes)
        self._require_something()

    def refusal(self, stream: Stream, app: str, *, site: str = "") -> GapReason | None:
        """Return why an item may not be kept, None when it may."""
        now_ns = self._clock.monotonic_ns()
        known = self._known.get((stream, app, site))
        if known is None or now_ns - known[0] >= _REMEMBERED_NS:
            known = (now_ns, self._ask(stream, app, site=site))
            self._known[stream, app, site] = known
        return known[1]

    def refusal_of_all(self, stream: Stream) -> GapReason | None:
        """Return why an item that belongs to no app may not be kept; None when any app lends its stream."""
        places = [(app.id, site) for app in self.programme.apps for site in (app.sites or ("",))]
        reasons = [self.refusal(stream, app, site=site) for app, site in places]
        return None if None in reasons else next(iter(reasons), "no_consent")

    def end(self) -> None:
        """Consent ended: from here on nothing is lent."""
        self._is_over = True
        self._known.clear()

    def is_browser(self, app: str) -> bool:
        """Whether an app shows pages, so that it is lent page by page."""
        return shows_pages(app, self.programme)

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams that are lent of any app."""
        granted = {grant.stream for grant in self.receipt.grants if grant.purpose in self.purposes}
        return tuple(stream for stream in STREAMS if stream in granted)

    @property
    def keys_level(self) -> KeysChoice:
        """How much of typing is lent for every purpose of the session."""
        return keys_in_force(self.receipt, self.programme, purposes=self.purposes)

    @property
    def pointer_path(self) -> PathDetail:
        """How the pointer's way is told: point by point only where a purpose that asks for it is lent the pointer."""
        return path_in_force(self.receipt, self.programme, purposes=self.purposes)

    @property
    def sites(self) -> tuple[str, ...]:
        """The origins of which anything is lent now."""
        pairs = [(app.id, site) for app in self.programme.apps for site in app.sites]
        return tuple(dict.fromkeys(site for app, site in pairs if self.lends_anything(app, site)))

    @property
    def query_keys(self) -> dict[str, tuple[str, ...]]:
        """By origin, the keys of which an address's query is kept."""
        return {site: app.query_keys for app in self.programme.apps if app.query_keys for site in app.sites}

    def lends_anything(self, app: str, site: str = "") -> bool:
        """Whether any stream of an app or page is lent now."""
        return any(self.refusal(stream, app, site=site) is None for stream in STREAMS)

    @property
    def is_in_force(self) -> bool:
        """Whether anything at all is lent now."""
        places = [(app.id, site) for app in self.programme.apps for site in (app.sites or ("",))]
        return any(self.lends_anything(app, site) for app, site in places)

    def _ask(self, stream: Stream, app: str, *, site: str) -> GapReason | None:
        if self._is_over:
            return "no_consent"
        if self.is_browser(app) and not site:
            site = _NO_PAGE
        for purpose in self.purposes:
            question = GateQuestion(purpose=purpose, stream=stream, app=app, site=site, at=self._clock.now())
            verdict = decide(self._receipts, self.programme, question=question)
            if not verdict.is_allowed:
                return _REASONS.get(verdict.reason, "no_consent")
        return None if self.purposes else "no_consent"

    def _latest(self) -> ConsentReceipt:
        mine = [receipt for receipt in self._receipts if receipt.programme_id == self.programme.id]
        if not mine:
            raise NoConsentError("there is no receipt for this programme", hint=_JOIN)
        return max(mine, key=lambda receipt: receipt.given_at)

    def _require_something(self) -> None:
        if self.receipt.programme_digest != self.digest:
            raise NoticeChangedError("the programme changed since you agreed", hint="`witting notice` shows what changed and asks again")
        if not self.is_in_force:
            raise NoConsentError("nothing is lent now", hint=_JOIN)


_JOIN = "`witting join LINK` shows the notice and asks"


def widest_purposes(receipt: ConsentReceipt, programme: Programme) -> tuple[str, ...]:
    """Return the purpose that most is lent for, and every other one for which as much is lent: one recording can serve them all.

    What is used at the desk only has no part in it: nothing is recorded for it.
    """
    lent: dict[str, set[tuple[str, str]]] = {}
    for grant in receipt.grants:
        if grant.purpose not in programme.desk_purposes:
            lent.setdefault(grant.purpose, set()).add((grant.stream, grant.app))
    widest = max(lent.values(), key=len, default=set())
    return tuple(purpose for purpose, pairs in lent.items() if pairs >= widest)


def origin_of(url: str) -> str:
    """Return the origin of a page's address, "" when it has none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    is_default = port is None or port == {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if is_default else f"{parts.scheme}://{host}:{port}"
