"""One of twenty people withdraws: how long it takes through all stations, and whether anything planted in their recording is left anywhere.

Stations: a hub that serves, its database and object store, a dataset, a model, an export that was handed out, a backup made before. Planted
are markers in what the person typed. They are looked for by reading (vault and datasets, as whoever has the keys) and by a search of all
bytes below hub, lab and restored backup, in the encodings that `witting.audit.leaks` knows.
"""

import contextlib
import json
import secrets
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench_hub import WITTING, make, now
from witting.audit.leaks import survey
from witting.device.send import HubClient
from witting.hub import invitations
from witting.hub.backup import make_backup, restore_backup
from witting.hub.erased import ERASURES_FILE
from witting.hub.hub import open_hub_at
from witting.hub.vault import Vault
from witting.lab.dataset import BuildOptions, build, open_dataset, open_lent
from witting.lab.learn import TrainingConfig, train
from witting.lab.unlearn import Followed, Lab, follow_recalls
from witting.ledger.keys import open_signed
from witting.terms.consent import DeletionReceipt
from witting.terms.errors import WittingError
from witting.terms.events import TextInput
from witting.terms.session import Record
from witting.terms.work import Handout
from witting.testing.sample_session import sample_records
from witting.testing.sender import Sender

PEOPLE, FRAMES, OWN_FRAMES, IN_A_LINE = 20, 4, 64, 8
CONFIG = TrainingConfig(size="small", least_updates=100, most_updates=100)
Sent = tuple[Sender, str]


def leaving_figures() -> list[dict[str, object]]:
    """Measure it and return the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data_dir = make(folder)
        with subprocess.Popen(
            [str(WITTING), "hub", "serve", "--data", str(data_dir), "--json"], stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                url = json.loads(process.stdout.readline() if process.stdout else "")["url"]
                return _measure(folder, data_dir, url)
            finally:
                process.terminate()


def _measure(folder: Path, data_dir: Path, url: str) -> list[dict[str, object]]:
    markers = [f"mark{secrets.token_hex(8)}" for _ in range(OWN_FRAMES * IN_A_LINE)]
    with HubClient(url) as client, contextlib.closing(Vault.open(data_dir)) as vault:
        links = invitations.create(data_dir, "office-help", count=PEOPLE)
        sent = [_send(client, link, markers=() if place else markers) for place, link in enumerate(links)]
        lab = _make(vault, folder / "lab", sessions=[session for _, session in sent])
        with contextlib.closing(open_hub_at(data_dir)) as hub:
            make_backup(hub, folder / "backup")
        person, session = sent[0]
        before = _readable(vault, folder / "lab", [session], markers)
        began = time.perf_counter()
        answer = client.withdraw(person.withdrawal(now()))
        at_hub = time.perf_counter() - began
        followed = follow_recalls(vault, lab)
        through = time.perf_counter() - began
        to_tell = [recall for recall in vault.recalls() if recall.kind == "export"]
        restore_backup(folder / "backup", data_dir / ERASURES_FILE, data_dir=folder / "restored")
        after = _readable(vault, folder / "lab", [one for _, one in sent], markers)
        with contextlib.closing(Vault.open(folder / "restored")) as restored:
            after |= _readable(restored, folder / "lab", [one for _, one in sent], markers)
    places = [data_dir, folder / "lab", folder / "restored"]
    searched = survey(places, {"marker": markers})
    receipt = open_signed(answer.receipt, "deletion", statement_type=DeletionReceipt, key=person.offer.signing_key)
    return _figures(
        {"hub": at_hub, "all": through},
        {"planted": len(markers), "before": len(before), "readable": len(after), "bytes": sum(hit.count for hit in searched.hits)},
        followed=followed,
        counted={"files": searched.files, "found": len(receipt.found), "left": len(receipt.left), "to_tell": len(to_tell)},
    )


def _figures(
    took: dict[str, float], marks: dict[str, int], *, followed: tuple[Followed, ...], counted: dict[str, int]
) -> list[dict[str, object]]:
    def figure(name: str, value: float, unit: str, *, bar: float | None = None) -> dict[str, object]:
        return {"name": name, "value": round(value, 3), "unit": unit, "sense": "lower", "bar": bar, "peer": None, "runs": 1}

    planted = f"of {marks['planted']} planted"
    return [
        figure("one of 20 withdrew: erased at the hub, receipt signed", took["hub"], "s"),
        figure("and through dataset and model, trained again", took["all"], "s", bar=60),
        figure("markers that could be read before", marks["before"], planted),
        figure("markers that can be read after, restored backup included", marks["readable"], planted, bar=0),
        figure(f"markers in the bytes of {counted['files']} files after", marks["bytes"], planted, bar=0),
        figure("names of objects and keys on the deletion receipt, before", counted["found"], "names"),
        figure("names on it after", counted["left"], "names", bar=0),
        figure("files of dataset and model that held something before", sum(len(one.found) for one in followed), "files"),
        figure("files that hold something after", sum(len(one.left) for one in followed), "files", bar=0),
        figure("recipients of exports to be told, with a day", counted["to_tell"], "exports"),
    ]


def _send(client: HubClient, link: str, *, markers: Iterable[str]) -> Sent:
    """Join by a link and send a session in which the markers were typed; return who and which."""
    token = link.rsplit("/", 1)[1]
    person = Sender(offer=client.offer(token), invite=token)
    person.keep(client.consent(person.consent(now())))
    left = list(markers)
    records: list[Record] = []
    for record in sample_records(person.header(recorded_at=now(), purposes=("train",)), frames=OWN_FRAMES if left else FRAMES):
        if isinstance(record, TextInput) and left:
            line, left = left[:IN_A_LINE], left[IN_A_LINE:]
            records.append(msgspec.structs.replace(record, text=" ".join(line), findings=()))
        else:
            records.append(record)
    parcel, objects = person.pack(records, at=now(), per_object=400)
    client.upload(person.intent(parcel, at=now()), objects.__getitem__)
    return person, parcel.session_id


def _make(vault: Vault, folder: Path, *, sessions: list[str]) -> Lab:
    """Build a dataset, train a model on it and hand out an export; return where they lie."""
    folder.mkdir()

    def permits(row: object, asked: str) -> bool:
        return any(lent.session_id == getattr(row, "session_id", "") for lent in vault.catalogue("office-help", asked))

    manifest = build(vault, "office-help", purpose="train", out_dir=folder / "data", permits=permits, options=BuildOptions())
    vault.register_dataset(manifest)
    vault.register_model(train(open_lent(folder / "data", vault), folder / "model", config=CONFIG))
    vault.register_handout(
        Handout(
            export_id="e" * 32, dataset_id=manifest.dataset_id, purpose="train", format="opencua", recipient="Sample Lab",
            sessions=tuple(sessions), files_sha256="f" * 64, exported_at=now(),
        )
    )  # fmt: skip
    return Lab(folder)


def _readable(vault: Vault, lab: Path, sessions: Iterable[str], markers: Iterable[str]) -> set[str]:
    """Return the markers that whoever holds the hub's and the lab's keys can read: in stored sessions and in dataset versions."""
    told: list[bytes] = []
    for session in sessions:
        with contextlib.suppress(WittingError):
            told += [msgspec.json.encode(record) for record in vault.read(session) if isinstance(record, TextInput)]
    for manifest in lab.glob("*/manifest.json"):
        with contextlib.suppress(WittingError, OSError, ValueError):
            told += [msgspec.json.encode(episode) for episode in open_dataset(manifest.parent).episodes()]
    whole = b"\n".join(told)
    return {marker for marker in markers if marker.encode() in whole}
