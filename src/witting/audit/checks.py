"""What must hold of a hub, tried on a copy of it: pure functions, each giving one check with its evidence.

Knows nothing of where the copy came from (`hub_copy`). Evidence is counts and opaque ids. Invariant: a check that can't be tried doesn't
hold; nothing is taken as fine because it wasn't there to look at.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from witting.audit.evidence import Deed, Filed, Held, HubCopy
from witting.audit.report import ReportCheck
from witting.consent.gate import IN_FORCE, moment, permits
from witting.ledger.log import leaf_hash, open_checkpoint, open_entry, read_opening, root_of
from witting.ledger.log.entries import Field, entry_kind
from witting.terms.consent import ConsentReceipt, DeletionReceipt, GateQuestion
from witting.terms.errors import LogError
from witting.terms.hub import CatalogueRow
from witting.terms.programme import Programme

_SHOWN = 3  # ids named in evidence
_FILINGS = {"question": "question_asked", "finding": "finding_filed"}


def check_hub(copy: HubCopy, *, older: Sequence[str] = ()) -> list[ReportCheck]:
    """Return all checks of a hub; `older` are checkpoints that were kept elsewhere, by participants or witnesses."""
    return [
        check_log(copy),
        check_history(copy, older),
        check_openings(copy),
        check_consents(copy),
        check_deletions(copy),
        check_lineage(copy),
        check_enquiries(copy),
    ]


def check_log(copy: HubCopy) -> ReportCheck:
    """Recompute the log's root from its entries and compare it with the signed one."""
    name = "The log's entries lead to the root it signed"
    try:
        signed = open_checkpoint(copy.checkpoint, copy.verifier)
    except LogError as error:
        return _check(name, str(error))
    if signed.size != len(copy.entries):
        return _check(name, f"the checkpoint is for {signed.size} entries, there are {len(copy.entries)}")
    root = root_of([leaf_hash(entry) for entry in copy.entries])
    if root != signed.root:
        return _check(name, f"{signed.size} entries lead to another root than the signed one")
    return _check(name, evidence=f"{signed.size} entries, root {root.hex()[:16]}…")


def check_history(copy: HubCopy, older: Sequence[str]) -> ReportCheck:
    """Recompute the root of each older checkpoint from today's entries: a log that was forked, cut or rewritten since can't match."""
    name = "Every checkpoint kept elsewhere is a beginning of today's log"
    for number, text in enumerate(older, 1):
        try:
            signed = open_checkpoint(text, copy.verifier)
        except LogError as error:
            return _check(name, f"checkpoint {number}: {error}")
        if signed.size > len(copy.entries):
            return _check(name, f"checkpoint {number} is for {signed.size} entries, there are only {len(copy.entries)}")
        if root_of([leaf_hash(entry) for entry in copy.entries[: signed.size]]) != signed.root:
            return _check(name, f"checkpoint {number}: the first {signed.size} entries were different then")
    return _check(name, evidence=f"{len(older)} older checkpoints compared")


def check_openings(copy: HubCopy) -> ReportCheck:
    """Open each log entry with what lies beside it: the hub's own account must be what the log commits to."""
    name = "Every deed of the hub is the log entry it claims to be"
    missing = sorted(set(range(len(copy.entries))) - {deed.position for deed in copy.deeds})
    if missing or len(copy.deeds) != len(copy.entries):
        return _check(name, f"{len(copy.entries)} entries, {len(copy.deeds)} deeds; entries without a deed: {_some(map(str, missing))}")
    wrong = [str(deed.position) for deed in copy.deeds if deed.opening and not _opens(copy, deed)]
    destroyed = sum(not deed.opening for deed in copy.deeds)
    evidence = f"{len(copy.deeds) - destroyed} entries opened, {destroyed} whose opening was destroyed with what it told of"
    return _check(name, f"entries that say something else: {_some(wrong)}" if wrong else "", evidence=evidence)


def check_consents(copy: HubCopy) -> ReportCheck:
    """Ask the gate again for each stored session, for the moment it was stored, and look for its log entry."""
    name = "Every stored session had a receipt in force when it came, and a log entry"
    receipts = {receipt.receipt_id: receipt for receipt in copy.receipts}
    without = [row.session_id for row in copy.stored if not _had_consent(copy, row, receipt=receipts.get(row.receipt_id))]
    logged = {deed.session_id for deed in copy.deeds if deed.kind == "upload_stored" and deed.opening and _opens(copy, deed)}
    unlogged = [row.session_id for row in copy.stored if row.session_id not in logged]
    wrong = [f"no consent: {_some(without)}"] * bool(without) + [f"no log entry: {_some(unlogged)}"] * bool(unlogged)
    return _check(name, "; ".join(wrong), evidence=f"{len(copy.stored)} stored sessions, {len(copy.receipts)} receipts")


