"""One lexicon for all tests of the room, and redactors with a fixed hash."""

import pytest

from witting.device.privacy import Redactor


@pytest.fixture
def strict() -> Redactor:
    """Return a fresh session in the strict posture."""
    return Redactor("strict", seed=b"test")


@pytest.fixture
def balanced() -> Redactor:
    """Return a fresh session in the balanced posture."""
    return Redactor("balanced", seed=b"test")
