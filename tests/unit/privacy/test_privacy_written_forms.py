# ruff: noqa: RUF001 - typographic apostrophes are what people write
"""Births, account names, streets and towns in the forms in which people and programs of several countries write them."""

import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.births import find_birth_dates
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.logins import find_logins
from witting.device.privacy.sample import make_sample
from witting.device.privacy.streets import find_streets, find_towns

pytestmark = pytest.mark.promise("P7")
BIRTHS = [
    ("born May 5th, '91 in Leeds", "May 5th, '91"),
    ("DOB 03-Apr-1985", "03-Apr-1985"),
    ("my birthday is March 3rd", "March 3rd"),
    ("Mein Geburtstag ist der 3. März 88", "3. März 88"),
    ("Jahrgang 1985", "1985"),
    ("born in '85", "'85"),
    ("born in ’85", "’85"),
    ("mon anniversaire est le 3 mars", "3 mars"),
    ("mi cumpleaños es el 3 de marzo", "3 de marzo"),
    ("née le 1er avril 1990", "1er avril 1990"),
    ("nacida el 5 de mayo de 1991", "5 de mayo de 1991"),
    ("I turned 18 on 3/4/05", "3/4/05"),
    ("geboren in Bad Tölz am 5.5.1991", "5.5.1991"),
    ("date of birth: 1991/05/05", "1991/05/05"),
    ("born on the 5th of May 1991", "5th of May 1991"),
    ("naissance : 05.05.91", "05.05.91"),
    ("geb. 5. Mai 1991", "5. Mai 1991"),
    ("nació en Lima el 2 de enero de 1970", "2 de enero de 1970"),
    ("birthday: Dec 24", "Dec 24"),
]
LOGINS = [
    ("ERROR login failed user=hkraft ip=x", "hkraft"),
    ("INFO user jdoe42 logged in", "jdoe42"),
    ("// TODO(mkuhn): remove", "mkuhn"),
    ("Failed password for invalid user oracle2 from host", "oracle2"),
    ('{"user": "l.fernandez"}', "l.fernandez"),
    ("Accepted publickey for mwagner from host", "mwagner"),
    ("username: b_schaefer", "b_schaefer"),
    ("assignee=tlange", "tlange"),
    ("benutzer: kmeier", "kmeier"),
    ("session opened for user dvogel by", "dvogel"),
    ("user_id='amorel'", "amorel"),
    ("login = zhangx.", "zhangx"),
]
STREETS = [
    ("wohnt Am Alten Markt 3, 50667 Köln", "Am Alten Markt 3"),
    ("Hinter der Kirche 12", "Hinter der Kirche 12"),
    ("Im Winkel 4a", "Im Winkel 4a"),
    ("Unter den Linden 77", "Unter den Linden 77"),
    ("Avda. de la Constitución, 14", "Avda. de la Constitución, 14"),
    ("Carrer de Balmes 201", "Carrer de Balmes 201"),
    ("3 bd Saint-Michel, Paris", "3 bd Saint-Michel"),
    ("ul. Marszałkowska 10/12", "ul. Marszałkowska 10/12"),
    ("Keizersgracht 174", "Keizersgracht 174"),
    ("Viale Monza 22", "Viale Monza 22"),
    ("BP 123, Brest", "BP 123"),
    ("Storgatan 5", "Storgatan 5"),
    ("Rua do Ouro 12", "Rua do Ouro 12"),
    ("Zum Hirschen 8, Ulm", "Zum Hirschen 8"),
    ("Lindenhof 2", "Lindenhof 2"),
]
TOWNS = [
    ("04109 Leipzig", "04109 Leipzig"),
    ("D-50667 Köln", "D-50667 Köln"),
    ("29200 Brest, France", "29200 Brest"),
    ("8001 Zürich", "8001 Zürich"),
    ("Postfach, 60311 Frankfurt am Main", "60311 Frankfurt am Main"),
    ("28013 Madrid", "28013 Madrid"),
    ("1016 DW Amsterdam", "1016 DW Amsterdam"),
    ("00-590 Warszawa", "00-590 Warszawa"),
    ("114 55 Stockholm", "114 55 Stockholm"),
    ("20121 Milano (MI)", "20121 Milano"),
]
HARMLESS = [
    "Am Montag 3 Termine",
    "Im Januar 12 neue Kunden",
    "Im Jahr 2020",
    "In der Tabelle 4",
    "Zur Seite 12",
    "user=admin",
    "username: required",
    "Enter your username: here",
    "user interface",
    "2026 Roadmap",
    "1999 Words",
    "Born to run",
    "turn 5 degrees",
    "Geburtstag eintragen",
    "Birthday reminders",
    "Level 12",
    "5 al dente",
    "Park 12",
    "login = null",
    "TODO: later",
    "note (see below)",
    "user 12 has logged in",
    "In 2024 Madrid won",
    "error 50012 Not found",
    "Im Anhang 3, bitte lesen",
    "The user has left",
    "Please login again",
    "OS Windows 11",
    "Smith et al. Jones 2020",
    "PL SQL 12",
    "C Programming 2",
    "cours Python 3",
    "Square Root 2",
]


def found(detector: object, text: str) -> list[str]:
    """Return what a detector finds in a text."""
    return [text[one.start : one.end] for one in detector(make_sample(text))]  # type: ignore[operator]


@pytest.mark.parametrize(("text", "value"), BIRTHS)
def test_births(text: str, value: str) -> None:
    """A date that words say is somebody's birth is found, with or without a year, and the words stay."""
    assert value in found(find_birth_dates, text)


@pytest.mark.parametrize(("text", "value"), LOGINS)
def test_account_names(text: str, value: str) -> None:
    """What logs, settings, code and JSON call an account is found."""
    assert set(found(find_logins, text)) == {value}


@pytest.mark.parametrize(("text", "value"), STREETS)
def test_streets(text: str, value: str) -> None:
    """Streets whose words are everyday ones are found with their number."""
    assert value in found(find_streets, text)


@pytest.mark.parametrize(("text", "value"), TOWNS)
def test_towns_behind_a_post_code(text: str, value: str) -> None:
    """A post code takes its town with it, how big or small it is."""
    assert found(lambda sample: find_towns(sample, load_lexicon()), text) == [value]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_looks_alike_stays(text: str) -> None:
    """Counts, headings, menus and messages of programs are no births, accounts, streets or towns."""
    for detector in (find_birth_dates, find_logins, find_streets, lambda sample: find_towns(sample, load_lexicon())):
        assert found(detector, text) == []


@pytest.mark.parametrize("posture", ["strict", "balanced"])
@pytest.mark.parametrize(("text", "value"), [*BIRTHS, *LOGINS, *STREETS, *TOWNS])
def test_both_postures_mask_them(text: str, value: str, posture: str) -> None:
    """Through the whole pipeline most of the value's letters are covered by findings, and it stands nowhere in the text that is kept."""
    done = Redactor(posture, seed=b"k").text(text)  # type: ignore[arg-type]
    assert value not in done.text
    start = text.index(value)
    covered = {place for one in done.findings for place in range(one.start, one.end)}
    letters = [place for place in range(start, start + len(value)) if text[place].isalnum()]
    assert sum(place in covered for place in letters) * 2 > len(letters)
