"""`witting import`: what others recorded → a dataset of its own, marked with its source and licence."""

from pathlib import Path

import click

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("import")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("out", type=_FOLDER, required=False)
@click.option("--licence", default="", help="The licence you have it under, where the format itself names none or another.")
@click.option("--by", "segment", type=click.Choice(["task", "idle", "goal"]), default="task", show_default=True, help="What to cut by.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def import_(name: str, folder: Path, *, out: Path | None, licence: str, segment: str, as_json: bool) -> None:
    """Import FOLDER, of the format NAME, as a dataset in the new folder OUT (datasets/NAME when none is given).

    NAME is miniwob-demos, opencua, owa-mcap, ducktrack or rrweb. Files that can't be read are named and left out; the rest is kept. What is
    imported was lent to somebody else: its dataset says so, and it is never put beside recordings of a programme.
    """
    import msgspec

    from witting.cli.options import counted
    from witting.lab.dataset import BuildOptions
    from witting.lab.importing import import_dataset, importer

    target = out or Path("datasets") / name
    form = importer(name)
    source = form.source._replace(licence=licence) if licence else form.source
    options = msgspec.convert({"segment": segment}, BuildOptions)
    with counted(form.read(folder), what="sessions read", is_shown=not as_json) as found:
        manifest = import_dataset(source, found, out_dir=target, options=options)
    if as_json:
        print(msgspec.json.encode({**msgspec.to_builtins(manifest), "path": str(target)}).decode())
        return
    episodes, steps = (sum(getattr(session, field) for session in manifest.sessions) for field in ("episodes", "steps"))
    print(f"{manifest.dataset_id}: {len(manifest.sessions)} sessions, {episodes} episodes, {steps} steps in {target}")
    print(f"from {manifest.source}\nlicence: {manifest.licence}")
    for line in manifest.left_out:
        print(f"left out: {line}")
    print(f"Next: witting train {target}")
