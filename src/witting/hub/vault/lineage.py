"""What was made of stored sessions: dataset versions and models, each naming every session, so that leaving reaches them.

Invariant: nothing is registered that names a session which isn't stored, or for whose purpose consent isn't in force at that moment.
"""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Column, Connection, Table, insert, select

from witting.hub.hub import Hub
from witting.hub.journal import Deed
from witting.hub.schema import dataset, dataset_session, export, export_session, model, model_session
from witting.hub.vault.catalogue import lent_sessions
from witting.hub.vault.recalls import close_recalls, recall_of, recalled_from
from witting.terms.errors import IntegrityError, NoConsentError, UsageError
from witting.terms.hub import LogProof
from witting.terms.work import DatasetManifest, ModelCard, RecallKind


def register_dataset(hub: Hub, connection: Connection, *, manifest: DatasetManifest) -> LogProof:
    """Enter a released dataset version and return the proof that the log holds it; the same manifest twice is one release.

    Raises:
        NoConsentError: a session in it isn't stored any more, or isn't lent for the dataset's purpose.
        UsageError: another manifest has this id.
    """
    known = _known(connection, dataset, key=dataset.c.dataset_id, name=manifest.dataset_id, body=manifest)
    if known is not None:
        return hub.journal.prove(connection, known)
    sessions = [entry.session_id for entry in manifest.sessions]
    _check_lent(hub, connection, sessions=sessions, purpose=manifest.purpose)
    index = hub.journal.record(
        connection,
        Deed(
            kind="dataset_released",
            done_at=hub.stamp(),
            fields={
                "dataset_id": manifest.dataset_id,
                "root": manifest.root,
                "purpose": manifest.purpose,
                "replaces": manifest.replaces,
            },
        ),
    )
    connection.execute(
        insert(dataset).values(
            dataset_id=manifest.dataset_id,
            programme_id=manifest.programme_id,
            replaces=manifest.replaces,
            body=msgspec.json.encode(manifest),
            position=index,
            released_at=hub.stamp(),
        )
    )
    _insert_sessions(connection, dataset_session, sessions=sessions, dataset_id=manifest.dataset_id)
    close_recalls(hub, connection, kind="dataset", name=manifest.replaces, without=sessions)
    return hub.journal.prove(connection, index)


def register_model(hub: Hub, connection: Connection, *, card: ModelCard) -> LogProof:
    """Enter a trained model and return the proof that the log holds it; the same card twice is one model.

    Raises:
        IntegrityError: it was trained on a dataset the hub doesn't know, or names sessions that aren't in that dataset.
        NoConsentError: a session it learnt from was withdrawn meanwhile.
        UsageError: another card has this id.
    """
    known = _known(connection, model, key=model.c.model_id, name=card.model_id, body=card)
    if known is not None:
        return hub.journal.prove(connection, known)
    if not set(card.sessions) <= set(sessions_of_dataset(connection, card.dataset_id)):
        raise IntegrityError(
            "a model card names sessions that aren't in its dataset", hint="register the dataset first, then the model trained on it"
        )
    if card.sessions:
        _check_lent(hub, connection, sessions=card.sessions, purpose=_manifest(connection, card.dataset_id).purpose)
        if recalled := recalled_from(connection, card.dataset_id) & set(card.sessions):
            message = f"{len(recalled)} sessions were recalled from {card.dataset_id}; nothing was registered"
            raise NoConsentError(message, hint="`witting dataset release` makes a version without them; train on that")
    index = hub.journal.record(
        connection,
        Deed(
            kind="model_trained",
            done_at=hub.stamp(),
            fields={
                "model_id": card.model_id,
                "dataset_id": card.dataset_id,
                "weights_sha256": card.weights_sha256,
                "replaces": card.replaces,
            },
        ),
    )
    connection.execute(
        insert(model).values(
            model_id=card.model_id,
            dataset_id=card.dataset_id,
            replaces=card.replaces,
            body=msgspec.json.encode(card),
            position=index,
            trained_at=hub.stamp(),
        )
    )
    _insert_sessions(connection, model_session, sessions=card.sessions, model_id=card.model_id)
    close_recalls(hub, connection, kind="model", name=card.replaces, without=card.sessions)
    return hub.journal.prove(connection, index)


def note_model_removed(hub: Hub, connection: Connection, *, model_id: str) -> LogProof:
    """Note that a recalled model was removed, with nobody left that it could learn from, and return the proof that the log says so.

    Raises:
        UsageError: nothing is recalled from that model.
    """
    recall_of(connection, "model", name=model_id)
    index = hub.journal.record(connection, Deed(kind="model_removed", done_at=hub.stamp(), fields={"model_id": model_id}))
    close_recalls(hub, connection, kind="model", name=model_id)
    return hub.journal.prove(connection, index)