def check_deletions(copy: HubCopy) -> ReportCheck:
    """Compare each deletion receipt with its log entry, and look on disk and among the keys for anything that isn't a stored session's."""
    name = "What was erased is gone, and the deletion receipts count what the log says"
    deeds = {deed.position: deed for deed in copy.deeds}
    differing = [receipt.deletion_id for receipt in copy.deletions if not _is_logged(copy, receipt, deed=deeds.get(receipt.log_index))]
    stored = {row.session_id for row in copy.stored}
    erased = {session_id for receipt in copy.deletions for session_id in receipt.sessions}
    left = sorted(
        session_id for session_id, found in copy.held.items() if found != Held() and (session_id not in stored or session_id in erased)
    )
    wrong = [f"receipts that differ: {_some(differing)}"] * bool(differing) + [f"still there: {_some(left)}"] * bool(left)
    counted = sum(receipt.objects for receipt in copy.deletions)
    return _check(
        name, "; ".join(wrong), evidence=f"{len(copy.deletions)} receipts for {len(erased)} sessions and {counted} objects, 0 found"
    )


def check_receipt(receipt: DeletionReceipt, before: Mapping[str, Held], *, after: Mapping[str, Held]) -> ReportCheck:
    """Compare a deletion receipt with what was there of its sessions before and after, counted by somebody else."""
    name = "The deletion receipt counts exactly what was there, and nothing is left"
    was = [before.get(session_id, Held()) for session_id in receipt.sessions]
    counted = Held(sum(one.objects for one in was), sum(one.keys for one in was), sum(one.size_bytes for one in was))
    said = Held(receipt.objects, receipt.keys_destroyed, receipt.bytes_erased)
    left = [session_id for session_id in receipt.sessions if after.get(session_id, Held()) != Held()]
    wrong = [f"there were {_told(counted)}, the receipt says {_told(said)}"] * (counted != said) + [f"still there: {_some(left)}"] * bool(
        left
    )
    return _check(name, "; ".join(wrong), evidence=f"{len(receipt.sessions)} sessions: {_told(said)} before, nothing after")


def check_lineage(copy: HubCopy) -> ReportCheck:
    """Look for sessions that were withdrawn in every dataset version and model that wasn't replaced by another."""
    name = "No dataset or model in use holds a session that was withdrawn"
    kept_past_hub = {deed.position for deed in copy.deeds if _fields(deed).get("why") == "retention"}  # datasets have their own retention
    gone = {session_id for receipt in copy.deletions if receipt.log_index not in kept_past_hub for session_id in receipt.sessions}
    people = _gone_people(copy.receipts)
    replaced = {manifest.replaces for manifest in copy.manifests} | {card.replaces for card in copy.cards}
    manifests = [manifest for manifest in copy.manifests if manifest.dataset_id not in replaced]
    cards = [card for card in copy.cards if card.model_id not in replaced]
    gone |= {row.session_id for manifest in copy.manifests for row in manifest.sessions if row.participant in people}
    wrong = [manifest.dataset_id for manifest in manifests if gone.intersection(row.session_id for row in manifest.sessions)]
    wrong += [card.model_id for card in cards if gone.intersection(card.sessions)]
    evidence = f"{len(manifests)} datasets and {len(cards)} models in use, {len(gone)} sessions withdrawn, {len(people)} people gone"
    return _check(name, f"to be released or trained again: {_some(wrong)}" if wrong else "", evidence=evidence)


def check_enquiries(copy: HubCopy) -> ReportCheck:
    """Look for the text and the answer of every question and finding that the log has an entry of, and for rows without an entry."""
    name = "Every question and finding is still there as it was filed and answered"
    deeds = {deed.position: deed for deed in copy.deeds}
    logged = {place for place, entry in enumerate(copy.entries) if entry_kind(entry) in _FILINGS.values()}
    answers = {place for place, entry in enumerate(copy.entries) if entry_kind(entry) == "enquiry_answered"}
    vanished = [str(place) for place in sorted(logged - {one.number for one in copy.enquiries})]
    unanswered = [str(place) for place in sorted(answers - {one.answer_position for one in copy.enquiries})]
    changed = [str(one.number) for one in copy.enquiries if not _is_as_filed(copy, one, deeds=deeds)]
    wrong = [f"vanished: {_some(vanished)}"] * bool(vanished) + [f"answers that vanished: {_some(unanswered)}"] * bool(unanswered)
    wrong += [f"not as they were filed or answered: {_some(changed)}"] * bool(changed)
    evidence = f"{len(copy.enquiries)} filed, {sum(bool(one.answer_sha256) for one in copy.enquiries)} answered"
    return _check(name, "; ".join(wrong), evidence=evidence)


