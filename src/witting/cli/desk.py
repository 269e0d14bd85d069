"""`witting desk`: serve the participant's own pages on this machine."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show


@click.command()
@data_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; without it a free one is taken.")
@click.option("--no-browser", is_flag=True, help="Print the address, open nothing.")
@json_option
def desk(data: Path, *, port: int, no_browser: bool, as_json: bool) -> None:
    """Serve your pages on this machine until Ctrl-C: what is recorded, review, mask, delete, send, withdraw.

    The address holds a token; only who has it gets in. Exit status 2 when the port is taken.
    """
    import webbrowser

    from witting.device.desk.config import DeskConfig
    from witting.device.desk.serve import serve

    def ready(url: str) -> None:
        show({"url": url}, f"your pages: {url}\nCtrl-C closes them", as_json=as_json)
        if not no_browser:
            webbrowser.open(url)

    serve(DeskConfig(data, port=port), on_ready=ready)
