"""The hub's own keys: one signs receipts and checkpoints, one opens parcels' keys, one wraps the keys of stored sessions.

Kept by `witting.ledger.seals.KeyStore` in the hub's folder. Invariant: made once, at `witting hub init`, and never in the database,
so a copy of the database opens nothing.
"""

from dataclasses import dataclass
from pathlib import Path

from witting.ledger.keys import BoxKey, SigningKey
from witting.ledger.seals import KeyStore
from witting.terms.errors import SealError, StoreLockedError


@dataclass(frozen=True, slots=True, repr=False)
class HubKeys:
    """The three keys of a hub."""

    signing: SigningKey  # the controller's: receipts, deletion receipts, checkpoints
    box: BoxKey  # parcels' keys are sealed to it
    vault: bytes  # wraps the key of each stored session


def make_keys(folder: Path) -> HubKeys:
    """Make and keep the hub's keys.

    Raises:
        FileExistsError: there are some already.
    """
    store = KeyStore(folder)
    signing, box = SigningKey.generate(), BoxKey.generate()
    store.keep("signing", signing.seed)
    store.keep("box", box.seed)
    return HubKeys(signing=signing, box=box, vault=store.new_key("vault"))


def open_keys(folder: Path) -> HubKeys:
    """Return the keys kept in `folder`.

    Raises:
        StoreLockedError: they aren't there, or can't be opened.
    """
    if not folder.is_dir():
        raise StoreLockedError("the hub's keys aren't where they were made", hint="restore the folder `keys` of the hub from its backup")
    store = KeyStore(folder)
    try:
        return HubKeys(signing=SigningKey.from_seed(store.key("signing")), box=BoxKey.from_seed(store.key("box")), vault=store.key("vault"))
    except SealError:
        raise StoreLockedError(
            "the hub's keys don't open", hint="restore the folder `keys` of the hub from its backup; nothing was changed"
        ) from None