def check_endpoints(contacted: Iterable[str], published: Collection[str]) -> ReportCheck:
    """Compare the requests that a device made, as `METHOD /path`, with the published list of those it can make."""
    name = "A device makes no request that isn't on the published list"
    made = sorted(set(contacted))
    unlisted = [request for request in made if not any(_fits(request, pattern) for pattern in published)]
    wrong = f"not listed: {_some(unlisted)}" if unlisted else "" if published else "the list is empty"
    return _check(name, wrong, evidence=f"{len(made)} different requests, {len(published)} on the list")


def _check(name: str, wrong: str = "", *, evidence: str = "") -> ReportCheck:
    """Return the check; it holds when nothing is wrong."""
    return ReportCheck(name=name, holds=not wrong, evidence=wrong or evidence)


def _opens(copy: HubCopy, deed: Deed) -> bool:
    """Whether the deed's opening opens the entry at its place, as the kind it claims."""
    try:
        opening = read_opening(deed.opening)
        return open_entry(copy.entries[deed.position], opening.fields, salt=bytes.fromhex(opening.salt)) == deed.kind
    except (LogError, ValueError, IndexError):
        return False


def _had_consent(copy: HubCopy, row: CatalogueRow, *, receipt: ConsentReceipt | None) -> bool:
    """Whether the gate allowed each purpose when the session was stored, by the choices made about the version it was lent under."""
    programme = copy.programmes.get(receipt.programme_digest) if receipt is not None else None
    at = moment(row.stored_at)
    if receipt is None or programme is None or at is None or not row.purposes or receipt.participant != row.participant:
        return False
    mine = [each for each in copy.receipts if (each.participant, each.programme_digest) == (receipt.participant, receipt.programme_digest)]
    return all(
        any(permits(mine, programme, question=question) for question in _questions(programme, purpose, row=row)) for purpose in row.purposes
    )


def _questions(programme: Programme, purpose: str, *, row: CatalogueRow) -> list[GateQuestion]:
    """Return all that could have been lent for a purpose when the session was stored."""
    at = moment(row.stored_at)
    streams = [stream for known in programme.purposes if known.id == purpose for stream in known.streams]
    places = [(app.id, site) for app in programme.apps for site in app.sites or ("",)]
    return [
        GateQuestion(purpose=purpose, stream=stream, app=app, site=site, at=at)
        for stream in streams
        for app, site in places
        if at is not None
    ]


def _is_logged(copy: HubCopy, receipt: DeletionReceipt, *, deed: Deed | None) -> bool:
    """Whether the log entry that a deletion receipt names says the same as the receipt."""
    if deed is None or deed.kind != "erasure" or not _opens(copy, deed):
        return False
    fields = _fields(deed)
    said = (fields.get("deletion_id"), fields.get("sessions"), fields.get("objects"), fields.get("keys"), fields.get("bytes"))
    return said == (receipt.deletion_id, receipt.sessions, receipt.objects, receipt.keys_destroyed, receipt.bytes_erased)


def _is_as_filed(copy: HubCopy, one: Filed, *, deeds: Mapping[int, Deed]) -> bool:
    """Whether the log says of a question or finding, and of its answer, what the table says."""
    filed, answered = deeds.get(one.number), deeds.get(one.answer_position)
    if filed is None or filed.kind != _FILINGS.get(one.kind) or not _opens(copy, filed):
        return False
    said = _fields(filed)
    if (said.get("text_sha256"), said.get("due_at")) != (one.text_sha256, one.due_at):
        return False
    if not one.answer_sha256:
        return answered is None
    if answered is None or answered.kind != "enquiry_answered" or not _opens(copy, answered):
        return False
    said = _fields(answered)
    return (said.get("number"), said.get("answer_sha256")) == (one.number, one.answer_sha256)


def _fields(deed: Deed) -> dict[str, Field]:
    """Return what a deed's opening says; nothing when it was destroyed."""
    return read_opening(deed.opening).fields if deed.opening else {}


def _gone_people(receipts: Iterable[ConsentReceipt]) -> set[str]:
    """Return the pseudonyms of those of whom no receipt is in force any more."""
    by_person: dict[str, list[ConsentReceipt]] = {}
    for receipt in receipts:
        by_person.setdefault(receipt.participant, []).append(receipt)
    return {person for person, theirs in by_person.items() if not any(receipt.status in IN_FORCE for receipt in theirs)}


def _fits(request: str, pattern: str) -> bool:
    """Whether a request is one of a pattern whose `{…}` stand for one segment each."""
    parts, wanted = request.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(
        part == want or (want.startswith("{") and part != "") for part, want in zip(parts, wanted, strict=True)
    )


def _some(ids: Iterable[str]) -> str:
    """Name the first few ids, and how many there are."""
    every = list(ids)
    return f"{', '.join(one[:16] for one in every[:_SHOWN]) or 'none'} ({len(every)} in all)"


def _told(found: Held) -> str:
    """Say what was found."""
    return f"{found.objects} objects of {found.size_bytes} bytes and {found.keys} keys"
