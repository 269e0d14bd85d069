"""Each claim of the report points to a test that exists."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[3]
NAMED = sorted({name for path in (REPO / "src/witting/demo").glob("*.py") for name in re.findall(r'"(tests/[^"]+)"', path.read_text())})


@pytest.mark.parametrize("name", NAMED)
def test_the_test_behind_a_claim_exists(name: str) -> None:
    """A reader who follows the link finds the test."""
    assert (REPO / name).is_file()
