"""Every kind of personal value that has a detector, in four languages and in texts a person would write."""

import phonenumbers
import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.contacts import find_phones
from witting.device.privacy.sample import make_sample

# languages, what is said, and what of it must be gone
SAID = {
    "birth date": (
        ("born on 3 April 1985", "1985"),
        ("geboren am 03.04.1985", "03.04.1985"),
        ("né le 03/04/1985", "03/04/1985"),
        ("nacida el 3/4/1985", "3/4/1985"),
    ),
    "phone": (
        ("call me on 202-456-1414", "1414"),
        ("Tel. 030 901820", "901820"),
        ("appelez le 01 42 68 53 00", "68 53"),
        ("llame al 912 345 678", "345"),
    ),
    "spoken digits": (
        ("it is four one one one four one one one", "one"),
        ("null eins sieben sechs eins zwei drei", "sieben"),
        ("zéro un deux trois quatre cinq six", "trois"),
        ("seis cero uno dos tres cuatro cinco", "tres"),
    ),
    "address": (
        ("I live at 221B Baker Street", "Baker"),
        ("wohnt Musterstraße 12a", "Musterstraße"),
        ("habite 12 rue de la Paix", "Paix"),
        ("vive en Calle de Alcalá 45", "Alcalá"),
    ),
    "password": (
        ("my password is Hunter22x", "Hunter22x"),
        ("das Passwort lautet Hunter22x", "Hunter22x"),
        ("mot de passe : Hunter22x", "Hunter22x"),
        ("contraseña: Hunter22x", "Hunter22x"),
    ),
    "age": (
        ("she is 61 years old", "61"),
        ("er ist 61 Jahre alt", "61"),
        ("il a 61 ans", "61"),
        ("tiene 61 años", "61"),
    ),
    "name": (
        ("Dear Ms Kowalczyk", "Kowalczyk"),
        ("Sehr geehrte Frau Kowalczyk", "Kowalczyk"),
        ("Chère Madame Kowalczyk", "Kowalczyk"),
        ("Estimada señora Kowalczyk", "Kowalczyk"),
    ),
    "role": (
        ("she works as a nurse at the hospital", "nurse"),
        ("sie arbeitet als Krankenschwester", "Krankenschwester"),
        ("elle travaille comme infirmière", "infirmière"),
        ("trabaja como enfermera", "enfermera"),
    ),
    "home path": (
        ("see /home/kkowal/notes.txt", "kkowal"),
        ("C:\\Users\\kkowal\\Desktop", "kkowal"),
        ("/Users/kkowal/Documents", "kkowal"),
        ("file:%2Fhome%2Fkkowal%2Fx", "kkowal"),
    ),
    "credentials in an address": (
        ("https://app:Hunter22x@example.org/a", "Hunter22x"),
        ("postgresql://app:Hunter22x@db.example.org/main", "Hunter22x"),
        ("see https://example.org/in?token=Hunter22x", "Hunter22x"),
        ("ftp://app:Hunter22x@example.org", "Hunter22x"),
    ),
}
CASES = [(kind, text, value) for kind, rows in SAID.items() for text, value in rows]
COUNTRIES = (
    *("US", "GB", "DE", "FR", "ES", "AT", "CH", "IT", "NL", "BE", "PL", "PT", "SE", "NO"),
    *("DK", "FI", "IE", "CZ", "GR", "HU", "RO", "TR", "IN", "AU", "NZ", "CA", "BR", "MX"),
    *("AR", "CO", "CL", "ZA", "JP", "KR", "SG", "IL", "UA", "BG", "HR", "SK", "EE", "LV"),
    *("LT", "RS", "AE", "EG", "MA", "NG", "KE", "TH", "VN", "ID", "MY", "PH", "PK"),
)


@pytest.mark.promise("P7")
@pytest.mark.parametrize(("kind", "text", "value"), CASES, ids=[f"{kind}: {text}" for kind, text, _ in CASES])
@pytest.mark.parametrize("posture", ["strict", "balanced"])
def test_a_value_is_gone_in_every_language(kind: str, text: str, value: str, posture: str) -> None:
    """English, German, French and Spanish, in both postures."""
    left = Redactor(posture, seed=b"k").text(text)  # type: ignore[arg-type]
    assert value not in left.text, kind
    assert left.findings


@pytest.mark.promise("P7")
@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("form", [phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164])
def test_numbers_of_many_countries_are_phones(country: str, form: int) -> None:
    """The numbering plan's own example of each of 55 countries, as it is written abroad, is a phone number."""
    written = phonenumbers.format_number(phonenumbers.example_number(country), form)
    assert [written for f in find_phones(make_sample(f"call {written} now")) if f.kind == "phone"] == [written]


@pytest.mark.parametrize("country", COUNTRIES[:36])
def test_numbers_as_dialled_at_home_are_phones(country: str) -> None:
    """The same of 36 countries in the national form."""
    written = phonenumbers.format_number(phonenumbers.example_number(country), phonenumbers.PhoneNumberFormat.NATIONAL)
    assert [f.kind for f in find_phones(make_sample(f"call {written} now"))] == ["phone"]
