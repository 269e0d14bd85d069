"""What a field's label says its content is: `E-Mail`, `PIN`, `Kreditkarte`. Whole words only: `pin` isn't in `shopping`.

Doesn't see the content. Invariant: a label that names several kinds counts as the most secret of them.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from witting.device.privacy.sample import Sample, fold, word_set
from witting.terms.findings import Finding, FindingKind

# Most secret first. A phrase matches as consecutive whole words of the folded label.
_PHRASES: dict[FindingKind, str] = {
    "secret": """password|passwd|passphrase|passcode|pwd|passwort|kennwort|contrasena|clave|mot de passe|pin|otp|one time code
    |verification code
        |tan|puk|cvc|cvv|csc|security code|token|secret|api key|apikey|access key|private key|license key|recovery code|bearer""",
    "card": "card number|cardnumber|card no|credit card|debit card|kartennummer|kreditkarte|numero de carte|carte bancaire|tarjeta|card",
    "iban": "iban|account number|kontonummer|numero de cuenta|bank account|bic|sort code|routing number",
    "national_id": """ssn|social security|tax id|steuer id|steuernummer|steuer identifikationsnummer|nif|nie|dni|nir|cpf|curp|national id
        |passport|reisepass|personalausweis|passnummer|insurance number|versicherungsnummer|driver license|drivers license|fuhrerschein""",
    "email": "email|e mail|mail|mailadresse|correo|courriel|recipient|recipients|cc|bcc|empfanger|destinataire|destinatario",
    "phone": "phone|telephone|tel|telefon|telefonnummer|mobile|handy|handynummer|fax|cell|portable|telefono|movil|rufnummer",
    "birth_date": "birth|birthday|birthdate|date of birth|dob|geburtsdatum|geburtstag|geboren|naissance|nacimiento",
    "plate": "license plate|number plate|kennzeichen|plaque|matricula",
    "address": """address|street|adresse|anschrift|strasse|hausnummer|plz|postleitzahl|zip|postcode|postal code|code postal|rue|calle
    |direccion
        |city|town|ort|wohnort|ville|ciudad""",
    "username": """username|user name|userid|user id|user|login|benutzer|benutzername|benutzerkennung|nutzername|usuario|utilisateur
    |identifiant
        |account|nickname|handle""",
    "name": """name|first name|last name|full name|firstname|lastname|fullname|surname|vorname|nachname|familienname|nom|prenom|nombre
    |apellido
        |apellidos|contact|cardholder|customer|kunde|patient|employee|mitarbeiter""",
}
# A name of a thing, not of a person.
_THINGS = word_set(
    """file filename folder project branch host domain column table layer product app program field class event page site tag style font
    dateiname ordner projekt fichier""",
)
_KINDS_BY_WORD = frozenset({"name", "username", "address"})
_SPLIT = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])|(?<=[^\W\d_])(?=\d)")
_KINDS: dict[str, FindingKind] = {phrase.strip(): kind for kind, phrases in _PHRASES.items() for phrase in phrases.split("|")}
_RANK = {kind: rank for rank, kind in enumerate(_PHRASES)}
_LONGEST = max(phrase.count(" ") + 1 for phrase in _KINDS)
_MAX_LABEL = 400


@lru_cache(maxsize=4096)
def field_kind(label: str) -> FindingKind | None:
    """Return what a field with this label holds, None when it says nothing."""
    words = [fold(part) for piece in _SPLIT.findall(label[:_MAX_LABEL]) for part in _CAMEL.split(piece) if part]
    kinds = {_KINDS[phrase] for phrase in _phrases(words) if phrase in _KINDS}
    if _THINGS.intersection(words):
        kinds.discard("name")
    return min(kinds, key=_RANK.__getitem__, default=None)


def _phrases(words: list[str]) -> Iterator[str]:
    """Yield every run of consecutive words that is no longer than the longest phrase."""
    for start in range(len(words)):
        for end in range(start + 1, min(start + _LONGEST, len(words)) + 1):
            yield " ".join(words[start:end])


def cover_field(sample: Sample, kind: FindingKind) -> Iterator[Finding]:
    """Find all of a field's content: word by word for names, user names and addresses, so that parts stay equal; else as one."""
    if kind in _KINDS_BY_WORD:
        for word in sample.words:
            yield Finding(kind, word.start, word.end, 0.95, "field")
        return
    start = len(sample.text) - len(sample.text.lstrip())
    end = len(sample.text.rstrip())
    if end > start:
        yield Finding(kind, start, end, 0.95, "field")
