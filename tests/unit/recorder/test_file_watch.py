"""Word from the kernel that a file changed."""

import pytest

from witting.device.recorder.file_watch import FileWatch


@pytest.mark.parametrize(
    "change",
    [
        lambda home: (home / "withdrawn").touch(), lambda home: (home / "consent.json").write_text("other"),
        lambda home: (home / "consent.json").unlink(), lambda home: (home / "consent.json").rename(home / "gone"),
        lambda home: (home / "consent.json").chmod(0o000),
    ],
)  # fmt: skip
def test_any_change_in_a_folder_is_told(tmp_path, change):
    """A file that came, changed, went or can't be read any more wakes the recorder; while nothing changes nothing does."""
    (tmp_path / "consent.json").write_text("given")
    watch = FileWatch([tmp_path, tmp_path])
    assert watch.is_watching
    assert not watch.read()
    change(tmp_path)
    assert watch.read()
    assert not watch.read()
    watch.close()
    watch.close()
    assert not watch.read()


def test_where_the_kernel_cannot_watch_that_is_said(tmp_path):
    """A folder that isn't there can't be watched, and the caller looks by itself."""
    watch = FileWatch([tmp_path / "none"])
    assert (watch.is_watching, watch.fileno()) == (False, -1)
