"""The server's list of counters, read from its bytes."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.stirring import counters_in

NAMES = st.text(st.characters(codec="ascii", min_codepoint=32), max_size=24)


def listing(counters: dict[str, int]) -> bytes:
    """Return a ListSystemCounters reply as a server writes it."""
    body = b""
    for name, number in counters.items():
        row = struct.pack("<IiIH", number, 0, 4, len(name)) + name.encode("ascii")
        body += row + bytes(-len(row) % 4)
    return struct.pack("<BxHII20x", 1, 1, len(body) // 4, len(counters)) + body


@given(counters=st.dictionaries(NAMES, st.integers(0, 2**32 - 1), max_size=9))
def test_every_counter_is_found_whatever_the_length_of_its_name(counters: dict[str, int]) -> None:
    """Names are padded to four bytes, each on its own."""
    assert counters_in(listing(counters)) == counters


@given(counters=st.dictionaries(NAMES, st.integers(0, 9), max_size=5), cut=st.integers(0, 200))
def test_half_a_reply_gives_what_is_whole_in_it(counters: dict[str, int], cut: int) -> None:
    """A reply that ends too soon is no error, and nothing is made up."""
    found = counters_in(listing(counters)[:cut])
    assert found.items() <= counters.items()


@given(data=st.binary(max_size=200))
def test_nonsense_is_no_error(data: bytes) -> None:
    """Any bytes give some names, mostly none."""
    assert isinstance(counters_in(data), dict)
