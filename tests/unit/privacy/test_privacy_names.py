"""Names: by list where a word is nothing else, by context where it is an ordinary word too."""

import pytest

from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.names import find_names
from witting.device.privacy.sample import make_sample


def names_in(text: str) -> list[str]:
    """Return the words found to be names."""
    return [text[f.start : f.end] for f in find_names(make_sample(text), load_lexicon())]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Anna", ["Anna"]),
        ("anna", ["anna"]),
        ("ANNA SCHMIDT", ["ANNA", "SCHMIDT"]),
        ("Krisztián wrote", ["Krisztián"]),
        ("Jean-Pierre", ["Jean", "Pierre"]),
        ("Anna's list", ["Anna"]),
        ("O'Brien's desk", ["O'Brien"]),
        ("Hi Will, thanks", ["Will"]),
        ("Dear Ms. Rose", ["Rose"]),
        ("Herr Koch ruft an", ["Koch"]),
        ("Frau Sommer", ["Sommer"]),
        ("Monsieur Petit", ["Petit"]),
        ("Sr. Rey", ["Rey"]),
        ("Grace Young is here", ["Grace", "Young"]),
        ("Will Qwertzu said", ["Will", "Qwertzu"]),
        ("Name: Summer", ["Summer"]),
        ("Contact:\tCrystal White", ["Crystal", "White"]),
        ("Kunde:\n Summer", ["Summer"]),
        ("my name is Rose", ["Rose"]),
        ("I asked Mark about it", ["Mark"]),
        ("we met May Zimtberg there", ["May", "Zimtberg"]),
        ("Anna van der Qwertzu", ["Anna", "van", "der", "Qwertzu"]),
        ("Dr. Qwertzu", ["Qwertzu"]),
        ("J. Young", ["J", "Young"]),
        ("Rose Schmidt", ["Rose", "Schmidt"]),
        ("Qwertzu Graves", ["Qwertzu", "Graves"]),
        ("Qwertzu Zimtberg", ["Qwertzu", "Zimtberg"]),
        ("Qwertzu B. Zimtberg wrote", ["Qwertzu", "B", "Zimtberg"]),
        ("Monjeau, Graves and Reed", ["Graves", "Reed"]),
        ("Graves/Reed/Anna", ["Graves", "Reed", "Anna"]),
        ("Mark, Anna & Will", ["Mark", "Anna", "Will"]),
        ("Will and Rose", ["Will", "Rose"]),
    ],
)
def test_names_are_found(text: str, names: list[str]) -> None:
    """A person's name is found, each word by itself."""
    assert names_in(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "the page will mark the rose",
        "Mark as read",
        "Will be sent in May",
        "Save Page As",
        "May 12",
        "Brown fox, long king, green wood",
        "Hope this helps. Grace period",
        "the Young and the Old",
        "Street View",
        "Good morning",
        "Dear customer",
        "Schwarz auf Weiß",
        "Mark all as spam",
        "Qwertzu (Graves)",
        "Qwertzu, Zimtberg",
        "Qwertzu\nZimtberg",
    ],
)
def test_ordinary_words_stay(text: str) -> None:
    """A word that is a name too stands where nothing around it says that it names a person."""
    assert names_in(text) == []


def test_the_list_says_where_it_comes_from() -> None:
    """The names file states its source and licence and stays small."""
    from importlib import resources

    text = resources.files("witting.device.privacy").joinpath("data", "names.txt").read_text(encoding="utf-8")
    assert text.startswith("# SOURCE: names from faker")
    assert "MIT" in text.splitlines()[0]
    assert len(text.encode()) < 300_000


@pytest.mark.parametrize(
    ("text", "is_name"), [("Max Long", True), ("Will Young", True), ("Mark Read", False), ("Save As", False), ("max long", False)]
)
def test_two_ordinary_words_that_are_a_whole_text(text: str, is_name: bool) -> None:  # noqa: FBT001 - a column of the table
    """A first and a last name alone in a text are a name however ordinary they are, unless both are written on buttons."""
    assert bool(list(find_names(make_sample(text), load_lexicon()))) == is_name
