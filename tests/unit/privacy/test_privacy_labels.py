"""Field labels: what they say of their content, whole words only."""

import pytest

from witting.device.privacy import Redactor
from witting.device.privacy.labels import field_kind


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("PIN", "secret"),
        ("Your password", "secret"),
        ("userPassword", "secret"),
        ("user_password_2", "secret"),
        ("Contraseña", "secret"),
        ("Mot de passe", "secret"),
        ("API key", "secret"),
        ("E-Mail-Adresse", "email"),
        ("Card number", "card"),
        ("cardNumber", "card"),
        ("Telefonnummer", "phone"),
        ("Vorname", "name"),
        ("First name", "name"),
        ("Benutzername", "username"),
        ("username", "username"),
        ("IBAN", "iban"),
        ("Geburtsdatum", "birth_date"),
        ("Straße", "address"),
        ("Password for e-mail", "secret"),
        ("Shopping list", None),
        ("spinner", None),
        ("File name", None),
        ("Project name", None),
        ("Search", None),
        ("", None),
        ("tt", None),
    ],
)
def test_labels_tell_the_kind(label: str, kind: str | None) -> None:
    """A label names the kind by whole words; `pin` isn't in `shopping`; the most secret kind wins."""
    assert field_kind(label) == kind


@pytest.mark.parametrize("label", ["E-Mail", "Phone", "Card number", "Token", "Password", "IBAN", "Date of birth"])
def test_a_telling_field_is_masked_whole(label: str) -> None:
    """Whatever stands in such a field is one placeholder, however harmless its words are."""
    for posture in ("strict", "balanced"):
        text = Redactor(posture, seed=b"k").text("save the page 12", context=label).text
        assert text.startswith("⟨")
        assert text.endswith("_1⟩")
        assert text.count("⟨") == 1


@pytest.mark.parametrize("label", ["Password", "Name"])
def test_a_field_that_only_seems_filled_holds_nothing(label: str) -> None:
    """Invisible characters and spaces in a telling field are no value: there is no placeholder that says otherwise."""
    redacted = Redactor("strict", seed=b"k").text("\u200b \u2060", context=label)
    assert (redacted.text.strip(), redacted.findings) == ("", ())


@pytest.mark.parametrize("label", ["Name", "Username", "Street"])
def test_a_name_field_is_masked_word_by_word(label: str) -> None:
    """Each word has its own placeholder, so that a first name alone equals the one in a full name."""
    redactor = Redactor("strict", seed=b"k")
    both = redactor.text("green house", context=label).text.split()
    assert len(both) == 2
    assert redactor.text("house", context=label).text == both[1]
