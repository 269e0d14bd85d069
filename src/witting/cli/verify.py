"""`witting verify`: a participant checks their own papers, anybody a saved proof or an exported log, without a network."""

from pathlib import Path

import click

from witting.cli.audit import show_checks
from witting.cli.options import data_option, json_option


@click.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--key", default="", help="The log's key, as the hub's page /log shows it; without it, that of your invitation.")
@click.option("--witness", default="", help="The witness's key (`witting witness key`): its cosignature must be there.")
@data_option
@json_option
def verify(path: Path | None, *, key: str, witness: str, data: Path, as_json: bool) -> None:
    """Check your receipts, the proofs that the log holds your deeds, and that your sealed sessions are whole.

    With PATH: check a saved proof (.tlog-proof), or an exported log (`witting audit log --export`), which is recomputed from its entries.
    Works without a network. Exit status 14 when something doesn't hold.
    """
    if path is None:
        from witting.audit.own import check_own

        show_checks(check_own(data), as_json=as_json)
        return
    from witting.audit.offline import Trust, check_export, check_proof_file, own_key
    from witting.cli.progress import Ticker

    trust = Trust(log=key or own_key(data), witness=witness)
    checks = check_export(path, trust, on_progress=Ticker("entries recomputed")) if path.is_dir() else check_proof_file(path, trust)
    show_checks(checks, as_json=as_json)
