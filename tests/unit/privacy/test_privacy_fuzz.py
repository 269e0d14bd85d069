"""Hostile texts against every detector: no crash, offsets inside, the same twice, and time that grows with the text and no faster."""

import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.device.privacy import RedactionError, Redactor, detectors
from witting.device.privacy.identifiers import find_national_ids
from witting.device.privacy.sample import Sample, make_sample
from witting.terms.findings import Finding

_UNITS = (
    "a",
    "1 ",
    "1",
    "a@",
    "://",
    "a.",
    "1:",
    "A1 ",
    "=",
    "password ",
    "one ",
    "1--",
    "a at ",
    "%40",
    "A ",
    "Anna ",
    "a1B2",
    "-",
    "(1",
    "é",
)
_LONG = 8_000


def _harness() -> ModuleType:
    """Return `bench/fuzz_detectors.py`, which isn't a package."""
    if "fuzz_detectors" not in sys.modules:
        path = Path(__file__).resolve().parents[3] / "bench" / "fuzz_detectors.py"
        spec = importlib.util.spec_from_file_location("fuzz_detectors", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["fuzz_detectors"] = module
        spec.loader.exec_module(module)
    return sys.modules["fuzz_detectors"]


@pytest.mark.promise("P8")
@settings(max_examples=120, deadline=None)
@given(st.text(max_size=120) | st.lists(st.sampled_from(_harness().SEEDS), max_size=7).map(" ".join))
def test_any_text_keeps_every_promise(text: str) -> None:
    """Whatever the text, each detector gives spans inside it, twice the same ones, and both postures give ordered findings."""
    _harness().check(text)


def test_mixed_values_keep_every_promise() -> None:
    """Values that rules know, cut, doubled, turned round and run together, crash nothing."""
    _harness().by_seed(300)


@pytest.mark.slow
def test_many_mixed_values_keep_every_promise() -> None:
    """The same, 40,000 times."""
    _harness().by_seed(40_000, seed=2)


def test_a_checksum_library_that_trips_counts_as_found() -> None:
    """A Chinese id of a place that the library's table lacks made it raise, which dropped the whole item; found by atheris."""
    text = "::111151111111111111$11101111"
    assert [text[f.start : f.end] for f in find_national_ids(make_sample(text))]


def _seconds(detector: object, sample: Sample) -> float:
    """Return the least CPU time of three runs."""
    spent = []
    for _ in range(3):
        begun = time.process_time()
        list(detector(sample))  # type: ignore[operator]
        spent.append(time.process_time() - begun)
    return min(spent)


def _name(detector: object) -> str:
    """Return what a detector is called."""
    return getattr(detector, "__name__", None) or detector.func.__name__  # type: ignore[attr-defined,no-any-return]


def _growth(size: int) -> dict[tuple[str, str], float]:
    """Return for each detector and hostile unit how much more time a text of `size` takes than a text an eighth as long, from 5 ms up."""
    ratios = {}
    for unit in _UNITS:
        short, long = (make_sample(unit * (length // len(unit))) for length in (size // 8, size))
        for detector in _harness().chain("strict"):
            spent = _seconds(detector, long)
            if spent > 0.005:
                ratios[_name(detector), unit] = spent / max(_seconds(detector, short), 1e-4)
    return ratios


def test_time_grows_with_the_text_and_no_faster() -> None:
    """Of a text eight times as long no detector asks for much more than eight times the time."""
    assert {place: ratio for place, ratio in _growth(_LONG).items() if ratio > 24} == {}


@pytest.mark.slow
def test_a_megabyte_of_hostile_text_is_linear_too() -> None:
    """The same at a million characters, where anything quadratic would show 64-fold."""
    assert {place: ratio for place, ratio in _growth(1_000_000).items() if ratio > 24} == {}


def _broken(_: Sample) -> list[Finding]:
    """Trip as a rule does."""
    raise KeyError("Anna Muster")


@pytest.mark.promise("P8")
@pytest.mark.parametrize("place", range(len(detectors.RULES)))
def test_a_detector_that_raises_drops_the_item(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever rule fails, there is no text, and the error says nothing of it."""
    rules = list(detectors.RULES)
    rules[place] = _broken
    monkeypatch.setattr(detectors, "RULES", tuple(rules))
    with pytest.raises(RedactionError) as caught:
        Redactor("strict", seed=b"k").text("Anna Muster")
    assert "Muster" not in f"{caught.value!r} {caught.value.hint}"
