"""A receipt as JSON-LD in the words of the W3C Data Privacy Vocabulary 2, after the profiles of its guide to ISO/IEC TS 27560:2023.

Pure; keeps no data of its own. Invariant, held by a test against the published vocabulary: every `dpv:` and `pd:` term written here exists.
"""

from witting.terms.consent import ConsentReceipt, ConsentStatus
from witting.terms.events import Stream

_CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
    "dct": "http://purl.org/dc/terms/",
    "pd": "https://w3id.org/dpv/pd#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_STATUS: dict[ConsentStatus, str] = {
    "requested": "ConsentRequested",
    "given": "ConsentGiven",
    "refused": "ConsentRefused",
    "reconfirmed": "RenewedConsentGiven",
    "withdrawn": "ConsentWithdrawn",
    "expired": "ConsentExpired",
    "invalidated": "ConsentInvalidated",
    "terminated": "ConsentRevoked",
}
_PERSONAL_DATA: dict[Stream, str] = {
    "pointer": "pd:Interaction",
    "keys": "pd:Interaction",
    "windows": "pd:DeviceApplications",
    "pages": "pd:BrowserHistory",
    "ui_tree": "pd:Interaction",
    "screen": "pd:Behavioural",
    "clipboard": "pd:Interaction",
    "voice": "pd:VoiceCommunicationRecording",
    "cadence": "pd:Behavioural",
}


def as_dpv(receipt: ConsentReceipt) -> dict[str, object]:
    """Return the receipt as a JSON-LD document that holds the consent record it is a copy of."""
    return {
        "@context": _CONTEXT,
        "@id": f"urn:witting:receipt:{receipt.receipt_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": receipt.receipt_id,
        "dct:conformsTo": {"@id": "dpv-27560:receipt-eu-gdpr"},
        "dct:created": _time(receipt.given_at),
        "dct:publisher": receipt.controller,
        "schema:recipient": {"@id": "dpv:DataSubject"},
        "dpv:hasRecordOfActivity": _record(receipt),
    }


def _record(receipt: ConsentReceipt) -> dict[str, object]:
    """Return the consent record."""
    purposes = dict.fromkeys(grant.purpose for grant in receipt.grants)
    return {
        "@id": f"urn:witting:record:{receipt.receipt_id}",
        "@type": "dpv:ConsentRecord",
        "dct:identifier": receipt.receipt_id,
        "dct:conformsTo": {"@id": "dpv-27560:record-eu-gdpr"},
        "dpv:hasDataSubject": {"@id": f"urn:witting:participant:{receipt.participant}", "skos:broader": {"@id": "dpv:Employee"}},
        "dpv:hasDataController": {
            "@type": "dpv:DataController",
            "dpv:hasName": receipt.controller,
            "dpv:hasContact": receipt.controller_contact,
        },
        "dpv:hasJurisdiction": receipt.jurisdiction,
        "dpv:hasLegalBasis": {"@type": "dpv:LegalBasis", "dct:title": receipt.legal_basis},
        "dpv:hasProcess": [_process(purpose, receipt) for purpose in purposes],
        "dpv:hasNotice": {
            "@id": f"urn:sha256:{receipt.notice_digest}",
            "@type": "dpv:ConsentNotice",
            "dct:language": receipt.language,
            "dct:isVersionOf": f"{receipt.programme_id}@{receipt.programme_version}",
        },
        "dpv:hasConsentControl": {"@type": "dpv:WithdrawConsent", "dct:description": receipt.withdrawal_method},
        "dpv:hasRight": {"@type": "dpv:DataSubjectRight", "dct:title": "Right to withdraw consent (GDPR Art. 7(3))"},
        "dpv:hasConsentStatus": {
            "@type": [f"dpv:{_STATUS[receipt.status]}", "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedBy": {"@id": "dpv:DataSubject"},
            "dpv:hasIndicationMethod": "choices ticked one by one, every box empty at first, signed with the participant's own key",
            "dpv:isIndicatedAtTime": _time(receipt.given_at),
            "dct:valid": _time(receipt.expires_at),
        },
    }


def _process(purpose: str, receipt: ConsentReceipt) -> dict[str, object]:
    """Return what is done for one purpose: with which kinds of which apps, seen by whom, kept for how long."""
    grants = [grant for grant in receipt.grants if grant.purpose == purpose]
    streams = dict.fromkeys(grant.stream for grant in grants)
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {"@type": "dpv:Purpose", "dct:identifier": purpose},
        "dpv:hasService": sorted({grant.app for grant in grants}),
        "dpv:hasPersonalData": [
            {
                "@type": "dpv:PersonalData",
                "dct:title": stream,
                "skos:broader": {"@id": _PERSONAL_DATA[stream]},
                "dpv:hasNecessity": {"@id": "dpv:Optional"},
            }
            for stream in streams
        ],
        "dpv:hasRecipient": [{"@type": "dpv:Recipient", "dpv:hasName": name} for name in receipt.recipients],
        "dpv:hasStorageCondition": {"@type": "dpv:StorageDuration", "dpv:hasDuration": f"P{receipt.retention_days}D"},
    }


def _time(text: str) -> dict[str, str]:
    """Return a time as a typed literal."""
    return {"@type": "xsd:dateTime", "@value": text}
