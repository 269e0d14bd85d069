"""How long the gate takes to decide, for a yes and for a no, with one receipt and with ten; asked again and asked for the first time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

from figures import write
from witting.consent.gate import decide
from witting.consent.programme import programme_digest, read_programme
from witting.terms.clock import rfc3339
from witting.terms.consent import ConsentReceipt, GateQuestion
from witting.terms.programme import Programme
from witting.testing.sender import everything

AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
BAR_US = 5.0
ROUNDS, CALLS = 7, 5_000
EXAMPLE = Path(__file__).resolve().parents[1] / "src" / "witting" / "consent" / "example.toml"


def receipt(programme: Programme, age_days: int) -> ConsentReceipt:
    """Return a receipt for everything, given so many days ago."""
    given = AT - timedelta(days=age_days)
    return ConsentReceipt(
        schema_version="ISO/IEC TS 27560:2023",
        receipt_id=f"{age_days:032x}",
        participant="b" * 32,
        participant_key=b"k" * 32,
        programme_id=programme.id,
        programme_version=programme.version,
        programme_digest=programme_digest(programme),
        notice_digest="c" * 64,
        language="en",
        jurisdiction="DE",
        legal_basis="consent",
        controller="Example Org",
        controller_contact="privacy@example.org",
        recipients=(),
        withdrawal_method="one click",
        retention_days=1,
        status="given",
        grants=everything(programme),
        given_at=rfc3339(given),
        expires_at=rfc3339(given + timedelta(days=100)),
    )


def microseconds(receipts: tuple[ConsentReceipt, ...] | list[ConsentReceipt], programme: Programme, *, question: GateQuestion) -> float:
    """Return the least mean time of a decision over the rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(CALLS):
            decide(receipts, programme, question=question)
        best = min(best, (perf_counter() - start) / CALLS * 1e6)
    return best


def figure(name: str, value: float, *, bar: float | None = BAR_US) -> dict[str, object]:
    """Return one figure; lower is better."""
    return {"name": name, "value": round(value, 2), "unit": "µs", "sense": "lower", "bar": bar, "peer": None, "runs": ROUNDS}


def gate_figures() -> list[dict[str, object]]:
    """Measure decisions and return the figures."""
    example = read_programme(EXAMPLE.read_text("utf-8"))
    yes = GateQuestion(purpose="train", stream="keys", app="mousepad", at=AT)
    no = GateQuestion(purpose="train", stream="keys", app="xterm", at=AT)
    one, ten = (receipt(example, 1),), tuple(receipt(example, days) for days in range(1, 11))
    return [
        figure("a decision, yes, one receipt", microseconds(one, example, question=yes)),
        figure("a decision, yes, ten receipts", microseconds(ten, example, question=yes)),
        figure("a decision, no", microseconds(one, example, question=no)),
        figure("a first decision, receipts read anew", microseconds(list(one), example, question=yes), bar=None),
    ]


if __name__ == "__main__":
    write("gate", gate_figures())
