"""`witting leave`: withdraw everything and remove what witting put on this machine."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show_deletion


@click.command()
@data_option
@click.option(
    "--receipt", type=click.Path(path_type=Path, dir_okay=False), help="Move the deletion receipt to this file; nothing is left here."
)
@json_option
def leave(data: Path, *, receipt: Path | None, as_json: bool) -> None:
    """End consent, erase everything here, have the hub erase its part. No reason is asked. Prints the deletion receipt.

    Recording stops within a second. Exit status 15 when the hub can't be reached: erased here already, call again to tell the hub.
    """
    from witting.device.leaving import leave as leave_all
    from witting.device.leaving import read_receipt, take_receipt

    kept = read_receipt(data)
    if kept is None:
        kept = leave_all(data)
    if receipt is not None:
        take_receipt(data, receipt)
    show_deletion(kept, as_json=as_json)
