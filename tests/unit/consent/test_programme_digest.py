"""The digest of a programme, on which everybody's consent hangs."""

import msgspec
import pytest

from witting.consent.programme import programme_digest
from witting.ledger.keys import canonical
from witting.terms.programme import Programme
from witting.testing.lender import lent_programme

_PROGRAMME = lent_programme({"mousepad": ()})


def _defaults() -> list[str]:
    return [field.name for field in msgspec.structs.fields(Programme) if field.default is not msgspec.NODEFAULT]


def test_what_stands_at_its_default_is_not_part_of_the_digest() -> None:
    """A witting that knows one optional field more finds the same digest, so that nobody is asked again for nothing."""
    said = msgspec.json.decode(canonical(msgspec.structs.replace(_PROGRAMME, dpia_id="", agreement_id="")))
    assert {"dpia_id", "agreement_id"} & set(said) == set()
    assert len(_defaults()) > 3


@pytest.mark.parametrize("name", ["dpia_id", "agreement_id"])
def test_what_is_said_changes_the_digest(name: str) -> None:
    """An optional field that is filled in changes the digest, and consent is asked anew."""
    assert programme_digest(msgspec.structs.replace(_PROGRAMME, **{name: "X-1"})) != programme_digest(
        msgspec.structs.replace(_PROGRAMME, **{name: ""})
    )


def test_a_programme_survives_its_encoding() -> None:
    """What was left out as default comes back."""
    assert msgspec.json.decode(msgspec.json.encode(_PROGRAMME), type=Programme) == _PROGRAMME
