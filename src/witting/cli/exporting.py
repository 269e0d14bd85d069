"""`witting export`: a dataset as another tool reads it, with the receipts it rests on."""

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("export")
@click.argument("dataset", type=_FOLDER)
@click.argument("out", type=_FOLDER)
@click.option("--for", "form", required=True, metavar="NAME", help="What it is for; `--for list` says what there is.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def export(dataset: Path, out: Path, *, form: str, as_json: bool) -> None:
    """Write DATASET in the new folder OUT as another tool reads it.

    Beside the data stands receipts.json: the dataset, each session's receipt, what the format can't tell, and a digest of each file.
    """
    import msgspec

    from witting.lab.exporting import FORMATS
    from witting.lab.exporting import export as export_dataset

    if form == "list":
        for name, (_, _, about) in FORMATS.items():
            print(f"{name:16} {about}")
        return
    told = export_dataset(dataset, form, out_dir=out)
    if as_json:
        print(msgspec.json.encode({**msgspec.to_builtins(told), "path": str(out)}).decode())
        return
    print(f"{told.dataset_id} for {form}: {len(told.files)} files of {len(told.sessions)} sessions in {out}")
    print("".join(f"left out: {count} steps of kind {kind}\n" for kind, count in told.left_out.items()), end="")
    print("Receipts: receipts.json. People may take their sessions back: ask before each use.")
