# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""Finds secrets: vendors' token formats, private keys, JSON web tokens, connection strings, values after a telling word, random strings.

Doesn't try a secret or keep it. Vendor formats are data in `vendor_tokens`; only long enough chunks without spaces are held against them.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

from witting.device.privacy.digests import digests, is_name_of_code, longest_segments
from witting.device.privacy.sample import Sample, word_set
from witting.device.privacy.vendor_tokens import VENDOR_TOKENS
from witting.terms.findings import Finding

_CHUNK = re.compile(r"[^\s\"'<>`,;]{16,}")
_VENDORS = re.compile("(?<![A-Za-z0-9])(?:" + "|".join(f"(?P<{'v_' + vendor}>{pattern})" for vendor, pattern in VENDOR_TOKENS) + ")")
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[^-]{0,20000}(?:-----END [A-Z0-9 ]{0,40}-----)?)?")
_SSH_OR_PGP = re.compile(r"PuTTY-User-Key-File-\d[^\0]{0,20000}")
_CONNECTION = re.compile(r"(?i)(?<![^\W_])(?:password|pwd|accountkey|sharedaccesskey|user id|uid|sig)=([^;\s&\"']{2,512})")
_BEARER = re.compile(r"(?i)(?<![^\W_])(?:bearer|basic|token)\s+([\w.~+/=-]{8,4096})")
_TELLING = (
    r"(?:pass(?:word|wd|phrase|code|wort)?|pwd?|kennwort|contrase(?:ñ|n)a|clave|mot de passe|pin|otp|tan|puk|cvc|cvv|"
    r"(?:api|access|private|secret|encryption|license)[ _-]?key|apikey|client[ _-]?secret|secret|token|auth(?:orization)?|credentials?|"
    r"(?:verification|security|recovery|access|login|one[ -]time) code|sicherheitscode|best(?:ä|ae)tigungscode)"
)
# one of them is in whatever `_TELLING` and `_OPTION` match
_TELLING_SIGNS = (
    *("pass", "pw", "kennwort", "contrase", "clave", "mot de", "pin", "otp", "tan", "puk", "cvc", "cvv", "key", "secret", "token", "auth"),
    *("credential", "code", "mysql", "mariadb", "7z"),
)
_QUOTED = re.compile(
    rf"(?i)(?<![^\W_]){_TELLING}(?:\s*(?:is|ist|lautet|est|es|=|:|=>|->))?\s*[\"“„«'‘`]([^\"”“»'’`\n]{{2,256}})[\"”“»'’`]",
)
_PLAIN = re.compile(
    # a look ahead, so that a value that holds another telling word, as in `password: A&y=password: B`, hides neither
    rf"(?i)(?<![^\W_])(?={_TELLING}(?:\s*(?::=|=>|->|[:=])\s*|\s+(?:is|ist|lautet|est|es)\s+)([^\s\"“„«'‘`,;‹]{{3,256}}))",
)
_OPTION = re.compile(r"(?i)(?<!\w)(?:mysql\w{0,12}|mariadb\w{0,12}|sshpass|7z)(?!\w)[^\n]{0,120}?\s-p([^\s‹]{4,64})")
_NOT_VALUES = word_set(
    """wrong incorrect required invalid too not a an the reset expired optional must should missing empty weak strong changed needed
    hidden shown
    falsch ungültig erforderlich abgelaufen nicht zu ein eine der die das leer incorrect requis expiré pas le la un une incorrecta
    requerida no
    field forgot forgotten enter show hide change confirm new old current your my mandatory case valid secure correct saved stored sent
    true false
    null none undefined bearer basic string text""",
)
_RANDOM = re.compile(r"(?<![\w/+.-])[A-Za-z0-9_+/=-]{20,512}(?![\w/+])")
_HEX = re.compile(r"^[0-9a-fA-F-]{32,}$")
_SHORT_RANDOM = re.compile(r"(?<![\w/+.-])(?![A-Z]+_\d{1,4}›)[A-Za-z0-9_+/=!@#$%^&*-]{8,64}(?![\w/+])")
_NEAR_TELLING = re.compile(rf"(?i)(?<![^\W_]){_TELLING}(?![^\W_])[^\n]{{0,40}}$")
_LOOK_BACK = 70
_LONG_ENTROPY = 3.6  # bits per character, with upper case, lower case and digits; prose is below 3.2 in chunks of 20
_SHORT_ENTROPY = 2.7


