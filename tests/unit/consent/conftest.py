"""A synthetic programme, and receipts of one participant."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import pytest

from witting.consent.programme import programme_digest
from witting.terms.consent import ConsentReceipt, GateQuestion, Grant
from witting.terms.programme import App, Controller, Programme, Purpose, Recipient, Representative, Retention

SITE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def programme() -> Programme:
    """A programme that runs through 2026 with a browser and an editor."""
    return Programme(
        schema=1,
        id="ledger-desk",
        version=3,
        title="Ledger desk",
        starts_on=date(2026, 1, 1),
        ends_on=date(2026, 12, 31),
        jurisdiction="DE",
        language="en",
        basis_mode="consent",
        controller=Controller(name="Example Org", address="1 Sample Street, Sampletown", contact="privacy@example.org"),
        participant_contact="people@example.org",
        dpo_contact="dpo@example.org",
        authority="Example Data Protection Authority, https://authority.example.org",
        purposes=(
            Purpose(id="train", title="Train agents", why="So that agents learn office work.", streams=("pointer", "keys", "ui_tree")),
            Purpose(id="help", title="Measure help", why="So that we see whether agents help.", streams=("pointer",)),
        ),
        apps=(App(id="chromium", title="Chromium", sites=(SITE,)), App(id="mousepad", title="Mousepad")),
        recipients=(Recipient(name="Example Lab", role="internal", country="DE", why="trains the agents"),),
        representatives=(Representative("Example Council", "works_council", "council@example.org"),),
        retention=Retention(spool_days=7, hub_days=90, dataset_days=180, log_years=3),
    )


@pytest.fixture(scope="session")
def receipt(programme: Programme) -> ConsentReceipt:
    """A receipt for training with pointer and keys in both apps."""
    return ConsentReceipt(
        schema_version="ISO/IEC TS 27560:2023",
        receipt_id="a" * 32,
        participant="b" * 32,
        participant_key=b"\1" * 32,
        programme_id=programme.id,
        programme_version=programme.version,
        programme_digest=programme_digest(programme),
        notice_digest="c" * 64,
        language="en",
        jurisdiction="DE",
        legal_basis="consent",
        controller="Example Org",
        controller_contact="privacy@example.org",
        recipients=("Example Lab",),
        withdrawal_method="one click on your desk page, or `witting leave`",
        retention_days=90,
        status="given",
        grants=tuple(Grant("train", stream, app) for stream in ("pointer", "keys") for app in ("chromium", "mousepad")),
        given_at="2026-03-01T08:00:00Z",
        expires_at="2026-09-01T08:00:00Z",
    )


@pytest.fixture(scope="session")
def ask() -> Callable[..., GateQuestion]:
    """Make a question that is allowed, with some fields replaced."""
    allowed = GateQuestion(purpose="train", stream="keys", app="chromium", site=SITE, at=datetime(2026, 4, 1, 9, tzinfo=UTC))
    return lambda **changes: msgspec.structs.replace(allowed, **changes)
