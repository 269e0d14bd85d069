"""How fast the hub takes sessions in, reads them, proves its log and erases; one real process on loopback, one client."""

import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil

from figures import write
from witting.device.send import HubClient
from witting.hub import invitations
from witting.hub.vault import Vault
from witting.terms.clock import rfc3339
from witting.testing.sample_session import SITE, sample_records
from witting.testing.sender import Sender

WITTING = Path(sys.executable).parent / "witting"
EXAMPLE = Path(__file__).resolve().parents[1] / "src/witting/consent/example.toml"
PEOPLE = 12
FRAMES = 60
PROOFS = 200


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def figure(name: str, took: list[float], unit: str, **more: object) -> dict[str, object]:
    """Return the median of what was measured as one figure; lower is better unless said otherwise."""
    value = statistics.median(took)
    return {"name": name, "value": round(value, 4), "unit": unit, "sense": "lower", "bar": None, "peer": None, "runs": len(took), **more}


def make(folder: Path) -> Path:
    """Make a hub with the example programme and return its folder."""
    programme = folder / "programme.toml"
    programme.write_text(EXAMPLE.read_text("utf-8").replace("https://forms.example.org", SITE), "utf-8")
    for words in (["init", "--data", str(folder / "hub"), "--port", "0"], ["programme-add", str(programme), "--data", str(folder / "hub")]):
        subprocess.run([str(WITTING), "hub", *words], check=True, capture_output=True)
    return folder / "hub"


def now() -> str:
    """Return the time as it is written."""
    return rfc3339(datetime.now(UTC))


def measure(data_dir: Path, url: str) -> list[dict[str, object]]:
    """Let people join, send, be read, ask for proofs and leave; return the figures."""
    joined, sent, read, left, size_bytes = [], [], [], [], 0
    links = invitations.create(data_dir, "office-help", count=PEOPLE)
    people = []
    with HubClient(url) as client, contextlib.closing(Vault.open(data_dir)) as vault:
        for link in links:
            token = link.rsplit("/", 1)[1]
            person = Sender(offer=client.offer(token), invite=token)
            joined.append(seconds(lambda person=person: person.keep(client.consent(person.consent(now())))))
            records = list(sample_records(person.header(recorded_at=now(), purposes=("train",)), frames=FRAMES))
            parcel, objects = person.pack(records, at=now(), per_object=400)
            size_bytes = sum(map(len, objects.values()))
            intent = person.intent(parcel, at=now())
            sent.append(seconds(lambda intent=intent, objects=objects: client.upload(intent, objects.__getitem__)))
            read.append(seconds(lambda parcel=parcel: list(vault.read(parcel.session_id, purpose="train"))))
            people.append(person)
        proofs = seconds(lambda: [client.proof(number % len(people)) for number in range(PROOFS)])
        left = [seconds(lambda person=person: client.withdraw(person.withdrawal(now()))) for person in people]
    return [
        figure("consent given and proven", joined, unit="s"),
        figure("session sent, checked and sealed", sent, unit="s"),
        figure("size of such a session", [size_bytes / 1000], unit="kB"),
        figure("session read from the vault, logged", read, unit="s"),
        figure("person left, erased and proven", left, unit="s"),
        figure("log proofs over HTTP", [PROOFS / proofs], unit="1/s", sense="higher"),
    ]


def main() -> None:
    """Run and write the figures."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = make(Path(folder))
        began = time.perf_counter()
        with subprocess.Popen(
            [str(WITTING), "hub", "serve", "--data", str(data_dir), "--json"], stdout=subprocess.PIPE, text=True
        ) as process:
            line = process.stdout.readline() if process.stdout else ""
            ready = time.perf_counter() - began
            try:
                figures = measure(data_dir, json.loads(line)["url"])
                memory = psutil.Process(process.pid).memory_info().rss / 1e6
            finally:
                process.terminate()
        figures += [figure("hub ready after", [ready], unit="s"), figure("hub memory (RSS) at the end", [memory], unit="MB")]
    write("hub", figures)


if __name__ == "__main__":
    main()
