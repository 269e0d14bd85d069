"""Recordings of orders in a participant's spool."""

import msgspec

from witting.device.enrolment import Enrolment
from witting.terms.clock import rfc3339
from witting.terms.session import SessionEnd
from witting.testing.sample_routine import order_records
from witting.testing.sample_session import sample_header


def record_orders(enrolment: Enrolment, sessions: int) -> None:
    """Put recordings in which orders are entered into the spool, under the receipt in force."""
    spool = enrolment.open_spool()
    for number in range(sessions):
        header = msgspec.structs.replace(
            sample_header(f"{number:02x}" * 16, receipt_id=enrolment.receipt.receipt_id),
            programme_id=enrolment.programme.id,
            programme_digest=enrolment.offer.programme_digest,
            purposes=(enrolment.programme.purposes[0].id,),
            recorded_at=rfc3339(enrolment.clock.now().replace(minute=0, second=0, microsecond=0)),
        )
        writer = spool.open_session(header)
        for record in list(order_records(header, seed=number))[1:]:
            if isinstance(record, SessionEnd):
                writer.close(record)
            else:
                writer.append(record)
