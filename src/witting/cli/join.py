"""`witting join LINK`: read an invitation's notice in the browser, choose, get a receipt; or say no and leave no trace."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import data_option, json_option, show

if TYPE_CHECKING:
    from witting.device.enrolment import Enrolment


@click.command()
@click.argument("link")
@data_option
@click.option("--no-browser", is_flag=True, help="Print the address of the notice, open nothing.")
@click.option("--no-install", is_flag=True, help="Don't put the browser's native host and the systemd unit in place after opting in.")
@json_option
def join(link: str, data: Path, *, no_browser: bool, no_install: bool, as_json: bool) -> None:
    """Fetch what the invitation LINK offers and show its notice; you choose there, and nothing is ticked before you do.

    Ends when you said no, or with Ctrl-C. Nothing is recorded before you start it. Exit status 15 when the hub can't be reached.
    """
    import webbrowser

    from witting.device.desk.config import DeskConfig
    from witting.device.desk.serve import serve
    from witting.device.enrolment import start_join
    from witting.device.standing import read_state

    enrolment = start_join(link, data)
    is_told = False

    def ready(url: str) -> None:
        text = f"{enrolment.programme.title}: the notice is at\n{url}"
        show({"url": url, "programme": enrolment.programme.id, "notice_digest": enrolment.offer.notice_digest}, text, as_json=as_json)
        if not no_browser:
            webbrowser.open(url)

    def is_refused() -> bool:
        nonlocal is_told
        state = read_state(data)
        if state is not None and state.status in {"given", "reconfirmed"} and not is_told:
            is_told = True
            _welcome(data, is_installing=not no_install, as_json=as_json)
        return state is None and not is_told

    serve(DeskConfig(data), on_ready=ready, until=is_refused)
    if read_state(data) is None and not is_told:
        show({"status": "refused"}, "you said no; nothing is left here, and nobody was told", as_json=as_json)


def _welcome(data: Path, *, is_installing: bool, as_json: bool) -> None:
    """Put in place what recording needs, and say what comes next."""
    from witting.device.enrolment import Enrolment

    enrolment = Enrolment(data)
    installed = _install(enrolment) if is_installing else []
    lines = ["you opted in; your receipt is on the page and in `witting receipts`"]
    lines += [f"installed {path}" for path in installed]
    lines += ['load the extension as the page says, then: witting record "what you are about to do"', "Ctrl-C closes the pages"]
    answer = {"status": "given", "receipt_id": enrolment.receipt.receipt_id, "installed": [str(path) for path in installed]}
    show(answer, "\n".join(lines), as_json=as_json)


def _install(enrolment: "Enrolment") -> list[Path]:
    """Put the native host and the systemd unit in place and note them for leaving."""
    import sys

    if sys.platform != "linux":
        return []
    from witting.device.capture.native_install import FIREFOX, HOST_NAME, PROFILES, install_for_person
    from witting.device.setup import install_unit, missing_folders

    hosts = [Path.home() / profile / "NativeMessagingHosts" for profile in PROFILES] + [Path.home() / FIREFOX / "native-messaging-hosts"]
    made = [path for folder in hosts for path in (*missing_folders(folder), folder / f"{HOST_NAME}.json", folder / f"{HOST_NAME}.sh")]
    enrolment.note_installed(made)
    manifests = install_for_person(enrolment.data_dir / "run" / "browser.sock")
    return [*manifests, install_unit(enrolment)]
