"""Finds names of sites in running text: `www.example.org`, `example.org/shop`. They say whose customer or member somebody is.

Doesn't judge addresses of pages, whose host is lent or not by the gate. A dot between two words is a site only with a top domain of the
list, from which those are missing that end file names too (`.py`, `.md`, `.sh`, `.zip`).
"""

import re
from collections.abc import Iterator

from witting.device.privacy.sample import Sample, word_set
from witting.terms.findings import Finding

_DOTTED = re.compile(r"\w\.[^\W\d_]")
_TOP = word_set(
    """com org net edu gov info biz eu io co de at ch fr es it nl be lu uk ie us ca mx br ar cl pe ve au nz jp kr cn tw hk sg in il za tr gr
    ro bg hu cz sk si hr rs ua ru fi se no dk is ee lv lt pt cat int mil museum name pro jobs travel tv online site shop store blog cloud
    tech xyz club agency example""",
)
_HOST = re.compile(r"(?i)(?<![\w@.%/-])(?:(https?|ftp)://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}([a-z]{2,24}))(?![\w@-]|\.\w)")
_LOCAL = frozenset({"localhost"})


def find_hosts(sample: Sample) -> Iterator[Finding]:
    """Find the host of addresses in a text, not its scheme or path."""
    if not _DOTTED.search(sample.text):
        return
    for match in _HOST.finditer(sample.text):
        has_sign = match[1] is not None or match[2].lower().startswith("www.")
        if has_sign or match[3].lower() in _TOP:
            yield Finding("organisation", *match.span(2), 0.7, "host")
