"""What a person said about their routines: names they gave, routines they don't want to see. Sealed under a key of its own.

Knows the device's key store. Invariant: found routines aren't kept, they are found anew from what still lies here; so deleting a recording
takes its routines along. What is kept goes with one call (`forget`): the key first, then the bytes.
"""

from pathlib import Path

import msgspec

from witting.device.spool.disk import write_private
from witting.ledger.seals import KeyStore, open_object, seal_object
from witting.terms.errors import IntegrityError, SealError

_KEY = "assist"
_NAME = b"witting-assist\0"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What was said, by routine id."""

    names: dict[str, str] = {}
    forbidden: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()  # tips that aren't told again
    left_out: dict[str, tuple[int, ...]] = {}  # steps that the person took out, by their number from 0


class SaidStore:
    """The file in a data directory, and its key."""

    def __init__(self, data_dir: Path, keystore: KeyStore) -> None:
        self._file = data_dir / "assist" / "said"
        self._keys = keystore

    def read(self) -> Said:
        """Return what was said; nothing where nothing was.

        Raises:
            IntegrityError: it was changed by somebody else.
        """
        if not self._keys.has(_KEY) or not self._file.exists():
            return Said()
        try:
            return msgspec.msgpack.decode(open_object(self._keys.key(_KEY), self._file.read_bytes(), name=_NAME), type=Said)
        except (SealError, msgspec.MsgspecError):
            raise IntegrityError(
                "what you said about your routines can't be read", hint="`witting routines forget` starts it anew"
            ) from None

    def write(self, said: Said) -> None:
        """Replace what was said; on disk when this returns."""
        key = self._keys.key(_KEY) if self._keys.has(_KEY) else self._keys.new_key(_KEY)
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._file, seal_object(key, msgspec.msgpack.encode(said), name=_NAME))

    def forget(self) -> bool:
        """Destroy the key, then remove the bytes; False when there was nothing."""
        had = self._keys.destroy(_KEY)
        self._file.unlink(missing_ok=True)
        return had
