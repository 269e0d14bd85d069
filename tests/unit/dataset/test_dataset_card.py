"""A dataset's card says what its lineage bears out, in forms that others' tools accept."""

import json
import warnings
from pathlib import Path

import msgspec
import pytest

from witting.lab.dataset.card import CROISSANT_FILE, DATASHEET_FILE, UNKNOWN, datasheet_of, write_card
from witting.lab.dataset.manifest import read_manifest


def test_croissant_holds_before_its_own_validator(built: Path) -> None:
    """`mlcroissant`, MLCommons' own, reads the file without an error or a warning, as version 1.1."""
    mlcroissant = pytest.importorskip("mlcroissant", reason="`mlcroissant` isn't installed: pip install 'witting[peers]'")
    file, _ = write_card(built, built)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own use of what Python deprecated
        told = mlcroissant.Dataset(jsonld=str(file))
    issues = told.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    assert told.metadata.ctx.conforms_to.name == "V_1_1"
    assert told.metadata.name == "sample-programme-v1"


def test_croissants_records_are_the_manifests_sessions(built: Path) -> None:
    """Read through the description by MLCommons' loader, the sessions are those of the manifest, the file's digest checked."""
    mlcroissant = pytest.importorskip("mlcroissant", reason="`mlcroissant` isn't installed: pip install 'witting[peers]'")
    file, _ = write_card(built, built)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        records = list(mlcroissant.Dataset(jsonld=str(file)).records("sessions"))
    told = [
        (record["sessions/session_id"].decode(), int(record["sessions/steps"]), record["sessions/digest"].decode()) for record in records
    ]
    assert told == [(one.session_id, one.steps, one.digest) for one in read_manifest(built).sessions]


def test_card_names_nobody(built: Path) -> None:
    """Neither file says a participant's pseudonym, only how many there are."""
    for file in write_card(built, built):
        said = file.read_text()
        assert not any(session.participant in said for session in read_manifest(built).sessions)
    assert "of 3 people" in (built / DATASHEET_FILE).read_text()
    assert "of 3 people" in json.loads((built / CROISSANT_FILE).read_text())["description"]


def test_datasheet_answers_all_twelve_items_or_says_that_it_cannot(built: Path) -> None:
    """Each item of AB 2013 is there; what lineage doesn't tell is said not to be known."""
    sheet = datasheet_of(read_manifest(built))
    assert [f"**{number}. " in sheet for number in range(1, 13)] == [True] * 12
    assert UNKNOWN in sheet
    assert "3 people" in sheet
    assert read_manifest(built).root in sheet


def test_card_of_imported_data_claims_no_consent(built: Path) -> None:
    """Imported data is said to be that, with its licence, and no receipts or redaction are claimed for it."""
    manifest = msgspec.structs.replace(read_manifest(built), source="somebody", licence="MIT", left_out=("a: broken",), flags={"noisy": 2})
    sheet = datasheet_of(manifest)
    assert "imported from somebody" in sheet
    assert "Not by witting" in sheet
    assert "MIT" in sheet
    assert "1 files of the source could not be read" in sheet
    assert "2 noisy" in sheet
    assert "redacted on their own machines" not in sheet
