"""A session that was being written anew when its recorder died, with the new file not in place."""

from pathlib import Path

from witting.device.spool import Spool, renewing
from witting.ledger.seals import KeyStore
from witting.terms.events import PointerMove
from witting.terms.session import SessionEnd
from witting.testing.sample_session import sample_header

SESSION = "5e" * 16


def test_a_fresh_key_that_opens_nothing_is_thrown_away(tmp_path: Path) -> None:
    """The old session stays as it was, whether its file is there or was pruned meanwhile."""
    keys = KeyStore(tmp_path / "keys")
    writer = Spool(tmp_path, keys).open_session(sample_header(SESSION))
    writer.close(SessionEnd(timestamp_ns=1, reason="stopped"))
    path = tmp_path / "spool" / f"{SESSION}.session"
    for is_there in (True, False):
        keys.new_key(SESSION + renewing.NEXT)
        if not is_there:
            path.unlink()
        renewing.settle(path, keys)
        assert keys.names() == (SESSION,)
        assert path.exists() is is_there


def test_a_long_session_is_written_anew_in_runs(tmp_path: Path) -> None:
    """What fills several segments reads back in order after the cut."""
    spool = Spool(tmp_path, KeyStore(tmp_path / "keys"))
    writer = spool.open_session(sample_header(SESSION))
    for number in range(15_000):
        writer.append(PointerMove(1_000_000_000 + number, number, 5))
    writer.forget(1_000_000_000 + 12_000)
    assert [record.x for record in spool.read(SESSION) if isinstance(record, PointerMove)] == list(range(12_000))
