"""A receipt reads as JSON-LD in the published words."""

import json
import re
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from witting.consent.dpv import as_dpv
from witting.terms.consent import ConsentReceipt, ConsentStatus
from witting.terms.events import STREAMS


def terms(value: object) -> Iterator[str]:
    """Find every prefixed name in a document, keys and values alike."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "@context":
                yield from (key, *terms(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from terms(inner)
    elif isinstance(value, str) and re.fullmatch(r"[a-z0-9-]+:[A-Za-z0-9-]+", value):
        yield value


@pytest.fixture(scope="module")
def everything(receipt: ConsentReceipt) -> list[dict[str, object]]:
    """One document for each state and kind."""
    grants = tuple(msgspec.structs.replace(receipt.grants[0], stream=stream) for stream in STREAMS)
    whole = msgspec.structs.replace(receipt, grants=grants)
    return [as_dpv(msgspec.structs.replace(whole, status=status)) for status in typing.get_args(ConsentStatus)]


@pytest.fixture(scope="module")
def vocabulary(public_data: Path) -> set[str]:
    """Every name that the published vocabularies define."""
    rdflib = pytest.importorskip("rdflib", reason="rdflib reads the published vocabulary")
    folder = public_data / "dpv-27560"
    if not folder.is_dir():
        pytest.skip("the published vocabulary isn't there: dpv-27560 below WITTING_DATA")
    found = set()
    for prefix, name in (("dpv", "dpv.ttl"), ("pd", "pd.ttl"), ("dpv-27560", "dpv-27560.ttl")):
        for subject in set(rdflib.Graph().parse(folder / name, format="turtle").subjects()):
            found.add(f"{prefix}:{str(subject).rpartition('#')[2]}")
    return found


def test_every_term_is_published(everything: list[dict[str, object]], vocabulary: set[str]) -> None:
    """Each dpv, pd and dpv-27560 term that a receipt can hold is defined by the vocabulary."""
    used = {term for document in everything for term in terms(document) if term.split(":")[0] in {"dpv", "pd", "dpv-27560"}}
    assert len(used) > 30
    assert used - vocabulary == set()


def test_terms_are_found_at_any_depth() -> None:
    """The search that the test above rests on sees keys, values and lists."""
    assert set(terms({"@context": {"dpv": "x:y"}, "dpv:a": [{"@type": ["dpv:B"]}, "pd:C", "a b"]})) == {"dpv:a", "@type", "dpv:B", "pd:C"}


MANDATORY = [
    "dpv:hasDataSubject", "dpv:hasDataController", "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasProcess", "dpv:hasNotice",
    "dpv:hasConsentControl", "dpv:hasConsentStatus", "dpv:hasRight",
]  # fmt: skip
OF_EACH_PURPOSE = ["dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasRecipient", "dpv:hasStorageCondition", "dpv:hasService"]


def test_the_record_is_complete(receipt: ConsentReceipt) -> None:
    """The document holds the fields that ISO/IEC TS 27560 asks of a record, for each purpose apart, and is JSON."""
    document = json.loads(json.dumps(as_dpv(receipt)))
    record = document["dpv:hasRecordOfActivity"]
    assert document["@type"] == "dpv:ConsentReceipt"
    assert [name for name in MANDATORY if name not in record] == []
    assert [name for process in record["dpv:hasProcess"] for name in OF_EACH_PURPOSE if name not in process] == []
    assert record["dpv:hasConsentStatus"]["dpv:isIndicatedAtTime"]["@value"] == receipt.given_at
    assert receipt.notice_digest in record["dpv:hasNotice"]["@id"]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own reader uses it
def test_it_parses_as_linked_data(receipt: ConsentReceipt) -> None:
    """A reader of JSON-LD finds one receipt and, within it, one record in the state given."""
    rdflib = pytest.importorskip("rdflib", reason="rdflib reads JSON-LD")
    graph = rdflib.Graph().parse(data=json.dumps(as_dpv(receipt)), format="json-ld")
    dpv = rdflib.Namespace("https://w3id.org/dpv#")
    assert len(set(graph.subjects(rdflib.RDF.type, dpv.ConsentReceipt))) == 1
    states = set(graph.subjects(rdflib.RDF.type, dpv.ConsentGiven))
    assert set(graph.objects(next(iter(set(graph.subjects(rdflib.RDF.type, dpv.ConsentRecord)))), dpv.hasConsentStatus)) == states
