"""One dataset of three sessions, built once and copied for each test that changes it."""

import shutil
from pathlib import Path

import pytest
from shelf import PROGRAMME, PURPOSE, Shelf, everything

from witting.lab.dataset import BuildOptions, build


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a dataset that no test may change."""
    folder = tmp_path_factory.mktemp("datasets") / "v1"
    build(Shelf(), PROGRAMME, purpose=PURPOSE, out_dir=folder, permits=everything, options=BuildOptions(built_at="2026-11-24T08:00:00Z"))
    return folder


@pytest.fixture
def built(_built: Path, tmp_path: Path) -> Path:
    """Return a dataset of three sessions of one's own."""
    shutil.copytree(_built, tmp_path / "v1")
    return tmp_path / "v1"
