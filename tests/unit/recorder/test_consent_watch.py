"""Whether consent still stands, by the files that say so."""

import pytest

from witting.device.recorder.config import RecorderConfig
from witting.device.recorder.watch import ConsentWatch
from witting.terms.errors import NoConsentError, NoticeChangedError


@pytest.fixture
def config(tmp_path) -> RecorderConfig:
    """Give a configuration whose files are there."""
    for name in ("programme.toml", "receipts.json"):
        (tmp_path / name).write_text("as agreed")
    (tmp_path / "consent.json").write_text('{"status":"given","programme_id":"x"}')
    return RecorderConfig(
        data_dir=str(tmp_path), programme=str(tmp_path / "programme.toml"), receipts=str(tmp_path / "receipts.json"), controller_key=b""
    )


def test_while_nothing_changes_recording_goes_on(config, tmp_path):
    """Writing the same again isn't a change."""
    watch = ConsentWatch(config)
    (tmp_path / "receipts.json").write_text("as agreed")
    assert watch.trouble() is None


@pytest.mark.promise("P2")
@pytest.mark.parametrize(
    "end",
    [
        lambda home: (home / "withdrawn").touch(), lambda home: (home / "consent.json").write_text('{"status":"withdrawn"}'),
        lambda home: (home / "consent.json").write_text("{"), lambda home: (home / "consent.json").unlink(),
        lambda home: (home / "receipts.json").write_text("other"), lambda home: (home / "receipts.json").unlink(),
    ],
)  # fmt: skip
def test_any_end_of_consent_is_seen(config, tmp_path, end):
    """A withdrawal, a status that isn't given, and papers that changed or went all end recording."""
    watch = ConsentWatch(config)
    end(tmp_path)
    assert isinstance(watch.trouble(), NoConsentError)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("change", [lambda path: path.write_text("changed"), lambda path: path.unlink()])
def test_a_changed_programme_is_seen(config, tmp_path, change):
    """A programme that is edited while recording ends it."""
    watch = ConsentWatch(config)
    change(tmp_path / "programme.toml")
    assert isinstance(watch.trouble(), NoticeChangedError)
