"""Health, union membership and intimate life: found in four languages, and everyday words left alone."""

import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.sample import make_sample
from witting.device.privacy.special import find_special

SAID = [
    ("She has diabetes", "diabetes"),
    ("my wife is ill again", "ill"),
    ("Anna is pregnant", "pregnant"),
    ("he is a union member", "union member"),
    ("his parkinson's disease got worse", "parkinson's disease"),
    ("my brother is gay", "gay"),
    ("on sick leave since May", "sick leave"),
    ("er ist in der Gewerkschaft", "Gewerkschaft"),
    ("Meine Mutter hat Brustkrebs", "Brustkrebs"),
    ("Die Kollegin ist krankgeschrieben", "krankgeschrieben"),
    ("mein Bruder ist schwul", "schwul"),
    ("elle est enceinte", "enceinte"),
    ("mon père est malade", "malade"),
    ("délégué syndical depuis mars", "délégué syndical"),
    ("mi hija está enferma", "enferma"),
    ("está de baja médica", "baja médica"),
    ("un sindicato grande", "sindicato"),
]
HARMLESS = [
    "the European Union voted",
    "union of two sets",
    "Allergy filter on",
    "die Operation wurde abgebrochen",
    "blind copy",
    "stroke width",
    "disabled button",
    "infection of the disk. He restarted",
    "opération terminée",
    "terapia de choque en la economía",
]


def found(text: str) -> list[str]:
    """Return what is found in a text."""
    return [text[f.start : f.end] for f in find_special(make_sample(text), load_lexicon())]


@pytest.mark.promise("P7")
@pytest.mark.parametrize(("text", "said"), SAID)
def test_it_is_found_as_special(text: str, said: str) -> None:
    """The word or the whole phrase is one finding."""
    assert found(text) == [said]


@pytest.mark.promise("P7")
@pytest.mark.parametrize(("text", "said"), SAID)
@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_it_is_masked_in_both_postures(text: str, said: str, posture: str) -> None:
    """Nothing of it stays in the text."""
    left = Redactor(posture, seed=b"k").text(text)  # type: ignore[arg-type]
    assert said not in left.text
    assert "SPECIAL" in left.text


@pytest.mark.parametrize("text", HARMLESS)
def test_everyday_words_need_a_person_beside_them(text: str) -> None:
    """What is an everyday word too isn't found without a person in the same sentence."""
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("the big green machine in a far corner was ill over one long week with rain", False),
        ("the machine that my brother built for it was ill", True),  # within six words
        ("my brother built the machine that over one long week of rain was ill", False),  # further away
        ("was ill over one long week in which my brother built it", False),
        ("ill all week was my brother", True),  # behind it
    ],
)
def test_a_word_of_a_persons_counts_only_near_a_person(text: str, *, is_found: bool) -> None:
    """Nobody within six words to either side: then it is said of a thing."""
    assert bool(list(find_special(make_sample(text), load_lexicon()))) is is_found
