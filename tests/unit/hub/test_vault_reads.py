"""Reading the vault: logged before a key is opened, only what is lent, only while it is lent."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from hub_ground import Ground, example_programme
from sqlalchemy import Connection, delete, func, select, update

from witting.hub import schema
from witting.hub.database import reading, writing
from witting.hub.journal import Deed, Journal
from witting.hub.programmes import add_programme
from witting.hub.vault import Vault
from witting.ledger.log import open_entry, verify_proof
from witting.terms.consent import Grant
from witting.terms.errors import IntegrityError, NoConsentError, SealError, SignatureError
from witting.terms.events import USUAL_STREAMS, Frame, PageNavigation, PointerMove, PointerPath, PointerWheel, Tile, WindowFocus
from witting.terms.hub import ConsentAnswer, DeedsAnswer, DeedsRequest
from witting.terms.session import SessionEnd, SessionHeader
from witting.terms.tree import UiTree


def _reads(ground: Ground) -> int:
    """Return how many reads were logged."""
    with reading(ground.hub.engine) as connection:
        wanted = select(func.count()).select_from(schema.deed).where(schema.deed.c.kind == "session_read")
        return connection.execute(wanted).scalar_one()


@pytest.mark.promise("P15")
def test_every_read_is_in_the_log_and_shown_to_the_person(ground: Ground) -> None:
    """Who read a session, when and for what is an entry that the participant gets with what opens it."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    list(ground.vault.read(session_id, purpose="train", reader="alex"))
    shown = ground.ask("/v1/deeds", person.deeds_request(ground.now()), DeedsAnswer)
    assert [deed.kind for deed in shown.deeds] == ["consent_given", "upload_stored", "session_read"]
    proof = shown.deeds[-1].proof
    entry = verify_proof(proof, person.offer.signing_key, origin=person.offer.log_origin)
    said = msgspec.json.decode(proof.opening)
    assert open_entry(entry, said["fields"], salt=bytes.fromhex(said["salt"])) == "session_read"
    assert (said["fields"]["reader"], said["fields"]["purposes"], said["fields"]["session_id"]) == ("alex", ["train"], session_id)


@pytest.mark.promise("P15")
def test_a_read_without_its_log_entry_is_impossible(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the entry can't be written the key isn't opened; and when the reading can't go on, the entry isn't kept either."""
    session_id = ground.store(ground.lender(), purposes=("train",))

    def fail(self: Journal, connection: Connection, deed: Deed) -> int:
        raise IntegrityError("the log can't be written")

    with monkeypatch.context() as patched:
        patched.setattr(Journal, "record", fail)
        with pytest.raises(IntegrityError):
            ground.vault.read(session_id)
    with writing(ground.hub.engine) as connection:
        connection.execute(update(schema.vault_key).values(wrapped=bytes(80)))
    with pytest.raises(SealError):
        ground.vault.read(session_id)
    assert _reads(ground) == 0


@pytest.mark.promise("P15")
def test_a_read_is_logged_even_if_no_record_is_taken(ground: Ground) -> None:
    """The entry is there once a reader could begin, whether or not they do."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    ground.vault.read(session_id)
    assert _reads(ground) == 1


def test_only_the_participant_is_shown_their_deeds(ground: Ground) -> None:
    """Neither another participant, nor a stranger, nor an old request gets to see what was done with somebody's data."""
    person, other = ground.lender(), ground.lender()
    asked = msgspec.json.decode(person.deeds_request(ground.now()).payload)
    other_key = other.key.sign("deeds", msgspec.convert(asked, type=DeedsRequest))
    assert ground.post("/v1/deeds", other_key).json()["exit_code"] == 14
    assert ground.post("/v1/deeds", ground.visitor().deeds_request(ground.now())).json()["exit_code"] == 10
    old = person.deeds_request(ground.now())
    ground.clock.advance(seconds=3600)
    assert ground.post("/v1/deeds", old).json()["exit_code"] == 2
    assert ground.post("/v1/deeds", person.deeds_request("soon")).json()["exit_code"] == 2


def test_nothing_is_read_that_was_never_stored(ground: Ground) -> None:
    """An unknown session id gets a clear no and no entry."""
    with pytest.raises(NoConsentError, match="isn't in the vault"):
        ground.vault.read("0" * 32)
    assert _reads(ground) == 0


def test_a_purpose_gets_only_what_is_lent_for_it(ground: Ground) -> None:
    """Of a session lent for two purposes, the one that asked for no pictures and windows is given none."""
    session_id = ground.store(ground.lender())
    for_help = list(ground.vault.read(session_id, purpose="evaluate_help"))
    assert not [record for record in for_help if isinstance(record, Frame | Tile | WindowFocus)]
    assert {SessionHeader, SessionEnd, PointerWheel, PageNavigation, UiTree} <= {type(record) for record in for_help}
    for_training = list(ground.vault.read(session_id, purpose="train"))
    assert {Frame, Tile, WindowFocus} <= {type(record) for record in for_training}


def test_a_purpose_that_was_not_lent_reads_nothing(ground: Ground) -> None:
    """A session lent for training can't be read for something else."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    with pytest.raises(NoConsentError, match="lent for that now"):
        ground.vault.read(session_id, purpose="evaluate_help")


def test_an_app_lent_for_one_purpose_alone_stays_with_it(ground: Ground) -> None:
    """Pointer and pictures of an app that only training may see don't reach the other purpose."""
    grants = [Grant("train", stream, app) for stream in USUAL_STREAMS for app in ("chromium",)]
    grants += [Grant("evaluate_help", "pointer", "mousepad")]
    session_id = ground.store(ground.lender(grants=grants))
    seen = list(ground.vault.read(session_id, purpose="evaluate_help"))
    assert not [
        record for record in seen if isinstance(record, PointerMove | PointerPath | Frame | Tile | UiTree | PageNavigation | WindowFocus)
    ]


@pytest.mark.parametrize("how", ["expired", "withdrawn", "over"])
def test_nothing_is_read_once_consent_has_ended(ground: Ground, how: str) -> None:
    """After expiry, withdrawal or the programme's end a session is in no catalogue and can't be read."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    assert len(ground.vault.catalogue(ground.programme.id, "train")) == 1
    if how == "withdrawn":
        ground.leave(person)
    else:
        ground.clock.advance(days={"expired": 200, "over": 500}[how])
    assert ground.vault.catalogue(ground.programme.id, "train") == []
    assert ground.vault.catalogue(ground.programme.id) == []
    with pytest.raises(NoConsentError):
        ground.vault.read(session_id)


def test_what_was_lent_under_an_earlier_version_stays_lent_for_that(ground: Ground) -> None:
    """A new version asks people anew for new recordings; what they lent before stays lent as it was."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    add_programme(ground.hub, example_programme(version=2))
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id, "train")] == [session_id]
    assert list(ground.vault.read(session_id))


