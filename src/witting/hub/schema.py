"""The hub's tables (SQLAlchemy Core), one path for SQLite and PostgreSQL.

Times are RFC 3339 UTC text, statements are their signed bytes. Personal data is no column but the pseudonym and key a participant chose.
Invariant: `witting.hub.migrations` makes exactly these tables; a test compares the two.
"""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

_ID = String(80)  # our own ids: 32 hex digits, programme ids, dataset ids
_DIGEST = String(64)  # sha256, hex
_POSITION = BigInteger().with_variant(Integer, "sqlite")  # there an INTEGER key is the row's own number, a BIGINT one is kept twice
_TIME = String(20)  # 2026-11-24T06:33:54Z

programme = Table(
    "programme",
    metadata,
    Column("programme_digest", _DIGEST, primary_key=True),
    Column("programme_id", _ID, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # RFC 8785 JSON of the programme
    Column("notice_markdown", Text, nullable=False),
    Column("notice_digest", _DIGEST, nullable=False),
    Column("is_in_force", Boolean, nullable=False),  # one version at a time
    Column("added_at", _TIME, nullable=False),
)

invitation = Table(
    "invitation",
    metadata,
    Column("token_hash", _DIGEST, primary_key=True),  # the token itself is nowhere
    Column("programme_id", _ID, nullable=False),
    Column("is_used", Boolean, nullable=False),  # neither by whom nor when
)

consent = Table(
    "consent",
    metadata,
    Column("receipt_id", _ID, primary_key=True),
    Column("programme_id", _ID, nullable=False),
    Column("programme_digest", _DIGEST, ForeignKey("programme.programme_digest"), nullable=False),
    Column("participant", _ID, nullable=False),
    Column("participant_key", LargeBinary, nullable=False),
    Column("statement_digest", _DIGEST, nullable=False, unique=True),  # of the signed statement: the same one twice is one consent
    Column("receipt", LargeBinary, nullable=False),  # Signed, as JSON
    Column("status", String(16), nullable=False),  # ConsentStatus
    Column("given_at", _TIME, nullable=False),
    Column("answer", LargeBinary, nullable=False),  # ConsentAnswer, as JSON
    Index("ix_consent_participant", "programme_id", "participant"),
)

upload = Table(
    "upload",
    metadata,
    Column("upload_id", _ID, primary_key=True),  # 128 random bits: whoever knows it may go on with the upload
    Column("parcel_id", _ID, nullable=False, unique=True),
    Column("session_id", _ID, nullable=False, index=True),
    Column("receipt_id", _ID, ForeignKey("consent.receipt_id"), nullable=False),
    Column("parcel_digest", _DIGEST, nullable=False),
    Column("parcel", LargeBinary, nullable=False),  # Signed, as JSON
    Column("size_bytes", BigInteger, nullable=False),
    Column("opened_at", _TIME, nullable=False),
    Column("answer", LargeBinary),  # ParcelAnswer, as JSON, once stored
)

session = Table(
    "session",
    metadata,
    Column("session_id", _ID, primary_key=True),
    Column("state", String(12), nullable=False),  # stored, forgotten (use has stopped), erased (a tombstone)
    Column("parcel_id", _ID, unique=True),  # null when it was withdrawn before it was sent
    Column("programme_id", _ID, nullable=False, index=True),
    Column("participant", _ID, nullable=False),  # empty once erased
    Column("receipt_id", _ID, ForeignKey("consent.receipt_id")),  # null once erased
    Column("purposes", Text, nullable=False),  # ids, by spaces
    Column("records", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("content_digest", _DIGEST, nullable=False),  # empty once erased
    Column("stored_at", _TIME, nullable=False),
)

vault_key = Table(
    "vault_key",
    metadata,
    Column("session_id", _ID, ForeignKey("session.session_id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),  # sealed by the hub's key-encryption key
)

vault_object = Table(
    "vault_object",
    metadata,
    Column("session_id", _ID, ForeignKey("session.session_id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("name", String(160), nullable=False),  # in the object store
    Column("size_bytes", BigInteger, nullable=False),
)

log_entry = Table(
    "log_entry",
    metadata,
    Column("position", _POSITION, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),  # a salted commitment: no personal data
)

log_tile = Table(
    "log_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),  # up to 256 of 32 bytes (C2SP tlog-tiles)
)

deed = Table(
    "deed",
    metadata,
    Column("position", _POSITION, ForeignKey("log_entry.position"), primary_key=True, autoincrement=False),
    Column("kind", String(32), nullable=False),
    Column("done_at", _TIME, nullable=False),
    Column("participant", _ID, nullable=False, index=True),  # empty when it concerns nobody
    Column("session_id", _ID, nullable=False, index=True),  # empty when it concerns no session
    Column("opening", LargeBinary, nullable=False),  # salt and fields of the entry; empty once they had to go
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),  # of the log that the witness signed for
    Column("checkpoint", Text, nullable=False),  # the hub's signature and the witness's below it
    Column("cosigned_at", _TIME, nullable=False),
)

enquiry = Table(
    "enquiry",
    metadata,
    Column("position", BigInteger, ForeignKey("log_entry.position"), primary_key=True, autoincrement=False),  # its public number
    Column("enquiry_id", _ID, nullable=False, unique=True),  # chosen by whoever filed it: the same one twice is one
    Column("programme_id", _ID, nullable=False),
    Column("participant", _ID, nullable=False, index=True),  # empty when somebody else filed it
    Column("kind", String(12), nullable=False),  # question or finding
    Column("body", Text, nullable=False),
    Column("filed_at", _TIME, nullable=False),
    Column("due_at", _TIME, nullable=False),
    Column("citation", Text, nullable=False),  # which rule sets that day
    Column("answer", Text),  # null while there is none; written once
    Column("answered_at", _TIME),
    Column("answer_position", BigInteger, ForeignKey("log_entry.position")),
)

group_release = Table(
    "group_release",
    metadata,
    Column("programme_id", _ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # counted from 1
    Column("rho_nano", BigInteger, nullable=False),  # what it was charged, in billionths of rho
    Column("body", LargeBinary, nullable=False),  # GroupRelease, as JSON
    Column("pictures", LargeBinary, nullable=False),  # SVG by kind of figure, as JSON
    Column("position", BigInteger, ForeignKey("log_entry.position"), nullable=False),
    Column("released_at", _TIME, nullable=False),
)

dataset = Table(
    "dataset",
    metadata,
    Column("dataset_id", _ID, primary_key=True),
    Column("programme_id", _ID, nullable=False, index=True),
    Column("replaces", _ID, nullable=False),
    Column("body", LargeBinary, nullable=False),  # DatasetManifest, as JSON
    Column("position", BigInteger, ForeignKey("log_entry.position"), nullable=False),
    Column("released_at", _TIME, nullable=False),
)

dataset_session = Table(
    "dataset_session",
    metadata,
    Column("dataset_id", _ID, ForeignKey("dataset.dataset_id"), primary_key=True),
    Column("session_id", _ID, primary_key=True, index=True),
)

model = Table(
    "model",
    metadata,
    Column("model_id", _ID, primary_key=True),
    Column("dataset_id", _ID, ForeignKey("dataset.dataset_id"), nullable=False, index=True),
    Column("replaces", _ID, nullable=False),
    Column("body", LargeBinary, nullable=False),  # ModelCard, as JSON
    Column("position", BigInteger, ForeignKey("log_entry.position"), nullable=False),
    Column("trained_at", _TIME, nullable=False),
)

model_session = Table(
    "model_session",
    metadata,
    Column("model_id", _ID, ForeignKey("model.model_id"), primary_key=True),
    Column("session_id", _ID, primary_key=True, index=True),
)

job = Table(
    "job",
    metadata,
    Column("job_id", _ID, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", LargeBinary, nullable=False),  # what it is about, as JSON
    Column("opened_at", _TIME, nullable=False),
    Column("is_done", Boolean, nullable=False),
)

job_step = Table(
    "job_step",
    metadata,
    Column("job_id", _ID, ForeignKey("job.job_id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("name", String(32), nullable=False),
    Column("result", LargeBinary),  # as JSON; null while it isn't done
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("statement_digest", _DIGEST, primary_key=True),
    Column("job_id", _ID, ForeignKey("job.job_id"), nullable=False),
    Column("position", BigInteger, ForeignKey("log_entry.position"), nullable=False),
)

export = Table(
    "export",
    metadata,
    Column("export_id", _ID, primary_key=True),
    Column("dataset_id", _ID, nullable=False, index=True),
    Column("recipient", Text, nullable=False),  # who got it, as the lab says
    Column("body", LargeBinary, nullable=False),  # Handout, as JSON
    Column("position", BigInteger, ForeignKey("log_entry.position"), nullable=False),
    Column("handed_out_at", _TIME, nullable=False),
)

export_session = Table(
    "export_session",
    metadata,
    Column("export_id", _ID, ForeignKey("export.export_id"), primary_key=True),
    Column("session_id", _ID, primary_key=True, index=True),
)

recall = Table(
    "recall",
    metadata,
    Column("kind", String(8), primary_key=True),  # dataset, model or export
    Column("name", _ID, primary_key=True),  # its id
    Column("session_id", _ID, primary_key=True),  # what has to leave it
    Column("job_id", _ID, ForeignKey("job.job_id"), nullable=False),
    Column("opened_at", _TIME, nullable=False),
    Column("due_at", _TIME, nullable=False),  # from the law packs
    Column("citation", Text, nullable=False),  # which row says so
    Column("done_at", _TIME, nullable=False),  # empty while it isn't done
)
