"""One person leaves with one click: recording stops, device and hub erase, dataset and model are made anew, and the weights compared."""

import tempfile
import time
from pathlib import Path
from typing import Any

from witting.audit.hub_copy import read_hub
from witting.demo.learning import Learned
from witting.demo.organisation import Organisation
from witting.demo.participants import Participant, at_desk
from witting.demo.running import Process, run_verb
from witting.demo.stage import Stage, Table
from witting.demo.work import is_sign_up
from witting.device import control
from witting.device.leaving import read_receipt
from witting.hub.vault import Vault
from witting.lab.dataset import BuildOptions, build, open_lent
from witting.lab.learn import load_card, train
from witting.terms.consent import DeletionReceipt
from witting.terms.hub import CatalogueRow
from witting.testing.desktop import DesktopSession
from witting.testing.x11 import wait_for

_STOPS_S = 1.0


def leave(stage: Stage, browser: Any, *, participant: Participant) -> DeletionReceipt:
    """Withdraw on the desk page while recording, and read the deletion receipt."""
    folder = Path(tempfile.mkdtemp(prefix="witting-leave-"))
    log = stage.out / "logs" / f"record-{participant.number}.log"
    with DesktopSession(folder) as desktop, Process(["record", "--data", str(participant.data_dir)], log=log, env=desktop.env) as recorder:
        wait_for("the recorder", lambda: control.is_running(participant.data_dir / "run" / "control.sock") and is_sign_up(desktop))
        with at_desk(stage, browser, participant=participant) as (page, base):
            page.goto(f"{base}/withdraw")
            clicked = time.monotonic()
            page.get_by_role("button", name="Withdraw everything").click(no_wait_after=True)
            wait_for("the sign to go", lambda: not is_sign_up(desktop))
            stopped = time.monotonic() - clicked
            recorder.process.wait(20)
            page.wait_for_load_state()
            wait_for("the deletion receipt", lambda: read_receipt(participant.data_dir), seconds=60)
            erased = time.monotonic() - clicked
    kept = read_receipt(participant.data_dir)
    if kept is None:
        raise AssertionError
    receipt = kept.open()
    stage.check(
        "the recorder stops within a second of the click",
        holds=stopped <= _STOPS_S,
        evidence=f"{stopped:.2f} s from the click until the sign was gone, which goes last",
        test="tests/e2e/test_recorder.py",
    )
    stage.figure("from the click until recording had stopped", stopped, unit="s", sense="lower", bar=_STOPS_S)
    stage.figure("erasure, from the click to the signed deletion receipt", erased, unit="s", sense="lower")
    left = [path.name for path in participant.data_dir.rglob("*") if path.is_file()]
    stage.check(
        "nothing is left on the device but the deletion receipt",
        holds=left == ["deletion-receipt.json"],
        evidence=f"{len(left)} file: {', '.join(left)}; it verifies offline",
        test="tests/flow/test_review_and_send.py",
    )
    return receipt


def unlearn(stage: Stage, organisation: Organisation, *, learned: Learned, receipt: DeletionReceipt) -> None:
    """Re-release the dataset, retrain, and compare with a run that never saw the person."""
    log = stage.out / "logs" / "lab.log"
    without = [argument for session in receipt.sessions for argument in ("--without", session)]
    second = stage.out / "lab" / "dataset-2"
    released = run_verb(
        ["dataset", "release", str(learned.dataset_dir), str(second), *without, "--hub", str(organisation.data_dir)], log=log
    )
    model = stage.out / "lab" / "model-2"
    told = ["--replaces", str(learned.model_dir), "--hub", str(organisation.data_dir)]
    run_verb(["train", str(second), str(model), "--seed", "0", *told], log=log)
    retrained = load_card(model)
    never = _never_saw(stage, organisation)
    stage.check(
        "the retrained model equals one that never saw the person, bit by bit",
        holds=retrained.weights_sha256 == never != learned.card.weights_sha256,
        evidence=f"weights {retrained.weights_sha256[:16]}… twice; before leaving {learned.card.weights_sha256[:16]}…",
        test="tests/unit/learn/test_training.py",
    )
    gone = set(receipt.sessions)
    stage.check(
        "the person is in no current dataset and no current model",
        holds=not gone & {row["session_id"] for row in released["sessions"]} and not gone & set(retrained.sessions),
        evidence=f"{len(gone)} session of theirs; dataset {released['dataset_id']} replaces {released['replaces']}",
        test="tests/unit/dataset/test_dataset_release.py",
    )
    copy = read_hub(organisation.data_dir)
    stage.tables.append(
        Table(
            "The deletion receipt",
            ("what", "count"),
            (
                ("sessions", str(len(receipt.sessions))),
                ("objects erased", str(receipt.objects)),
                ("keys destroyed before them", str(receipt.keys_destroyed)),
                ("bytes erased", f"{receipt.bytes_erased:,}"),
                ("datasets touched", ", ".join(receipt.datasets_touched) or "none"),
                ("models touched", ", ".join(receipt.models_touched) or "none"),
                ("log entry", f"{receipt.log_index} of {len(copy.entries)}"),
            ),
            "Signed by the hub; written to the log before anything was erased.",
        )
    )


def _never_saw(stage: Stage, organisation: Organisation) -> str:
    """Build a dataset from what the hub has now, train on it from scratch, and return the hash of the weights."""
    fresh = stage.out / "lab" / "never-saw"
    vault = Vault.open(organisation.data_dir)

    def permits(row: CatalogueRow, purpose: str) -> bool:
        return any(lent.session_id == row.session_id for lent in vault.catalogue(organisation.programme_id, purpose))

    try:
        build(vault, organisation.programme_id, purpose="train", out_dir=fresh, permits=permits, options=BuildOptions(version=99))
        return train(open_lent(fresh, vault), stage.out / "lab" / "never-saw-model", seed=0).weights_sha256
    finally:
        vault.close()
