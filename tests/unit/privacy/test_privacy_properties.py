# ruff: noqa: RUF001 - look-alike and full-width letters are what is tested
"""Properties of the whole pipeline over generated people, secrets and sentences."""

import random
import re
import string
import time

import pytest
from faker import Faker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from witting.device.privacy import Redactor

SENTENCES = (
    "please send {} the report today",
    "{}",
    "Contact: {}.",
    "I spoke with {} and {} about the page",
    '"{}" was typed into the form, then {}!',
    "bitte {} bis morgen prüfen ({})",
    "le fichier de {} est prêt; {} attend",
    "enviar a {} / {}",
    "x={}&y={}",
    "line one\n{}\nline three\t{}",
)
_FIXED_WORDS = {word for sentence in SENTENCES for word in re.findall(r"\w+", sentence)}


def _luhn(digits: str) -> str:
    """Return `digits` with the check digit that makes a card number of them."""
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def make_secret(kind: str, seed: int) -> str:
    """Return a synthetic secret of one kind."""
    rng = random.Random(seed)
    locale = rng.choice(["en_US", "de_DE", "fr_FR", "es_ES"])
    people = Faker(locale)
    people.seed_instance(seed)
    draw = lambda alphabet, count: "".join(rng.choice(alphabet) for _ in range(count))  # noqa: E731 - a local short hand
    alnum = string.ascii_letters + string.digits
    return {
        "name": lambda: f"{people.first_name()} {people.last_name()}",
        "email": people.ascii_email,
        "phone": lambda: (
            rng.choice(["+49 30 ", "+1 202 555 ", "+33 1 42 ", "+34 91 "]) + draw(string.digits, 4) + " " + draw(string.digits, 3)
        ),
        "card": lambda: _luhn("4" + draw(string.digits, 14)),
        "iban": people.iban,
        "token": lambda: "ghp_" + draw(alnum, 36),
        "key": lambda: "AKIA" + draw(string.ascii_uppercase + string.digits, 16),
        "ip": people.ipv4_public,
        "mac": people.mac_address,
        "home": lambda: "/home/" + draw(string.ascii_lowercase, 9) + "/x",
        "url": lambda: "https://example.org/?token=" + draw(alnum, 20),
        "password": lambda: "password: " + draw(alnum + "!#%", 12),
    }[kind]()


KINDS = ("name", "email", "phone", "card", "iban", "token", "key", "ip", "mac", "home", "url", "password")
# what surrounds the secret part of a kind and may stay
_HARMLESS_PARTS = ("https://example.org/?token=", "/home/", "/x", "password: ")


def secret_pieces(secret: str) -> set[str]:
    """Return every run of four characters of a secret that isn't harmless by itself."""
    for part in _HARMLESS_PARTS:
        secret = secret.replace(part, " ")
    return {piece for word in re.split(r"[\s]+", secret) for i in range(len(word) - 3) if (piece := word[i : i + 4])}


def outside_placeholders(text: str) -> str:
    """Return what a redacted text says besides its placeholders."""
    return re.sub(r"⟨[A-Z]+_\d+⟩", "\0", text)


@pytest.mark.promise("P7")
@settings(max_examples=250, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from(KINDS), st.integers(0, 10**6), st.sampled_from(SENTENCES))
def test_no_piece_of_a_planted_secret_survives(first: str, second: str, seed: int, sentence: str) -> None:
    """No run of four characters of a planted secret is left in strict output, whatever it stands in."""
    secrets = [make_secret(first, seed), make_secret(second, seed + 1)]
    raw = sentence.format(*secrets)
    output = outside_placeholders(Redactor("strict", seed=b"k").text(raw).text)
    for kind, secret in list(zip((first, second), secrets, strict=True))[: sentence.count("{}")]:
        # faker makes names such as "Hans-Jörg auch Schlauchin": the small word alone names nobody
        small = [word for word in secret.split() if kind == "name" and word.islower()]
        pieces = {piece for piece in secret_pieces(secret) if not any(piece in word for word in (*_FIXED_WORDS, *small))}
        assert not [piece for piece in pieces if piece in output]


