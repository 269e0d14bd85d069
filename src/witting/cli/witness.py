"""`witting witness`: the works council's second key of the log."""

from pathlib import Path

import click

from witting.cli.options import json_option, show

_DATA = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("witness-data"),
    show_default=True,
    help="The witness's folder.",
)


@click.group()
def witness() -> None:
    """Hold the second key of a hub's log: cosign what continues it, refuse a fork."""


@witness.command()
@_DATA
@click.option("--name", default="", help="The witness's name, for a fresh folder, e.g. council.example.org/witness.")
@click.option("--trust", "log_key", default="", help="A log's key, as the hub's page /log shows it: this witness will cosign that log.")
@json_option
def key(data: Path, *, name: str, log_key: str, as_json: bool) -> None:
    """Make the witness's key, or show it; with --trust, name the log that it watches."""
    from witting.audit.witness import CONFIG_FILE, Witness, make_witness, trust_log
    from witting.ledger.log.checkpoint import key_name

    if log_key:
        key_name(log_key)  # before anything is made
    held = make_witness(data, name) if name or not (data / CONFIG_FILE).exists() else Witness(data)
    if log_key:
        trust_log(data, log_key)
        held = Witness(data)
    lines = [f"witness key  {held.verifier}", *(f"watches      {origin}" for origin in held.logs)]
    show({"verifier_key": held.verifier, "logs": held.logs}, "\n".join(lines), as_json=as_json)


@witness.command()
@_DATA
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8430, show_default=True, help="Port; 0 = a free one.")
@json_option
def serve(data: Path, *, host: str, port: int, as_json: bool) -> None:
    """Serve the witness until it is stopped; prints its address once it listens."""
    from witting.audit.witness import Witness
    from witting.audit.witness_server import serve_witness

    held = Witness(data)
    serve_witness(held, host, port=port, on_ready=lambda url: show({"url": url, "verifier_key": held.verifier}, url, as_json=as_json))
