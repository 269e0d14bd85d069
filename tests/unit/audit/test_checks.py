"""Each check of an audit holds on a sound hub and fails, by name, on every way in which it can be unsound."""

from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.audit import checks
from witting.audit.evidence import Deed, Filed, Held, HubCopy
from witting.audit.report import Figure, Peer, ReportCheck, failed
from witting.consent.programme import programme_digest
from witting.ledger.keys import SigningKey
from witting.ledger.log import Log, MemoryLogStore, Opening, commit_entry, new_salt, verifier_key
from witting.terms.consent import ConsentReceipt, DeletionReceipt, Grant
from witting.terms.hub import CatalogueRow
from witting.terms.programme import App, Controller, Programme, Purpose, Retention
from witting.terms.work import DatasetManifest, DatasetSession, ModelCard

replace = msgspec.structs.replace
KEY, ORIGIN = SigningKey.from_seed(b"h" * 32), "hub.example.org"
PROGRAMME = Programme(
    schema=1,
    id="p",
    version=1,
    title="P",
    starts_on=date(2026, 1, 1),
    ends_on=date(2026, 12, 31),
    jurisdiction="IE",
    language="en",
    basis_mode="consent",
    controller=Controller("Example Org", "1 Sample Street", "privacy@example.org"),
    participant_contact="people@example.org",
    dpo_contact="dpo@example.org",
    authority="Example Authority",
    purposes=(Purpose("train", "Train", "w", ("keys",)), Purpose("help", "Help", "w", ("keys",))),
    apps=(App("chromium", "Chromium", sites=("https://forms.example.org",)), App("mousepad", "Mousepad")),
    recipients=(),
    retention=Retention(1, 1, 1, 1),
)
DIGEST = programme_digest(PROGRAMME)


def receipt_of(person: str, **changes: object) -> ConsentReceipt:
    """Return the receipt of somebody who lends keys in the browser for training."""
    receipt = ConsentReceipt(
        schema_version="ISO/IEC TS 27560:2023",
        receipt_id=f"receipt-{person}",
        participant=person,
        participant_key=person.encode().ljust(32, b"\1"),
        programme_id="p",
        programme_version=1,
        programme_digest=DIGEST,
        notice_digest="c" * 64,
        language="en",
        jurisdiction="IE",
        legal_basis="consent",
        controller="Example Org",
        controller_contact="privacy@example.org",
        recipients=(),
        withdrawal_method="one click",
        retention_days=1,
        status="given",
        grants=(Grant("train", "keys", "chromium"),),
        given_at="2026-03-01T08:00:00Z",
        expires_at="2026-09-01T08:00:00Z",
    )
    return replace(receipt, **changes)


def row_of(person: str) -> CatalogueRow:
    """Return the row of somebody's one session."""
    return CatalogueRow(
        session_id=f"session-{person}",
        parcel_id=f"parcel-{person}",
        programme_id="p",
        participant=person,
        receipt_id=f"receipt-{person}",
        purposes=("train",),
        records=10,
        size_bytes=100,
        content_digest="d" * 64,
        stored_at="2026-04-01T08:00:00Z",
    )


def manifest_of(version: int, people: str, replaces: str = "") -> DatasetManifest:
    """Return a dataset version with one session of each of these people."""
    rows = tuple(
        DatasetSession(
            session_id=f"session-{person}", participant=person, receipt_id=f"receipt-{person}", parcel_id="", episodes=1, steps=1, digest=""
        )
        for person in people
    )
    return DatasetManifest(
        dataset_id=f"p@{version}",
        programme_id="p",
        version=version,
        built_at="",
        purpose="train",
        sessions=rows,
        root="",
        replaces=replaces,
    )


def card_of(version: int, people: str, replaces: str = "") -> ModelCard:
    """Return the card of a model that learnt from a dataset version."""
    return ModelCard(
        model_id=f"m{version}",
        dataset_id=f"p@{version}",
        dataset_root="",
        sessions=tuple(f"session-{person}" for person in people),
        episodes=1,
        steps=1,
        seed=0,
        weights_sha256="",
        created_at="",
        cpu_seconds=0.0,
        versions={},
        replaces=replaces,
    )