@pytest.mark.promise("P7")
@settings(max_examples=120, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 10**6), st.sampled_from(SENTENCES), st.sampled_from(["", "name", "e-mail", "token", "phone"]))
def test_output_never_holds_the_value(kind: str, seed: int, sentence: str, label: str) -> None:
    """In both postures, with any label, the value as a whole never comes through."""
    if kind == "name":
        label = label or "name"  # by itself, balanced may know a rare name only by its label
    secret = make_secret(kind, seed)
    value = secret
    for part in _HARMLESS_PARTS:
        value = value.replace(part, "")
    for posture in ("strict", "balanced"):
        assert value not in Redactor(posture, seed=b"k").text(sentence.format(secret, secret), context=label).text  # type: ignore[arg-type]


def neutral(text: str) -> str:
    """Return redacted text as it reads when it comes in again: brackets that mean nothing."""
    return text.replace("⟨", "‹").replace("⟩", "›")


@pytest.mark.parametrize("posture", ["strict", "balanced"])
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kinds=st.lists(st.sampled_from(KINDS), min_size=2, max_size=2), seed=st.integers(0, 10**6), sentence=st.sampled_from(SENTENCES))
def test_nothing_is_found_in_its_own_output(posture: str, kinds: list[str], seed: int, sentence: str) -> None:
    """Redacting redacted text finds nothing new and changes only the brackets, which lose their meaning."""
    redactor = Redactor(posture, seed=b"k")  # type: ignore[arg-type]
    once = redactor.text(sentence.format(*(make_secret(kind, seed + i) for i, kind in enumerate(kinds)))).text
    again = redactor.text(once)
    assert again.findings == ()
    assert again.text == neutral(once)


@given(st.sampled_from(["⟨EMAIL_2⟩", "⟨NAME_1⟩", "x ⟨SECRET_1⟩ y", "⟨⟨NAME_1⟩⟩", "\u200b⟨NAME_1⟩"]))
def test_placeholders_cannot_be_forged(forged: str) -> None:
    """A placeholder written by a page or a person isn't one afterwards, not even when the session has given that number out."""
    redactor = Redactor("strict", seed=b"k")
    redactor.text("Kunigunde anna@example.org password: x1y2z3")
    assert "⟨" not in redactor.text(forged).text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_survived(raw: str) -> None:
    """Whatever characters come, there is a result, its findings lie inside the input and in order."""
    for posture in ("strict", "balanced"):
        redacted = Redactor(posture, seed=b"k").text(raw)  # type: ignore[arg-type]
        assert all(0 <= f.start < f.end <= len(raw) for f in redacted.findings)
        assert redacted.text.count("⟨") == redacted.text.count("⟩") == len(redacted.findings)


@pytest.mark.promise("P7")
@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["email", "card", "iban", "token"]),
    st.integers(0, 10**6),
    st.integers(1, 30),
    st.sampled_from(["\u200b", "\u00ad", "\u2060", "\ufe0f"]),
)
def test_hidden_characters_hide_nothing(kind: str, seed: int, place: int, hidden: str) -> None:
    """An invisible character anywhere inside a value doesn't save it, in full width neither."""
    secret = make_secret(kind, seed)
    cut = place % len(secret)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in secret)
    for raw in (secret[:cut] + hidden + secret[cut:], wide):
        output = outside_placeholders(Redactor("balanced", seed=b"k").text(f"see {raw} now").text)
        assert output.split() == ["see", "\0", "now"]


HOSTILE = (
    "a@",
    "eyJa.",
    "A1-",
    "/home/",
    "://@",
    "x=",
    "Anna ",
    "é\u200d",
    "0123456789abcdef-",
    "sha256:",
    "data:image/png;base64,A",
    "aged ",
    "a.b.",
    "-----BEGIN ",
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_repetition_takes_time_in_proportion(unit: str) -> None:
    """Four times the text takes no more than about four times as long, whatever is repeated; beyond the limit it is masked unread."""

    def spent(length: int) -> float:
        text = (unit * length)[:length]
        return min(_seconds(text) for _ in range(3))

    assert spent(16_000) < 10 * spent(4_000) + 0.02
    whole = Redactor("strict", seed=b"k").text((unit * 500_000)[:1_000_000])
    assert len(whole.findings) == 1


def _seconds(text: str) -> float:
    """Return the CPU time of one redaction."""
    redactor = Redactor("balanced", seed=b"k")
    begun = time.process_time()
    redactor.text(text)
    return time.process_time() - begun
