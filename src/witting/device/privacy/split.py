"""Values that a page cuts over neighbouring nodes: `info` `@` `example.org`, a card number in four groups, a code in six boxes.

Knows only rules that a checksum or a fixed form makes sure of: numbers that merely stand side by side, as in a calendar, are no value.
Invariant: a piece is named only if it and a neighbour make one value that neither is by itself.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from witting.device.privacy.contacts import find_emails
from witting.device.privacy.credentials import find_vendor_tokens
from witting.device.privacy.identifiers import find_cards, find_ibans
from witting.device.privacy.normalise import normalise
from witting.device.privacy.roles import FIELD_ROLES, LABEL_ROLES
from witting.device.privacy.sample import make_sample
from witting.terms.findings import Finding, FindingKind
from witting.terms.raw import RawNode

Place = tuple[int, Literal["name", "value"]]  # which text of which node
_Piece = tuple[Place, str]
_RULES = (find_emails, find_cards, find_ibans, find_vendor_tokens)
_SIGN = re.compile(r"[\d@%&]")
_MOST_PIECES = 24
_LONGEST_PIECE = 120
_TOUCHING_PX = 4
_MIN_GROUP = 3  # digits of a card number that stand together
_MIN_BOXES = 4  # of one letter each: a code


def is_field(node: RawNode) -> bool:
    """Whether something can be typed or chosen into a node."""
    return "editable" in node.states or node.role in FIELD_ROLES


def split_values(nodes: Sequence[RawNode]) -> dict[Place, FindingKind]:
    """Return which texts are pieces of one value, and of what kind it is."""
    found: dict[Place, FindingKind] = {}
    for run in _runs(nodes):
        if sum(len(text) == 1 for place, text in run if place[1] == "value") >= _MIN_BOXES:
            found.update((place, "secret") for place, text in run if len(text) == 1)
        for gap in ("", " ") if _may_join(run) else ():
            found.update(_in_run(nodes, run, gap=gap))
    return found


def _runs(nodes: Sequence[RawNode]) -> Iterator[list[_Piece]]:
    """Yield neighbouring texts of one parent, and neighbouring fields' values, two or more."""
    run: list[_Piece] = []
    for index, node in enumerate(nodes):
        piece = _piece(index, node)
        before = run[-1][0] if run else None
        joins = piece and before and before[1] == piece[0][1] and nodes[before[0]].parent == node.parent and len(run) < _MOST_PIECES
        if not joins:
            yield from [run] if len(run) > 1 else []
            run = []
        if piece:
            run.append(piece)
    yield from [run] if len(run) > 1 else []


def _piece(index: int, node: RawNode) -> _Piece | None:
    """Return what of a node may be part of a longer value."""
    if is_field(node):
        text, place = node.value if "secure" not in node.states else "", (index, "value")
    else:
        text, place = node.name if node.role in LABEL_ROLES else "", (index, "name")
    return (place, text.strip()) if 0 < len(text.strip()) <= _LONGEST_PIECE else None  # type: ignore[return-value]


def _may_join(run: Sequence[_Piece]) -> bool:
    """Whether at any seam a digit or an at sign stands: between plain words no value is cut, and most seams are such."""
    return any(_SIGN.search(left.split()[-1]) or _SIGN.search(right.split()[0]) for (_, left), (_, right) in pairwise(run))


def _in_run(nodes: Sequence[RawNode], run: Sequence[_Piece], *, gap: str) -> Iterator[tuple[Place, FindingKind]]:
    """Yield the pieces of values that appear when a run is read with `gap` between its texts; without one only where they touch."""
    joined, spans = "", []
    for at, (place, text) in enumerate(run):
        if at:
            joined += gap or ("" if _touch(nodes[run[at - 1][0][0]], nodes[place[0]]) else "\n\n\n")
        spans.append((len(joined), len(joined) + len(text)))
        joined += text
    normalised = normalise(joined)
    sample = make_sample(normalised.text)
    for finding in (finding for rule in _RULES for finding in rule(sample)):
        start, end = normalised.source(finding.start, finding.end)
        parts = [at for at, (first, last) in enumerate(spans) if first < end and start < last]
        if len(parts) > 1 and _is_sure(finding, [run[at][1] for at in parts]):
            yield from ((run[at][0], finding.kind) for at in parts)


def _is_sure(finding: Finding, pieces: Iterable[str]) -> bool:
    """Whether pieces look cut from one value: days of a month may pass a card's checksum by chance."""
    return finding.kind != "card" or all(sum(c.isdigit() for c in piece) >= _MIN_GROUP for piece in pieces)


def _touch(left: RawNode, right: RawNode) -> bool:
    """Whether two nodes stand on one line without a space between."""
    is_one_line = left.box.y < right.box.y + right.box.height and right.box.y < left.box.y + left.box.height
    return is_one_line and abs(right.box.x - (left.box.x + left.box.width)) <= _TOUCHING_PX
