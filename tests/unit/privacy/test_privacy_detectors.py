# ruff: noqa: RUF001 - the brackets of a placeholder that comes in again
"""Each detector finds its kind and leaves the near miss alone."""

import time
from collections.abc import Callable, Iterable

import pytest

from witting.device.privacy.births import find_birth_dates
from witting.device.privacy.contacts import (
    find_emails,
    find_home_paths,
    find_network_addresses,
    find_phones,
    find_postal_addresses,
    find_url_secrets,
)
from witting.device.privacy.credentials import (
    find_connection_strings,
    find_private_keys,
    find_random_strings,
    find_told_secrets,
    find_vendor_tokens,
)
from witting.device.privacy.identifiers import find_cards, find_digit_runs, find_ibans, find_national_ids, find_spoken_digits
from witting.device.privacy.sample import Sample, make_sample
from witting.terms.findings import Finding

Detector = Callable[[Sample], Iterable[Finding]]


def found(detector: Detector, text: str) -> list[str]:
    """Return the texts that a detector finds."""
    return [text[finding.start : finding.end] for finding in detector(make_sample(text))]


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----"
HIT = [
    (find_emails, "mail anna.muster+x@mail.example.org now", "anna.muster+x@mail.example.org"),
    (find_emails, "anna@laptop", "anna@laptop"),
    (find_emails, "anna (at) example (dot) org", "anna (at) example (dot) org"),
    (find_emails, "anna[at]example.org", "anna[at]example.org"),
    (find_emails, "thanks @anna_m", "@anna_m"),
    (find_phones, "call +49 30 901820", "+49 30 901820"),
    (find_phones, "(030) 901820-12", "(030) 901820-12"),
    (find_phones, "call 202-456-1414!", "202-456-1414"),
    (find_phones, "0044 20 7946 0958", "0044 20 7946 0958"),
    (find_phones, "01 42 68 53 00", "01 42 68 53 00"),
    (find_emails, "https://example.org,'info@example.org'", "'info@example.org"),
    (find_emails, "x://info@example.org", "info@example.org"),
    (find_emails, "https://example.org/team/info@example.org", "info@example.org"),
    (find_phones, "+34 912 345 678", "+34 912 345 678"),
    (find_phones, "+81 3-3224-9999", "+81 3-3224-9999"),
    (find_postal_addresses, "at 221B Baker Street today", "221B Baker Street"),
    (find_postal_addresses, "Musterstraße 12a", "Musterstraße 12a"),
    (find_postal_addresses, "Am Alten Platz 3", "Am Alten Platz 3"),
    (find_postal_addresses, "12 rue de la Paix", "12 rue de la Paix"),
    (find_postal_addresses, "Calle de Alcalá 45", "Calle de Alcalá 45"),
    (find_postal_addresses, "London SW1A 2AA", "SW1A 2AA"),
    (find_birth_dates, "geboren am 03.04.1985", "03.04.1985"),
    (find_birth_dates, "DOB: 1985-04-03", "1985-04-03"),
    (find_birth_dates, "born on April 3, 1985", "April 3, 1985"),
    (find_network_addresses, "host 10.0.0.5 up", "10.0.0.5"),
    (find_network_addresses, "at 2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334"),
    (find_network_addresses, "if aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"),
    (find_network_addresses, "if aa0b.ccdd.eeff", "aa0b.ccdd.eeff"),
    (find_url_secrets, "https://bob:pw@db.example.org/x", "bob:pw"),
    (find_url_secrets, "https://example.org/x?tok=1#frag", "tok=1#frag"),
    (find_url_secrets, "postgresql://u:p@h:5432/d", "u:p"),
    (find_home_paths, "/home/anna/x.txt", "anna"),
    (find_home_paths, "C:\\Users\\Anna Muster\\Desktop", "Anna Muster"),
    (find_home_paths, "/Users/anna", "anna"),
    (find_cards, "pay 4111 1111 1111 1111 now", "4111 1111 1111 1111"),
    (find_cards, "5500-0055-5555-5559", "5500-0055-5555-5559"),
    (find_cards, "378282246310005", "378282246310005"),
    (find_ibans, "IBAN GB82 WEST 1234 5698 7654 32 thanks", "GB82 WEST 1234 5698 7654 32"),
    (find_ibans, "DE89370400440532013000", "DE89370400440532013000"),
    (find_ibans, "FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 606"),
    (find_national_ids, "ID 36574261809", "36574261809"),
    (find_national_ids, "SSN 536-90-4399", "536-90-4399"),
    (find_national_ids, "DNI 54362315K", "54362315K"),
    (find_national_ids, "NIR 2 95 10 99 126 111 93", "2 95 10 99 126 111 93"),
    (find_national_ids, "AB 12 34 56 C", "AB 12 34 56 C"),
    (find_digit_runs, "order 123456", "123456"),
    (find_spoken_digits, "call zero three zero nine oh one now", "zero three zero nine oh one"),
    (find_digit_runs, "ref AB123456X", "AB123456X"),
    (find_private_keys, f"x {PEM} y", PEM),
    (find_private_keys, "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn"),
    (find_connection_strings, "Server=db;Password=hunter2;", "hunter2"),
    (find_connection_strings, "Authorization: Bearer abcDEF123456", "abcDEF123456"),
    (find_told_secrets, 'the password "Gy4" here', "Gy4"),
    (find_told_secrets, "PIN: 4711", "4711"),
    (find_told_secrets, "Passwort lautet geheim1.", "geheim1"),
    (find_told_secrets, "contraseña = sol", "sol"),
    (find_random_strings, "use kJ8sd7Fh2kLq9Zx0Vb3N", "kJ8sd7Fh2kLq9Zx0Vb3N"),
    (find_random_strings, "md5 d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e"),
    (find_random_strings, "my token for the site is here: zX9q-41Bc", "zX9q-41Bc"),
]  # fmt: skip
MISS = [
    (find_emails, "@media screen and a @ b"),
    (find_emails, "sizes 3 at 4"),
    (find_emails, "postgresql://bob:pw@db.example.org/x"),
    (find_phones, "on 24.11.2026 and 2026-11-24"),
    (find_phones, "pages 12-15"),
    (find_phones, "+999 123 4567"),
    (find_postal_addresses, "Chapter 12 Introduction"),
    (find_postal_addresses, "the street was long"),
    (find_birth_dates, "due 03.04.2027"),
    (find_network_addresses, "version 1.2.3"),
    (find_network_addresses, "127.0.0.1 and ::1 and 300.1.1.1"),
    (find_network_addresses, "at 10:30:22"),
    (find_url_secrets, "https://example.org/path/"),
    (find_url_secrets, "https://‹URL_1›@example.org/path?‹URL_2›"),
    (find_url_secrets, "and/or a:b@c"),
    (find_home_paths, "/homepage/users"),
    (find_cards, "4111 1111 1111 1112"),
    (find_cards, "123456789012"),
    (find_ibans, "GB82 WEST 1234 5698 7654 33"),
    (find_ibans, "DE00 0000"),
    (find_national_ids, "ID 36574261808"),
    (find_national_ids, "SSN 000-12-3456"),
    (find_national_ids, "DNI 54362315A"),
    (find_digit_runs, "12:30 or 24.11.2026 10:30"),
    (find_digit_runs, "12345 items"),
    (find_spoken_digits, "one two three four five; and six"),
    (find_private_keys, "-----BEGIN PUBLIC KEY-----"),
    (find_connection_strings, "a=b and basic training"),
    (find_told_secrets, "shopping: bread"),
    (find_told_secrets, "the password is required"),
    (find_told_secrets, "Forgot password?"),
    (find_told_secrets, "spin: left"),
    (find_random_strings, "Internationalization and localisation2"),
    (find_random_strings, "a-perfectly-normal-file-name-2"),
    (find_vendor_tokens, "ghp_short and sk-learn and AKIA"),
]


