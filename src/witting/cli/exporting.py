"""`witting export`: a dataset as another tool reads it, with the receipts it rests on."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.asking import gate_for, hub_option

if TYPE_CHECKING:
    from witting.hub.vault import Vault
    from witting.lab.exporting.receipts import ExportReceipts

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("export")
@click.argument("dataset", type=_FOLDER)
@click.argument("out", type=_FOLDER)
@click.option("--for", "form", required=True, metavar="NAME", help="What it is for; `--for list` says what there is.")
@click.option("--to", "recipient", default="", metavar="WHO", help="Who gets it; needed for people's recordings, so that they can be told.")
@hub_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(dataset: Path, out: Path, *, form: str, recipient: str, hub_data: Path, as_json: bool) -> None:
    """Write DATASET in the new folder OUT as another tool reads it.

    Beside the data stands receipts.json: the dataset, each session's receipt, what the format can't tell, and a digest of each file. The
    hub is asked whether every session is lent now, and notes who gets it: when somebody leaves, that recipient is to be told.
    """
    import msgspec

    from witting.lab.dataset import open_lent
    from witting.lab.exporting import FORMATS, check_form
    from witting.lab.exporting import export as export_dataset
    from witting.terms.errors import UsageError

    if form == "list":
        for name, (_, _, about) in FORMATS.items():
            print(f"{name:16} {about}")
        return
    check_form(form)
    with gate_for(dataset, hub_data) as vault:
        if vault is not None and not recipient.strip():
            raise UsageError("nobody is named who gets the export", hint="say who: --to NAME")
        told = export_dataset(open_lent(dataset, vault), form, out_dir=out)
        export_id = _hand_out(vault, told, out=out, recipient=recipient) if vault is not None else ""
    if as_json:
        print(msgspec.json.encode({**msgspec.to_builtins(told), "path": str(out), "export_id": export_id}).decode())
        return
    print(f"{told.dataset_id} for {form}: {len(told.files)} files of {len(told.sessions)} sessions in {out}")
    print("".join(f"left out: {count} steps of kind {kind}\n" for kind, count in told.left_out.items()), end="")
    print("Receipts: receipts.json. People may take their sessions back: ask before each use.")
    if export_id:
        print(f"Noted as export {export_id} to {recipient}.")


def _hand_out(vault: "Vault", told: "ExportReceipts", *, out: Path, recipient: str) -> str:
    """Enter an export at the hub and return its id; when the hub refuses it, nothing of it stays."""
    import shutil
    from contextlib import ExitStack

    from witting.lab.exporting.receipts import handout_of

    handout = handout_of(told, recipient=recipient.strip())
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, out)
        vault.register_handout(handout)
        undo.pop_all()
    return handout.export_id
