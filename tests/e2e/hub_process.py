"""A hub as people run it: its own process, made, served, killed and served again by the command line."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from witting.device.send import HubClient
from witting.hub import invitations
from witting.ledger.keys import open_signed
from witting.terms.consent import DeletionReceipt
from witting.terms.hub import ParcelAnswer
from witting.terms.session import Parcel, Record
from witting.testing.sample_session import SITE, sample_records
from witting.testing.sender import Sender

WITTING = Path(sys.executable).parent / "witting"
EXAMPLE = Path(__file__).resolve().parents[2] / "src" / "witting" / "consent" / "example.toml"


@dataclass
class HubProcess:
    """A hub's folder and the process that serves it, if any."""

    data_dir: Path
    init_options: tuple[str, ...] = ()
    url: str = ""
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    def make(self) -> None:
        """Make the hub and put the example programme into force."""
        self.command("hub", "init", "--data", str(self.data_dir), "--port", "0", *self.init_options)
        programme = self.data_dir.parent / "programme.toml"
        programme.write_text(EXAMPLE.read_text("utf-8").replace("https://forms.example.org", SITE), "utf-8")
        self.command("hub", "programme-add", str(programme), "--data", str(self.data_dir))

    def command(self, *words: str) -> dict[str, Any]:
        """Run a verb with --json and return what it printed."""
        done = subprocess.run([str(WITTING), *words, "--json"], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def start(self) -> "HubProcess":
        """Serve the hub; returns once it listens."""
        with (self.data_dir.parent / "hub.stderr").open("a") as errors:
            self.process = subprocess.Popen(
                [str(WITTING), "hub", "serve", "--data", str(self.data_dir), "--json"], stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self.data_dir.parent / "hub.stderr").read_text()
        self.url = json.loads(line)["url"]
        return self

    def kill(self) -> None:
        """End the process as a power cut would."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self._wait()

    def stop(self) -> int:
        """Ask the process to end and return its status; nothing happens when there is none."""
        if self.process is None:
            return 0
        self.process.terminate()
        return self._wait()

    def client(self) -> HubClient:
        """Return a client as devices have it."""
        return HubClient(self.url)

    def lender(self, at: str) -> Sender:
        """Return somebody who opened an invitation and said yes to everything."""
        (link,) = invitations.create(self.data_dir, "office-help", count=1)
        token = link.rsplit("/", 1)[1]
        with self.client() as client:
            person = Sender(offer=client.offer(token), invite=token)
            person.keep(client.consent(person.consent(at)))
        return person

    def upload(
        self, person: Sender, parcel: Parcel, objects: dict[str, bytes], *, at: str, on_sent: Callable[[int], None] | None = None
    ) -> ParcelAnswer:
        """Send a parcel over HTTP."""
        with self.client() as client:
            return client.upload(person.intent(parcel, at=at), objects.__getitem__, on_sent=on_sent)

    def fails_to_serve(self, *options: str) -> tuple[int, str]:
        """Try to serve the hub where that can't be; return exit status and what was said."""
        done = subprocess.run(
            [str(WITTING), "hub", "serve", "--data", str(self.data_dir), *options], capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode, done.stderr

    def stored_files(self) -> list[Path]:
        """Return the files of the object store."""
        return sorted(file for file in (self.data_dir / "objects").rglob("*") if file.is_file())

    def leave(self, person: Sender, at: str) -> DeletionReceipt:
        """Withdraw everything over HTTP and return the deletion receipt."""
        with self.client() as client:
            answer = client.withdraw(person.withdrawal(at))
        return open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)

    def bytes_kept(self) -> bytes:
        """Return everything below the hub's folder, as a raw search would see it."""
        return b"\0".join(file.read_bytes() for file in sorted(self.data_dir.rglob("*")) if file.is_file())

    def _wait(self) -> int:
        """Wait for the process to be gone and return its status."""
        assert self.process is not None
        assert self.process.stdout is not None
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process = None
        return status


def session(person: Sender, at: str, *, frames: int = 3) -> list[Record]:
    """Return a sample session recorded under the person's receipt."""
    return list(sample_records(person.header(recorded_at=at, purposes=("train",)), frames=frames))
