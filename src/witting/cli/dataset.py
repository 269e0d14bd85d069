"""`witting dataset`: build, show, compare, check datasets, and release them without whoever leaves."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from witting.hub.vault import Vault
    from witting.terms.work import DatasetManifest

_FOLDER = click.Path(path_type=Path, file_okay=False)
_HUB = click.option("--hub", "hub_data", type=_FOLDER, default=Path("hub-data"), show_default=True, help="The hub's folder.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def dataset() -> None:
    """Build datasets from what people lend, check them, and release them again without whoever leaves."""


@dataset.command()
@click.argument("programme_id")
@click.argument("out", type=_FOLDER)
@click.option("--purpose", required=True, help="The purpose it is for; only sessions lent for it come in.")
@_HUB
@click.option("--version", type=click.IntRange(1), default=1, show_default=True, help="Number of this version.")
@click.option("--exclude", multiple=True, metavar="SESSION", help="Leave a session out; may be repeated.")
@click.option("--by", type=click.Choice(["task", "idle", "goal"]), default="task", show_default=True, help="What to cut sessions by.")
@_JSON
def build(
    programme_id: str, out: Path, *, purpose: str, hub_data: Path, version: int, exclude: tuple[str, ...], by: str, as_json: bool
) -> None:
    """Build a version of PROGRAMME_ID's dataset in the new folder OUT and enter it in the hub's log."""
    import msgspec

    from witting.hub.vault import Vault
    from witting.lab.dataset import BuildOptions
    from witting.lab.dataset import build as build_dataset
    from witting.terms.hub import CatalogueRow

    vault = Vault.open(hub_data)

    def permits(row: CatalogueRow, asked: str) -> bool:
        return any(lent.session_id == row.session_id for lent in vault.catalogue(programme_id, asked))

    try:
        options = msgspec.convert({"version": version, "exclude": exclude, "segment": by}, BuildOptions)
        manifest = build_dataset(vault, programme_id, purpose=purpose, out_dir=out, permits=permits, options=options)
        index = _register(vault, manifest, out)
    finally:
        vault.close()
    text = f"{_summary(manifest)}\nin {out}, entry {index} of the log\nNext: witting train {out}"
    _show({**_facts(manifest), "path": str(out), "log_index": index}, text, as_json=as_json)


@dataset.command()
@click.argument("path", type=_FOLDER)
@_JSON
def show(path: Path, as_json: bool) -> None:
    """Say what is in the dataset in PATH, from its manifest."""
    from witting.lab.dataset import read_manifest

    manifest = read_manifest(path)
    lines = [
        f"{session.session_id[:12]}  {session.episodes:4} episodes {session.steps:6} steps {session.events:8} events  {session.digest[:12]}"
        for session in manifest.sessions
    ]
    _show(_facts(manifest), "\n".join([_summary(manifest), *lines]), as_json=as_json)


@dataset.command()
@click.argument("old", type=_FOLDER)
@click.argument("new", type=_FOLDER)
@_JSON
def diff(old: Path, new: Path, as_json: bool) -> None:
    """Say which sessions came, left or changed from OLD to NEW."""
    from witting.lab.dataset import difference, read_manifest

    before, after = read_manifest(old), read_manifest(new)
    found = difference(before, after)
    lines = [f"{before.dataset_id} → {after.dataset_id}"]
    lines += [f"{word} {name}" for word, names in zip("+-~", found, strict=True) for name in names] or ["no session differs"]
    _show({"old": before.dataset_id, "new": after.dataset_id, **found._asdict()}, "\n".join(lines), as_json=as_json)


@dataset.command()
@click.argument("path", type=_FOLDER)
@_JSON
def check(path: Path, as_json: bool) -> None:
    """Recompute every digest and the root of the dataset in PATH from its rows."""
    from witting.lab.dataset import check as check_dataset

    manifest = check_dataset(path)
    _show({**_facts(manifest), "holds": True}, f"{_summary(manifest)}\nevery digest and the root hold", as_json=as_json)


@dataset.command()
@click.argument("path", type=_FOLDER)
@click.option("--out", type=_FOLDER, help="Where to write them; beside the manifest when not given.")
@_JSON
def card(path: Path, *, out: Path | None, as_json: bool) -> None:
    """Write the dataset's card: croissant.json (Croissant 1.1, responsible AI) and DATASHEET.md (datasheet, AB 2013), from its lineage."""
    from witting.lab.dataset.card import write_card

    croissant, sheet = write_card(path, out or path)
    _show({"croissant": str(croissant), "datasheet": str(sheet)}, f"{croissant}\n{sheet}", as_json=as_json)


