"""A withdrawal whose process dies at any step ends as one that didn't, over SQLite and over a real PostgreSQL server."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hub_ground import Ground, card, manifest
from sqlalchemy import select

from witting.hub import schema
from witting.hub.database import reading
from witting.hub.door.withdrawals import withdraw
from witting.hub.log_store import SqlLogStore
from witting.hub.vault import erasure
from witting.hub.vault.erasure import resume_erasures
from witting.ledger.log import check_store, verifier_key
from witting.terms.consent import DeletionReceipt
from witting.terms.hub import WithdrawalAnswer

NAMES = [step.name for step in erasure.STEPS]
USUAL = "after"  # the work is done and not marked as done: what a second try must bear


class CrashError(BaseException):
    """The process is gone, as far as the code can tell."""


@pytest.fixture
def anywhere(request: pytest.FixtureRequest, make_ground: Callable[..., Ground]) -> Ground:
    """A hub over one of the two databases."""
    url = request.getfixturevalue("new_postgresql_database")() if request.param == "postgresql" else ""
    return make_ground(database_url=url)


def dying(step: Any, when: str) -> Any:
    """Return a step that the process dies before or after."""

    def run(*given: Any) -> Any:
        if when == "after":
            step.run(*given)
        raise CrashError

    return step._replace(run=run)


@pytest.mark.promise("P13")
@pytest.mark.parametrize("when", [USUAL, pytest.param("before", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("anywhere", [pytest.param("sqlite", marks=pytest.mark.slow), "postgresql"], indirect=True)
def test_killed_at_any_step_the_result_is_the_same(anywhere: Ground, monkeypatch: pytest.MonkeyPatch, name: str, when: str) -> None:
    """Keys, bytes and rows are gone, dataset and model are recalled once, the other person's data stays, one entry and one receipt tell."""
    ground = anywhere
    leaves, stays = ground.lender(), ground.lender()
    gone, kept = ground.store(leaves, purposes=("train",)), ground.store(stays, purposes=("train",))
    ground.vault.register_dataset(manifest(ground, [gone, kept]))
    ground.vault.register_model(card(ground, [gone, kept]))
    statement = leaves.withdrawal(ground.now())
    with monkeypatch.context() as patched:
        patched.setattr(erasure, "STEPS", tuple(dying(step, when) if step.name == name else step for step in erasure.STEPS))
        with pytest.raises(CrashError):
            withdraw(ground.hub, statement)
    assert [row.session_id for row in ground.vault.catalogue(ground.programme.id)] == [kept]  # use stopped before anything else
    assert resume_erasures(ground.hub) == 1
    assert resume_erasures(ground.hub) == 0
    answers = [ground.ask("/v1/withdrawals", statement, WithdrawalAnswer) for _ in range(2)]
    assert answers[0].receipt == answers[1].receipt
    receipt = msgspec.json.decode(answers[0].receipt.payload, type=DeletionReceipt)
    assert (receipt.sessions, receipt.keys_destroyed, receipt.left) == ((gone,), 1, ())
    assert len(receipt.found) == receipt.objects + receipt.keys_destroyed
    assert ground.hub.objects.sizes(gone) == {}
    assert list(ground.vault.read(kept))
    assert [(recall.kind, recall.sessions) for recall in ground.vault.recalls()] == [("dataset", (gone,)), ("model", (gone,))]
    with reading(ground.hub.engine) as connection:
        assert connection.execute(select(schema.vault_key.c.session_id)).scalars().all() == [kept]
        assert connection.execute(select(schema.session.c.state).where(schema.session.c.session_id == gone)).scalar_one() == "erased"
        kinds = connection.execute(select(schema.deed.c.kind)).scalars().all()
        verifier = verifier_key(ground.hub.journal.origin, ground.hub.keys.signing.public)
        assert check_store(SqlLogStore(connection), ground.hub.journal.present(connection), verifier=verifier) == len(kinds)
    assert (kinds.count("withdrawal"), kinds.count("erasure")) == (1, 1)
