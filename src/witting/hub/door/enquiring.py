"""Questions and findings of participants: taken from their own key, shown to it alone.

Invariant: nothing is entered or shown unless the participant named signed the request just now.
"""

from witting.hub.database import reading, writing
from witting.hub.door.asker import check_asker
from witting.hub.enquiries import enquiries_of, file_enquiry, shown
from witting.hub.hub import Hub
from witting.ledger.keys import open_signed
from witting.terms.hub import EnquiriesAnswer, EnquiriesRequest, Enquiry, EnquiryShown
from witting.terms.session import Signed


def take_enquiry(hub: Hub, signed: Signed) -> EnquiryShown:
    """Enter a participant's question or finding; return it with its public number, the day it is due, and the proof.

    Raises:
        SignatureError, NoConsentError: it isn't from the participant it names, or the hub never had a consent of theirs.
        UsageError: it is old, empty or too long.
    """
    asked = open_signed(signed, "enquiry", statement_type=Enquiry)
    with writing(hub.engine) as connection:
        check_asker(hub, connection, asked=asked, signer=signed.key)
        return shown(hub, connection, number=file_enquiry(hub, connection, asked=asked))


def show_enquiries(hub: Hub, signed: Signed) -> EnquiriesAnswer:
    """Return everything a participant asked or filed, with what was answered.

    Raises:
        SignatureError, NoConsentError: the request isn't from the participant it names, or the hub never had a consent of theirs.
        UsageError: it is old.
    """
    asked = open_signed(signed, "enquiries", statement_type=EnquiriesRequest)
    with reading(hub.engine) as connection:
        check_asker(hub, connection, asked=asked, signer=signed.key)
        mine = enquiries_of(hub, connection, participant=asked.participant, programme_id=asked.programme_id)
    return EnquiriesAnswer(enquiries=mine)
