# ruff: noqa: RUF001 - look-alike letters and odd digits are what is tried
"""Feeds hostile texts to every detector and to the whole pipeline: no crash, offsets inside the text, the same twice.

    python bench/fuzz_detectors.py [--runs N] [--without-atheris]

With atheris (`pip install atheris`: libFuzzer for Python, it follows the branches of our code) inputs are looked for by coverage;
without it, texts are cut, doubled and mixed by seed from a list of values that rules know. Every failure is printed by stage, never by
content: the input lies in the file that is named. Run by hand and by `tests/unit/privacy/test_privacy_fuzz.py` (short).
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from witting.device.privacy import Redactor
from witting.device.privacy.detectors import Adds, detectors
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.normalise import normalise
from witting.device.privacy.placeholders import Placeholders
from witting.device.privacy.sample import Sample, make_sample
from witting.terms.findings import Finding

SEEDS = (
    "anna.muster@example.org", "anna (at) example dot org", "+49 30 901820", "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00",
    "12 Baker Street, Flat 4", "Musterstraße 12a", "geboren am 03.04.1985", "aged 61", "password: Hunter22!",
    "ghp_" + "a1B2" * 9, "B-MW 1234",
    "https://u:p@example.org/?token=x#y", "/home/anna/x", "Dr. Anna Muster, nurse at Muster GmbH", "She has diabetes", "192.0.2.7", "::1",
    "00:1b:44:11:3a:b7", "four one one one four one one one", "-----BEGIN PRIVATE KEY-----", "eyJhbGciOi.eyJzdWIi.x",
    "⟨EMAIL_1⟩", "‹NAME_2›",
    "\u200b", "\u202e", "e\u0301", "ﬁ", "Ⅻ", "\ud800", "\0", "İ", "ß", "١٢٣", "𝟜𝟙𝟙𝟙", "\n", " ", "_", "'", '"', "=", "%40", "&#64;",
)  # fmt: skip
LONGEST = 4_000


def chain(posture: str) -> tuple[Callable[[Sample], Iterable[Finding]], ...]:
    """Return all detectors of a posture, with a session's memory of their own."""
    return detectors(posture, load_lexicon(), placeholders=Placeholders(b"fuzz"), adds=Adds(("code name",), (r"\bSMP-\d{6}\b",)))  # type: ignore[arg-type] # one of the two postures


CHAIN = list(chain("strict"))


def check(text: str) -> None:
    """Hold a text against every promise.

    Raises:
        AssertionError: one isn't kept; names the stage.
    """
    normalised = normalise(text)
    assert len(normalised.text) == len(normalised.starts) == len(normalised.ends), "normalise"
    sample = make_sample(normalised.text)
    for detector in CHAIN:
        name = getattr(detector, "__name__", None) or detector.func.__name__  # type: ignore[attr-defined] # a partial names its function
        found = list(detector(sample))
        assert all(0 <= f.start < f.end <= len(sample.text) for f in found), f"offsets of {name}"
        assert found == list(detector(sample)), f"{name} differs the second time"
    for posture in ("strict", "balanced"):
        session = Redactor(posture, seed=b"fuzz")
        done = session.text(text)
        assert all(0 <= f.start < f.end <= len(text) for f in done.findings), f"offsets, {posture}"
        assert all(a.end <= b.start for a, b in zip(done.findings, done.findings[1:], strict=False)), f"order, {posture}"
        assert session.text(text).text == done.text, f"second reading, {posture}"


def mixed(rng: random.Random) -> str:
    """Return a text cut and mixed from the seeds."""
    pieces = []
    for _ in range(rng.randint(1, 9)):
        piece = rng.choice(SEEDS)
        cut = sorted(rng.randint(0, len(piece)) for _ in range(2))
        pieces.append(
            rng.choice((piece, piece[cut[0] : cut[1]], piece * rng.randint(1, 5), piece[::-1], piece.upper(), chr(rng.randint(0, 0x2FFFF))))
        )
    return rng.choice(("", " ", ", ", "\n", "/")).join(pieces)[:LONGEST]


def by_seed(runs: int, seed: int = 1) -> None:
    """Check texts that are mixed by seed."""
    rng = random.Random(seed)
    for _ in range(runs):
        check(mixed(rng))


def by_coverage(runs: int) -> None:
    """Check texts that libFuzzer finds; ends the process."""
    import atheris

    for place, detector in enumerate(CHAIN):
        if not hasattr(detector, "func"):
            CHAIN[place] = atheris.instrument_func(detector)
    folder = Path(__file__).with_name("out") / "fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS):
        (folder / f"seed-{number}").write_bytes(seed.encode("utf-8", "surrogatepass"))
    arguments = [sys.argv[0], f"-runs={runs}", f"-max_len={LONGEST}", f"-artifact_prefix={folder}/failed-", str(folder)]
    atheris.Setup(arguments, lambda data: check(data.decode("utf-8", "replace")))
    atheris.Fuzz()


def main() -> None:
    """Run as long as told."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--without-atheris", action="store_true")
    arguments = parser.parse_args()
    try:
        import atheris  # noqa: F401 - only whether it is there
    except ImportError:
        arguments.without_atheris = True
    if arguments.without_atheris:
        by_seed(arguments.runs)
        print(f"{arguments.runs} mixed texts, {len(CHAIN)} detectors, no failure")
    else:
        by_coverage(arguments.runs)


if __name__ == "__main__":
    main()
