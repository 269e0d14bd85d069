"""`witting follow`: what people left is made anew without them, by itself."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import json_option, progress_bar, show

if TYPE_CHECKING:
    from witting.hub.vault import Vault
    from witting.lab.unlearn import Lab


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--hub", "hub_data", type=click.Path(path_type=Path, file_okay=False), default=Path("hub-data"), show_default=True,
              help="The hub's folder.")  # fmt: skip
@click.option("--watch", type=click.FloatRange(1, 86_400), metavar="SECONDS", help="Look again each so many seconds, until stopped.")
@json_option
def follow(folder: Path, *, hub_data: Path, watch: float | None, as_json: bool) -> None:
    """Make anew what people left: every recalled dataset version and model below FOLDER.

    Versions are released again without whoever left, models trained again on them (bit for bit as if they had never been there) and entered
    in the hub's log; the old ones are erased. Interrupted, the same command goes on where it was. Says what lies elsewhere, and who has
    to be told about an export.
    """
    from contextlib import closing

    from witting.hub.vault import Vault
    from witting.lab.unlearn import Lab

    with closing(Vault.open(hub_data)) as vault, progress_bar(is_shown=not as_json) as say:
        lab = Lab(folder, progress=say, signer=vault.signing_key)
        _once(vault, lab, as_json=as_json)
        while watch is not None:
            time.sleep(watch)
            _once(vault, lab, as_json=as_json, is_quiet=True)


def _once(vault: "Vault", lab: "Lab", *, as_json: bool, is_quiet: bool = False) -> None:
    """Follow what is recalled now and say what became of it; when quiet, only where something did."""
    import msgspec

    from witting.lab.unlearn import follow_recalls, not_here

    done, elsewhere = follow_recalls(vault, lab), not_here(vault, lab)
    if is_quiet and not done:
        return
    recipients = {one.export_id: one.recipient for one in vault.handouts()}
    tell = [(one, recipients[one.name]) for one in vault.recalls() if one.kind == "export"]
    lines = [
        f"{one.kind} {one.name}: {f'{one.made} in {one.path}' if one.made else 'removed, nobody is left'}; "
        f"{len(one.found)} files held something of who left, {len(one.left)} do now"
        for one in done
    ]
    lines += [f"{one.kind} {one.name}: recalled, due {one.due_at[:10]}, and not below {lab.folder}" for one in elsewhere]
    lines += [f"tell {who} by {one.due_at[:10]}: {len(one.sessions)} sessions leave export {one.name}" for one, who in tell]
    answer = {
        "followed": msgspec.to_builtins(done),
        "elsewhere": msgspec.to_builtins(elsewhere),
        "to_tell": [{"recipient": who, **msgspec.to_builtins(one)} for one, who in tell],
    }
    show(answer, "\n".join(lines) or "nothing is recalled", as_json=as_json)
