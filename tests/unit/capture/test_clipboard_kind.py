"""What the targets of a clipboard say of its kind, and what becomes of its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witting.device.capture.clipboard import kind_of
from witting.device.privacy import Redactor
from witting.terms.events import Clipboard
from witting.terms.raw import RawClipboard


@pytest.mark.parametrize(
    ("targets", "kind", "wanted"),
    [
        ({"TARGETS", "UTF8_STRING", "STRING", "text/html"}, "text", "UTF8_STRING"),
        ({"TARGETS", "text/uri-list", "UTF8_STRING"}, "files", "text/uri-list"),
        ({"TARGETS", "x-special/gnome-copied-files"}, "files", ""),
        ({"TARGETS", "image/bmp", "image/png", "text/html"}, "image", "image/png"),
        ({"TARGETS", "UTF8_STRING", "image/png"}, "text", "UTF8_STRING"),
        ({"TARGETS", "application/x-own"}, "other", ""),
    ],
)
def test_kinds_by_targets(targets: set[str], kind: str, wanted: str) -> None:
    """Files before text before pictures; what nobody knows is `other` and isn't measured."""
    assert kind_of(targets) == (kind, wanted)


REDACTOR = Redactor(seed=b"0" * 32)


@pytest.mark.promise("P7")
@given(st.integers(0, 2**31))
def test_sizes_are_rounded_so_that_no_passwords_length_is_told(size: int) -> None:
    """Everything up to 64 bytes has one size, larger content the next power of two, unknown stays unknown."""
    copied = REDACTOR.event(RawClipboard(1, "text", size))
    assert isinstance(copied, Clipboard)
    at_most = copied.size_at_most
    assert at_most == (0 if size == 0 else 64 if size <= 64 else at_most)
    assert at_most >= size
    assert at_most & (at_most - 1) == 0
    assert size <= 64 or at_most < 2 * size
