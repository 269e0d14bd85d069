"""Sealed sessions on the participant's disk: one file and one key each; forget destroys the key, prune removes the bytes.

The end of a session can be forgotten too, while it is recorded: it is written anew without it, under a fresh key.
"""

from witting.device.spool.cutting import Removed
from witting.device.spool.store import SessionInfo, Spool
from witting.device.spool.writer import SessionWriter, stream_of

__all__ = ["Removed", "SessionInfo", "SessionWriter", "Spool", "stream_of"]
