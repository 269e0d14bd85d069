"""Log entries say nothing about anybody, yet whoever holds salt and fields can show what they say (P18)."""

import hashlib
import hmac
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.log import commit_entry, new_salt, open_entry
from witting.ledger.log.entries import entry_kind
from witting.terms.errors import LogError

fields = st.dictionaries(
    st.text(min_size=1, max_size=8), st.text(max_size=8) | st.integers(-(2**53) + 1, 2**53 - 1) | st.booleans(), max_size=4
)
salts = st.binary(min_size=32, max_size=32)


@given(fields, salts)
def test_entry_opens_with_salt_and_fields(said: dict[str, str | int | bool], salt: bytes) -> None:
    """Whoever has salt and fields shows what an entry commits to."""
    assert open_entry(commit_entry("withdrawal", said, salt=salt), said, salt=salt) == "withdrawal"


@given(fields, fields, salts, salts)
def test_entry_opens_with_nothing_else(
    one: dict[str, str | int | bool], two: dict[str, str | int | bool], salt: bytes, other: bytes
) -> None:
    """An entry can't be opened to other fields, nor with another salt."""
    entry = commit_entry("consent", one, salt=salt)
    if json.dumps(one, sort_keys=True) != json.dumps(two, sort_keys=True):
        with pytest.raises(LogError):
            open_entry(entry, two, salt=salt)
    if salt != other:
        with pytest.raises(LogError):
            open_entry(entry, one, salt=other)


@pytest.mark.promise("P18")
def test_dictionary_attack_fails() -> None:
    """Guessing every participant and every choice, without the salt, hits no entry, however few the possibilities."""
    participants = [f"person-{number}" for number in range(100)]
    entries = [commit_entry("consent", {"participant": name, "choice": "given"}, salt=new_salt()) for name in participants]
    commitments = {json.loads(entry)["commitment"] for entry in entries}
    for name, choice in itertools.product(participants, ("given", "refused")):
        guess = {"kind": "consent", "fields": {"participant": name, "choice": choice}}
        text = json.dumps(guess, sort_keys=True, separators=(",", ":")).encode()
        assert hashlib.sha256(text).hexdigest() not in commitments
        assert hmac.new(b"", text, hashlib.sha256).hexdigest() not in commitments
        assert hmac.new(bytes(32), text, hashlib.sha256).hexdigest() not in commitments


@pytest.mark.promise("P18")
def test_entries_of_equal_content_differ_and_have_one_length() -> None:
    """Two entries about one person can't be linked, and length tells nothing of the fields."""
    short = commit_entry("consent", {"participant": "a"}, salt=new_salt())
    long = commit_entry("consent", {"participant": "a" * 500}, salt=new_salt())
    again = commit_entry("consent", {"participant": "a"}, salt=new_salt())
    assert len({short, long, again}) == 3
    assert len(short) == len(long)
    assert b"participant" not in short + long


def test_kind_is_bound_to_the_commitment() -> None:
    """Renaming an entry's kind makes it commit to nothing."""
    salt = new_salt()
    entry = commit_entry("consent", {"a": 1}, salt=salt)
    with pytest.raises(LogError):
        open_entry(entry.replace(b"consent", b"refusal"), {"a": 1}, salt=salt)


@pytest.mark.parametrize("salt", [b"", b"short", bytes(31), bytes(33)])
def test_short_salt_is_not_taken(salt: bytes) -> None:
    """A commitment under a guessable salt isn't made."""
    with pytest.raises(ValueError, match="salt"):
        commit_entry("consent", {}, salt=salt)


@pytest.mark.parametrize("entry", [b"", b"{}", b"[]", b"\xff", b"7"])
def test_bytes_that_are_no_entry_are_refused(entry: bytes) -> None:
    """Garbage in a log gets one clear line."""
    with pytest.raises(LogError):
        entry_kind(entry)