class Diary:
    """Writes deeds and entries as a hub does."""

    def __init__(self) -> None:
        self.log = Log(MemoryLogStore())
        self.deeds: list[Deed] = []

    def note(self, kind: str, *, session_id: str = "", **fields: object) -> int:
        """Append a deed and return its index."""
        salt = new_salt()
        index = self.log.append(commit_entry(kind, fields, salt=salt))
        opening = msgspec.json.encode(Opening(fields=fields, salt=salt.hex()))
        self.deeds.append(Deed(position=index, kind=kind, session_id=session_id, opening=opening))
        return index

    def checkpoint(self) -> str:
        """Return the signed checkpoint as it stands."""
        return self.log.checkpoint(ORIGIN, KEY)

    def entries(self) -> tuple[bytes, ...]:
        """Return all entries."""
        return tuple(self.log.entry(index) for index in range(self.log.size))


def deletion_of(diary: Diary, person: str, why: str = "withdrawal") -> DeletionReceipt:
    """Erase somebody's one session and return the receipt."""
    said = {"deletion_id": f"deletion-{person}", "sessions": (f"session-{person}",), "objects": 2, "keys": 1, "bytes": 100}
    index = diary.note("erasure", **said, why=why)
    return DeletionReceipt(
        deletion_id=f"deletion-{person}",
        participant=person,
        programme_id="p",
        sessions=(f"session-{person}",),
        objects=2,
        keys_destroyed=1,
        bytes_erased=100,
        datasets_touched=("p@1",),
        models_touched=("m1",),
        erased_at="2026-05-01T08:00:00Z",
        log_index=index,
    )


@pytest.fixture
def diary() -> Diary:
    """A log with what four people did: a and b lend, c left, d's session went by retention."""
    diary = Diary()
    for person in "abcd":
        diary.note("upload_stored", session_id=f"session-{person}", parcel_id=f"parcel-{person}")
    return diary


@pytest.fixture
def sound(diary: Diary) -> HubCopy:
    """A hub in which everything is as it should be, after c left and d's session went by retention."""
    deletions = (deletion_of(diary, "c"), deletion_of(diary, "d", why="retention"))
    deeds = [replace(deed, opening=b"") if deed.session_id in {"session-c", "session-d"} else deed for deed in diary.deeds]
    return HubCopy(
        verifier=verifier_key(ORIGIN, KEY.public),
        checkpoint=diary.checkpoint(),
        entries=diary.entries(),
        deeds=tuple(deeds),
        receipts=(receipt_of("a"), receipt_of("b"), receipt_of("c", status="withdrawn"), receipt_of("d")),
        programmes={DIGEST: PROGRAMME},
        stored=(row_of("a"), row_of("b")),
        deletions=deletions,
        manifests=(manifest_of(1, "abcd"), manifest_of(2, "dab", replaces="p@1")),
        cards=(card_of(1, "abcd"), card_of(2, "dab", replaces="m1")),
        held={"session-a": Held(2, 1, 100), "session-b": Held(2, 1, 100)},
    )


def test_everything_holds_of_a_sound_hub(sound: HubCopy, diary: Diary) -> None:
    """On a sound hub every check holds, has a name of its own, and says what it looked at."""
    found = checks.check_hub(sound, older=[diary.checkpoint()])
    assert failed(found) == []
    assert len({check.name for check in found}) == len(found) == 7
    assert all(check.evidence for check in found)


Change = Callable[[HubCopy], HubCopy]


