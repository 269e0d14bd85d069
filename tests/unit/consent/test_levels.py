"""How much of typing is lent: never more than is asked, signed and confirmed."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.consent.levels import KEYS_WORDS, chosen_level, holds, keys_in_force, least_level, levels_asked
from witting.consent.notice import make_notice
from witting.consent.programme import programme_digest, read_programme, stated, write_template
from witting.consent.receipts import make_receipt, open_receipt, verify_statement
from witting.ledger.keys import SigningKey
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentReceipt, ConsentStatement, Grant
from witting.terms.events import KEYS_CHOICES, KEYS_LEVELS, STREAMS
from witting.terms.programme import Programme

replace = msgspec.structs.replace
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
HUB, PERSON = SigningKey.from_seed(b"h" * 32), SigningKey.from_seed(b"p" * 32)
LEVELS = st.sampled_from(KEYS_LEVELS)
STREAM_SETS = st.sets(st.sampled_from(STREAMS), min_size=1)


@pytest.fixture(scope="module")
def complete(programme: Programme) -> Programme:
    """A programme with nothing missing."""
    return replace(programme, agreement_id="WA-1", dpia_id="DPIA-1")


def statement(programme: Programme, *, level: str, streams: set[str]) -> ConsentStatement:
    """Return a choice of these streams for both purposes, with this level."""
    grants = [
        Grant(purpose.id, stream, "mousepad") for purpose in programme.purposes for stream in sorted(streams) if stream in purpose.streams
    ]
    return ConsentStatement(
        participant="b" * 32, participant_key=PERSON.public, programme_id=programme.id, programme_version=programme.version,
        programme_digest=programme_digest(programme), notice_digest=make_notice(programme).digest, invite="an-invitation",
        grants=tuple(grants), given_at=rfc3339(AT), keys_level=level,
    )  # fmt: skip


@pytest.mark.promise("P22")
@given(asked=LEVELS, signed=LEVELS)
def test_a_receipt_never_exceeds_programme_or_choice(complete: Programme, asked: str, signed: str) -> None:
    """Whatever was signed, the signed receipt says the lesser of it and what the programme asks, and so does what is in force."""
    programme = replace(complete, keys_level=asked)
    said = verify_statement(PERSON.sign("consent", statement(programme, level=signed, streams={"keys", "pointer"})))
    receipt = open_receipt(make_receipt(said, programme, at=AT, log_index=1, controller_key=HUB), HUB.public)
    assert receipt.keys_level == least_level(asked, signed)
    in_force = keys_in_force(receipt, programme, purposes=["train"])
    assert holds(asked, in_force)
    assert holds(signed, in_force)


@pytest.mark.promise("P22")
@given(asked=LEVELS, said=LEVELS, streams=STREAM_SETS)
def test_a_receipt_that_says_too_much_is_held_to_the_programme(
    complete: Programme, receipt: ConsentReceipt, asked: str, said: str, streams: set[str]
) -> None:
    """The device doesn't trust the receipt's level alone, and lends none of typing where the stream isn't granted for each purpose."""
    grants = tuple(Grant("train", stream, "mousepad") for stream in streams)
    given_one = replace(receipt, grants=grants, keys_level=said)
    programme = replace(complete, keys_level=asked)
    assert keys_in_force(given_one, programme, purposes=["train"]) == (least_level(asked, said) if "keys" in streams else "off")
    assert keys_in_force(given_one, programme, purposes=["train", "help"]) == "off"
    assert keys_in_force(given_one, programme, purposes=[]) == "off"


def test_what_is_asked_is_what_can_be_chosen(complete: Programme) -> None:
    """Off and each level up to the programme's; nothing to choose where typing isn't asked for."""
    assert levels_asked(replace(complete, keys_level="rhythm")) == ("shortcuts", "rhythm")
    assert levels_asked(complete) == KEYS_LEVELS
    assert levels_asked(replace(complete, purposes=complete.purposes[1:])) == ()
    assert chosen_level((), "text") == "off"
    assert [holds("rhythm", choice) for choice in KEYS_CHOICES] == [True, True, True, False]


@pytest.mark.promise("P4")
def test_the_notice_says_what_each_level_keeps(complete: Programme) -> None:
    """Each level that may be chosen is told in words, none that may not; and that trees say no more than the level does."""
    text = make_notice(replace(complete, keys_level="rhythm")).markdown
    for choice in ("off", "shortcuts", "rhythm"):
        assert f"| {choice} | {KEYS_WORDS[choice]} |" in text
    assert KEYS_WORDS["text"] not in text
    assert "asks for no more than that" in text
    assert "what fields hold is not read from windows and pages either" in text
    assert KEYS_WORDS["text"] in make_notice(complete).markdown


@pytest.mark.promise("P19")
def test_the_pace_of_typing_has_its_own_words(complete: Programme) -> None:
    """A programme that asks for it says what it is, that it is off, and what it is never used for; another one doesn't speak of it."""
    asked = replace(complete.purposes[0], streams=(*complete.purposes[0].streams, "cadence"))
    text = " ".join(make_notice(replace(complete, purposes=(asked,))).markdown.split())
    assert "a choice of its own, and it is off" in text
    assert "never used to tell who you are, how you feel or how well you work" in text
    assert "never to tell who you are or how well you work" in text
    assert "pace of your typing" not in make_notice(complete).markdown


def test_older_programmes_keep_their_digest(complete: Programme, tmp_path) -> None:
    """What a programme without a level was called is what it is called still; a lower level is another programme."""
    later = {"keys_level", "picture_seconds", "reads_pictures", "limits", "packs", "owner"}
    assert not later & set(stated(complete))
    fresh = msgspec.json.decode(b'{"seconds": 2.0}')["seconds"]  # equal to the default, and another object
    assert programme_digest(replace(complete, picture_seconds=fresh)) == programme_digest(complete)
    assert programme_digest(msgspec.json.decode(msgspec.json.encode(complete), type=Programme)) == programme_digest(complete)
    assert programme_digest(replace(complete, keys_level="rhythm")) != programme_digest(complete)
    write_template(tmp_path / "programme.toml")
    text = (tmp_path / "programme.toml").read_text("utf-8")
    assert read_programme(text.replace('keys_level = "text"', "")) == read_programme(text)
