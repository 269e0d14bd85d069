"""The model of words, and the rules for ages and sites that stand beside it."""

import hashlib
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.device.privacy import Redactor, tagger
from witting.device.privacy.ages import find_ages
from witting.device.privacy.detectors import DOUBTS
from witting.device.privacy.hosts import find_hosts
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.sample import make_sample
from witting.device.privacy.tagger import KINDS, Features, Tagger, find_tagged, load_tagger


def _kinds(text: str, posture: str = "balanced") -> dict[str, str]:
    """Return what was found of a text, by what it was."""
    return {text[f.start : f.end]: f.kind for f in Redactor(posture, seed=b"k").text(text).findings}  # type: ignore[arg-type]


@pytest.mark.promise("P7")
@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("She moved here from Estonia", "Estonia", "place"),
        ("Sehr geehrte Frau Brzezinska, vielen Dank", "Brzezinska", "name"),
        ("Ship to Dalbraut 99, Reykjavik", "Reykjavik", "place"),
        ("Rechnung von Hölzenbein GmbH", "Hölzenbein", "organisation"),
        ("my Nigerian grandmother cooked it", "Nigerian", "special"),
    ],
)
def test_what_no_rule_knows_is_found_by_its_neighbours(text: str, value: str, kind: str) -> None:
    """Places, companies, streets and names that are in no list are masked in the balanced posture too."""
    found = _kinds(text)
    assert value in found, found
    assert found[value] == kind


@pytest.mark.parametrize("text", ["Save as", "Open file", "Page 2 of 9", "Settings", "New folder", "Zoom in", "Step 4 of 9"])
def test_buttons_stay_readable(text: str) -> None:
    """Words of menus are left as they are in both postures."""
    assert Redactor("balanced").text(text).text == text
    assert Redactor("strict").text(text).text == text


def test_the_model_holds_no_word_that_no_list_knows() -> None:
    """A word that is in no general list is no feature, so nobody's name can be in the model."""
    rows = Features(load_lexicon()).rows(make_sample("please ask Kunigunde Hölzenbein99 about it"))
    words = {feature for row in rows for feature in row if "w=" in feature}
    assert words
    assert {word.split("w=")[1].split("<")[0] for word in words} <= load_lexicon().harmless


def test_the_same_text_is_judged_alike_and_every_word_once() -> None:
    """The model's verdict depends on the text alone; words beyond one run of the model are judged too."""
    long = make_sample("please write to Kunigunde Hölzenbein in Wanne " * 120)
    first, second = (list(find_tagged(long, load_lexicon(), tagger=load_tagger(), doubts=DOUBTS["balanced"])) for _ in range(2))
    assert first == second
    assert first[-1].start > 400 * 7
    assert len({finding.start for finding in first}) == len(first)
    assert {finding.kind for finding in first} <= set(KINDS.values())


def test_a_missing_or_foreign_model_is_no_redactor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the model nothing is redacted, so nothing is recorded: it fails, it doesn't do with less."""
    monkeypatch.setattr(tagger, "MODEL", "nothing.crfsuite")
    load_tagger.cache_clear()
    try:
        with pytest.raises(OSError, match="nothing"):
            Redactor("balanced")
    finally:
        load_tagger.cache_clear()
    with pytest.raises(ValueError, match="model"):
        Tagger(b"no model")


def test_the_model_is_the_one_that_was_measured() -> None:
    """The figures of the docs belong to these bytes; who trains anew changes both."""
    model = resources.files("witting.device.privacy").joinpath("data", tagger.MODEL).read_bytes()
    stated = resources.files("witting.device.privacy").joinpath("data", "words.sha256").read_text(encoding="utf-8").split()[0]
    assert hashlib.sha256(model).hexdigest() == stated
    assert len(model) < 500_000


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("retired at the age of 61", ["61"]),
        ("my 9 year old", ["9"]),
        ("a 34-years-old man", ["34"]),
        ("Anna, 42 Jahre alt", ["42"]),
        ("elle a 33 ans", ["33"]),
        ("tiene 27 años", ["27"]),
        ("I am 30.", ["30"]),
        ("patient aged 7", ["7"]),
        ("page 61 of 90", []),
        ("after 61 seconds", []),
        ("no number", []),
    ],
)
def test_ages(text: str, ages: list[str]) -> None:
    """Years of life are found by the words around them; counts aren't."""
    assert sorted({text[f.start : f.end] for f in find_ages(make_sample(text))}) == ages


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("see https://www.Example.se/x", ["www.Example.se"]),
        ("log in at shop.example.org now", ["shop.example.org"]),
        ("open report.md and main.py, then run.sh", []),
        ("end of one.Next sentence", []),
        ("https://intranet.corp/x", ["intranet.corp"]),
        ("version 1.2.3", []),
        ("no dot", []),
    ],
)
def test_sites(text: str, hosts: list[str]) -> None:
    """Names of sites are found; names of files and ends of sentences aren't."""
    assert [text[f.start : f.end] for f in find_hosts(make_sample(text))] == hosts


@settings(max_examples=80, deadline=None)
@given(text=st.text(max_size=120))
def test_any_text_has_a_verdict(text: str) -> None:
    """No text makes the model or the new rules trip, and every place lies inside it."""
    sample = make_sample(text)
    found = [*find_tagged(sample, load_lexicon(), tagger=load_tagger(), doubts=DOUBTS["strict"]), *find_ages(sample), *find_hosts(sample)]
    assert all(0 <= finding.start < finding.end <= len(text) for finding in found)


def test_what_is_kept_to_be_quick_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long recording fills what is kept of words; from then on each is looked at anew, to the same end."""
    sample = make_sample("Please send the invoice to Frau Brzezinska, Dalbraut 99, and send the invoice again")
    kept = Features(load_lexicon()).rows(sample)
    monkeypatch.setattr(tagger, "_MOST_KEPT", 0)
    features = Features(load_lexicon())
    assert features.rows(sample) == kept
    assert (features._of_kinds, features._listed) == ({}, {})
