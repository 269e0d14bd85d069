"""What a detector reports and what a redaction leaves: never the value itself."""

from typing import Literal

import msgspec

FindingKind = Literal[
    "name", "username", "email", "phone", "address", "iban", "card", "national_id", "plate", "birth_date",
    "ip", "mac", "url_secret", "path", "secret", "special", "message", "number", "unlisted_word",
    "secure_field", "pixels", "other_person", "place", "organisation", "role", "date",
]  # fmt: skip


class Finding(msgspec.Struct, frozen=True):
    """A detected span: what kind, where, how sure. `start` and `end` are offsets into the text before redaction."""

    kind: FindingKind
    start: int
    end: int
    score: float = 1.0
    detector: str = ""


class RedactedText(msgspec.Struct, frozen=True):
    """Text as it may be written: findings stand as typed placeholders like `⟨EMAIL_2⟩`."""

    text: str
    findings: tuple[Finding, ...] = ()
