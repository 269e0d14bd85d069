"""Programme files: one TOML file says what is asked of whom, for what and for how long."""

from witting.ledger.keys import digest_of
from witting.terms.programme import Programme


def programme_digest(programme: Programme) -> str:
    """Return the sha256 (hex) of the programme's RFC 8785 bytes: any change of the file's content changes it."""
    return digest_of(programme)
