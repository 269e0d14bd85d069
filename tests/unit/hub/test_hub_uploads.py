"""Parcels at the door: taken whole or not at all, once, and only as they were signed."""

import msgspec
import pytest
from hub_ground import Ground

from witting.ledger.log import verify_proof
from witting.terms.hub import ParcelAnswer


def test_a_stored_session_reads_back_as_it_was_reviewed(ground: Ground) -> None:
    """What a participant reviewed and sent is, record for record, what the vault gives to a reader."""
    person = ground.lender()
    records = ground.records(person, purposes=("train",))
    parcel, objects = person.pack(records, at=ground.now())
    response = ground.send(person, parcel, objects)
    assert response.status_code == 200, response.text
    answer = msgspec.json.decode(response.content, type=ParcelAnswer)
    verify_proof(answer.proof, person.offer.signing_key, person.offer.log_origin)
    assert list(ground.vault.read(parcel.session_id)) == records