def _entries(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    """Return the change of a copy that changes its entries."""
    return lambda copy: replace(copy, entries=tuple(change(list(copy.entries))))


def _flip(entries: list[bytes]) -> list[bytes]:
    """Flip one bit of the first entry."""
    return [entries[0][:-3] + bytes([entries[0][-3] ^ 1]) + entries[0][-2:], *entries[1:]]


LOG: list[tuple[str, Change]] = [
    ("flipped", _entries(_flip)),
    ("removed", _entries(lambda entries: entries[1:])),
    ("reordered", _entries(lambda entries: [entries[1], entries[0], *entries[2:]])),
    ("cut off", _entries(lambda entries: entries[:-1])),
    ("added", _entries(lambda entries: [*entries, entries[0]])),
    ("another's checkpoint", lambda copy: replace(copy, checkpoint=Diary().log.checkpoint(ORIGIN, SigningKey.generate()))),
    ("no checkpoint", lambda copy: replace(copy, checkpoint="")),
]


@pytest.mark.promise("P17")
@pytest.mark.parametrize(("how", "change"), LOG)
def test_a_changed_log_is_seen(sound: HubCopy, how: str, change: Change) -> None:
    """An entry that was flipped, removed, moved, cut off or added, or a strange checkpoint, is seen from the entries alone."""
    assert not checks.check_log(change(sound)).holds, how


@pytest.mark.promise("P17")
def test_a_rewritten_history_is_seen(sound: HubCopy) -> None:
    """A log that was rewritten and signed anew doesn't match a checkpoint that somebody kept: the fork is seen."""
    kept, other = Diary(), Diary()
    for number in range(3):
        kept.note("upload_stored", number=number)
        other.note("upload_stored", number=number)
    first = kept.checkpoint()
    kept.note("withdrawal")
    later = replace(sound, entries=kept.entries(), checkpoint=kept.checkpoint())
    assert checks.check_history(later, [first, kept.checkpoint()]).holds
    rewritten = replace(sound, entries=other.entries(), checkpoint=other.checkpoint())
    assert checks.check_log(rewritten).holds
    assert "different then" in checks.check_history(rewritten, [first]).evidence
    assert "only 3" in checks.check_history(rewritten, [kept.checkpoint()]).evidence
    assert not checks.check_history(later, ["no note at all"]).holds


def _deed(place: int, **changes: object) -> Change:
    """Return the change of a copy that changes the deed at a place."""
    return lambda copy: replace(copy, deeds=tuple(replace(deed, **changes) if deed.position == place else deed for deed in copy.deeds))


@pytest.mark.promise("P17")
@pytest.mark.parametrize(
    "change",
    [
        _deed(0, kind="session_read"),
        _deed(0, opening=b"{}"),
        _deed(0, opening=msgspec.json.encode(Opening(fields={"parcel_id": "parcel-b"}, salt="00" * 32))),
        _deed(0, opening=msgspec.json.encode(Opening(fields={}, salt="zz"))),
        _deed(0, position=1),
        _deed(0, position=99),
        lambda copy: replace(copy, deeds=copy.deeds[1:]),
    ],
)
def test_an_account_that_the_log_does_not_bear_out_is_seen(sound: HubCopy, change: Change) -> None:
    """A deed whose kind, words or place differ from its entry, or an entry without a deed, is seen."""
    assert not checks.check_openings(change(sound)).holds


def _row(**changes: object) -> Change:
    """Return the change of a copy that changes the first stored session's row."""
    return lambda copy: replace(copy, stored=(replace(copy.stored[0], **changes), copy.stored[1]))


def _receipt(**changes: object) -> Change:
    """Return the change of a copy that changes the first receipt."""
    return lambda copy: replace(copy, receipts=(replace(copy.receipts[0], **changes), *copy.receipts[1:]))


@pytest.mark.promise("P1")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_row(stored_at="2026-02-01T08:00:00Z"), "no consent"),
        (_row(stored_at="2026-10-01T08:00:00Z"), "no consent"),
        (_row(stored_at="some day"), "no consent"),
        (_row(purposes=("train", "help")), "no consent"),
        (_row(purposes=()), "no consent"),
        (_row(purposes=("sell",)), "no consent"),
        (_row(receipt_id="receipt-b"), "no consent"),
        (_row(receipt_id=""), "no consent"),
        (_receipt(status="withdrawn"), "no consent"),
        (_receipt(grants=()), "no consent"),
        (lambda copy: replace(copy, programmes={}), "no consent"),
        (_row(session_id="session-x"), "no log entry"),
        (_deed(0, opening=b""), "no log entry"),
    ],
)
def test_a_session_without_consent_or_entry_is_seen(sound: HubCopy, change: Change, said: str) -> None:
    """A stored session that no receipt covered when it came, or that the log doesn't know, is seen."""
    found = checks.check_consents(change(sound))
    assert not found.holds
    assert said in found.evidence


