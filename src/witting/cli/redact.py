"""`witting redact`: the detectors by themselves, on a file of texts or on one picture."""

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
@click.option("--jsonl", "kind", flag_value="jsonl", help='Each line of SOURCE is {"text": "…"}; each line of TARGET has its findings too.')
@click.option("--image", "kind", flag_value="image", help="SOURCE is a picture, TARGET a PNG; prints the masked regions as JSON.")
@click.option(
    "--tree", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="With --image: JSON of the nodes on the picture."
)
@click.option(
    "--posture",
    type=click.Choice(["strict", "balanced"]),
    help="Mask what isn't known (strict, the default), or what is found.",
)
@click.option(
    "--programme",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="With --jsonl: mask the words and patterns of this programme too, in its posture.",
)
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@json_option
def redact(
    source: Path, target: Path, *, kind: str | None, tree: Path | None, posture: "Posture | None", programme: Path | None, as_json: bool
) -> None:
    """Redact the texts or the picture in SOURCE and write them to TARGET, with what was found; `-` is standard input or output of texts.

    Offsets count characters of the text that came in. Each line is a session of its own: numbers of placeholders begin anew. Regions of a
    picture are boxes [x, y, width, height] with their kind and why; never a text. With --json they come on one line.
    """
    from witting.terms.errors import UsageError

    if kind is None:
        raise UsageError("say what SOURCE holds", hint="--jsonl for texts, --image for a picture")
    if tree is not None and kind != "image":
        raise UsageError("--tree goes with --image", hint="leave it out for texts")
    if programme is not None and kind != "jsonl":
        raise UsageError("--programme goes with --jsonl", hint="leave it out for a picture")
    if _DASH not in {source, target} and target.exists() and source.samefile(target):
        raise UsageError("source and target are the same file", hint="name another file; the source stays as it is")
    if kind == "image":
        _redact_image(source, target, tree=tree, posture=posture or "strict", as_json=as_json)
    else:
        _redact_texts(source, target, posture=posture, programme=programme, as_json=as_json)


def _redact_texts(source: Path, target: Path, *, posture: "Posture | None", programme: Path | None, as_json: bool) -> None:
    from witting.consent.programme import load_programme
    from witting.device.privacy import Adds
    from witting.device.privacy.lines import redact_lines

    loaded = load_programme(programme) if programme is not None else None
    adds = Adds(loaded.redaction_words, loaded.redaction_patterns) if loaded else Adds()
    chosen = posture or (loaded.posture if loaded else "strict")

    with click.open_file(str(source), "rb") as read:
        lines = redact_lines(read, chosen, adds=adds)
        if target == _DASH:
            sys.stdout.buffer.writelines(lines)
            return
        count = _write_whole(target, lines)
    show({"lines": count, "target": str(target)}, f"{count} lines redacted into {target}", as_json=as_json)


def _redact_image(source: Path, target: Path, *, tree: Path | None, posture: "Posture", as_json: bool) -> None:
    """Redact one picture and print its masked regions."""
    import json

    import msgspec

    from witting.device.privacy.one_picture import png_of, read_picture, read_tree, redact_picture
    from witting.device.reading.load import load_reader
    from witting.terms.errors import UsageError

    if _DASH in {source, target}:
        raise UsageError("a picture is read from a file and written to one", hint="name both files")
    pixels = read_picture(source)
    height, width = pixels.shape[:2]
    nodes = None if tree is None else read_tree(tree, width=width, height=height)
    done, regions = redact_picture(pixels, nodes, reader=load_reader(), posture=posture)
    _write_whole(target, [png_of(done)])
    answer = {"width": width, "height": height, "masked": msgspec.to_builtins(regions)}
    show(answer, json.dumps(answer, indent=1), as_json=as_json)


def _write_whole(target: Path, lines: Iterable[bytes]) -> int:
    """Write a file that is there whole or not at all; return how many pieces it has."""
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
