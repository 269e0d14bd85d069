"""Every recorded field, declared once in `fields.toml`: what it is, why, how it is protected, how long it is kept.

Knows nothing of programmes or people. Invariant, held by a test: the declared fields are exactly those of the record types.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from witting.terms.events import Stream

FieldPurpose = Literal["learn", "align", "prove", "protect"]
Sensitivity = Literal["none", "low", "medium", "high"]
Redaction = Literal["none", "opaque", "rounded", "text", "address", "pixels", "name", "chosen"]
RetentionKey = Literal["spool_days", "hub_days", "dataset_days"]


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one record type."""

    record: str  # class name in witting.terms
    name: str
    stream: Stream | Literal["all"]  # the choice it falls under; "all" = part of every recording
    meaning: str
    why: str
    purpose: FieldPurpose
    sensitivity: Sensitivity
    redaction: Redaction
    retention: RetentionKey


class _Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the file says of one field."""

    meaning: str
    why: str
    purpose: FieldPurpose
    sensitivity: Sensitivity
    redaction: Redaction


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the file says of one record type."""

    stream: Stream | Literal["all"]
    retention: RetentionKey
    fields: dict[str, _Said]


@cache
def load_fields() -> tuple[Field, ...]:
    """Return all declared fields in the order of the file."""
    tables = msgspec.convert(tomllib.loads(files("witting.terms").joinpath("fields.toml").read_text("utf-8")), dict[str, _Table])
    return tuple(
        Field(record=record, name=name, stream=table.stream, retention=table.retention, **msgspec.structs.asdict(said))
        for record, table in tables.items()
        for name, said in table.fields.items()
    )
