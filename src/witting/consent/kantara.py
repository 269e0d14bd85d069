"""A receipt in the form of the Kantara Consent Receipt 1.1, for those who still ask for it. Superseded by ISO/IEC TS 27560.

Export only: nothing reads it back, and it proves nothing by itself, for it has no place for the withdrawal or the notice's text. Pure.
"""

from witting.consent.gate import moment
from witting.consent.kinds import KINDS
from witting.terms.consent import ConsentReceipt, Grant
from witting.terms.events import STREAMS
from witting.terms.programme import Programme


def as_kantara(receipt: ConsentReceipt, programme: Programme) -> dict[str, object]:
    """Return the receipt in the fields of Kantara's consent receipt, version 1.1; `programme` is the one it was given for."""
    controller = programme.controller
    given = moment(receipt.given_at)
    return {
        "version": "KI-CR-v1.1.0",
        "jurisdiction": receipt.jurisdiction,
        "consentTimestamp": int(given.timestamp()) if given else 0,
        "collectionMethod": "choices ticked one by one on the participant's own machine, every box empty at first",
        "consentReceiptID": receipt.receipt_id,
        "language": receipt.language,
        "piiPrincipalId": receipt.participant,
        "piiControllers": [
            {
                "piiController": controller.name,
                "contact": programme.dpo_contact,
                "address": {"streetAddress": controller.address},
                "email": controller.contact,
                "phone": "",
            }
        ],
        "policyUrl": programme.policy_url or f"urn:sha256:{receipt.notice_digest}",
        "services": [_service(app, receipt, programme=programme) for app in sorted({grant.app for grant in receipt.grants})],
        "sensitive": False,
        "spiCat": [],
    }


def _service(app: str, receipt: ConsentReceipt, *, programme: Programme) -> dict[str, object]:
    """Return one app with the purposes it is lent for."""
    titles = {purpose.id: purpose for purpose in programme.purposes}
    names = {one.id: one.title for one in programme.apps}
    chosen = dict.fromkeys(grant.purpose for grant in receipt.grants if grant.app == app)
    others = [who.name for who in programme.recipients if who.role == "recipient"]
    return {
        "service": names.get(app, app),
        "purposes": [
            {
                "purpose": titles[purpose].title if purpose in titles else purpose,
                "purposeCategory": ["Other: as the purpose says"],
                "consentType": "EXPLICIT",
                "piiCategory": [KINDS[stream] for stream in STREAMS if Grant(purpose, stream, app) in receipt.grants],
                "primaryPurpose": purpose in titles and not titles[purpose].is_optional,
                "termination": receipt.expires_at,
                "thirdPartyDisclosure": bool(others),
                **({"thirdPartyName": ", ".join(others)} if others else {}),
            }
            for purpose in chosen
        ],
    }
