"""Whom a researcher's verb asks whether a dataset may be used: the vault of the hub, or nobody where the data was imported."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from witting.hub.vault import Vault

hub_option = click.option(
    "--hub",
    "hub_data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("hub-data"),
    show_default=True,
    help="The folder of the hub that is asked whether people's recordings are lent now; imported data needs none.",
)


@contextmanager
def gate_for(dataset: Path, hub_data: Path) -> Iterator["Vault | None"]:
    """Open the vault that says what of the dataset in a folder is lent; None where it was imported, so that there is nobody to ask.

    Raises:
        NoConsentError: these are people's recordings and there is no hub in that folder.
        UsageError, IntegrityError: there is no dataset, or it can't be read.
    """
    from witting.hub.vault import Vault
    from witting.lab.dataset import read_manifest
    from witting.terms.errors import NoConsentError, UsageError

    if read_manifest(dataset).source:
        yield None
        return
    try:
        vault = Vault.open(hub_data)
    except UsageError:
        message = f"there is no hub in {hub_data} to ask whether these recordings are lent; nothing was done"
        raise NoConsentError(message, hint="name the hub's folder with --hub") from None
    try:
        yield vault
    finally:
        vault.close()
