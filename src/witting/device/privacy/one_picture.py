"""One picture, redacted by itself: what `witting redact --image` does, and how anybody can score us on pictures of theirs.

The same masks as a recording's, with a tree that was read with the picture, or none: then only words read in the pixels and plain tiles
are shown, and nobody knows what is a picture in the picture. Invariant: every masked pixel lies in a region told; none tells a text.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
from PIL import Image

from witting.device.privacy.detectors import Posture
from witting.device.privacy.guard import guard
from witting.device.privacy.pixels import Mask, Pane, Pixels, Unveiled, fill, unveil
from witting.device.privacy.placeholders import LABELS
from witting.device.privacy.roles import PICTURE_ROLES, PICTURE_TAGS
from witting.device.privacy.steady import is_masked
from witting.device.privacy.texts import TextPipeline
from witting.device.privacy.trees import redact_tree
from witting.device.reading.found import Reader
from witting.terms.errors import UsageError
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame, RawNode, RawTree
from witting.terms.tree import NodeState, UiNode

MOST_PIXELS = 64_000_000
_MOST_NODES = 20_000
_LABEL = re.compile(r"⟨([A-Z]+)_\d+⟩")
_KINDS = {label: str(kind) for kind, label in LABELS.items()}
_TREE_HINT = (
    'a tree is JSON: {"nodes": [{"role": "button", "name": "Save", "box": [x, y, width, height]}, …]}, boxes in pixels of the image'
)

Why = Literal["node", "read", "looked", "not shown"]


class Region(msgspec.Struct, frozen=True):
    """One part of a picture that is masked."""

    kind: str  # what was found there; `face`, `code`, `picture`; `unsure`, `unreadable`; else `pixels`
    box: Rect  # x, y, width, height in the picture
    why: Why  # a node of the tree, a line that was read, a look for faces and codes; or nothing let it be shown


class _Node(msgspec.Struct, frozen=True):
    """A node of a tree file; keys that aren't known are left out."""

    role: str
    box: Rect
    name: str = ""
    value: str = ""
    states: tuple[NodeState, ...] = ()
    tag: str = ""
    key: str = ""


class _Tree(msgspec.Struct, frozen=True):
    """A tree file; the size is that of its picture, if it says it."""

    nodes: tuple[_Node, ...]
    width: int = 0
    height: int = 0


def redact_picture(
    pixels: Pixels, tree: tuple[RawNode, ...] | None, *, reader: Reader, posture: Posture = "strict"
) -> tuple[Pixels, list[Region]]:
    """Return the redacted picture and its masked regions; `tree` was read with the picture, None = there is none.

    Raises:
        RedactionError: a detector failed; there is no result.
    """
    return guard("picture", _redact, pixels, tree, reader=reader, posture=posture)


def _redact(pixels: Pixels, tree: tuple[RawNode, ...] | None, *, reader: Reader, posture: Posture) -> tuple[Pixels, list[Region]]:
    height, width = pixels.shape[:2]
    whole = Rect(0, 0, width, height)
    texts = TextPipeline(posture)
    # nobody names the whole: it is a document, so that plain parts may be seen
    nodes = (RawNode(0, -1, "document", "", box=whole), *(tree or ()))
    seen = redact_tree(RawTree(0, "page", "", "", nodes), texts)
    everywhere = () if tree is not None else (whole,)
    result = unveil(
        RawFrame(0, "periodic", pixels, (whole,)), [Pane((whole,), [seen], [seen])], reader=reader, texts=texts, areas=everywhere
    )
    regions = list(_told(result, seen.nodes, whole=whole))
    return fill(pixels, result.shown), regions + [Region("pixels", box, "not shown") for box in _rest(~result.shown, regions)]


