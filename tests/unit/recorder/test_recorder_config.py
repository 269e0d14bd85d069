"""How often pictures are taken: the programme says, and a participant may only make it rarer."""

import msgspec
import pytest

from witting.device.recorder.config import RecorderConfig, picture_interval_ns
from witting.testing.lender import lent_programme

PROGRAMME = lent_programme({"mousepad": ()})


def config(**changes: object) -> RecorderConfig:
    """Return a configuration as a file holds it."""
    fields = {"data_dir": "d", "programme": "p", "receipts": "r", "controller_key": b"", **changes}
    return msgspec.convert(fields, RecorderConfig)


@pytest.mark.promise("P22")
@pytest.mark.parametrize(
    ("programme_s", "mine_ms", "seconds"), [(2.0, 0, 2.0), (0.5, 0, 0.5), (2.0, 500, 2.0), (2.0, 9000, 9.0), (60.0, 500, 60.0)]
)
def test_the_rarer_of_programme_and_participant_counts(programme_s, mine_ms, seconds):
    """Neither can make pictures come faster than the other wants."""
    programme = msgspec.structs.replace(PROGRAMME, picture_seconds=programme_s)
    assert picture_interval_ns(config(frame_interval_ms=mine_ms), programme) == seconds * 1_000_000_000


@pytest.mark.parametrize("wrong", [-1, 60_001])
def test_an_interval_beyond_a_minute_is_refused(wrong):
    """The configuration holds what can be promised."""
    with pytest.raises(msgspec.ValidationError):
        config(frame_interval_ms=wrong)
