"""Which folder of vectors is meant: the one given by `--vectors`, or that of the public data."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def vectors(request: pytest.FixtureRequest) -> Path:
    """Return the folder of log vectors; a folder that was named has to be there."""
    given = request.config.getoption("vectors")
    if given:
        folder = Path(given)
        known = [*folder.glob("merkle-*.json"), *folder.glob("*-log/checkpoint.*"), *folder.glob("signed-note*.txt")]
        assert known, f"--vectors {given}: no vectors are there"
        return folder
    folder = request.getfixturevalue("public_data") / "tlog-vectors"
    if not folder.is_dir():
        pytest.skip("the published log vectors (tlog-vectors) are absent from the public data")
    return folder
