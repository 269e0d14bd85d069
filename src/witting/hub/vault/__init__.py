"""The vault: sealed sessions, their catalogue, the way to read one (always logged), the way to erase them, and what was made of them."""

from witting.hub.vault.vault import Vault

__all__ = ["Vault"]
