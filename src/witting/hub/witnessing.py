"""The hub asks its witness to cosign the log, and keeps what it signed (C2SP tlog-witness).

While the witness is away the hub goes on: entries wait for their cosignature, the page of the log says so, and the next answer catches up.
Invariant: nothing is kept that the witness's key didn't sign over the hub's own checkpoint.
"""

import http.client
import threading
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import delete, insert

from witting.hub.database import reading, writing
from witting.hub.hub import Hub
from witting.hub.log_store import SqlLogStore
from witting.hub.schema import cosignature
from witting.ledger.log import Log, claimed, open_cosignature
from witting.ledger.log.witness_request import write_request
from witting.terms.clock import rfc3339
from witting.terms.errors import HubUnreachableError, LogError, WittingError

_TIMEOUT_S = 10
_MOST_BYTES = 100_000
_CONFLICT, _OK = 409, 200
_WAIT_S = 2.0
_LONGEST_WAIT_S = 60.0


class Standing(NamedTuple):
    """How far the witness has signed."""

    size: int  # entries; 0 = none yet
    behind: int  # entries that wait
    cosigned_at: str  # RFC 3339 UTC; empty = never
    trouble: str  # why the last try failed; empty = it didn't


def catch_up(hub: Hub) -> int:
    """Have the witness cosign the log as it stands, and return how many entries are cosigned; nothing is asked when all are.

    Raises:
        HubUnreachableError: the witness can't be reached or is out of order.
        LogError: it refuses, has seen a longer log, or signed something else.
    """
    with reading(hub.engine) as connection:
        log = Log(SqlLogStore(connection))
        note, size = hub.journal.present(connection), log.size
        newest = hub.journal.cosigned(connection)
        old = 0 if newest is None else claimed(newest).size
        if size in {0, old}:
            return old
        proof = log.consistency_proof(old) if old else ()
    status, answer = _post(hub, write_request(note, old=old, proof=proof))
    if status == _CONFLICT:
        status, answer = _again(hub, note, size=size, told=answer)
    if status != _OK:
        message = f"the witness doesn't cosign: {answer.strip()[:200]}"
        raise LogError(message, hint="whoever holds it sees why; the hub goes on, its newest entries aren't cosigned")
    cosigned = note + answer
    open_cosignature(cosigned, hub.config.witness_key)
    with writing(hub.engine) as connection:
        connection.execute(delete(cosignature).where(cosignature.c.size == size))
        connection.execute(insert(cosignature).values(size=size, checkpoint=cosigned, cosigned_at=hub.stamp()))
    return size


def _again(hub: Hub, note: str, *, size: int, told: str) -> tuple[int, str]:
    """Ask again from the state that the witness says it has."""
    text = told.strip()
    seen = int(text) if text.isascii() and text.isdecimal() else -1
    if not 0 <= seen <= size:
        message = f"the witness has seen {text[:20]} entries, this log holds {size}: it was rolled back, or restored from an old backup"
        raise LogError(message, hint="restore the newest backup; nothing was cosigned")
    with reading(hub.engine) as connection:
        proof = Log(SqlLogStore(connection)).consistency_proof(seen, size) if 0 < seen < size else ()
    return _post(hub, write_request(note, old=seen, proof=proof))


def _post(hub: Hub, body: str) -> tuple[int, str]:
    """Return status and text of the witness's answer."""
    parts = urlsplit(hub.config.witness_url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        connection.request("POST", f"{parts.path.rstrip('/')}/add-checkpoint", body.encode(), {"content-type": "text/plain"})
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        message = f"the witness can't be reached ({type(error).__name__})"
        raise HubUnreachableError(message, hint="the hub goes on; its newest entries are cosigned once the witness is back") from None
    finally:
        connection.close()


def _seen_at(note: str, key: str) -> str:
    """Return when the witness signed a checkpoint; empty when another witness did."""
    try:
        return rfc3339(datetime.fromtimestamp(open_cosignature(note, key), UTC))
    except (LogError, OverflowError, ValueError):
        return ""


class Watch:
    """Keeps the log cosigned while the hub is served, in a thread of its own."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)
        self.trouble = ""

    def start(self) -> None:
        """Begin, where a witness is named."""
        if self._hub.config.witness_url:
            self._thread.start()

    def stop(self) -> None:
        """End; what isn't cosigned is at the next start."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(_TIMEOUT_S)

    def standing(self) -> Standing | None:
        """Return how far the witness has signed; None where the hub names none."""
        if not self._hub.config.witness_url:
            return None
        with reading(self._hub.engine) as connection:
            newest, size = self._hub.journal.cosigned(connection), SqlLogStore(connection).size()
        if newest is None:
            return Standing(0, size, "", self.trouble)
        seen = claimed(newest).size
        return Standing(seen, size - seen, _seen_at(newest, self._hub.config.witness_key), self.trouble)

    def _run(self) -> None:
        wait = 0.0
        while not self._is_over.wait(wait):
            try:
                catch_up(self._hub)
            except WittingError as error:
                self.trouble, wait = str(error), min(max(wait, _WAIT_S) * 2, _LONGEST_WAIT_S)
            else:
                self.trouble, wait = "", _WAIT_S
