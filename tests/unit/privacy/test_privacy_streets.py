"""Streets with everyday words in them are found, and everyday sentences with numbers aren't taken for streets."""

import pytest

from witting.device.privacy import Redactor


@pytest.mark.promise("P7")
@pytest.mark.parametrize("posture", ["strict", "balanced"])
@pytest.mark.parametrize(
    "street", ["62 Koch Canyon", "175 Amber Squares", "108 White Plains", "7 Butler Causeway", "80 Wall Course", "12 Old Mill Lane"]
)
def test_a_street_of_everyday_words_is_masked(street: str, posture: str) -> None:
    """A house number before a capitalised street name is an address, even when each word is harmless by itself."""
    assert street not in Redactor(posture).text(f"Deliver it to {street}, please.").text


@pytest.mark.parametrize("text", ["3 new views of the lake", "Select 2 of 5 fields", "Step 4 of the trail", "10 items in your list"])
def test_a_counted_thing_is_no_street(text: str) -> None:
    """Numbers before lower-case words are no house numbers."""
    assert "address" not in {finding.kind for finding in Redactor("strict").text(text).findings}
