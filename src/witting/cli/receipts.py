"""`witting receipts`: the participant's consent receipts and deletion receipts, each checked as it is shown."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show


@click.command()
@data_option
@json_option
def receipts(data: Path, *, as_json: bool) -> None:
    """Print your consent receipts, checked against the controller's key and the log. Exit status 14 when one doesn't hold."""
    import msgspec

    from witting.consent.levels import chosen_level
    from witting.device.enrolment import Enrolment
    from witting.device.taking_back import read_deletions
    from witting.ledger.log import verify_proof

    enrolment = Enrolment(data)
    lines = []
    for receipt, proof in zip(enrolment.receipts, enrolment.proofs, strict=True):
        verify_proof(proof, enrolment.offer.signing_key, origin=enrolment.offer.log_origin)
        lines += [
            f"{receipt.receipt_id}  {receipt.given_at}  {receipt.status}, until {receipt.expires_at}",
            f"  {receipt.controller}, version {receipt.programme_version}, log entry {proof.index}, signature and proof hold",
            *(f"  lends {grant.stream} of {grant.app} for {grant.purpose}" for grant in receipt.grants),
            f"  typing: {chosen_level(receipt.grants, receipt.keys_level)}",
        ]
    deletions = [kept.open() for kept in read_deletions(data)]
    lines += [f"{one.deletion_id}  {one.erased_at}  erased {len(one.sessions)} sessions, {one.bytes_erased} bytes" for one in deletions]
    answer = {"receipts": msgspec.to_builtins(enrolment.receipts), "deletions": msgspec.to_builtins(deletions)}
    show(answer, "\n".join(lines) or "no receipt: no consent was given here", as_json=as_json)
