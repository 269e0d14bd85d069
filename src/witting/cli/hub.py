"""`witting hub`: make, serve and prune a hub, and put programmes into force on it."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import click

_DATA = click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), default=Path("hub-data"), show_default=True, help="The hub's folder."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def hub() -> None:
    """Set up and serve the hub: what people let go of comes in here, sealed, with consent checked again."""


@hub.command()
@_DATA
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8420, show_default=True, help="Port; 0 = a free one each time.")
@click.option("--public-url", default="", help="How people's machines reach the hub, when that isn't where it listens.")
@click.option("--database-url", default="", help="SQLAlchemy URL, e.g. postgresql+psycopg://…; empty = SQLite in the folder.")
@_JSON
def init(data: Path, *, host: str, port: int, public_url: str, database_url: str, as_json: bool) -> None:
    """Make a hub: settings, keys, tokens, tables. Prints where the tokens of steward, lab and auditor are kept."""
    from witting.hub.config import HubConfig, new_origin
    from witting.hub.setup import init_hub
    from witting.ledger.log import verifier_key

    config = HubConfig(data_dir=data, host=host, port=port, public_url=public_url, database_url=database_url, origin=new_origin())
    made = init_hub(config)
    verifier = verifier_key(config.origin, made.signing_key)
    tokens = {role: str(file) for role, file in made.tokens.items()}
    lines = [f"made a hub in {data}", f"settings   {made.config_file}", f"log key    {verifier}"]
    lines += [f"{role:<10} {file}  (token, readable by you alone)" for role, file in tokens.items()]
    lines.append(f"Next: witting hub programme-add --data {data} PROGRAMME.toml, then witting hub serve --data {data}")
    answer = {"data": str(data), "config": str(made.config_file), "verifier_key": verifier, "tokens": tokens}
    _show(answer, "\n".join(lines), as_json=as_json)


@hub.command()
@_DATA
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Another port than hub.toml says; 0 = a free one.")
@_JSON
def serve(data: Path, port: int | None, as_json: bool) -> None:
    """Serve the hub until it is stopped; prints its address once it listens."""
    import os

    import msgspec

    from witting.hub.config import load_config
    from witting.hub.serve import serve as serve_hub

    config = load_config(data)
    if port is not None:
        config = msgspec.structs.replace(config, port=port)

    def tell(url: str) -> None:
        _show({"url": url, "pid": os.getpid()}, f"the hub listens on {url}  (stop it with Ctrl+C)", as_json=as_json)

    serve_hub(config, on_ready=tell)


@hub.command()
@_DATA
@_JSON
def prune(data: Path, as_json: bool) -> None:
    """Erase what was kept for as long as its programme says, and finish or throw away what was cut short."""
    import msgspec

    from witting.hub.hub import open_hub_at
    from witting.hub.pruning import prune as prune_hub

    with closing(open_hub_at(data)) as opened:
        done = prune_hub(opened)
    text = (
        f"erased {done.sessions} sessions past their retention ({done.bytes_erased} bytes), threw away {done.uploads} unfinished uploads, "
        f"swept {done.orphans} orphans, finished {done.resumed} erasures"
    )
    _show(msgspec.structs.asdict(done), text, as_json=as_json)


@hub.command()
@click.argument("target", type=click.Path(path_type=Path))
@_DATA
@_JSON
def backup(target: Path, data: Path, *, as_json: bool) -> None:
    """Copy the hub to the new folder TARGET; keep it as safe as the hub, for it holds its keys.

    The file erasures.jsonl of the running hub isn't in it: keep a copy of that somewhere else, always the newest. No backup can be
    restored without it.
    """
    from witting.hub.backup import make_backup
    from witting.hub.hub import open_hub_at

    with closing(open_hub_at(data)) as opened:
        files = make_backup(opened, target)
    _show({"backup": str(target), "files": files}, f"copied {files} files to {target}", as_json=as_json)


@hub.command()
@click.argument("source", type=click.Path(path_type=Path))
@_DATA
@click.option(
    "--erasures", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The newest erasures.jsonl of the lost hub."
)
@_JSON
def restore(source: Path, data: Path, *, erasures: Path, as_json: bool) -> None:
    """Make a hub of the backup SOURCE in the new folder given with --data, and erase again what was erased since."""
    import msgspec

    from witting.hub.backup import restore_backup

    done = restore_backup(source, erasures, data_dir=data)
    text = (
        f"restored to {data}: {done.withdrawals} withdrawals and {done.sessions} sessions past their time erased again, "
        f"{done.unknown} withdrawals of what the backup doesn't hold"
    )
    _show({"data": str(data), **msgspec.structs.asdict(done)}, text, as_json=as_json)


@hub.command()
@_DATA
@click.option("--all", "with_done", is_flag=True, help="Show what was done too.")
@_JSON
def recalls(data: Path, *, with_done: bool, as_json: bool) -> None:
    """Say what has to leave which dataset, model or export since people withdrew, and by when."""
    import msgspec

    from witting.hub.vault import Vault

    with closing(Vault.open(data)) as vault:
        found, recipients = vault.recalls(with_done=with_done), {one.export_id: one.recipient for one in vault.handouts()}
    lines = [
        f"{recall.due_at[:10]}  {recall.kind:8} {recall.name}  {len(recall.sessions)} sessions"
        + (f"  tell {recipients[recall.name]}" if recall.kind == "export" else "")
        + (f"  done {recall.done_at[:10]}" if recall.done_at else "")
        + f"  ({recall.citation})"
        for recall in found
    ]
    answer = {"recalls": [{**msgspec.to_builtins(one), "recipient": recipients.get(one.name, "")} for one in found]}
    _show(answer, "\n".join(lines) or "nothing is recalled", as_json=as_json)


@hub.command()
@click.argument("export_id")
@_DATA
@_JSON
def told(export_id: str, data: Path, *, as_json: bool) -> None:
    """Note that whoever got EXPORT_ID was told which sessions have to leave it."""
    from witting.hub.vault import Vault

    with closing(Vault.open(data)) as vault:
        index = vault.note_told(export_id).index
    _show({"export_id": export_id, "log_index": index}, f"noted: told about export {export_id}, entry {index} of the log", as_json=as_json)


@hub.command("programme-add")
@click.argument("file", type=click.Path(path_type=Path))
@_DATA
@_JSON
def programme_add(file: Path, data: Path, as_json: bool) -> None:
    """Put the programme in FILE into force; a changed one needs a higher version, and people are asked again."""
    from witting.consent.programme import load_programme
    from witting.hub.hub import open_hub_at
    from witting.hub.programmes import add_programme

    with closing(open_hub_at(data)) as opened:
        record = add_programme(opened, load_programme(file))
    programme = record.programme
    text = (
        f"{programme.title}, version {programme.version}, is in force on this hub\n"
        f"Next: witting programme invite {programme.id} --data {data} --count 5"
    )
    answer = {
        "programme_id": programme.id,
        "version": programme.version,
        "digest": record.digest,
        "notice_digest": record.notice_digest,
    }
    _show(answer, text, as_json=as_json)


def _show(data: Mapping[str, object], text: str, *, as_json: bool) -> None:
    """Print `data` as JSON, or the text, at once: whoever started a server waits for its line."""
    import msgspec

    print(msgspec.json.encode(data).decode() if as_json else text, flush=True)
