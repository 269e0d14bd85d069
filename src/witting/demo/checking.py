"""What the story checks of itself: nothing lost, nothing leaked, no trace of the refuser, a log that verifies anywhere."""

import re
import time
from collections.abc import Iterable, Sequence
from html.parser import HTMLParser
from pathlib import Path

import zstandard

from witting.audit.leaks import Scanner, survey
from witting.demo.acts import OVERHEARD, POPPED, WHISPERED
from witting.demo.organisation import Organisation
from witting.demo.participants import Participant
from witting.demo.running import run_verb
from witting.demo.stage import Stage, Table
from witting.demo.truth import Comparison
from witting.demo.work import Outcome
from witting.device.enrolment import Enrolment
from witting.device.privacy import Redactor
from witting.hub.vault import Vault
from witting.ledger.log import verify_proof
from witting.terms.codec import frame_record
from witting.terms.events import Tile
from witting.terms.session import Record
from witting.testing.miniwob_server import PAGES
from witting.testing.people import planted_secrets

_LEAST_EVENTS = 20_000


def planted(participants: Iterable[Participant]) -> dict[str, list[str]]:
    """Return everything that must be found nowhere, by kind."""
    found: dict[str, list[str]] = {"unlisted app": [OVERHEARD], "paused": [WHISPERED], "notification": [POPPED]}
    for participant in participants:
        for kind, values in planted_secrets(participant.person).items():
            found.setdefault(kind, []).extend(values)
    return found


def _is_text_whole(all_of: Sequence[Comparison]) -> bool:
    """Whether a harmless sentence came out exactly; on a busy machine one person's may be left out instead, if a hole tells so."""
    exact = sum(one.is_plain_text_exact for one in all_of)
    return exact >= len(all_of) - 1 and all(one.is_plain_text_exact or one.is_plain_text_told for one in all_of)


def check_truth(stage: Stage, outcomes: Sequence[Outcome]) -> None:
    """Compare what was injected with what was recorded."""
    all_of = [outcome.comparison for outcome in outcomes]
    injected, lost = sum(one.injected for one in all_of), sum(one.lost for one in all_of)
    keys, exact = sum(one.keys for one in all_of), sum(one.is_plain_text_exact for one in all_of)
    stage.check(
        "no event was lost",
        holds=lost == 0 and injected >= _LEAST_EVENTS and _is_text_whole(all_of) and all(one.is_reconciled for one in all_of),
        evidence=f"{lost} of {injected:,} pointer events; {keys:,} keys, a harmless sentence exact in {exact} of {len(all_of)} sessions; "
        "produced = kept + left out + reduced in all streams",
        test="tests/e2e/test_recorder.py",
    )
    errors = sorted(error for one in all_of for error in one.time_errors_ms)
    delays = sorted(delay for one in all_of for delay in one.click_to_frame_ms)
    stage.figure("events injected", injected, unit="events", sense="higher", bar=_LEAST_EVENTS)
    stage.figure("events lost", lost, unit="events", sense="lower", bar=0)
    for name, values in (("time error", errors), ("click to frame", delays)):
        for share in (0.5, 0.99):
            if values:
                stage.figure(
                    f"{name}, p{round(share * 100)}", values[min(len(values) - 1, int(len(values) * share))], unit="ms", sense="lower"
                )
    stage.check(
        "every recorded click is where it was made",
        holds=not any(one.misplaced for one in all_of) and len(errors) > 0,
        evidence=f"{len(errors):,} recorded events matched with the ground truth, {sum(one.misplaced for one in all_of)} misplaced clicks",
        test="tests/e2e/test_recorder.py",
    )
    watches = [outcome.watch for outcome in outcomes]
    looks, seen = sum(watch.looks for watch in watches), sum(watch.indicator_seen for watch in watches)
    stage.check(
        "the indicator was on the screen whenever recording was on",
        holds=looks == seen > 0,
        evidence=f"seen at {seen} of {looks} looks, taken after each act",
        test="tests/e2e/test_recorder.py",
    )
    stage.figure("recorder CPU, idle", 100 * sum(watch.idle_cpu for watch in watches) / len(watches), unit="% of a core", sense="lower")
    active = sum(watch.cpu_seconds for watch in watches) / sum(watch.wall_seconds for watch in watches)
    stage.figure("recorder CPU, working without a break", 100 * active, unit="% of a core", sense="lower")
    stage.figure("recorder memory (RSS), largest", max(watch.rss_mb for watch in watches), unit="MiB", sense="lower")
    hours = sum(watch.wall_seconds for watch in watches) / 3600
    stage.figure("spool, sealed", sum(outcome.spool_bytes for outcome in outcomes) / 1e6 / hours, unit="MB per hour of work", sense="lower")