def find_vendor_tokens(sample: Sample) -> Iterator[Finding]:
    """Find tokens in a vendor's documented format, and JSON web tokens."""
    for chunk in _CHUNK.finditer(sample.text):
        for match in _VENDORS.finditer(sample.text, chunk.start(), chunk.end()):
            yield Finding("secret", *match.span(), 1.0, f"token:{(match.lastgroup or 'v_').removeprefix('v_')}")
        for match in _JWT.finditer(sample.text, chunk.start(), chunk.end()):
            yield Finding("secret", *match.span(), 1.0, "token:jwt")


def find_private_keys(sample: Sample) -> Iterator[Finding]:
    """Find private key blocks, whole or cut off."""
    if "PRIVATE KEY" in sample.text or "PuTTY" in sample.text:
        for pattern in (_PRIVATE_KEY, _SSH_OR_PGP):
            for match in pattern.finditer(sample.text):
                yield Finding("secret", *match.span(), 1.0, "private_key")


def find_connection_strings(sample: Sample) -> Iterator[Finding]:
    """Find the secret parts of `Key=value;` connection strings and of authorization headers."""
    if "=" in sample.text:
        for match in _CONNECTION.finditer(sample.text):
            yield Finding("secret", *match.span(1), 0.9, "connection_string")
    for match in _BEARER.finditer(sample.text) if any(sign in sample.lowered for sign in ("bearer", "basic", "token")) else ():
        if any(c.isdigit() for c in match[1]) or not match[1].islower():
            yield Finding("secret", *match.span(1), 0.8, "bearer")


def find_told_secrets(sample: Sample) -> Iterator[Finding]:
    """Find what follows a telling word: `password: …`, `PIN is …`, `token "…"`."""
    if not any(sign in sample.lowered for sign in _TELLING_SIGNS):
        return
    for match in _QUOTED.finditer(sample.text):
        yield Finding("secret", *match.span(1), 0.9, "told")
    for match in _OPTION.finditer(sample.text):
        yield Finding("secret", *match.span(1), 0.9, "told")
    for match in _PLAIN.finditer(sample.text):
        value = match[1].rstrip(".!?)")
        if value and value.casefold() not in _NOT_VALUES:
            yield Finding("secret", match.start(1), match.start(1) + len(value), 0.8, "told")


def find_random_strings(sample: Sample) -> Iterator[Finding]:
    """Find strings too random to be words: long ones anywhere, short ones near a telling word."""
    if not sample.has_digit:
        return
    long = list(_RANDOM.finditer(sample.text))
    known = list(digests(sample.text)) if long else []
    for match in long:
        is_digest = any(start <= match.start() and match.end() <= end for start, end in known)
        if is_digest and not _NEAR_TELLING.search(sample.text[max(0, match.start() - _LOOK_BACK) : match.start()]):
            continue
        if any(_is_random(part) and not is_name_of_code(part) for part in longest_segments(match[0])):
            yield Finding("secret", *match.span(), 0.6, "random")
    for match in _SHORT_RANDOM.finditer(sample.text) if any(sign in sample.lowered for sign in _TELLING_SIGNS) else ():
        if not (any(c.isdigit() for c in match[0]) and any(c.isalpha() for c in match[0])):
            continue
        before = sample.text[max(0, match.start() - _LOOK_BACK) : match.start()]
        if _NEAR_TELLING.search(before) and _entropy(match[0]) >= _SHORT_ENTROPY:
            yield Finding("secret", *match.span(), 0.7, "random_near_telling")


def _is_random(text: str) -> bool:
    """Whether a long string looks drawn, not written."""
    if _HEX.match(text):
        return True
    kinds = (any(c.islower() for c in text), any(c.isupper() for c in text), any(c.isdigit() for c in text))
    return all(kinds) and _entropy(text) >= _LONG_ENTROPY


def _entropy(text: str) -> float:
    """Return the Shannon entropy of the characters, bits per character."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
