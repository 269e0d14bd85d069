# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""Undoes what hides a value from a rule: compatibility forms, invisible characters, look-alike letters. Offsets are kept.

Knows nothing of detectors. Invariant: `starts` and `ends` give, for each character of the result, the span of the input it came from
(Unicode UAX 15 NFKC per character group; look-alikes after UTS 39, only inside tokens that mix Latin with another script).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# Marks of no script of their own (strokes, keycaps, rings): what of them doesn't compose only cuts a word apart for a rule.
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2800\ufffc")
_REMOVED_CATEGORIES = frozenset({"Cf", "Cn", "Co", "Cs"})
_PAIRS = """
аa вb еe ёe іi їi јj кk мm нh оo рp сc тt уy хx һh ԁd ԛq ԝw ѕs ьb ӏl АA ВB ЕE ЅS ІI ЈJ КK МM НH ОO РP СC ТT УY ХX ҮY ԌG ԚQ ԜW ӀI
ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX αa γy ιi κk νv οo ρp τt υu χx ɑa ɡg ıi
"""
_LOOK_ALIKES = str.maketrans({pair[0]: pair[1] for pair in _PAIRS.split()})
_LATIN = re.compile(r"[A-Za-z]")
_TOKEN = re.compile(r"\S+")
_ESCAPED_SPACE = "%20"
_CONTROLS = {code: " " for code in (*range(32), 127) if chr(code) not in "\n\t"} | {ord("\r"): "\n"}
# Latin letters that look like no other, and typographic marks: nothing here hides anything.
_ORDINARY = re.compile("[\n\t -~À-İĲ-ſ‘’“”„–—€×]*")
_BRACKETS = str.maketrans("⟨⟩", "‹›")
# A typographic dash inside a number or code is a hyphen to a rule; between two years it stays what it is.
_DASH = re.compile(
    r"((?<![\w–-])(?:19|20)\d\d–(?:19|20)\d\d(?![\w–-]))|(?<=\d)[‐‒–—―−⁃](?=\w)|(?<=\w)[‐‒–—―−⁃](?=\d)",
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text ready for rules, with its way back."""

    text: str  # the normalised text
    starts: Sequence[int]  # for each character, where its source begins in the input
    ends: Sequence[int]  # for each character, where its source ends in the input

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the input that `text[start:end]` came from; start < end."""
        return self.starts[start], self.ends[end - 1]


def normalise(raw: str) -> Normalised:
    """Return `raw` in NFKC without invisible characters, loose marks or look-alikes; placeholder brackets in it lose their meaning."""
    if _ESCAPED_SPACE in raw:
        return _with_spaces(raw)
    if raw.isascii():
        return Normalised(raw.translate(_CONTROLS), range(len(raw)), range(1, len(raw) + 1))
    if _ORDINARY.fullmatch(raw) and unicodedata.is_normalized("NFKC", raw):
        return Normalised(_hyphened(raw), range(len(raw)), range(1, len(raw) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _groups(raw):
        piece = _visible(unicodedata.normalize("NFKC", raw[start:end]))
        pieces.append(piece)
        starts.extend([start] * len(piece))
        ends.extend([end] * len(piece))
    text = _hyphened(_fold_look_alikes("".join(pieces)).translate(_BRACKETS))
    return Normalised(text, tuple(starts), tuple(ends))


def _with_spaces(raw: str) -> Normalised:
    """Return `raw` normalised as if each `%20` were the space that it stands for."""
    places: list[tuple[int, int]] = []
    position = 0
    for piece in raw.split(_ESCAPED_SPACE):
        places += [(place, place + 1) for place in range(position, position + len(piece))]
        position += len(piece) + len(_ESCAPED_SPACE)
        places.append((position - len(_ESCAPED_SPACE), position))
    plain = normalise(raw.replace(_ESCAPED_SPACE, " "))
    return Normalised(plain.text, [places[start][0] for start in plain.starts], [places[end - 1][1] for end in plain.ends])


def _hyphened(text: str) -> str:
    """Return `text` with the dashes inside numbers and codes as hyphens."""
    return _DASH.sub(lambda match: match[1] or "-", text)


def _groups(raw: str) -> list[tuple[int, int]]:
    """Return the spans of a character with what combines onto it."""
    cuts = [i for i, character in enumerate(raw) if i == 0 or not _joins(character)]
    return list(zip(cuts, [*cuts[1:], len(raw)], strict=True))


def _joins(character: str) -> bool:
    """Whether a character belongs to the one before it: a mark, a jamo or something invisible."""
    return not character.isascii() and (
        unicodedata.combining(character) != 0 or "\u1160" <= character <= "\u11ff" or unicodedata.category(character) in {"Mn", "Me"}
    )


def _visible(piece: str) -> str:
    """Return `piece` without invisible characters and loose marks; control characters and every kind of space become plain ones."""
    if piece.isascii() and piece.isprintable():
        return piece
    return "".join(_plain(c) for c in piece)


def _plain(character: str) -> str:
    """Return a character, a plain space or newline in its place, or nothing."""
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    if character in _INVISIBLE or _MARKS.match(character) or category in _REMOVED_CATEGORIES or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in {"Zl", "Zp"} or character == "\r":
        return "\n"
    return " " if category in {"Cc", "Zs"} else character


def _fold_look_alikes(text: str) -> str:
    """Return `text` with look-alikes made Latin in tokens that hold Latin letters too; the length stays."""
    if text.isascii():
        return text
    return _TOKEN.sub(lambda match: match[0].translate(_LOOK_ALIKES) if _LATIN.search(match[0]) else match[0], text)