def check_leaks(stage: Stage, organisation: Organisation, *, participants: Sequence[Participant], sent: int) -> None:
    """Search every byte written, and the contents of what was recorded and sent, for what was planted."""
    secrets = planted(participants)
    found = survey([stage.out / "hub", stage.out / "people", stage.out / "lab", stage.out / "logs", stage.out / "notice.html"], secrets)
    scanner, inside, records = Scanner(secrets), 0, 0
    kinds = dict.fromkeys(secrets, 0)
    for record in _contents(organisation, participants):
        hits = scanner.count(_bytes(record))
        records += 1
        for (kind, _), count in hits.items():
            kinds[kind] += count
            inside += count
    for kind, count in found.by_kind.items():
        kinds[kind] = kinds.get(kind, 0) + count
    total = sum(kinds.values())
    planted_count = sum(len(values) for values in secrets.values())
    stage.check(
        "no planted secret is in any byte on disk, in any log, or in what was sent",
        holds=total == 0 and records > 0,
        evidence=f"{total} of {planted_count} values found in {found.files:,} files ({found.size_bytes / 1e6:.0f} MB) and "
        f"in {records:,} opened records",
        test="tests/unit/audit/test_leaks.py",
    )
    stage.figure("planted secrets found", total, unit=f"of {planted_count}", sense="lower", bar=0)
    stage.figure("sent", sent / 1e6, unit="MB", sense="lower")
    rows = tuple((kind, str(len(secrets[kind])), str(kinds[kind])) for kind in secrets)
    stage.tables.append(
        Table(
            "What was planted, and found",
            ("kind", "values planted", "found"),
            rows,
            "Typed, shown, or both; searched for in UTF-8, UTF-16, base64, hex, URL-encoded and compressed bytes.",
        )
    )


def _contents(organisation: Organisation, participants: Sequence[Participant]) -> Iterable[Record]:
    """Yield every record on the devices and every record at the hub, opened."""
    for participant in participants:
        if participant.data_dir.exists() and participant.sessions:
            spool = Enrolment(participant.data_dir).open_spool()
            for info in spool.sessions():
                yield from spool.read(info.session_id)
    vault = Vault.open(organisation.data_dir)
    try:
        for row in vault.catalogue(organisation.programme_id):
            yield from vault.read(row.session_id, reader="auditor")
    finally:
        vault.close()


def _bytes(record: Record) -> bytes:
    return zstandard.decompress(record.data) if isinstance(record, Tile) else frame_record(record)


def check_refuser(stage: Stage, refuser: Participant, *, log_size: int, log_size_before: int) -> None:
    """See that who said no left nothing."""
    token = refuser.link.rsplit("/", 1)[-1]
    found = survey([stage.out / "hub", stage.out / "people"], {"invitation": [token]})
    holds = not refuser.data_dir.exists() and not found.hits and log_size == log_size_before
    stage.check(
        "the refuser left no trace",
        holds=holds,
        evidence=f"no folder, no log entry, the invitation's token in {sum(hit.count for hit in found.hits)} of {found.files:,} files",
        test="tests/e2e/test_participant_verbs.py",
    )


def check_log(stage: Stage, organisation: Organisation, *, participants: Sequence[Participant]) -> None:
    """Verify the log from its entries, against the checkpoints that participants keep, and each participant's own copies offline."""
    log = stage.out / "logs" / "auditor.log"
    kept, proofs = [], []
    for participant in participants:
        if participant.sessions and (participant.data_dir / "enrolment.json").exists():
            enrolment = Enrolment(participant.data_dir)
            proofs += [(proof, enrolment.offer) for proof in enrolment.proofs]
    folder = stage.out / "checkpoints"
    folder.mkdir(exist_ok=True)
    for number, (proof, _) in enumerate(proofs):
        (folder / f"{number}.txt").write_text(proof.checkpoint)
        kept += ["--checkpoint", str(folder / f"{number}.txt")]
    verified = run_verb(["audit", "verify", "--data", str(organisation.data_dir), *kept], log=log, may_fail=True)
    for check in verified.get("checks", []):
        stage.check(check["name"], holds=bool(check["holds"]), evidence=check["evidence"], test="tests/unit/audit/test_checks.py")
    if "checks" not in verified:
        stage.check("the log verifies", holds=False, evidence=str(verified.get("error"))[:300], test="tests/unit/audit/test_checks.py")
    good = 0
    for participant in participants:
        if participant.sessions and (participant.data_dir / "enrolment.json").exists():
            answer = run_verb(["verify", "--data", str(participant.data_dir)], log=log, may_fail=True)
            good += "exit_code" not in answer
    people = sum(bool(p.sessions) and (p.data_dir / "enrolment.json").exists() for p in participants)
    stage.check(
        "each participant's receipts and log proofs verify offline",
        holds=good == people > 0,
        evidence=f"`witting verify` holds for {good} of {people}",
        test="tests/unit/ledger/test_checkpoints.py",
    )
    if proofs:
        started, count = time.perf_counter(), 300
        for _ in range(count):
            verify_proof(proofs[0][0], proofs[0][1].signing_key, origin=proofs[0][1].log_origin)
        stage.figure("log proofs verified", count / (time.perf_counter() - started), unit="per second", sense="higher")


class _Text(HTMLParser):
    """The words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Note whether words or code follow."""
        del attrs
        self._is_code = tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        """Words follow."""
        del tag
        self._is_code = False

    def handle_data(self, data: str) -> None:
        """Keep words."""
        if data.strip() and not self._is_code:
            self.words.append(data.strip())


def measure_over_masking(stage: Stage, notice: Path) -> None:
    """Measure how much of harmless text stays: the words of our own pages and of the notice, contact lines left out."""
    reader = _Text()
    for path in (*sorted(PAGES.glob("*.html")), notice):
        reader.feed(path.read_text(encoding="utf-8"))
    redactor = Redactor("strict")
    harmless = [text for text in reader.words if not re.search(r"[@/\d]|example|Example|Sample|canary", text)]
    kept = sum(len(text) - _masked(redactor, text) for text in harmless)
    total = sum(len(text) for text in harmless)
    stage.figure("over-masking: share of harmless characters kept", 100 * kept / total, unit="%", sense="higher")


def _masked(redactor: Redactor, text: str) -> int:
    return sum(finding.end - finding.start for finding in redactor.text(text).findings)
