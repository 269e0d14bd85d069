"""Sealed sessions on the participant's disk: one file and one key each; forget destroys the key, prune removes the bytes."""

from witting.device.spool.store import SessionInfo, Spool
from witting.device.spool.writer import SessionWriter, stream_of

__all__ = ["SessionInfo", "SessionWriter", "Spool", "stream_of"]