def read_picture(path: Path) -> Pixels:
    """Return a picture file's first picture as RGB (height, width, 3), on white where it is transparent.

    Raises:
        UsageError: it is no picture, is cut off, or is too large.
    """
    hint = "name a PNG, JPEG, WebP, GIF, BMP or TIFF file"
    try:
        with Image.open(path) as image:
            if image.width * image.height > MOST_PIXELS:
                message = f"the image has {image.width} by {image.height} pixels"
                raise UsageError(message, hint=f"at most {MOST_PIXELS // 1_000_000} million are taken; cut it into parts")
            drawn = image.convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        name = type(error).__name__
        message = "the image is too large" if "Bomb" in name else f"the image can't be read ({name})"
        raise UsageError(message, hint=hint) from None
    page = Image.new("RGBA", drawn.size, "white")
    page.alpha_composite(drawn)
    return np.asarray(page.convert("RGB"))


def png_of(pixels: Pixels) -> bytes:
    """Return a picture as PNG, without a word about where it came from."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def read_tree(path: Path, *, width: int, height: int) -> tuple[RawNode, ...]:
    """Return the nodes of a tree file for a picture of a size.

    Raises:
        UsageError: it is no tree, or one of a picture of another size.
    """
    try:
        tree = msgspec.json.decode(path.read_bytes(), type=_Tree)
    except (OSError, msgspec.MsgspecError) as error:
        message = f"the tree can't be read ({type(error).__name__})"
        raise UsageError(message, hint=_TREE_HINT) from None
    if len(tree.nodes) > _MOST_NODES:
        message = f"the tree has {len(tree.nodes)} nodes"
        raise UsageError(message, hint=f"at most {_MOST_NODES} are taken")
    ends = [(node.box.x + node.box.width, node.box.y + node.box.height) for node in tree.nodes if not node.box.is_empty]
    is_beyond = any(right > width or bottom > height for right, bottom in ends)
    if is_beyond or (tree.width and tree.width != width) or (tree.height and tree.height != height):
        message = f"the tree is of another picture than this one of {width} by {height} pixels"
        raise UsageError(message, hint="read tree and picture at the same moment, and cut boxes off at the picture's edge")
    return tuple(
        RawNode(number, 0, node.role, node.name, value=node.value, states=node.states, box=node.box, tag=node.tag, key=node.key)
        for number, node in enumerate(tree.nodes, 1)
    )


def _told(result: Unveiled, nodes: tuple[UiNode, ...], *, whole: Rect) -> Iterator[Region]:
    """Yield what is masked for a reason of its own, within the picture."""
    for node in nodes:
        if is_masked(node) and not (box := node.box.intersect(whole)).is_empty:
            yield Region(_kind_of(node), box, "node")
    for box, kind in result.judged.refused:
        yield Region(kind, box.intersect(whole), "read")
    for kind, boxes in (("face", result.said.faces), ("code", result.said.codes), ("pixels", result.said.unlooked)):
        yield from (Region(kind, box.intersect(whole), "looked") for box in boxes)


def _kind_of(node: UiNode) -> str:
    """Return what a masked node holds."""
    if "secure" in node.states:
        return "secure_field"
    if node.role in PICTURE_ROLES or node.tag in PICTURE_TAGS:
        return "picture"
    label = _LABEL.search(f"{node.name} {node.value}")
    return _KINDS[label.group(1)] if label else "pixels"


def _rest(masked: Mask, regions: list[Region]) -> Iterator[Rect]:
    """Yield boxes that cover what is masked outside the regions: equal runs of neighbouring rows are one box."""
    left = masked.copy()
    for region in regions:
        box = region.box
        left[box.y : box.y + box.height, box.x : box.x + box.width] = False
    begun: dict[tuple[int, int], int] = {}
    for row in range(left.shape[0] + 1):
        steps = np.flatnonzero(np.diff(left[row].astype(np.int8), prepend=0, append=0)) if row < left.shape[0] else np.empty(0, np.int64)
        runs = {(int(first), int(last)) for first, last in zip(steps[::2], steps[1::2], strict=True)}
        for run in [run for run in begun if run not in runs]:
            yield Rect(run[0], begun[run], run[1] - run[0], row - begun.pop(run))
        for run in runs:
            begun.setdefault(run, row)
