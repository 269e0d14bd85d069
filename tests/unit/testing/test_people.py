"""Synthetic people are invented, whole, and the same every time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from witting.testing.people import luhn_digit, make_person, planted_secrets


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(int(part) for part in str(int(digit) * (1 + place % 2)))
    return total % 10 == 0


@pytest.mark.parametrize(("digits", "check"), [("7992739871", "3"), ("424242424242424", "2"), ("400000000000000", "2")])
def test_published_luhn_digits(digits: str, check: str) -> None:
    """The check digit is the one of published examples (ISO/IEC 7812-1 annex, payment sandboxes)."""
    assert luhn_digit(digits) == check


@given(st.text("0123456789", min_size=1, max_size=20))
def test_any_number_gets_a_check_digit_that_holds(digits: str) -> None:
    """A number with its check digit passes the test; with another last digit it doesn't."""
    check = luhn_digit(digits)
    assert _passes_luhn(digits + check)
    assert not _passes_luhn(digits + str((int(check) + 1) % 10))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_a_person_is_whole_and_invented(seed: int) -> None:
    """Every person has a card in no bank's range, a fictional phone, and an address that can't be mailed."""
    person = make_person(seed)
    assert make_person(seed) == person
    digits = person.card.replace(" ", "")
    assert len(digits) == 16
    assert digits.startswith("400000")
    assert _passes_luhn(digits)
    assert person.email.endswith("@example.org")
    assert "-555-01" in person.phone
    assert person.token.startswith("ghp_")
    assert len(person.token) == 40
    assert f"{person.given_name} {person.family_name}" == person.name


def test_people_differ() -> None:
    """A hundred seeds give a hundred people: no secret is shared by two."""
    people = [make_person(seed) for seed in range(100)]
    for field in ("card", "token", "password", "email"):
        assert len({getattr(person, field) for person in people}) == 100


def test_every_secret_is_planted_in_each_way_it_is_written() -> None:
    """The list to search for holds every sensitive value of a person, cards and phones also as bare digits."""
    person = make_person(3)
    secrets = planted_secrets(person)
    flat = {value for values in secrets.values() for value in values}
    assert {person.name, person.email, person.phone, person.card, person.token, person.password, person.street} <= flat
    assert person.card.replace(" ", "") in secrets["card"]
    assert all(len(value) >= 6 for value in flat)
