"""Sealed objects open whole, unchanged, under their own name and key, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.pseudonyms import new_pseudonym, new_session_id
from witting.ledger.seals import KEY_BYTES, new_key, open_object, seal_object
from witting.terms.errors import SealError

KEY = bytes(range(32))


@given(st.binary(max_size=2000), st.binary(max_size=40))
def test_object_round_trip(data: bytes, name: bytes) -> None:
    """Any bytes under any name come back as they were."""
    assert open_object(KEY, seal_object(KEY, data, name=name), name=name) == data


@given(st.binary(max_size=200), st.data())
def test_any_flipped_bit_is_refused(data: bytes, draw: st.DataObject) -> None:
    """A sealed object with one changed bit doesn't open."""
    sealed = bytearray(seal_object(KEY, data, name=b"n"))
    place = draw.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(SealError):
        open_object(KEY, bytes(sealed), name=b"n")


@given(st.binary(max_size=200), st.data())
def test_any_cut_is_refused(data: bytes, draw: st.DataObject) -> None:
    """A sealed object that lost bytes at its end doesn't open."""
    sealed = seal_object(KEY, data, name=b"n")
    with pytest.raises(SealError):
        open_object(KEY, sealed[: draw.draw(st.integers(0, len(sealed) - 1))], name=b"n")


def test_wrong_key_or_name_is_refused() -> None:
    """An object can't be opened by another key nor passed off under another name."""
    sealed = seal_object(KEY, b"data", name=b"object 1")
    with pytest.raises(SealError):
        open_object(new_key(), sealed, name=b"object 1")
    with pytest.raises(SealError):
        open_object(KEY, sealed, name=b"object 2")


def test_equal_objects_are_sealed_differently() -> None:
    """Whoever sees two sealed objects can't tell that they hold the same."""
    assert seal_object(KEY, b"same", name=b"n") != seal_object(KEY, b"same", name=b"n")


def test_names_and_keys_are_fresh() -> None:
    """Names are 32 hex digits, keys 32 bytes, and none is ever given twice."""
    names = {make() for make in (new_pseudonym, new_session_id) for _ in range(500)}
    assert len(names) == 1000
    assert all(len(name) == 32 and int(name, 16) >= 0 for name in names)
    assert len({new_key() for _ in range(100)}) == 100
    assert len(new_key()) == KEY_BYTES
