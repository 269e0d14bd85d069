"""Synthetic participants: whole invented people from a seed, with the secrets that are planted to see whether any leaks.

Nothing here belongs to anyone: addresses end in example.org (RFC 2606), phone numbers lie in the 555-01xx block kept for fiction,
card numbers pass the Luhn test in a range no bank issues (starting 400000 as in payment sandboxes).
"""

import random
from dataclasses import dataclass

_LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_CARD_PREFIX = "400000"
_CARD_DIGITS = 16
_TWO_DIGITS = 9  # doubled digits above this are two digits, whose sum counts


@dataclass(frozen=True)
class Person:
    """One invented participant."""

    seed: int  # makes the same person again
    name: str  # given and family name
    email: str
    phone: str  # with country code, as people write it
    card: str  # 16 digits in groups of four
    token: str  # an API token such as developers paste
    password: str
    street: str  # street and house number
    city: str

    @property
    def given_name(self) -> str:
        """The first of the names."""
        return self.name.split()[0]

    @property
    def family_name(self) -> str:
        """The last of the names."""
        return self.name.split()[-1]


def luhn_digit(digits: str) -> str:
    """Return the check digit that makes `digits` pass the Luhn test (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - _TWO_DIGITS if doubled > _TWO_DIGITS else doubled
    return str(-total % 10)


def make_person(seed: int) -> Person:
    """Return the invented person of `seed`; the same seed gives the same person."""
    from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(seed)
    chance = random.Random(seed)
    given, family = fake.first_name(), fake.last_name()
    body = _CARD_PREFIX + "".join(chance.choices("0123456789", k=_CARD_DIGITS - len(_CARD_PREFIX) - 1))
    card = body + luhn_digit(body)
    return Person(
        seed=seed,
        name=f"{given} {family}",
        email=f"{given}.{family}{seed % 100}@example.org".lower(),
        phone=f"+1 {chance.randint(201, 989)}-555-01{chance.randint(0, 99):02d}",
        card=" ".join(card[i : i + 4] for i in range(0, _CARD_DIGITS, 4)),
        token="ghp_" + "".join(chance.choices(_LETTERS_AND_DIGITS, k=36)),
        password="".join(chance.choices(_LETTERS_AND_DIGITS, k=10)) + "!7k",
        street=f"{chance.randint(1, 199)} {fake.street_name()}",
        city=fake.city(),
    )


def planted_secrets(person: Person) -> dict[str, list[str]]:
    """Return what must be found nowhere, by kind of finding, in each way it may be written."""
    digits = person.card.replace(" ", "")
    phone_digits = "".join(c for c in person.phone if c.isdigit())
    return {
        "name": [person.name],
        "email": [person.email],
        "phone": [person.phone, phone_digits],
        "card": [person.card, digits],
        "secret": [person.token],
        "secure_field": [person.password],
        "address": [person.street],
    }
