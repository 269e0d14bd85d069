"""`witting verify`: a participant checks their own papers and sealed sessions, without a network."""

from pathlib import Path

import click

from witting.cli.audit import show_checks
from witting.cli.options import data_option, json_option


@click.command()
@data_option
@json_option
def verify(data: Path, as_json: bool) -> None:
    """Check your receipts, the proofs that the log holds your deeds, and that your sealed sessions are whole.

    Works without a network. Exit status 14 when something doesn't hold.
    """
    from witting.audit.own import check_own

    show_checks(check_own(data), as_json=as_json)
