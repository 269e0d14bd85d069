"""The vault as other rooms see it: catalogue, read, store, erase, and the register of what was made.

Each call is one transaction of deed and log entry. Invariant: the gate is asked inside that transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from witting.hub.database import reading, writing
from witting.hub.erased import Erased, note_erased
from witting.hub.hub import Hub, open_hub_at
from witting.hub.vault import carrying, erasure, handouts, lineage, recalls
from witting.hub.vault.catalogue import lent_sessions, rows_in_force
from witting.hub.vault.reads import begin_read, records_of
from witting.ledger.keys import SigningKey
from witting.terms.clock import Clock
from witting.terms.hub import CatalogueRow, LogProof
from witting.terms.session import Record, Signed
from witting.terms.work import DatasetManifest, Handout, ModelCard, Recall


class Vault:
    """The stored sessions of one hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @classmethod
    def open(cls, data_dir: Path, *, clock: Clock | None = None) -> "Vault":
        """Return the vault of the hub kept in `data_dir`.

        Raises:
            UsageError: there is no hub.
            StoreLockedError: its keys or database can't be opened.
        """
        return cls(open_hub_at(data_dir, clock=clock))

    def close(self) -> None:
        """Let go of the database."""
        self._hub.close()

    @property
    def signing_key(self) -> SigningKey:
        """The hub's key, which every device that joined knows: signs policies made of its recordings."""
        return self._hub.keys.signing

    def catalogue(self, programme_id: str, purpose: str | None = None) -> list[CatalogueRow]:
        """Return the sessions of a programme that may be used now, for one purpose or for any, by session id."""
        hub = self._hub
        with reading(hub.engine) as connection:
            return rows_in_force(connection, hub.keys.signing.public, programme_id=programme_id, purpose=purpose, at=hub.now())

    def lent(self, manifest: DatasetManifest) -> frozenset[str]:
        """Return the ids of those sessions of a dataset that are lent for its purpose now, and that nobody recalled from it."""
        hub, names = self._hub, [session.session_id for session in manifest.sessions]
        with reading(hub.engine) as connection:
            lent = lent_sessions(connection, hub.keys.signing.public, sessions=names, purpose=manifest.purpose, at=hub.now())
            return lent - recalls.recalled_from(connection, manifest.dataset_id)

    def read(self, session_id: str, *, purpose: str | None = None, reader: str = "lab") -> Iterator[Record]:
        """Return the records of a session that are lent for a purpose (or for any of its own); that it was read is in the log by then.

        Raises:
            NoConsentError: it isn't stored any more, or isn't lent for that now.
            IntegrityError: an object is missing or changed (raised while iterating).
        """
        with writing(self._hub.engine) as connection:
            opened = begin_read(self._hub, connection, session_id=session_id, purpose=purpose, reader=reader)
        return records_of(self._hub, opened)

    def manifests(self) -> list[DatasetManifest]:
        """Return the manifests of all dataset versions, in order of release."""
        with reading(self._hub.engine) as connection:
            return lineage.manifests(connection)

    def model_cards(self) -> list[ModelCard]:
        """Return the cards of all models, in order of training."""
        with reading(self._hub.engine) as connection:
            return lineage.model_cards(connection)

    def erase(self, sessions: Sequence[str], *, why: str = "retention") -> list[Signed]:
        """Erase stored sessions and return the signed deletion receipts, one for each participant concerned.

        Raises:
            UsageError: a session isn't in the vault.
        """
        with writing(self._hub.engine) as connection:
            subjects = erasure.subjects_of(connection, sessions, why=why)
            jobs = [erasure.begin_erasure(self._hub, connection, subject=subject) for subject in subjects]
            note_erased(self._hub.config, Erased(at=self._hub.stamp(), sessions=tuple(sessions)))
        return [erasure.finish_erasure(self._hub, job_id) for job_id in jobs]

    def register_dataset(self, manifest: DatasetManifest) -> LogProof:
        """Enter a released dataset version and return the proof that the log holds it.

        Raises:
            NoConsentError: a session in it isn't lent for its purpose any more.
            UsageError: another manifest has this id.
        """
        with writing(self._hub.engine) as connection:
            return lineage.register_dataset(self._hub, connection, manifest=manifest)

    def register_model(self, card: ModelCard) -> LogProof:
        """Enter a trained model and return the proof that the log holds it.

        Raises:
            IntegrityError: it names sessions that aren't in its dataset.
            NoConsentError: a session it learnt from isn't lent any more.
            UsageError: another card has this id.
        """
        with writing(self._hub.engine) as connection:
            return lineage.register_model(self._hub, connection, card=card)

    def register_handout(self, handout: Handout) -> LogProof:
        """Enter an export that somebody gets and return the proof that the log holds it.

        Raises:
            IntegrityError: it names sessions that aren't in its dataset.
            NoConsentError: a session in it isn't lent any more.
            UsageError: nobody is named who gets it.
        """
        with writing(self._hub.engine) as connection:
            return handouts.register_handout(self._hub, connection, handout=handout)

    def handouts(self) -> list[Handout]:
        """Return every export that was handed out, in order."""
        with reading(self._hub.engine) as connection:
            return handouts.handouts(connection)

    def recalls(self, *, with_done: bool = False) -> list[Recall]:
        """Return what has to leave which dataset, model or export, what is due first at the head."""
        with reading(self._hub.engine) as connection:
            return recalls.recalls(connection, with_done=with_done)

    def note_told(self, export_id: str) -> LogProof:
        """Note that the recipient of an export was told, and return the proof that the log says so.

        Raises:
            UsageError: nothing is recalled from that export.
        """
        with writing(self._hub.engine) as connection:
            return handouts.note_told(self._hub, connection, export_id=export_id)

    def note_model_removed(self, model_id: str) -> LogProof:
        """Note that a recalled model was removed and nothing takes its place, and return the proof that the log says so.

        Raises:
            UsageError: nothing is recalled from that model.
        """
        with writing(self._hub.engine) as connection:
            return lineage.note_model_removed(self._hub, connection, model_id=model_id)

    def begin_work(self, kind: str, *, subject: object, steps: Sequence[str]) -> str:
        """Write down work that is to be carried through a crash, and return its id."""
        return carrying.begin_work(self._hub, kind=kind, subject=subject, steps=steps)

    def unfinished_work(self, kind: str) -> list[carrying.Unfinished]:
        """Return what of a kind was begun and isn't done, oldest first."""
        return carrying.unfinished_work(self._hub, kind)

    def do_work(self, job_id: str, *, steps: Mapping[str, carrying.Work]) -> dict[str, Any]:
        """Do what is left of a work, in order, and return what its steps said."""
        return carrying.do_work(self._hub, job_id, steps=steps)
