"""`witting redact`: the detectors by themselves, on a file of texts."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import json_option, show

if TYPE_CHECKING:
    from witting.device.privacy.detectors import Posture

_DASH = Path("-")


@click.command()
@click.option(
    "--jsonl",
    is_flag=True,
    required=True,
    expose_value=False,
    help='Each line of SOURCE is {"text": "…"}; each line of TARGET has its findings too.',
)
@click.option(
    "--posture",
    type=click.Choice(["strict", "balanced"]),
    default="strict",
    show_default=True,
    help="Mask what isn't known, or what is found.",
)
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@json_option
def redact(source: Path, target: Path, posture: "Posture", *, as_json: bool) -> None:
    """Redact the texts of SOURCE and write them with what was found to TARGET; `-` is standard input or output.

    Offsets count characters of the text that came in. Each line is a session of its own: numbers of placeholders begin anew.
    """
    from witting.device.privacy.lines import redact_lines
    from witting.terms.errors import UsageError

    if _DASH not in {source, target} and target.exists() and source.samefile(target):
        raise UsageError("source and target are the same file", hint="name another file; the source stays as it is")
    with click.open_file(str(source), "rb") as read:
        lines = redact_lines(read, posture)
        if target == _DASH:
            sys.stdout.buffer.writelines(lines)
            return
        count = _write_whole(target, lines)
    show({"lines": count, "target": str(target)}, f"{count} lines redacted into {target}", as_json=as_json)


def _write_whole(target: Path, lines: Iterable[bytes]) -> int:
    """Write a file that is there whole or not at all; return how many lines it has."""
    count = 0
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as written:
            for line in lines:
                written.write(line)
                count += 1
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return count