@pytest.mark.parametrize(("detector", "text", "value"), HIT)
def test_finds_its_kind(detector: Detector, text: str, value: str) -> None:
    """The value is found, with exactly its span."""
    assert value in found(detector, text)


@pytest.mark.parametrize(("detector", "text"), MISS)
def test_leaves_the_near_miss(detector: Detector, text: str) -> None:
    """What fails the checksum, the context or the whole-word rule isn't found."""
    assert found(detector, text) == []


@pytest.mark.parametrize("detector", sorted({hit[0] for hit in HIT}, key=lambda d: d.__name__))
def test_time_is_linear_in_hostile_text(detector: Detector) -> None:
    """Long runs of the characters a rule repeats over cost it less than two seconds of a processor, not the minutes of quadratic time."""
    for unit in ("a", "1 ", "1", "a@", "://", "a.", "1:", "A1 ", "=", "password ", "one ", "1--", "a at ", "%40", "a dot "):
        sample = make_sample(unit * (20_000 // len(unit)))
        begun = time.process_time()
        list(detector(sample))
        assert time.process_time() - begun < 2, unit


def test_a_page_full_of_numbers_hides_none() -> None:
    """Beyond what is looked up in the numbering plans, whatever is written like a phone number counts as one."""
    numbers = [f"+49 30 9018{place:02}" for place in range(100)] + ["+999 123 4567"]
    assert found(find_phones, " and ".join(numbers)) == numbers
