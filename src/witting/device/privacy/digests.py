"""Strings that look drawn and name a thing, not a person: commits, digests, UUIDs, embedded pictures, paths, long names of code.

Doesn't make anything harmless by itself: after a telling word (`token: …`) they count as secrets all the same, and the strict posture masks
them as words that aren't listed.
"""

import re
from collections.abc import Iterator

_DIGEST = re.compile(
    r"(?i)(?<![0-9a-z-])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-f]{40})(?![0-9a-z-])"
    r"|(?<![0-9a-z])sha(?:1|256|384|512)[-:][0-9a-z+/=]{20,100}|(?<![0-9a-z])data:(?:image|font|audio|video)/[\w.+-]{1,40};base64,[\w+/=-]{1,20000}",
)
_CAMEL = re.compile(r"[A-Z]?[a-z]{2,}")
_MOST_LEFT = 0.35  # of a name's characters, what may stand between its words
_SEGMENT = 20


def digests(text: str) -> Iterator[tuple[int, int]]:
    """Yield where UUIDs, digests in hexadecimal or of subresources, and embedded pictures stand."""
    for match in _DIGEST.finditer(text):
        yield match.span()


def is_name_of_code(text: str) -> bool:
    """Whether a string is mostly words grown together, `getUserAccountV2ById`."""
    return len(_CAMEL.sub("", text)) <= _MOST_LEFT * len(text) and max(map(len, _CAMEL.findall(text)), default=0) >= len("word")


def longest_segments(text: str) -> list[str]:
    """Return what of a path is long enough to be a secret; of anything else, itself."""
    return [part for part in text.split("/") if len(part) >= _SEGMENT] if text.startswith("/") else [text]
