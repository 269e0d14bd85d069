"""Receipts in DPV form hold what our SHACL shapes ask; a receipt that lacks any of it is found."""

import copy
import json
import typing
from importlib.resources import files
from typing import Any

import msgspec
import pytest

from witting.consent.dpv import as_dpv
from witting.terms.consent import ConsentReceipt, ConsentStatus
from witting.terms.events import STREAMS

rdflib = pytest.importorskip("rdflib", reason="rdflib reads JSON-LD and the shapes")
pyshacl = pytest.importorskip("pyshacl", reason="pyshacl holds receipts against the shapes")
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own, in reading JSON-LD
SHAPES = files("witting.consent").joinpath("receipt-shapes.ttl").read_text("utf-8")


@pytest.fixture(scope="module")
def shapes() -> Any:
    """The shapes as a graph."""
    return rdflib.Graph().parse(data=SHAPES, format="turtle")


def found(document: dict[str, Any], shapes: Any) -> str:
    """Return what the shapes find in a document, empty when nothing is."""
    graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld")
    conforms, _, text = pyshacl.validate(graph, shacl_graph=shapes)
    return "" if conforms else text


@pytest.mark.parametrize("status", typing.get_args(ConsentStatus))
def test_every_receipt_fits_the_shapes(receipt: ConsentReceipt, shapes: Any, status: ConsentStatus) -> None:
    """In every state, with every kind of recording, a receipt's DPV form conforms."""
    grants = tuple(msgspec.structs.replace(receipt.grants[0], stream=stream) for stream in STREAMS)
    assert found(as_dpv(msgspec.structs.replace(receipt, grants=grants, status=status)), shapes) == ""


LACKING = [
    ("dct:identifier",),
    ("dct:created",),
    ("dpv:hasRecordOfActivity",),
    *(("dpv:hasRecordOfActivity", name) for name in (
        "dpv:hasDataSubject", "dpv:hasDataController", "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasProcess", "dpv:hasNotice",
        "dpv:hasConsentControl", "dpv:hasRight", "dpv:hasConsentStatus",
    )),
    ("dpv:hasRecordOfActivity", "dpv:hasDataController", "dpv:hasContact"),
    ("dpv:hasRecordOfActivity", "dpv:hasNotice", "dct:language"),
    ("dpv:hasRecordOfActivity", "dpv:hasConsentStatus", "dpv:isIndicatedAtTime"),
    ("dpv:hasRecordOfActivity", "dpv:hasConsentStatus", "dpv:isIndicatedBy"),
    ("dpv:hasRecordOfActivity", "dpv:hasConsentStatus", "dct:valid"),
    *(("dpv:hasRecordOfActivity", "dpv:hasProcess", name) for name in (
        "dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasStorageCondition", "dpv:hasService",
    )),
]  # fmt: skip


@pytest.mark.parametrize("path", LACKING, ids=lambda path: path[-1])
def test_whatever_is_taken_out_is_missed(receipt: ConsentReceipt, shapes: Any, path: tuple[str, ...]) -> None:
    """Each mandatory field, taken out alone, makes the document fail."""
    document = copy.deepcopy(as_dpv(receipt))
    place: Any = document
    for name in path[:-1]:
        place = place[name][0] if isinstance(place[name], list) else place[name]
    del place[path[-1]]
    assert found(document, shapes)


def test_two_states_at_once_are_no_state(receipt: ConsentReceipt, shapes: Any) -> None:
    """A receipt that says given and withdrawn at once is refused."""
    document = copy.deepcopy(as_dpv(receipt))
    document["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"]["@type"].append("dpv:ConsentWithdrawn")  # type: ignore[index]
    assert found(document, shapes)
