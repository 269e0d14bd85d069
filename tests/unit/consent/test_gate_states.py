"""Whatever order people join, narrow, leave and come back in, the gate follows."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from witting.consent.gate import decide
from witting.consent.programme import programme_digest
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentReceipt, GateQuestion, Grant
from witting.terms.events import Stream
from witting.terms.programme import App, Controller, Programme, Purpose, Retention

replace = msgspec.structs.replace
STREAMS: tuple[Stream, ...] = ("pointer", "keys")
GRANTS = tuple(Grant(purpose, stream, app) for purpose in ("train", "help") for stream in STREAMS for app in ("chromium", "mousepad"))
SITES = {"chromium": "http://127.0.0.1:8000", "mousepad": ""}
START = datetime(2026, 1, 1, tzinfo=UTC)
PROGRAMME = Programme(
    schema=1,
    id="p",
    version=1,
    title="P",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 3, 31),
    jurisdiction="DE",
    language="en",
    basis_mode="consent",
    controller=Controller("Example Org", "1 Sample Street", "privacy@example.org"),
    participant_contact="people@example.org",
    dpo_contact="dpo@example.org",
    authority="Example Authority",
    purposes=(Purpose("train", "Train", "w", STREAMS), Purpose("help", "Help", "w", STREAMS)),
    apps=(App("chromium", "Chromium", sites=(SITES["chromium"],)), App("mousepad", "Mousepad")),
    recipients=(),
    retention=Retention(1, 1, 1, 1),
)


class Joining(RuleBasedStateMachine):
    """People's deeds over time, with the list of intervals in which something was lent kept beside it, independent of the gate."""

    @initialize()
    def begin(self) -> None:
        """Nobody has said anything yet."""
        self.programme = PROGRAMME
        self.at = START
        self.receipts: list[ConsentReceipt] = []
        self.lent: frozenset[Grant] = frozenset()
        self.until = START

    @rule(grants=st.frozensets(st.sampled_from(GRANTS), min_size=1), days=st.integers(1, 40))
    def give(self, grants: frozenset[Grant], days: int) -> None:
        """Somebody opts in, or chooses anew."""
        self.at += timedelta(minutes=1)
        self.lent, self.until = grants, self.at + timedelta(days=days)
        self.receipts.append(self._receipt(grants, days))

    @rule()
    def withdraw(self) -> None:
        """Somebody leaves; the record of every receipt says so."""
        self.receipts = [replace(receipt, status="withdrawn") for receipt in self.receipts]
        self.lent = frozenset()

    @rule()
    def refuse(self) -> None:
        """Somebody says no to a renewed ask."""
        self.at += timedelta(minutes=1)
        self.receipts.append(replace(self._receipt(frozenset(), 1), status="refused"))
        self.lent = frozenset()

    @rule(purposes=st.booleans())
    def change_programme(self, *, purposes: bool) -> None:
        """The steward edits the programme."""
        changed = {"title": self.programme.title + "'"} if purposes else {"version": self.programme.version + 1}
        self.programme = replace(self.programme, **changed)
        self.lent = frozenset()

    @rule(hours=st.integers(1, 24 * 50))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.at += timedelta(hours=hours)

    @invariant()
    def allowed_is_exactly_what_is_lent(self) -> None:
        """The gate allows a grant if and only if it is lent now, and never for a site that isn't listed."""
        in_days = PROGRAMME.starts_on <= self.at.date() <= PROGRAMME.ends_on
        for grant in GRANTS:
            question = GateQuestion(purpose=grant.purpose, stream=grant.stream, app=grant.app, site=SITES[grant.app], at=self.at)
            is_lent = grant in self.lent and self.at < self.until and in_days
            assert decide(self.receipts, self.programme, question=question).is_allowed == is_lent
            assert not decide(self.receipts, self.programme, question=replace(question, site="https://elsewhere.example.org")).is_allowed

    def _receipt(self, grants: frozenset[Grant], days: int) -> ConsentReceipt:
        """Return the receipt of a choice made now."""
        return ConsentReceipt(
            schema_version="ISO/IEC TS 27560:2023",
            receipt_id=f"{len(self.receipts):032x}",
            participant="b" * 32,
            participant_key=b"\1" * 32,
            programme_id=self.programme.id,
            programme_version=self.programme.version,
            programme_digest=programme_digest(self.programme),
            notice_digest="c" * 64,
            language="en",
            jurisdiction="DE",
            legal_basis="consent",
            controller="Example Org",
            controller_contact="privacy@example.org",
            recipients=(),
            withdrawal_method="one click",
            retention_days=1,
            status="given",
            grants=tuple(sorted(grants)),
            given_at=rfc3339(self.at),
            expires_at=rfc3339(self.at + timedelta(days=days)),
        )


Joining.TestCase.settings = settings(max_examples=60, stateful_step_count=20, deadline=None)


class TestJoining(Joining.TestCase):
    """No verdict is yes outside an interval in which consent was in force, and none is no inside it."""