def test_consent_to_an_older_version_still_covers_what_was_lent_under_it(sound: HubCopy) -> None:
    """A newer choice about a newer version doesn't undo what was lent under the older one; leaving would."""
    newer = replace(PROGRAMME, version=2)
    again = receipt_of(
        "a", receipt_id="again", programme_version=2, programme_digest=programme_digest(newer), given_at="2026-03-15T00:00:00Z"
    )
    copy = replace(sound, receipts=(*sound.receipts, again), programmes={**sound.programmes, programme_digest(newer): newer})
    assert checks.check_consents(copy).holds


def _deletion(**changes: object) -> Change:
    """Return the change of a copy that changes the first deletion receipt."""
    return lambda copy: replace(copy, deletions=(replace(copy.deletions[0], **changes), *copy.deletions[1:]))


@pytest.mark.promise("P13")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_deletion(objects=3), "differ"),
        (_deletion(keys_destroyed=0), "differ"),
        (_deletion(bytes_erased=1), "differ"),
        (_deletion(sessions=()), "differ"),
        (_deletion(log_index=0), "differ"),
        (_deletion(log_index=-1), "differ"),
        (_deed(4, opening=b"{}"), "differ"),
        (lambda copy: replace(copy, held={**copy.held, "session-c": Held(keys=1)}), "still there"),
        (lambda copy: replace(copy, held={**copy.held, "session-x": Held(objects=1, size_bytes=5)}), "still there"),
        (lambda copy: replace(copy, stored=(*copy.stored, row_of("c")), held={**copy.held, "session-c": Held(objects=1)}), "still there"),
    ],
)
def test_an_erasure_that_was_not_one_is_seen(sound: HubCopy, change: Change, said: str) -> None:
    """A deletion receipt that differs from the log, and any object or key of a session that isn't stored, is seen."""
    found = checks.check_deletions(change(sound))
    assert not found.holds
    assert said in found.evidence


@pytest.mark.promise("P13")
def test_a_receipt_counts_what_was_there(sound: HubCopy) -> None:
    """A deletion receipt is held against what somebody else counted before and after."""
    receipt = sound.deletions[0]
    before = {"session-c": Held(2, 1, 100), "session-a": Held(9, 9, 9)}
    assert checks.check_receipt(receipt, before, after={}).holds
    assert "the receipt says 2 objects" in checks.check_receipt(receipt, {"session-c": Held(3, 1, 100)}, after={}).evidence
    assert "still there" in checks.check_receipt(receipt, before, after={"session-c": Held(0, 1, 0)}).evidence
    assert not checks.check_receipt(receipt, {}, after={}).holds


@pytest.mark.promise("P26")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda copy: replace(copy, manifests=copy.manifests[:1]), "p@1"),
        (lambda copy: replace(copy, cards=copy.cards[:1]), "m1"),
        (lambda copy: replace(copy, manifests=(copy.manifests[0], manifest_of(2, "abc", replaces="p@1"))), "p@2"),
        (lambda copy: replace(copy, cards=(*copy.cards, card_of(3, "ac"))), "m3"),
        (_receipt(status="withdrawn"), "p@2, m2"),
    ],
)
def test_a_session_that_lives_on_is_seen(sound: HubCopy, change: Change, said: str) -> None:
    """A dataset or model in use that holds a session of somebody who left is named, before anything of it is erased too."""
    found = checks.check_lineage(change(sound))
    assert not found.holds
    assert said in found.evidence


def test_somebody_who_came_back_is_not_gone(sound: HubCopy) -> None:
    """Whoever left and consented anew may be in datasets again, with new sessions."""
    again = replace(sound.receipts[2], receipt_id="again", status="given")
    row = DatasetSession(session_id="session-new", participant="c", receipt_id="again", parcel_id="", episodes=1, steps=1, digest="")
    newest = replace(manifest_of(3, "ab", replaces="p@2"), sessions=(*manifest_of(3, "ab").sessions, row))
    assert checks.check_lineage(replace(sound, receipts=(*sound.receipts, again), manifests=(*sound.manifests, newest))).holds


