"""Pages, as the browser's extension tells them: a unix socket that the native host connects to.

The recorder tells the extension which sites are lent and whether it records; the extension tells of those pages only. Doesn't decide what
is kept. Invariant: nothing that arrives here can raise; what isn't understood is dropped and counted in `garbage`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from witting.device.capture.native_host import Frames, frame
from witting.device.capture.page_messages import PageMessage, read_message
from witting.device.local_socket import LocalServer, Peer
from witting.terms.clock import Clock, SystemClock

_ANCESTORS = 4  # browsers start their hosts directly or through one shell


@dataclass(slots=True)
class _Host:
    """A connected native host and the browser above it."""

    frames: Frames
    processes: frozenset[int]  # its ancestors; one of them owns the browser's windows


@dataclass(frozen=True, slots=True)
class Word:
    """What extensions are told; by default that nothing is recorded."""

    recording: bool = False
    paused: bool = False
    sites: tuple[str, ...] = ()  # the origins lent
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by origin, of an address's query the keys that are kept
    app: str = ""  # the lent app in front, as the sign says it
    why: str = ""  # why it is held back, in plain words
    withdrawn: bool = False  # consent ended: access to every site is to be given back
    helping: bool = False  # pages are read for help at the desk: nothing is recorded


class BrowserSource:
    """Listens for native hosts at `path`; `app_of` names the app whose process is among those given, "" = none in front."""

    def __init__(self, path: Path, *, app_of: Callable[[frozenset[int]], str], clock: Clock | None = None) -> None:
        self._server = LocalServer(path)
        self._app_of = app_of
        self._clock = clock or SystemClock()
        self._hosts: dict[Peer, _Host] = {}
        self._word = Word()
        self._state = _state_message(self._word)
        self._probes = 0
        self.losses = 0  # hosts that went: what their pages said holds no more
        self.garbage = 0  # messages dropped because they weren't understood

    @property
    def is_connected(self) -> bool:
        """Whether any browser's host is there."""
        return bool(self._hosts)

    def fileno(self) -> int:
        """Return a descriptor that is readable when something arrived."""
        return self._server.fileno()

    def read(self) -> Iterator[PageMessage]:
        """Yield what pages said."""
        for peer, data in self._server.poll():
            if data:
                yield from self._messages(peer, data)
            elif peer.is_open:
                self._hosts[peer] = _Host(Frames(), _ancestors(peer.process_id))
                peer.send(self._state)
            else:
                self.losses += self._hosts.pop(peer, None) is not None

    def tell(self, word: Word) -> None:
        """Tell every extension, and those that connect later, what is lent and whether it is recorded."""
        self._word = word
        state = _state_message(word)
        if state != self._state:
            self._state = state
            for peer in self._hosts:
                peer.send(state)

    def ask_anew(self) -> None:
        """Have every page in view say again what it shows: recording is said to be off, and then as it was."""
        off = _state_message(Word())
        for peer in self._hosts:
            peer.send(off + self._state)

    def probe(self) -> int:
        """Ask the pages in view for their trees; returns the number their answers carry."""
        self._probes += 1
        message = frame(json.dumps({"type": "probe", "id": self._probes}).encode())
        for peer in self._hosts:
            peer.send(message)
        return self._probes

    def close(self) -> None:
        """Say that recording is over, and stop listening."""
        if not self._word.withdrawn:
            self.tell(Word())
        self._server.close()

    def _messages(self, peer: Peer, data: bytes) -> Iterator[PageMessage]:
        host = self._hosts[peer]
        try:
            bodies = host.frames.feed(data)
        except ValueError:  # a length that can't be: the stream is lost
            self.garbage += 1
            peer.is_open = False
            return
        app = self._app_of(host.processes)
        for body in bodies:
            message = read_message(body, app, clock=self._clock)
            if message is None:
                self.garbage += 1
            else:
                yield message


def _state_message(word: Word) -> bytes:
    return frame(json.dumps({"type": "state", **asdict(word)}).encode())


def _ancestors(process_id: int) -> frozenset[int]:
    """Return the ids of a process and of those that started it."""
    found: set[int] = set()
    while process_id > 1 and len(found) <= _ANCESTORS:
        found.add(process_id)
        process_id = _parent(process_id)
    return frozenset(found)


def _parent(process_id: int) -> int:
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
        return int(stat.rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
