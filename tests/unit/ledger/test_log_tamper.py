"""Nothing in the log can be flipped, deleted, moved or cut off without a check failing (P17)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.ledger.keys import SigningKey
from witting.ledger.log import Log, MemoryLogStore, check_store, verifier_key
from witting.terms.errors import LogError

KEY = SigningKey.from_seed(bytes(range(32)))
ORIGIN = "hub.example.org/log"
VERIFIER = verifier_key(ORIGIN, KEY.public)

pytestmark = pytest.mark.promise("P17")


def signed_log(entries: list[bytes]) -> tuple[MemoryLogStore, str]:
    """Return a store of these entries and its signed checkpoint."""
    store = MemoryLogStore()
    Log(store).extend(entries)
    return store, Log(store).checkpoint(ORIGIN, KEY)


@given(st.lists(st.binary(min_size=1, max_size=12), min_size=2, max_size=20, unique=True), st.data())
def test_changed_entry_is_found(entries: list[bytes], data: st.DataObject) -> None:
    """A flipped, deleted, moved or truncated entry makes the check of the whole log fail."""
    store, checkpoint = signed_log(entries)
    assert check_store(store, checkpoint, verifier=VERIFIER) == len(entries)
    place = data.draw(st.integers(0, len(entries) - 2))
    deed = data.draw(st.sampled_from(["flip", "delete", "swap", "truncate", "insert"]))
    if deed == "flip":
        store.entries[place] = bytes([store.entries[place][0] ^ 1]) + store.entries[place][1:]
    elif deed == "delete":
        del store.entries[place]
    elif deed == "swap":
        store.entries[place], store.entries[place + 1] = store.entries[place + 1], store.entries[place]
    elif deed == "truncate":
        del store.entries[place:]
    else:
        store.entries.insert(place, b"an inserted entry")
    with pytest.raises(LogError):
        check_store(store, checkpoint, verifier=VERIFIER)


def test_log_rebuilt_to_match_its_tiles_still_fails() -> None:
    """Whoever rewrites an entry and all tiles with it is caught by the checkpoint."""
    _, checkpoint = signed_log([b"a", b"b", b"c"])
    forged, _ = signed_log([b"a", b"B", b"c"])
    with pytest.raises(LogError, match="don't lead to the root"):
        check_store(forged, checkpoint, verifier=VERIFIER)


def test_changed_tile_is_found() -> None:
    """A tile that doesn't follow from its entries is found though the entries are sound."""
    store, checkpoint = signed_log([b"a", b"b", b"c"])
    store.tiles[0, 0] = bytes(32) + store.tiles[0, 0][32:]
    with pytest.raises(LogError, match="tile"):
        check_store(store, checkpoint, verifier=VERIFIER)


def test_log_that_grew_still_honours_an_old_checkpoint() -> None:
    """A checkpoint kept for years verifies against the log as it has become."""
    store, checkpoint = signed_log([b"a", b"b", b"c"])
    Log(store).extend([b"d"] * 400)
    assert check_store(store, checkpoint, verifier=VERIFIER) == 3


def test_checkpoint_of_another_key_is_refused() -> None:
    """A log that another key signed for isn't this log."""
    store, _ = signed_log([b"a"])
    forged = Log(store).checkpoint(ORIGIN, SigningKey.generate())
    with pytest.raises(LogError):
        check_store(store, forged, verifier=VERIFIER)
