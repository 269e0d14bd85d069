"""`witting audit`: verify a hub's log and duties, prove an entry, search folders for values, try to recognise people by behaviour."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from witting.audit.report import ReportCheck

_DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("hub-data"), show_default=True, help="The hub's folder."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def audit() -> None:
    """Verify the log, prove entries, search for leaks. Trust nothing; run it."""


@audit.command()
@_DATA
@click.option("--last", type=click.IntRange(min=0), default=20, show_default=True, help="How many entries; 0 = all.")
@click.option("--export", "folder", type=click.Path(path_type=Path, file_okay=False), help="Write the whole log there (C2SP tlog-tiles).")
@_JSON
def log(data: Path, *, last: int, folder: Path | None, as_json: bool) -> None:
    """Show the newest entries of the log, and its signed checkpoint to keep; or write it all out for `witting verify DIR`."""
    if folder is not None:
        from witting.audit.hub_copy import export_log
        from witting.cli.progress import Ticker

        size = export_log(data, folder, on_progress=Ticker("entries written"))
        _show(
            {"entries": size, "folder": str(folder)},
            f"{size} entries are in {folder}; check them: witting verify {folder}",
            as_json=as_json,
        )
        return
    from witting.audit.hub_copy import read_hub
    from witting.ledger.log import leaf_hash

    copy = read_hub(data)
    shown = copy.deeds[-last:] if last else copy.deeds
    rows = [
        {"index": deed.position, "kind": deed.kind, "hash": leaf_hash(copy.entries[deed.position]).hex(), "is_openable": bool(deed.opening)}
        for deed in shown
    ]
    lines = [f"{row['index']:>6}  {row['kind']:<20} {str(row['hash'])[:24]}…" for row in rows]
    text = "\n".join([*lines, f"{len(copy.entries)} entries in all", "", copy.checkpoint.rstrip("\n")])
    _show(
        {"entries": len(copy.entries), "shown": rows, "checkpoint": copy.checkpoint, "verifier_key": copy.verifier}, text, as_json=as_json
    )


@audit.command()
@_DATA
@click.option(
    "--checkpoint",
    "kept",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    help="A checkpoint kept earlier; may be given more than once.",
)
@_JSON
def verify(data: Path, kept: tuple[Path, ...], as_json: bool) -> None:
    """Recompute the log, ask the gate again for every stored session, look for what was erased.

    Exit status 14 when something doesn't hold.
    """
    from witting.audit.checks import check_hub
    from witting.audit.hub_copy import read_hub

    show_checks(check_hub(read_hub(data), older=[path.read_text("utf-8") for path in kept]), as_json=as_json)


@audit.command()
@click.argument("index", type=click.IntRange(min=0))
@_DATA
@_JSON
def prove(index: int, data: Path, as_json: bool) -> None:
    """Print the inclusion proof of entry INDEX, to be verified anywhere; it says nothing of what the entry is about."""
    import msgspec

    from witting.audit.hub_copy import prove_entry

    proof, verifier = prove_entry(data, index)
    lines = [f"entry      {proof.entry.decode()}", f"verifier   {verifier}", *(f"hash       {one.hex()}" for one in proof.hashes), ""]
    text = "\n".join([*lines, proof.checkpoint.rstrip("\n")])
    _show({"verifier_key": verifier, "proof": msgspec.to_builtins(proof)}, text, as_json=as_json)


@audit.command("file")
@click.argument("text")
@click.option("--programme", "programme_id", required=True, help="The id of the programme that it is about.")
@_DATA
@_JSON
def file_(text: str, *, programme_id: str, data: Path, as_json: bool) -> None:
    """File a finding: TEXT gets a public number and a day by which it must be answered; nobody can take it out again."""
    from contextlib import closing

    from witting.hub.enquiries import file_finding
    from witting.hub.hub import open_hub_at

    with closing(open_hub_at(data)) as hub:
        number = file_finding(hub, programme_id, text=text)
    _show({"number": number}, f"finding {number} is filed; the hub's page /enquiries shows when it is due", as_json=as_json)


@audit.command()
@click.argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--values",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help='JSON: {"kind": ["value", …], …}; the values are looked for, never shown.',
)
@_JSON
def scan(paths: tuple[Path, ...], values: Path, as_json: bool) -> None:
    """Search all bytes below PATHS for known values, in every encoding they may hide in.

    Exit status 12 when one is found.
    """
    import msgspec

    from witting.audit.leaks import survey
    from witting.terms.errors import LeakFoundError, UsageError

    try:
        secrets = msgspec.json.decode(values.read_bytes(), type=dict[str, list[str]])
        found = survey(paths, secrets)
    except (msgspec.MsgspecError, ValueError) as error:
        message = f"{values.name} can't be used" + (f": {error}" if not isinstance(error, msgspec.MsgspecError) else "")
        raise UsageError(message, hint='it is JSON, {"kind": ["value", …]}, each value of five characters or more') from None
    lines = [f"{hit.count:>6}  {hit.kind:<14} {hit.encoding:<22} {hit.path}" for hit in found.hits]
    lines += [f"{found.values} values looked for in {found.files} files, {found.size_bytes} bytes: {sum(found.by_kind.values())} found"]
    _show(msgspec.to_builtins(found), "\n".join(lines), as_json=as_json)
    if found.hits:
        kinds = ", ".join(f"{kind} {count}" for kind, count in found.by_kind.items() if count)
        message = f"values were found where none may be: {kinds}"
        raise LeakFoundError(message, hint="see the list above for files and encodings")


@audit.command()
@click.option(
    "--keystrokes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Table of keys, one a line: user, sentence, i, keycode, dwell_ms, down_down_ms, up_down_ms.",
)
@click.option(
    "--pointer",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with one folder for each person, with a table of pointer events for each session.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the attack.")
@_JSON
def reidentify(keystrokes: Path | None, pointer: Path | None, seed: int, as_json: bool) -> None:
    """Try to tell who typed or moved: by what was recorded, and by what witting would have written of it.

    The attack is trained anew on each, knows everybody, and the strongest of several is shown. Tables may be packed by gzip.
    """
    import msgspec

    from witting.audit.behaviour_data import read_keystrokes, read_pointers
    from witting.audit.pointer_attack import recognise_movers
    from witting.audit.typing_attack import recognise_typists
    from witting.terms.errors import UsageError

    if keystrokes is None and pointer is None:
        raise UsageError("nothing to recognise people by", hint="name a table with --keystrokes or a folder with --pointer")
    found = {}
    if keystrokes is not None:
        found["typing"] = recognise_typists(read_keystrokes(keystrokes), seed=seed)
    if pointer is not None:
        found["pointer"] = recognise_movers(read_pointers(pointer), seed=seed)
    lines = []
    for name, findings in found.items():
        lines += [f"{name}: {findings[0].people} people, chance {findings[0].chance:.1%}"]
        for one in findings:
            share = f"{one.share:6.1%}  [{one.low:.1%}, {one.high:.1%}]  {one.times_chance:5.1f} x chance"
            lines += [f"  {one.what:<20} {share}  {one.tries} tries, {one.attack}"]
    _show({"seed": seed, **msgspec.to_builtins(found)}, "\n".join(lines), as_json=as_json)


def show_checks(checks: "Sequence[ReportCheck]", *, as_json: bool) -> None:
    """Print checks.

    Raises:
        IntegrityError: one doesn't hold.
    """
    import msgspec

    from witting.terms.errors import IntegrityError

    lines = [f"{'holds ' if check.holds else 'BROKEN'}  {check.name}: {check.evidence}" for check in checks]
    broken = sum(not check.holds for check in checks)
    _show({"checks": msgspec.to_builtins(checks), "holds": not broken}, "\n".join(lines), as_json=as_json)
    if broken:
        message = f"{broken} of {len(checks)} checks don't hold"
        raise IntegrityError(message, hint="keep a copy as evidence before anything is mended")


def _show(data: object, text: str, *, as_json: bool) -> None:
    """Print `data` as JSON, or the text."""
    import msgspec

    print(msgspec.json.encode(data).decode() if as_json else text)
