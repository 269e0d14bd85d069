"""A policy as a signed bundle: each of its files by digest, under one signature, checked before any of it is used.

Knows files and keys, nothing of what is in them. Invariant: a policy that loads is, byte for byte, the one that was signed; where the
signer's key is known beforehand (a desk has its hub's), no other one's policy loads.
"""

import hashlib
from pathlib import Path

import msgspec

from witting.ledger.keys import SigningKey, open_signed
from witting.terms.errors import IntegrityError
from witting.terms.session import Signed

BUNDLE_FILE = "bundle.json"
KIND = "policy-bundle"
_HINT = "don't use it: get the policy again from whoever trained it, or train it again with `witting train`"


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed."""

    model_id: str
    files: dict[str, str]  # sha256 (hex) by name


def sign_bundle(folder: Path, model_id: str, *, files: tuple[str, ...], key: SigningKey) -> Bundle:
    """Sign the files of a policy that is otherwise whole."""
    bundle = Bundle(model_id=model_id, files={name: _digest(folder / name) for name in sorted(files)})
    signed = key.sign(KIND, bundle)
    (folder / BUNDLE_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(signed), indent=1) + b"\n")
    return bundle


def open_bundle(folder: Path, *, needs: tuple[str, ...], signer: bytes | None = None) -> Bundle:
    """Return what was signed in a policy's folder after checking signature and files; `signer` is the 32-byte key that it must be.

    Raises:
        IntegrityError: there is no bundle, a file that is needed isn't in it, or one was changed or is gone; the message names it.
        SignatureError: the signature doesn't fit, or is another's.
    """
    bundle = open_signed(_signed(folder), KIND, statement_type=Bundle, key=signer)
    for name in sorted({*needs, *bundle.files}):
        if name not in bundle.files:
            message = f"{folder / name} isn't among the files that were signed"
            raise IntegrityError(message, hint=_HINT)
        if Path(name).name != name or _digest(folder / name) != bundle.files[name]:
            message = f"{folder / name} isn't the file that was signed: it was changed, or is gone"
            raise IntegrityError(message, hint=_HINT)
    return bundle


def signer_of(folder: str | Path) -> bytes:
    """Return the public key that a policy's bundle says it was signed by.

    Raises:
        IntegrityError: there is no bundle that can be read.
    """
    return _signed(Path(folder)).key


def _signed(folder: Path) -> Signed:
    try:
        return msgspec.json.decode((folder / BUNDLE_FILE).read_bytes(), type=Signed)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        message = f"{folder / BUNDLE_FILE} can't be read ({type(error).__name__}): nobody signed this policy"
        raise IntegrityError(message, hint=_HINT) from None


def _digest(path: Path) -> str:
    """Return a file's sha256, "" when there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
