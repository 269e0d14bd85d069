"""The strict posture: only what is known to be harmless stands."""

import pytest

from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.sample import make_sample
from witting.device.privacy.wordlist import is_harmless, long_numbers


@pytest.mark.parametrize(
    "word",
    """Save speichern enregistrer guardar searchBox btn don't l'homme 1st mp3 12 999 x item2 JavaScript STRASSE""".split(),  # noqa: SIM905 - reads better
)
def test_known_words_stand(word: str) -> None:
    """General words, interface words, short numbers and what is made of two of them stand."""
    assert is_harmless(make_sample(word).words[0], load_lexicon())


@pytest.mark.parametrize(
    "word", ["Qwertzu", "mxNm", "6qQ", "Gy4", "a1b2c3", "kanesha", "1234", "mp3456", "Привет", "名前", "anna", "xkcd9xkcd", "zmE"]
)
def test_unknown_words_do_not(word: str) -> None:
    """Names, inventions, codes, long numbers and scripts that no list covers don't stand."""
    assert not is_harmless(make_sample(word).words[0], load_lexicon())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("room 12 of 345", []),
        ("year 2026", ["2026"]),
        ("at 10:30:22", []),
        ("24.11.2026", ["24.11.2026"]),
        ("030 90 18 20", ["030 90 18 20"]),
        ("1 2 3 4 5 6 7 8", []),
        ("costs 12.50", []),
        ("12345-6", ["12345"]),
    ],
)
def test_numbers_pass_up_to_three_digits(text: str, found: list[str]) -> None:
    """Numbers of at most three digits pass; runs of seven and more with separators are one number."""
    assert [text[f.start : f.end] for f in long_numbers(make_sample(text))] == found


def test_no_plain_name_is_a_harmless_word() -> None:
    """Being frequent in print doesn't make a name harmless."""
    lexicon = load_lexicon()
    assert not {name for name in lexicon.given | lexicon.family if lexicon.is_plain_name(name)} & lexicon.harmless
