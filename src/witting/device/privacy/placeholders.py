"""What stands in for a value: `⟨EMAIL_2⟩`. The same value gets the same placeholder for a whole session, whatever its case.

Keeps no value: a keyed hash (BLAKE2b, a key that lives in memory for one session) leads to the number. Invariant: a placeholder's
width depends on its kind and number only, and no other text of the output holds its brackets.
"""

import re
import secrets
from collections.abc import Collection
from hashlib import blake2b

from witting.device.privacy.sample import fold
from witting.terms.findings import FindingKind

LABELS: dict[FindingKind, str] = {
    "name": "NAME",
    "username": "USERNAME",
    "email": "EMAIL",
    "phone": "PHONE",
    "address": "ADDRESS",
    "iban": "IBAN",
    "card": "CARD",
    "national_id": "ID",
    "plate": "PLATE",
    "birth_date": "BIRTHDATE",
    "ip": "IP",
    "mac": "MAC",
    "url_secret": "URL",
    "path": "PATH",
    "secret": "SECRET",
    "special": "SPECIAL",
    "message": "MESSAGE",
    "number": "NUMBER",
    "unlisted_word": "WORD",
    "secure_field": "FIELD",
    "pixels": "PIXELS",
    "other_person": "PERSON",
    "place": "PLACE",
    "organisation": "ORGANISATION",
    "role": "ROLE",
    "date": "DATE",
}
OPENING = "⟨"
_FEW_BITS = 1023
_LETTER = re.compile(r"[^\W\d_]")


def has_placeholder(text: str) -> bool:
    """Whether redacted text holds a placeholder; the bracket comes from nowhere else."""
    return OPENING in text


class Placeholders:
    """The numbering of one session."""

    def __init__(self, seed: bytes | None = None) -> None:
        self._key = blake2b(seed).digest() if seed is not None else secrets.token_bytes(32)
        self._given: dict[bytes, str] = {}
        self._counts: dict[str, int] = {}
        self._known: dict[bytes, FindingKind] = {}
        self._maybe_known: set[int] = set()  # ten bits of a hash of each, so that hardly any other word has to be digested

    def stand_in(self, kind: FindingKind, value: str) -> str:
        """Return the placeholder of `value`; a value seen before keeps the one it had, even under another kind."""
        digest = self.digest(_canonical(value))
        given = self._given.get(digest)
        if given is None:
            label = LABELS[kind]
            self._counts[label] = self._counts.get(label, 0) + 1
            given = self._given[digest] = f"⟨{label}_{self._counts[label]}⟩"
        return given

    def forget(self, left: Collection[str]) -> None:
        """Forget which values have a placeholder, but for those left; the numbers aren't given again."""
        self._given = {digest: given for digest, given in self._given.items() if given in left}

    def digest(self, text: str) -> bytes:
        """Return the session's keyed hash of a text, 16 bytes."""
        return blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()

    def remember(self, kind: FindingKind, word: str) -> bool:
        """Note a word as personal for the rest of the session; return whether it is new."""
        digest = self.digest(fold(word))
        is_new = digest not in self._known
        self._known.setdefault(digest, kind)
        self._maybe_known.add(hash(fold(word)) & _FEW_BITS)
        return is_new

    @property
    def knows_any(self) -> bool:
        """Whether any word was noted."""
        return bool(self._known)

    def recall(self, folded: str) -> FindingKind | None:
        """Return the kind under which a folded word was noted."""
        return self._known.get(self.digest(folded)) if hash(folded) & _FEW_BITS in self._maybe_known else None


def _canonical(value: str) -> str:
    """Return what two spellings of one value share: no case, no accents, no spacing; digits alone where there are no letters."""
    if not _LETTER.search(value):
        digits = "".join(c for c in value if c.isdigit())
        return digits or value
    return " ".join(fold(value).split())
