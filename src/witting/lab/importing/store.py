"""Imported sessions → a dataset version of its own, marked with where it comes from; nothing consented is ever beside it.

Knows no format and no vault. Invariant: the manifest names the source, its licence and every file left out; a session whose records
can't be reduced is left out and named, the rest is kept.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from witting.actions import episodes
from witting.lab.dataset.build import BuildOptions, MadeSession, commit_sessions, manifest_of, new_folder, write_session
from witting.lab.dataset.manifest import KEYS_FOLDER, write_manifest
from witting.lab.importing.imported import Found, ImportedSession, Problem, Source
from witting.ledger.seals import KeyStore
from witting.terms.errors import IntegrityError, UsageError
from witting.terms.hub import CatalogueRow
from witting.terms.work import DatasetManifest, Episode

PURPOSE = "imported"


def import_dataset(source: Source, found: Iterable[Found], *, out_dir: Path, options: BuildOptions | None = None) -> DatasetManifest:
    """Write a dataset version of imported sessions in the new folder `out_dir` and return its manifest.

    Raises:
        UsageError: `out_dir` exists, or there was nothing to import.
    """
    chosen = options or BuildOptions()
    problems: list[Problem] = []
    with new_folder(out_dir) as folder:
        keys = KeyStore(folder / KEYS_FOLDER)
        made: dict[str, MadeSession] = {}
        for one in found:
            if isinstance(one, Problem):
                problems.append(one)
                continue
            try:
                for written in write_session(
                    folder, _row(one, source), records=one.records, found=_episodes(one, source, options=chosen), keys=keys
                ):
                    made[one.session_id] = written
            except IntegrityError as error:
                problems.append(Problem(one.session_id, str(error)))
        if not made:
            message = f"nothing in it could be imported ({len(problems)} files left out)"
            raise UsageError(message, hint=_hint(problems))
        ordered = [made[session_id] for session_id in sorted(made)]
        commit_sessions(folder, ordered)
        manifest = manifest_of([one.entry for one in ordered], f"import:{source.name}", purpose=PURPOSE, options=chosen)
        manifest = msgspec.structs.replace(
            manifest,
            source=source.origin,
            licence=source.licence,
            left_out=tuple(f"{problem.file}: {problem.reason}" for problem in problems),
        )
        write_manifest(folder, manifest)
    return manifest


def _episodes(session: ImportedSession, source: Source, *, options: BuildOptions) -> list[Episode]:
    """Return a session's episodes with their source, licence and score."""
    found = episodes(session.records, participant=session.participant, session_id=session.session_id, segment=options.segment)
    scores = dict(enumerate(session.scores)) if options.segment == "task" else {}
    marked = [
        msgspec.structs.replace(one, source=source.name, licence=source.licence, score=scores.get(number))
        for number, one in enumerate(found)
    ]
    return [one for one in marked if one.steps]


def _row(session: ImportedSession, source: Source) -> CatalogueRow:
    return CatalogueRow(
        session_id=session.session_id,
        parcel_id="",
        programme_id=f"import:{source.name}",
        participant=session.participant,
        receipt_id="",
        purposes=(PURPOSE,),
        records=len(session.records),
        size_bytes=0,
        content_digest="",
        stored_at="",
    )


def _hint(problems: list[Problem]) -> str:
    return f"{problems[0].file}: {problems[0].reason}" if problems else "give a folder of the shape that `witting import --help` tells"
