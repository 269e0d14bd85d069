"""Which parts of a read picture may be seen: every word of every line goes through the text pipeline, alone and joined.

Lines are joined in reading order, along a row and down a block, so that a value that is split over them is found. What isn't known to be
harmless is masked in either posture, because a name that was misread is a word that nobody knows. Knows no trees.
Invariant: a stretch of ink is passed only if words were read in it with confidence, and every finding leaves all of them alone, in the
line, in the row and in the block; so a mask always covers whole words.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from witting.device.privacy.doubts import doubtful, is_initials
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.texts import TextPipeline
from witting.device.reading.found import Line, Mask, Reader, Reading, moved
from witting.terms.findings import FindingKind
from witting.terms.geometry import Rect
from witting.terms.raw import RawFrame

_SURE = 55  # of 100: what was read with less isn't known
_LOST, _SURER = 20, 90  # a word below the first says that the engine may not know the script: the others of its line must be surer then
_GROWTH_PX = 2  # edges lie inside the letters' outline
_BLOCK_GAP = 1.1  # of a line's height: lines further apart aren't one block
_SAME_SHARE = 0.5  # of the lower height: boxes that overlap as much stand in one row
_MOST_JOINED = 40  # words of a block that are joined at a time
_BADGE_PX, _ROUND, _BADGE_SIGNS = 20, 1.4, 3
_STRETCH_GAP = 2.5  # of a line's height: what stands further apart in a row is something else
_LABEL_WORDS, _MOST_SHARE = 4, 0.5  # of a title of so many words, where more ink than that is masked, the rest tells what was
_LEAST_OVERLAP = 0.3  # of the shorter one: a word and an ink that share less aren't one

# found by a label that may stand in another line
_TOLD: frozenset[FindingKind] = frozenset({"secret", "username", "birth_date", "national_id", "iban", "card", "plate", "special"})
# found only when its parts are joined
_SPLIT: frozenset[FindingKind] = frozenset(
    {"email", "phone", "address", "iban", "card", "national_id", "birth_date", "ip", "mac", "url_secret", "path", "secret"}
)

UNREAD = frozenset({"unsure", "unreadable", "picture"})  # masked because of how it was read, not for what it says
_WHO = frozenset({"name", "username"})  # says who is meant
_UNKNOWN = frozenset({"unsure", "unreadable", "picture", "unlisted_word", "number"})  # masked because nobody knows, not for what it is
_TALLER = 1.7  # so many times as tall as its words, an ink has something drawn around them

_Key = tuple[int, int]  # line, word


@dataclass(slots=True)
class Judged:
    """What may be seen of a reading, and what must not."""

    passed: list[Rect] = field(default_factory=list)
    refused: list[tuple[Rect, str]] = field(default_factory=list)  # with why: a finding's kind, `unsure`, `unreadable` or `picture`
    conflicts: list[Rect] = field(default_factory=list)  # refused for what is personal, not only for being unknown: wins over everything


def read_over(raw: RawFrame, wanted: Mask, *, reader: Reader, areas: Iterable[Rect]) -> Reading:
    """Return what a reader says of the part of a frame that is wanted, with places on the screen.

    Faces and codes are looked for in the areas that lie in the frame, however little of them does.
    """
    whole = Rect(raw.area.x, raw.area.y, wanted.shape[1], wanted.shape[0])
    inside = [moved(part, -whole.x, dy=-whole.y) for area in dict.fromkeys(areas) if not (part := area.intersect(whole)).is_empty]
    part = _around(wanted, inside)
    if part.is_empty:
        return Reading()
    here = np.s_[part.y : part.y + part.height, part.x : part.x + part.width]
    gray = np.asarray(Image.fromarray(np.ascontiguousarray(raw.pixels[here])).convert("L"))
    said = reader.read(gray, wanted[here], areas=tuple(moved(area, -part.x, dy=-part.y) for area in inside))
    return said.moved(part.x + whole.x, part.y + whole.y)


def _around(wanted: Mask, areas: Sequence[Rect]) -> Rect:
    """Return the smallest part of a frame that has all that is wanted and all areas."""
    rows, columns = np.flatnonzero(wanted.any(axis=1)), np.flatnonzero(wanted.any(axis=0))
    boxes = [*areas]
    if rows.size:
        boxes.append(Rect(int(columns[0]), int(rows[0]), int(columns[-1] - columns[0]) + 1, int(rows[-1] - rows[0]) + 1))
    if not boxes:
        return Rect(0, 0, 0, 0)
    left, top = min(box.x for box in boxes), min(box.y for box in boxes)
    return Rect(left, top, max(box.x + box.width for box in boxes) - left, max(box.y + box.height for box in boxes) - top)


def judge(reading: Reading, texts: TextPipeline) -> Judged:
    """Return which stretches of ink may be seen."""
    found = _findings(reading.lines, texts)
    judged = Judged()
    whys = [_whys(line, {index: kind for (at, index), kind in found.items() if at == number}) for number, line in enumerate(reading.lines)]
    for stretch in _stretches(reading.lines):
        _mask_rests(reading.lines, whys, stretch=stretch)
    for line, reasons_of_line in zip(reading.lines, whys, strict=True):
        last: Rect | None = None  # passed just before
        for ink, why in zip(line.ink, reasons_of_line, strict=True):
            if why:
                judged.refused.append((ink, why))
                if why not in _UNKNOWN:
                    judged.conflicts.append(ink)
            last = None if why else _pass(judged, ink, last=last)
    return judged


def _whys(line: Line, found: dict[int, FindingKind]) -> list[str]:
    """Return of each ink of a line why it must stay masked."""
    whys = []
    for ink in line.ink:
        inside = [index for index, word in enumerate(line.words) if _share(word.box, ink) >= _LEAST_OVERLAP]
        whys.append(_why(line, inside, found={index: found[index] for index in inside if index in found}, ink=ink))
    return whys


def _mask_rests(lines: Sequence[Line], whys: list[list[str]], *, stretch: Sequence[int]) -> None:
    """Mask a title or an entry of few words where most of their ink is masked and says who is meant; and a lone sign."""
    if sum(len(lines[number].words) for number in stretch) > _LABEL_WORDS:
        return
    inks = [(ink.width, whys[number][index]) for number in stretch for index, ink in enumerate(lines[number].ink)]
    if sum(len(word.text) for number in stretch for word in lines[number].words) <= 1:  # one sign by itself: anything may be read as one
        for number in stretch:
            whys[number] = [why or "unsure" for why in whys[number]]
    told = sum(width for width, why in inks if why and why not in UNREAD)
    if any(why in _WHO for _, why in inks) and told >= _MOST_SHARE * sum(width for width, _ in inks):
        for number in stretch:
            whys[number] = [why or "unsure" for why in whys[number]]


def _stretches(lines: Sequence[Line]) -> list[list[int]]:
    """Return the lines that stand side by side with no wide gap between, left to right."""
    stretches: list[list[int]] = []
    for row in _rows(lines):
        ends = tallest = 0
        for number in row:
            box = lines[number].box
            if not tallest or box.x - ends > _STRETCH_GAP * min(tallest, box.height):
                stretches.append([])
                ends = tallest = 0
            stretches[-1].append(number)
            ends, tallest = max(ends, box.x + box.width), max(tallest, box.height)
    return stretches


def _pass(judged: Judged, ink: Rect, *, last: Rect | None) -> Rect:
    """Note what may be seen; with the gap to the neighbour that passed before it."""
    if last is None:
        judged.passed.append(_grown(ink))
        return ink
    top, bottom = min(last.y, ink.y), max(last.y + last.height, ink.y + ink.height)
    both = Rect(last.x, top, ink.x + ink.width - last.x, bottom - top)
    judged.passed[-1] = _grown(both)
    return both


def _grown(ink: Rect) -> Rect:
    return Rect(ink.x - _GROWTH_PX, ink.y - _GROWTH_PX, ink.width + 2 * _GROWTH_PX, ink.height + 2 * _GROWTH_PX)


def reasons(judged: Judged) -> Counter[str]:
    """Return how many stretches were refused, by why."""
    return Counter(why for _, why in judged.refused)


def _why(line: Line, inside: Sequence[int], *, found: dict[int, FindingKind], ink: Rect) -> str:
    """Return why an ink must stay masked, "" if it may be seen."""
    if not inside:
        return "unreadable"
    if found:
        return next((kind for kind in found.values() if kind not in _UNKNOWN), next(iter(found.values())))
    words = [line.words[index] for index in inside]
    tops, bottoms = [word.box.y for word in words], [word.box.y + word.box.height for word in words]
    if (max(bottoms) - min(tops)) * _TALLER < ink.height or _is_badge(ink, "".join(word.text for word in words)):
        return "picture"
    is_lost = any(word.confidence < _LOST for word in line.words)
    return "" if all(word.confidence >= (_SURER if is_lost else _SURE) for word in words) else "unsure"


def _is_badge(ink: Rect, text: str) -> bool:
    """Whether a place is as tall as wide, larger than a letter, and says three signs at most: an avatar or an icon with letters in it."""
    low, high = sorted((ink.width, ink.height))
    return low >= _BADGE_PX and high <= _ROUND * low and len(text) <= _BADGE_SIGNS


def _share(word: Rect, ink: Rect) -> float:
    shared = min(word.x + word.width, ink.x + ink.width) - max(word.x, ink.x)
    return shared / max(1, min(word.width, ink.width))


def _findings(lines: Sequence[Line], texts: TextPipeline) -> dict[_Key, FindingKind]:
    """Return the words in which something was found, looking at lines, rows and blocks."""
    found: dict[_Key, FindingKind] = {}
    alone = [[number] for number in range(len(lines))]
    rows, blocks = [row for row in _rows(lines) if len(row) > 1], _pairs(lines)
    for _ in range(2):  # again, because what one line taught counts for the lines before it
        for group in alone:
            _look(lines, group, texts=texts, found=found)
        for group in rows:
            _look(lines, group, texts=texts, found=found, kinds=_TOLD | _SPLIT)
        for group in blocks:
            _look(lines, group, texts=texts, found=found, kinds=_TOLD | _SPLIT)
            _look(lines, group, texts=texts, found=found, kinds=_SPLIT, joint="")
    for stretch in _stretches(lines):
        if len(stretch) > 1:
            _look(lines, stretch, texts=texts, found=found, kinds={"name"})
        keys = [(number, index) for number in stretch for index in range(len(lines[number].words))]
        for at in doubtful([lines[number].words[index].text for number, index in keys], load_lexicon()):
            found.setdefault(keys[at], "unlisted_word")
    for number, line in enumerate(lines):
        if is_initials([word.text for word in line.words]):
            found.setdefault((number, 0), "unlisted_word")
    return found


def _look(
    lines: Sequence[Line],
    group: Sequence[int],
    *,
    texts: TextPipeline,
    found: dict[_Key, FindingKind],
    kinds: Collection[FindingKind] | None = None,
    joint: str = " ",
) -> None:
    """Note the words of joined lines in which something was found; of several lines what is told by a label, or lies over a break."""
    keys = [(number, index) for number in group for index in range(len(lines[number].words))]
    for start in range(0, len(keys), _MOST_JOINED):
        text, pieces = _text_of(lines, keys[start : start + _MOST_JOINED], joint=joint)
        findings = texts.redact(text).findings if kinds is not None else (*texts.redact(text).findings, *texts.unknown(text))
        for finding in findings:
            touched = [key for begin, end, key in pieces if begin < finding.end and end > finding.start]
            is_over = len({number for number, _ in touched}) > 1
            if kinds is None or (finding.kind in kinds and (is_over or (joint and finding.kind in {*_TOLD, "name"}))):
                for key in touched:
                    found[key] = finding.kind if found.get(key) in {None, "unlisted_word", "number"} else found[key]


def _text_of(lines: Sequence[Line], keys: Sequence[_Key], *, joint: str) -> tuple[str, list[tuple[int, int, _Key]]]:
    """Return words as one text, with where each stands in it; `joint` stands between lines."""
    text, pieces = "", list[tuple[int, int, _Key]]()
    for key in keys:
        if text:
            text += joint if pieces[-1][2][0] != key[0] else " "
        begin = len(text)
        text += lines[key[0]].words[key[1]].text
        pieces.append((begin, len(text), key))
    return text, pieces


def _rows(lines: Sequence[Line]) -> list[list[int]]:
    """Return the lines that stand side by side, left to right."""
    rows: list[list[int]] = []
    for number in sorted(range(len(lines)), key=lambda n: lines[n].box.y):
        box = lines[number].box
        for row in rows[-8:]:
            other = lines[row[0]].box
            shared = min(box.y + box.height, other.y + other.height) - max(box.y, other.y)
            if shared >= _SAME_SHARE * min(box.height, other.height):
                row.append(number)
                break
        else:
            rows.append([number])
    return [sorted(row, key=lambda n: lines[n].box.x) for row in rows]


def _pairs(lines: Sequence[Line]) -> list[list[int]]:
    """Return each line with the next one below it, where they are of one block."""
    order = sorted(range(len(lines)), key=lambda number: lines[number].box.y)
    tops = [lines[number].box.y for number in order]
    pairs = []
    for upper, line in enumerate(lines):
        box, bottom = line.box, line.box.y + line.box.height
        near = order[bisect_left(tops, bottom - 2) : bisect_right(tops, bottom + _BLOCK_GAP * box.height)]
        under = [n for n in near if n != upper and lines[n].box.x < box.x + box.width and lines[n].box.x + lines[n].box.width > box.x]
        if under:
            pairs.append([upper, under[0]])
    return pairs