def datasets_with(connection: Connection, sessions: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the dataset versions that hold any of these sessions, sorted."""
    found = select(dataset_session.c.dataset_id).where(dataset_session.c.session_id.in_(sessions)).distinct()
    return tuple(sorted(connection.execute(found).scalars()))


def models_with(connection: Connection, sessions: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the models that learnt from any of these sessions, sorted."""
    found = select(model_session.c.model_id).where(model_session.c.session_id.in_(sessions)).distinct()
    return tuple(sorted(connection.execute(found).scalars()))


def made_of(
    connection: Connection, sessions: Sequence[str], *, also: Sequence[str] = (), purposes: Sequence[str] = ()
) -> dict[RecallKind, dict[str, list[str]]]:
    """Return which of these sessions each dataset version and each model holds, by kind and id; what was replaced already is left out.

    Of the sessions `also` given only what was made for one of the purposes counts, where any are named.
    """
    found: dict[RecallKind, dict[str, list[str]]] = {"dataset": {}, "model": {}}
    tables: tuple[tuple[RecallKind, Table, Table, str], ...] = (
        ("dataset", dataset, dataset_session, "dataset_id"),
        ("model", model, model_session, "model_id"),
    )
    for kind, table, held, key in tables:
        replaced = set(connection.execute(select(table.c.replaces)).scalars())
        for row in connection.execute(select(held).where(held.c.session_id.in_([*sessions, *also])).order_by(held.c[key])).all():
            name = str(getattr(row, key))
            is_meant = row.session_id in sessions or not purposes or purpose_of(connection, kind, name=name) in purposes
            if name not in replaced and is_meant:
                found[kind].setdefault(name, []).append(row.session_id)
    return found


def purpose_of(connection: Connection, kind: RecallKind, *, name: str) -> str:
    """Return what a dataset version, or the one that a model learnt from, was made for."""
    if kind == "model":
        name = connection.execute(select(model.c.dataset_id).where(model.c.model_id == name)).scalar_one()
    return _manifest(connection, name).purpose


def positions_with(connection: Connection, sessions: Sequence[str]) -> tuple[int, ...]:
    """Return the log indexes of the releases, trainings and exports that any of these sessions went into; their openings name none."""
    released = select(dataset.c.position).where(dataset.c.dataset_id.in_(datasets_with(connection, sessions)))
    trained = select(model.c.position).where(model.c.model_id.in_(models_with(connection, sessions)))
    held = select(export_session.c.export_id).where(export_session.c.session_id.in_(sessions))
    handed_out = select(export.c.position).where(export.c.export_id.in_(held))
    return tuple(position for wanted in (released, trained, handed_out) for position in connection.execute(wanted).scalars())


def sessions_of_dataset(connection: Connection, dataset_id: str) -> tuple[str, ...]:
    """Return the ids of the sessions in a dataset version, sorted; none when the hub doesn't know it."""
    found = select(dataset_session.c.session_id).where(dataset_session.c.dataset_id == dataset_id)
    return tuple(sorted(connection.execute(found).scalars()))


def manifests(connection: Connection) -> list[DatasetManifest]:
    """Return the manifests of all dataset versions, in order of release."""
    bodies = connection.execute(select(dataset.c.body).order_by(dataset.c.position)).scalars()
    return [msgspec.json.decode(body, type=DatasetManifest) for body in bodies]


def model_cards(connection: Connection) -> list[ModelCard]:
    """Return the cards of all models, in order of training."""
    bodies = connection.execute(select(model.c.body).order_by(model.c.position)).scalars()
    return [msgspec.json.decode(body, type=ModelCard) for body in bodies]


def _manifest(connection: Connection, dataset_id: str) -> DatasetManifest:
    body = connection.execute(select(dataset.c.body).where(dataset.c.dataset_id == dataset_id)).scalar_one()
    return msgspec.json.decode(body, type=DatasetManifest)


def _known(connection: Connection, table: Table, *, key: Column[str], name: str, body: msgspec.Struct) -> int | None:
    """Return the log index of what is registered under this name already; None when nothing is."""
    row = connection.execute(select(table.c.body, table.c.position).where(key == name)).one_or_none()
    if row is None:
        return None
    if bytes(row.body) != msgspec.json.encode(body):
        message = f"{name} is registered already, with other contents"
        raise UsageError(message, hint="give the new version its own id")
    return int(row.position)


def _check_lent(hub: Hub, connection: Connection, *, sessions: Sequence[str], purpose: str) -> None:
    """Ask the gate about each session."""
    lent = lent_sessions(connection, hub.keys.signing.public, sessions=sessions, purpose=purpose, at=hub.now())
    for session_id in sessions:
        if session_id not in lent:
            message = f"session {session_id[:8]} isn't lent for {purpose!r} any more; nothing was registered"
            raise NoConsentError(message, hint="build again without it: the catalogue shows what is lent now")


def _insert_sessions(connection: Connection, table: Table, *, sessions: Sequence[str], **owner: str) -> None:
    if sessions:
        connection.execute(insert(table), [{**owner, "session_id": session_id} for session_id in sessions])
