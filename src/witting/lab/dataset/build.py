"""Builds a dataset version from the vault: sessions whose consent allows the purpose → episodes → sealed rows, one fragment each.

The gate is asked through `permits` before a session is read and again before the version is committed. Knows nothing of how consent is
decided or sessions are stored. Invariant: a session that isn't permitted at the end is in no file of the dataset.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import msgspec

from witting.actions import episodes
from witting.lab.dataset.manifest import EPISODES_FOLDER, KEYS_FOLDER, STEPS_FOLDER, dataset_id, root_over, write_manifest
from witting.lab.dataset.rows import EPISODES, STEPS, session_rows
from witting.lab.dataset.splits import mark_repeats, split_of
from witting.lab.dataset.table import commit, drop_uncommitted, write_fragment
from witting.ledger.seals import KeyStore
from witting.terms.clock import SystemClock, rfc3339
from witting.terms.errors import NoConsentError, UsageError
from witting.terms.events import Event
from witting.terms.hub import CatalogueRow
from witting.terms.session import Record, SessionHeader
from witting.terms.work import DatasetManifest, DatasetSession, Episode, SegmentKind


class SessionSource(Protocol):
    """Where sessions come from; the hub's vault is one."""

    def catalogue(self, programme_id: str, purpose: str | None = None) -> Sequence[CatalogueRow]:
        """Return the sessions that may be used for a purpose now."""
        ...

    def read(self, session_id: str, *, purpose: str | None = None) -> Iterator[Record]:
        """Return the records of a session."""
        ...


Permits = Callable[[CatalogueRow, str], bool]
"""The consent gate: may this session be used for this purpose now?"""


class BuildOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What may differ between two builds of one programme and purpose."""

    version: int = 1
    exclude: tuple[str, ...] = ()  # session ids to leave out
    replaces: str = ""  # dataset id of the version this one replaces
    built_at: str = ""  # RFC 3339 UTC; empty = now
    segment: SegmentKind = "task"  # what sessions are cut into episodes by


class MadeSession(NamedTuple):
    """A session's fragments, written but not yet committed."""

    row: CatalogueRow
    entry: DatasetSession
    steps: Any
    episodes: Any


def build(
    source: SessionSource,
    programme_id: str,
    *,
    purpose: str,
    out_dir: Path,
    permits: Permits,
    options: BuildOptions | None = None,
) -> DatasetManifest:
    """Build a dataset version in the new folder `out_dir` and return its manifest; sessions without a stated task are left out.

    Raises:
        UsageError: `out_dir` exists.
        NoConsentError: no session with a task may be used for the purpose; nothing stays on disk.
    """
    chosen = options or BuildOptions()
    with new_folder(out_dir) as folder:
        keys = KeyStore(folder / KEYS_FOLDER)
        made = []
        for row in sorted(source.catalogue(programme_id, purpose), key=lambda row: row.session_id):
            if row.session_id not in chosen.exclude and permits(row, purpose):
                records = list(source.read(row.session_id, purpose=purpose))
                found = episodes(records, participant=row.participant, session_id=row.session_id, segment=chosen.segment)
                kept = mark_repeats([one for one in found if one.steps])
                made += write_session(folder, row, records=records, found=kept, keys=keys)
        lent = [one for one in made if permits(one.row, purpose)]
        _forget(folder, [one for one in made if one not in lent], keys=keys)
        if not lent:
            message = f"no session with a stated task is lent for {purpose!r}; nothing was built"
            raise NoConsentError(message, hint="see who takes part with `witting hub`; people choose purposes on their own page")
        commit_sessions(folder, lent)
        manifest = manifest_of([one.entry for one in lent], programme_id, purpose=purpose, options=chosen)
        write_manifest(folder, manifest)
    return manifest


def manifest_of(sessions: Sequence[DatasetSession], programme_id: str, *, purpose: str, options: BuildOptions) -> DatasetManifest:
    """Return the manifest of a version that holds these sessions."""
    return DatasetManifest(
        dataset_id=dataset_id(programme_id, options.version),
        programme_id=programme_id,
        version=options.version,
        built_at=options.built_at or rfc3339(SystemClock().now()),
        purpose=purpose,
        sessions=tuple(sessions),
        root=root_over(sessions),
        events=sum(session.events for session in sessions),
        replaces=options.replaces,
        flags=dict(sorted(sum((Counter(session.flags) for session in sessions), Counter()).items())),
    )


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Make a folder for its owner alone, filled under a name of its own and whole once it has its name; if that fails nothing stays.

    Raises:
        UsageError: it exists.
    """
    if folder.exists():
        message = f"{folder} exists already"
        raise UsageError(message, hint="give a new folder; a dataset version is never changed")
    partial = folder.with_name(f".{folder.name}.partial")
    if partial.exists():  # of a run that was cut short
        shutil.rmtree(partial)
    partial.mkdir(mode=0o700, parents=True)
    with ExitStack() as undo:
        undo.callback(shutil.rmtree, partial)
        yield partial
        partial.rename(folder)
        undo.pop_all()


def write_session(
    folder: Path, row: CatalogueRow, *, records: Sequence[Record], found: Sequence[Episode], keys: KeyStore
) -> list[MadeSession]:
    """Write one session's episodes as fragments; none when it holds no episode."""
    if not found:
        return []
    recorded_at = next((record.recorded_at for record in records if isinstance(record, SessionHeader)), "")
    rows = session_rows(found, records, recorded_at=recorded_at, key=keys.new_key(row.session_id))
    entry = DatasetSession(
        session_id=row.session_id,
        participant=row.participant,
        receipt_id=row.receipt_id,
        parcel_id=row.parcel_id,
        episodes=len(found),
        steps=sum(len(one.steps) for one in found),
        digest=rows.digest,
        events=sum(isinstance(record, Event) for record in records),
        split=split_of(row.participant or row.session_id),
        flags=dict(sorted(Counter(flag for one in found for flag in one.flags).items())),
    )
    steps = write_fragment(folder / STEPS_FOLDER, rows.steps)
    return [MadeSession(row, entry, steps, write_fragment(folder / EPISODES_FOLDER, rows.episodes))]


def commit_sessions(folder: Path, made: Sequence[MadeSession]) -> None:
    """Make the dataset of exactly these sessions."""
    commit(folder / STEPS_FOLDER, STEPS, fragments=[one.steps for one in made])
    commit(folder / EPISODES_FOLDER, EPISODES, fragments=[one.episodes for one in made])


def _forget(folder: Path, gone: Sequence[MadeSession], *, keys: KeyStore) -> None:
    """Destroy what was written of sessions whose consent ended while the dataset was being built."""
    for one in gone:
        keys.destroy(one.row.session_id)
    drop_uncommitted(folder / STEPS_FOLDER, [one.steps for one in gone])
    drop_uncommitted(folder / EPISODES_FOLDER, [one.episodes for one in gone])