@pytest.fixture
def asked(sound: HubCopy, diary: Diary) -> HubCopy:
    """The sound hub, where a question was answered and a finding is still open."""
    question = diary.note("question_asked", text_sha256="q" * 64, due_at="2026-06-01T00:00:00Z")
    finding = diary.note("finding_filed", text_sha256="f" * 64, due_at="2026-06-02T00:00:00Z")
    answer = diary.note("enquiry_answered", number=question, answer_sha256="a" * 64)
    filed = (
        Filed(
            number=question,
            kind="question",
            text_sha256="q" * 64,
            due_at="2026-06-01T00:00:00Z",
            answer_sha256="a" * 64,
            answer_position=answer,
        ),
        Filed(number=finding, kind="finding", text_sha256="f" * 64, due_at="2026-06-02T00:00:00Z"),
    )
    deeds = (*sound.deeds, *diary.deeds[len(sound.deeds) :])
    return replace(sound, deeds=deeds, entries=diary.entries(), checkpoint=diary.checkpoint(), enquiries=filed)


def test_questions_as_they_were_filed_hold(asked: HubCopy) -> None:
    """A question with its answer and a finding without one hold, and the whole hub with them."""
    assert failed(checks.check_hub(asked)) == []


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        (0, {"text_sha256": "x" * 64}),  # another question than was logged
        (0, {"due_at": "2027-01-01T00:00:00Z"}),  # the answer's day was moved
        (0, {"kind": "finding"}),
        (0, {"number": 99}),  # no such entry
        (0, {"answer_sha256": "x" * 64}),  # another answer
        (0, {"answer_position": 0}),  # the answer's entry is an upload
        (0, {"answer_position": 99}),
        (0, {"answer_sha256": ""}),  # an answer was logged and is hidden
        (1, {"answer_sha256": "a" * 64}),  # an answer that no entry tells of
        (1, {"number": 4}),
        (1, {"kind": "praise"}),
    ],
)
def test_a_question_or_answer_that_was_changed_is_seen(asked: HubCopy, place: int, changes: dict[str, Any]) -> None:
    """Text, day, kind, place and answer of an enquiry are each held against the log."""
    enquiries = list(asked.enquiries)
    enquiries[place] = replace(enquiries[place], **changes)
    assert checks.check_enquiries(asked).holds
    assert not checks.check_enquiries(replace(asked, enquiries=tuple(enquiries))).holds


@pytest.mark.parametrize("place", [-1, -3])
def test_an_enquiry_whose_entry_does_not_open_is_seen(asked: HubCopy, place: int) -> None:
    """An opening that isn't what the entry commits to counts as no opening, of the question as of its answer."""
    deeds = list(asked.deeds)
    opening = msgspec.json.decode(deeds[place].opening, type=Opening)
    deeds[place] = replace(deeds[place], opening=msgspec.json.encode(replace(opening, salt="00" * (len(opening.salt) // 2))))
    assert not checks.check_enquiries(replace(asked, deeds=tuple(deeds))).holds


PUBLISHED = ("GET /v1/offer/{invite}", "POST /v1/consent", "PUT /v1/uploads/{id}/objects/{digest}")


@pytest.mark.promise("P10")
@pytest.mark.parametrize(
    ("request_made", "holds"),
    [
        ("POST /v1/consent", True),
        ("GET /v1/offer/abc", True),
        ("PUT /v1/uploads/1/objects/2", True),
        ("GET /v1/consent", False),
        ("GET /v1/offer/", False),
        ("GET /v1/offer/abc/more", False),
        ("POST /v1/metrics", False),
    ],
)
def test_a_request_that_is_not_published_is_seen(request_made: str, *, holds: bool) -> None:
    """Only requests on the published list fit it; an empty list proves nothing."""
    assert checks.check_endpoints(["POST /v1/consent", request_made], PUBLISHED).holds is holds
    assert not checks.check_endpoints([], ()).holds


@pytest.mark.promise("P29")
@given(st.text(min_size=20))
def test_evidence_names_ids_by_their_first_letters(text: str) -> None:
    """Whatever stands in an id, evidence shows at most its first 16 characters and how many there are."""
    shown = checks._some([text] * 5)
    assert "(5 in all)" in shown
    assert text not in shown


def test_figures_carry_bar_and_peer() -> None:
    """A figure is written with unit, sense, bar, peer and runs."""
    figure = Figure(name="CPU", value=1.5, unit="%", sense="lower", bar=5.0, peer=Peer("another", 90.0), runs=3)
    assert msgspec.json.decode(msgspec.json.encode(figure), type=Figure) == figure
    assert failed([ReportCheck(name="a", holds=True, evidence=""), ReportCheck(name="b", holds=False, evidence="x")])[0].name == "b"
