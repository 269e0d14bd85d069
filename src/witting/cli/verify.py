"""`witting verify`: a participant checks their own papers and sealed sessions, without a network."""

from pathlib import Path

import click
import platformdirs

from witting.cli.audit import show_checks


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=lambda: platformdirs.user_data_path("witting"),
    envvar="WITTING_HOME",
    show_default="your data directory",
    help="Where your data lies.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(data: Path, as_json: bool) -> None:
    """Check your receipts, the proofs that the log holds your deeds, and that your sealed sessions are whole.

    Works without a network. Exit status 14 when something doesn't hold.
    """
    from witting.audit.own import check_own

    show_checks(check_own(data), as_json=as_json)