def test_a_narrower_choice_reaches_what_is_stored(ground: Ground) -> None:
    """Taking a stream back under the same notice keeps it from readers from then on."""
    person = ground.lender()
    session_id = ground.store(person, purposes=("train",))
    ground.clock.advance(seconds=60)
    grants = [grant for grant in person.receipt.grants if grant.stream != "screen"]
    ground.ask("/v1/consent", person.consent(ground.now(), grants=grants), ConsentAnswer)
    assert not [record for record in ground.vault.read(session_id) if isinstance(record, Frame | Tile)]


def test_the_catalogue_shows_only_what_is_lent_now(ground: Ground) -> None:
    """Rows are by session id, with the purposes in force, of the programme asked for."""
    person = ground.lender()
    both, one = ground.store(person), ground.store(person, purposes=("train",))
    rows = {row.session_id: row for row in ground.vault.catalogue(ground.programme.id)}
    assert list(rows) == sorted([both, one])
    assert set(rows[both].purposes) == {"train", "evaluate_help"}
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id, "evaluate_help")] == [both]
    assert ground.vault.catalogue("another") == []


def test_a_changed_object_is_not_given_out(ground: Ground) -> None:
    """One flipped bit in a stored object, an object gone or moved to another place, and reading fails loudly."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    first, second, *_ = sorted(ground.hub.objects.sizes(session_id))
    files = [ground.config.objects_dir / name for name in (first, second)]
    original = [file.read_bytes() for file in files]
    files[0].write_bytes(original[0][:-1] + bytes([original[0][-1] ^ 1]))
    with pytest.raises(SealError):
        list(ground.vault.read(session_id))
    files[0].write_bytes(original[1])
    with pytest.raises(SealError):
        list(ground.vault.read(session_id))
    files[0].unlink()
    with pytest.raises(IntegrityError, match="missing"):
        list(ground.vault.read(session_id))


def test_a_receipt_changed_in_the_database_lends_nothing(ground: Ground) -> None:
    """Whoever widens a receipt in the tables gets an error, not the data."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    with writing(ground.hub.engine) as connection:
        receipt = connection.execute(select(schema.consent.c.receipt)).scalar_one()
        connection.execute(update(schema.consent).values(receipt=receipt.replace(b'"payload":"ey', b'"payload":"eX')))
    with pytest.raises(SignatureError):
        ground.vault.read(session_id)


def test_the_vault_opens_from_its_folder_alone(ground: Ground, make_ground: Callable[..., Ground]) -> None:
    """The lab needs only the folder; without the hub's keys the folder opens nothing."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    vault = Vault.open(ground.config.data_dir, clock=ground.clock)
    assert len(list(vault.read(session_id))) > 10
    vault.close()
    other = make_ground()
    vault = Vault(replace(ground.hub, keys=replace(ground.hub.keys, vault=other.hub.keys.vault)))
    with pytest.raises(SealError):
        vault.read(session_id)


def test_a_session_whose_key_is_gone_cannot_be_read(ground: Ground) -> None:
    """Without its key row a session is as good as erased: there is no second way to it."""
    session_id = ground.store(ground.lender(), purposes=("train",))
    with writing(ground.hub.engine) as connection:
        connection.execute(delete(schema.vault_key))
    with pytest.raises(IntegrityError, match="key"):
        ground.vault.read(session_id)
    assert _reads(ground) == 0
