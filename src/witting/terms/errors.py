"""The one tree of errors: what happened, what was protected, what to do.

An error never carries captured content: ids, counts, type names and paths the person chose are all it may hold.
The exit code stands on the class, so the command line needs no table.

WittingError (1)
├── UsageError (2)
├── HeldBackError (15)
├── NoConsentError (10)
├── NoticeChangedError (11)
├── LeakFoundError (12)
├── RedactionError (12)
├── StoreLockedError (13)
├── IntegrityError (14)
│   ├── RecordError
│   ├── SealError
│   ├── SignatureError
│   └── LogError
├── HubUnreachableError (15)
├── ProgrammeError (2)
├── StoreFullError (1)
├── CaptureError (1)
└── MissingExtraError (2)
"""

from typing import ClassVar


class WittingError(Exception):
    """Something went wrong; `hint` says what to do about it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", code: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code  # a word of its own where the class says too little, as a session's end does


class UsageError(WittingError):
    """The command or call was given something it can't take."""

    exit_code = 2


class ProgrammeError(UsageError):
    """A programme file is incomplete or wrong; the message names the field."""


class MissingExtraError(UsageError):
    """A verb needs an optional part that isn't installed; the hint says which."""


class NoConsentError(WittingError):
    """No consent is in force for what was asked; nothing was recorded or kept."""

    exit_code = 10


class NoticeChangedError(WittingError):
    """The notice or programme changed since consent; recording stays off until asked again."""

    exit_code = 11


class LeakFoundError(WittingError):
    """Something personal was about to leave; nothing was sent."""

    exit_code = 12


class RedactionError(WittingError):
    """Redaction couldn't finish; the item was dropped and counted, nothing of it was kept."""

    exit_code = 12


class StoreLockedError(WittingError):
    """Another process holds the store, or its key can't be had."""

    exit_code = 13


class IntegrityError(WittingError):
    """Bytes aren't what they were signed or sealed as; nothing of them was used."""

    exit_code = 14


class RecordError(IntegrityError):
    """A record can't be decoded."""


class SealError(IntegrityError):
    """A sealed object was changed, cut or belongs to another key."""


class SignatureError(IntegrityError):
    """A signature doesn't fit its statement and key."""


class LogError(IntegrityError):
    """The log, a checkpoint or a proof doesn't verify."""


class HubUnreachableError(WittingError):
    """The hub can't be reached; what was to be sent is kept for later."""

    exit_code = 15


class HeldBackError(WittingError):
    """Something of the person's own, such as a metered network, holds sending back; what was to be sent is kept for later."""

    exit_code = 15


class StoreFullError(WittingError):
    """The disk is full; recording stopped before anything was half-written."""


class CaptureError(WittingError):
    """A source of the recorder can't be opened or was lost; recording stopped, nothing half-seen was kept."""
