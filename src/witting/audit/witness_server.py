"""The witness over HTTP (C2SP tlog-witness): `add-checkpoint` for the log, `<origin hash>/checkpoint` for whoever watches.

Only the standard library. Knows nothing of how it decides (`witness`). Invariant: one request is answered after the other, and what a
request holds is written to no log.
"""

import signal
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

from witting.audit.witness import RefusedError, Witness
from witting.terms.errors import UsageError, WittingError

_MOST_BYTES = 200_000


class WitnessServer(HTTPServer):
    """Serves one witness on one address; port 0 is a free one."""

    def __init__(self, witness: Witness, host: str, *, port: int) -> None:
        self.witness = witness
        try:
            super().__init__((host, port), _Handler)
        except OSError:
            message = f"{host}:{port} can't be listened on"
            raise UsageError(message, hint="stop what listens there, or name another --port (0 = a free one)") from None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


def serve_witness(witness: Witness, host: str, *, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve a witness until it is told to stop (SIGTERM, SIGINT); `on_ready` is told where."""
    with WitnessServer(witness, host, port=port) as server:
        signal.signal(signal.SIGTERM, _stop)
        on_ready(server.url)
        server.serve_forever()


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: WitnessServer
    timeout = 10  # seconds that a slow sender is waited for

    def do_POST(self) -> None:
        """Take a checkpoint to cosign."""
        length = self.headers.get("content-length", "")
        if self.path != "/add-checkpoint" or not length.isdecimal() or int(length) > _MOST_BYTES:
            self._answer(404 if self.path != "/add-checkpoint" else 413, "not here\n")
            return
        try:
            line = self.server.witness.add_checkpoint(self.rfile.read(int(length)).decode())
        except RefusedError as error:
            is_stale = error.status == 409  # noqa: PLR2004 - the status that C2SP gives the size with
            text = f"{error.size}\n" if is_stale else f"{error.code}: {error}\n"
            self._answer(error.status, text, kind="text/x.tlog.size" if is_stale else "text/plain; charset=utf-8")
        except UnicodeDecodeError:
            self._answer(400, "malformed: the request is no text\n")
        except WittingError as error:
            self._answer(503, f"{error}; {error.hint}\n")
        else:
            self._answer(200, line)

    def do_GET(self) -> None:
        """Show the newest cosigned checkpoint of a log."""
        first, _, rest = self.path.removeprefix("/").partition("/")
        note = self.server.witness.latest(first) if rest == "checkpoint" else None
        self._answer(404 if note is None else 200, note or "not here\n")

    def _answer(self, status: int, text: str, *, kind: str = "text/plain; charset=utf-8") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Write nothing."""


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)