@dataset.command()
@click.argument("path", type=_FOLDER)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split: another seed puts people elsewhere.")
@_JSON
def splits(path: Path, *, seed: int, as_json: bool) -> None:
    """Say which sessions of the dataset in PATH are for training, validation and test, by participant, and what leaks between them."""
    from witting.lab.dataset import open_dataset
    from witting.lab.dataset.splits import leaks
    from witting.lab.dataset.splits import splits as parts_of

    opened = open_dataset(path)
    parts, report = parts_of(opened.manifest, seed=seed), leaks(opened.episodes(), seed=seed)
    lines = [f"{name}: {len(ids)} sessions" for name, ids in parts.items()]
    lines.append(f"{report.leaked} of {report.steps} held-out steps have a near duplicate in the training part")
    lines += [f"  {leak.held} is {leak.likeness:.0%} {leak.other}" for leak in report.examples]
    _show({"parts": parts, "leaks": report._asdict()}, "\n".join(lines), as_json=as_json)


@dataset.command()
@click.argument("path", type=_FOLDER)
@click.argument("out", type=_FOLDER)
@click.option("--without", multiple=True, metavar="SESSION", help="A session that leaves besides those not lent any more; may be repeated.")
@_HUB
@_JSON
def release(path: Path, out: Path, *, without: tuple[str, ...], hub_data: Path, as_json: bool) -> None:
    """Release the dataset in PATH again, in the new folder OUT, without some sessions; the old version's rows and keys are erased.

    Sessions that aren't lent any more leave it too, whether they are named or not.
    """
    from witting.hub.vault import Vault
    from witting.lab.dataset import read_manifest, release_without

    vault = Vault.open(hub_data)
    try:
        old = read_manifest(path)
        gone = {session.session_id for session in old.sessions} - vault.lent(old)
        manifest = release_without(path, sorted({*without, *gone}), out_dir=out)
        index = vault.register_dataset(manifest).index
    finally:
        vault.close()
    text = f"{_summary(manifest)}\nin {out}, replaces {manifest.replaces}, entry {index} of the log"
    _show({**_facts(manifest), "path": str(out), "log_index": index}, text, as_json=as_json)


def _register(vault: "Vault", manifest: "DatasetManifest", out: Path) -> int:
    """Enter a built dataset in the log; when the hub refuses it, because consent ended meanwhile, nothing of it stays."""
    import shutil
    from contextlib import ExitStack

    with ExitStack() as undo:
        undo.callback(shutil.rmtree, out)
        index = vault.register_dataset(manifest).index
        undo.pop_all()
    return index


def _summary(manifest: "DatasetManifest") -> str:
    episodes, steps = (sum(getattr(session, field) for session in manifest.sessions) for field in ("episodes", "steps"))
    return (
        f"{manifest.dataset_id} for {manifest.purpose}: {len(manifest.sessions)} sessions, {episodes} episodes, {steps} steps "
        f"from {manifest.events} events\nroot {manifest.root}"
    )


def _facts(manifest: "DatasetManifest") -> Mapping[str, object]:
    import msgspec

    facts: Mapping[str, object] = msgspec.to_builtins(manifest)
    return facts


def _show(data: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Print `data` as JSON, or the text."""
    import msgspec

    print(msgspec.json.encode(data).decode() if as_json else text)
