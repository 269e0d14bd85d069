# ruff: noqa: RUF001 - dashes as pages write them
"""Trains src/witting/device/privacy/data/words.crfsuite. Run by hand, never by the product; the same inputs give the same bytes.

    python bench/build_crf.py [--cross N]      N-fold over the templates that are learnt from: choose settings by this, not by the unread

Texts: presidio-research (MIT) without its unread templates (`redaction_split`), each also with its values drawn anew from faker's lists of
other countries (MIT), sentences and forms of our own in English, German, French and Spanish below, and rows of harmless words. A word that
is in no general list is no feature (`tagger`), so no value of a text is in the model.
"""

import argparse
import ast
import hashlib
import random
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pycrfsuite
from babel.dates import get_month_names
from faker import Faker
from mimesis import Person
from mimesis.locales import Locale

from build_groups import BY_HAND
from build_roles import BY_HAND as ROLES
from crf_texts import FORMS, KNOWN_FIRMS, LEADS
from redaction_split import load_texts
from texts_held import is_held
from witting.device.privacy.lexicon import load_lexicon
from witting.device.privacy.normalise import normalise
from witting.device.privacy.sample import make_sample
from witting.device.privacy.tagger import MODEL, OTHER, Features

TARGET = Path(__file__).parents[1] / "src/witting/device/privacy/data" / MODEL
LABELS = {
    "PERSON": "NAME", "STREET_ADDRESS": "STREET", "ZIP_CODE": "STREET", "GPE": "PLACE", "ORGANIZATION": "ORG", "AGE": "AGE",
    "DATE_TIME": "DATE", "TITLE": "ROLE", "NRP": "GROUP",
}  # fmt: skip
LOCALES = (
    "en_US",
    "en_GB",
    "de_DE",
    "de_AT",
    "fr_FR",
    "es_ES",
    "es_MX",
    "it_IT",
    "nl_NL",
    "pl_PL",
    "sv_SE",
    "fi_FI",
    "cs_CZ",
    "hu_HU",
    "pt_BR",
    "da_DK",
)
OWN = {"en": ("en_US", "en_GB", "en_IE"), "de": ("de_DE", "de_AT", "de_CH"), "fr": ("fr_FR", "fr_CH"), "es": ("es_ES", "es_MX", "es_AR")}
SETTINGS = {"c1": 0.3, "c2": 0.05, "max_iterations": 120, "feature.minfreq": 3, "feature.possible_transitions": True}
Spans = list[tuple[int, int, str]]
GROUPS = sorted(set(BY_HAND.split()))
_LENGTHS = (4, 5, 4, 3, 2, 2, 2, 2, 1, 1, 1, 1)  # how often a row of harmless words has one word, two, …
_COUNTS = (
    "Page # of #", "# of #", "Step # of #", "# items", "# selected", "Tab # of #", "Seite # von #", "# Elemente",
    "# x #", "#x# (best)",
    "in # seconds", "# seconds ago", "# minutes ago", "# results", "# files, # folders", "# MB of # MB",
    "line #, column #",
    "Keep these settings? # seconds left", "and # more", "# more items", "# of # selected", "Level #",
    "Chapter #", "# times", "top #", "# people",
    "in # Sekunden", "vor # Minuten", "# Treffer", "il y a # minutes",
    "# résultats", "hace # minutos", "# resultados", "#st", "#nd of #",
    "pages #–#", "#-#", "#–#", "pp. #-#", "Seiten #–#",
    "Page # sur #", "# éléments",
    "Página # de #", "# seconds left", "in # minutes", "# new messages", "Row #", "Version #.#", "# %", "Zoom # %", "#:#", "Slide # of #",
)  # fmt: skip
MONTH_NAMES = {language: list(get_month_names("wide", locale=language).values()) for language in ("en", "de", "fr", "es")}
_LOWER_SHARE = 0.15
_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.ClassDef)
_OWN_SHARE = 0.45
_HARMLESS_SHARE = 0.5
_KNOWN_SHARE = 0.35
_SYLLABLES = """ka lo mi ra te vi zo ne fu xa pri sto qua net data med soft
    cor ex on ia ly fy gen tri bio sol lux max ver tech ware omni""".split()  # noqa: SIM905 - a list for reading
_BEHIND = """Group Partners Solutions Systems Labs Inc LLC Ltd GmbH AG Capital Insurance Bank Consulting Technologies Software Media
    Corporation""".split()  # noqa: SIM905 - a list for reading
FEATURES = Features(load_lexicon())
_SLOT = re.compile(r"\{(\w+)\}")


class Draw:
    """Draws values of every label, by seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self._fakers = {locale: Faker(locale) for locale in {*LOCALES, *(one for many in OWN.values() for one in many)}}
        for number, locale in enumerate(sorted(self._fakers)):
            self._fakers[locale].seed_instance(seed + number)
        lexicon = load_lexicon()
        self.nouns = sorted(
            word for word in lexicon.harmless if word.isascii() and word.isalpha() and len(word) > 3 and not lexicon.is_name(word)
        )
        self._heads = sorted(ROLES.split("\narzt ")[0].split())
        people = Person(Locale.EN, seed=seed)
        self._jobs = sorted({job for job in (people.occupation() for _ in range(20_000)) if not is_held(job)})

    def any_faker(self) -> Faker:
        """Return the values of some country."""
        return self._fakers[self.rng.choice(LOCALES)]

    def value(self, label: str, locales: Sequence[str] = LOCALES) -> str:
        """Return a value of a label."""
        fake = self._fakers[self.rng.choice(list(locales))]
        makers = {"NAME": self._name, "STREET": self._street, "PLACE": self._place, "ORG": self._company, "AGE": self._age,
                  "DATE": self._date,
                  "ROLE": self._role, "GROUP": self._group}  # fmt: skip
        return makers[label](fake)

    def _name(self, fake: Faker) -> str:
        first, last = fake.first_name(), fake.last_name()
        name = self.rng.choices(
            [f"{first} {last}", first, last, f"{first} {self.rng.choice('ABCDEFGHJKLMNPRSTVW')}. {last}", f"{last}, {first}"],
            [10, 5, 3, 2, 1],
        )[0]
        return self.rng.choices([name, name.lower(), name.upper()], [12, 1, 1])[0]

    def _street(self, fake: Faker) -> str:
        street = fake.street_address().replace("\n", " ")
        return self.rng.choices([street, f"{street}, {fake.postcode()}", fake.postcode(), street + "\n" + fake.postcode()], [6, 2, 1, 1])[0]

    def _place(self, fake: Faker) -> str:
        place = self.rng.choice([fake.city, fake.city, fake.country, getattr(fake, "state", fake.city)])()
        return self.rng.choices([place, place.upper(), place.lower()], [10, 1, 1])[0]

    def _company(self, fake: Faker) -> str:
        if self.rng.random() < _OWN_SHARE:
            return self._brand()
        return fake.company().rstrip(".")

    def _brand(self) -> str:
        """Return an invented firm: a made word, or everyday words with capitals, and what firms put behind."""
        made = "".join(self.rng.choice(_SYLLABLES) for _ in range(self.rng.randint(2, 4))).capitalize()
        words = " ".join(self.rng.choice(self.nouns) for _ in range(self.rng.randint(1, 2))).title()
        name = self.rng.choice([made, made, made, f"{made} {words}", words])
        if self.rng.random() < _KNOWN_SHARE:
            return self.rng.choice(KNOWN_FIRMS).strip()
        behind = self.rng.choice(_BEHIND) if name == words else self.rng.choice(["", "", *_BEHIND])
        return f"{name} {behind}".strip()

    def _age(self, _: Faker) -> str:
        return str(self.rng.randint(4, 97))

    def _date(self, fake: Faker) -> str:
        day = fake.date_object()
        month = self.rng.choice(MONTH_NAMES[self.rng.choice(("en", "en", "de", "fr", "es"))])
        written = (f"{day:%d/%m/%Y}", f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"{day:%d/%m}", str(day.year))
        said = (f"{month} {day.day}, {day.year}", f"{month} {day.day}", f"{day.day} {month} {day.year}", f"{month} {day.year}")
        more = (
            f"{day:%d.%m.%y}",
            f"{day:%Y-%m-%d %H:%M:%S}",
            f"{day.day}. {month} {day.year}",
            f"{month[:3]} {day.day}",
            f"{day:%d-%m-%Y}",
        )
        return self.rng.choice([*said, *written, *more, str(day.year)])

    def _role(self, fake: Faker) -> str:
        job = fake.job().split(",")[0].split("(")[0].strip()
        if self.rng.random() < _OWN_SHARE:  # as public lists of occupations write them: `Rolling machine operator`
            before = " ".join(self.rng.choice(self.nouns) for _ in range(self.rng.choices((0, 1, 2), (2, 3, 2))[0]))
            job = f"{before} {self.rng.choice(self._heads)}".strip().capitalize()
        elif self.rng.random() < _OWN_SHARE:
            job = self.rng.choice(self._jobs)
        return self.rng.choice([job, job, job.lower(), job.title()])

    def _group(self, _: Faker) -> str:
        group = self.rng.choice(GROUPS).title()
        return self.rng.choices([group, group + "s", group.lower()], [6, 1, 1])[0]


def given(samples: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Spans]]:
    """Yield the texts of a set as they are."""
    for sample in samples:
        yield sample["full_text"], sorted((s["start_position"], s["end_position"], s["entity_type"]) for s in sample["spans"])


def redrawn(texts: Sequence[tuple[str, Spans]], draw: Draw) -> Iterator[tuple[str, Spans]]:
    """Yield the texts with other values."""
    for text, spans in texts:
        pieces, found, position, length = [], [], 0, 0
        for start, end, kind in spans:
            label = LABELS.get(kind)
            value = draw.value(label) if label else text[start:end]
            pieces += [text[position:start], value]
            length += start - position
            found.append((length, length + len(value), kind))
            length += len(value)
            position = end
        yield "".join([*pieces, text[position:]]), found


def forms(draw: Draw, rounds: int) -> Iterator[tuple[str, Spans]]:
    """Yield our own sentences, filled in."""
    kinds = {label: kind for kind, label in reversed(LABELS.items())}
    for _ in range(rounds):
        for language, lines in FORMS.items():
            for line in lines:
                text, found = "", []
                for number, piece in enumerate(_SLOT.split(line)):
                    value = draw.value(piece, OWN[language]) if number % 2 else piece
                    if number % 2:
                        found.append((len(text), len(text) + len(value), kinds[piece]))
                    text += value
                yield text, found


def _code(rng: random.Random) -> str:
    """Return letters and digits without meaning, as a part or a key is called."""
    alphabet = rng.choice(["abcdefghijklmnopqrstuvwxyz", "ABCDEFGHKLMNPRSTWXZ0123456789", "abcdefGHIJKLmnopqRSTUVwxyz0123456789"])
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 8)))


def harmless(draw: Draw, count: int) -> Iterator[tuple[str, Spans]]:
    """Yield rows of general words as buttons, menus and titles write them."""
    lexicon = load_lexicon()
    words = sorted(w for w in lexicon.harmless if w.isalpha() and len(w) > 2 and w not in lexicon.places and not lexicon.is_name(w))
    common = sorted(w for w in lexicon.common if w.isalpha() and len(w) > 1 and not lexicon.is_name(w) and w not in lexicon.places)
    menu = sorted(w for w in lexicon.interface if w.isalpha())
    for _ in range(count):
        row = [draw.rng.choice(draw.rng.choice([words, common, menu])) for _ in range(draw.rng.choices(range(1, 13), _LENGTHS)[0])]
        style = draw.rng.choice([str.title, str.capitalize, str.capitalize, str.lower, str.upper])
        row = style(" ".join(row)).split(" ")
        if draw.rng.random() < 0.25:
            row.insert(draw.rng.randint(0, len(row)), str(draw.rng.choice([draw.rng.randint(0, 99), draw.rng.randint(100, 2200)])))
        if draw.rng.random() < 0.3:
            row = [_code(draw.rng) if draw.rng.random() < 0.4 else word for word in row]
        if draw.rng.random() < 0.06:
            row = draw.rng.choice(_COUNTS).replace("#", "{}").format(*(draw.rng.randint(1, 99) for _ in range(2))).split(" ")
        if draw.rng.random() < 0.08:
            row = [str(draw.rng.randint(0, 40)) for _ in range(draw.rng.randint(1, 7))]
        yield (
            draw.rng.choice([" ", " ", " ", "-", " - ", " | ", ", ", ", ", " / "]).join(row)
            + draw.rng.choice(["", "", "", ":", "…", ".", "?"]),
            [],
        )


def around(draw: Draw, count: int) -> Iterator[tuple[str, Spans]]:
    """Yield values among everyday words, so that no sentence has to be known by heart."""
    lexicon = load_lexicon()
    words = sorted(w for w in lexicon.common if w.isalpha() and w.isascii() and not lexicon.is_name(w) and w not in lexicon.places)
    kinds = {label: kind for kind, label in reversed(LABELS.items())}
    for _ in range(count):
        label = draw.rng.choice(list(LEADS))
        is_harmless = draw.rng.random() < _HARMLESS_SHARE
        value = " ".join(draw.rng.choices(draw.nouns, k=draw.rng.randint(1, 2))) if is_harmless else draw.value(label)
        before = [draw.rng.choice(words) for _ in range(draw.rng.randint(0, 4))] + draw.rng.choice(LEADS[label]).split()
        after = [draw.rng.choice(words) for _ in range(draw.rng.randint(0, 4))]
        head = " ".join(before)
        head = head and (head if draw.rng.random() < _LOWER_SHARE else head[0].upper() + head[1:]) + " "
        tail = (
            draw.rng.choice([" ", " ", " ", ", ", ": ", "'s ", " - "]) + " ".join(after) if after else draw.rng.choice(["", ".", "?", "!"])
        )
        yield f"{head}{value}{tail}", [] if is_harmless else [(len(head), len(head) + len(value), kinds[label])]


def coded(draw: Draw, count: int) -> Iterator[tuple[str, Spans]]:
    """Yield everyday words around addresses, numbers and codes: rules find those, and what stands beside them is harmless."""
    lexicon = load_lexicon()
    words = sorted(w for w in lexicon.common if w.isalpha() and w.isascii() and not lexicon.is_name(w) and w not in lexicon.places)
    for _ in range(count):
        fake = draw.any_faker()
        makers = (fake.ascii_email, fake.phone_number, fake.credit_card_number, fake.iban, fake.url, fake.ipv4, lambda: _code(draw.rng) * 3)
        before, after = ([draw.rng.choice(words) for _ in range(draw.rng.randint(0, 4))] for _ in range(2))
        line = " ".join([*before, draw.rng.choice(makers)(), *after])
        yield (line if draw.rng.random() < 0.5 else line[0].upper() + line[1:]) + draw.rng.choice(["", "", ".", "!"]), []


def lowered(texts: Sequence[tuple[str, Spans]], draw: Draw) -> Iterator[tuple[str, Spans]]:
    """Yield some of the texts as people write in chats, without capitals."""
    for text, spans in texts:
        if draw.rng.random() < _LOWER_SHARE and len(text.lower()) == len(text):
            yield text.lower(), spans


def prose(draw: Draw, count: int) -> Iterator[tuple[str, Spans]]:
    """Yield sentences of the documentation inside Python's own modules (PSF licence), those of listed words only."""
    lexicon = load_lexicon()
    found = set()
    for name in sorted(sys.stdlib_module_names):
        path = Path(sysconfig.get_paths()["stdlib"], f"{name}.py")
        if not path.exists():
            continue
        texts = [ast.get_docstring(node) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, _DOCUMENTED)]
        for sentence in re.split(r"(?<=[.!?])\s+|\n\n", "\n\n".join(text for text in texts if text)):
            line = " ".join(sentence.split())
            words = make_sample(line).words
            is_plain = all(w.folded in lexicon.harmless and not lexicon.is_plain_name(w.folded) and not w.has_digit for w in words)
            if is_plain and len(words) > 3 and not re.search(r"[^\w\s.,;:'!?()-]", line):
                found.add(line)
    yield from ((line, []) for line in draw.rng.sample(sorted(found), min(count, len(found))))


def rows_of(text: str, spans: Spans) -> tuple[list[list[str]], list[str]]:
    """Return features and labels of a text's words."""
    normalised = normalise(text)
    sample = make_sample(normalised.text)
    labels = []
    for word in sample.words:
        start, end = normalised.source(word.start, word.end)
        kinds = [kind for first, last, kind in spans if first < end and start < last]
        labels.append(LABELS.get(kinds[0], OTHER) if kinds else OTHER)
    return FEATURES.rows(sample), labels


def train(samples: Sequence[dict[str, Any]], target: Path, seed: int = 7) -> None:
    """Train on samples and on what is drawn, and write the model."""
    draw = Draw(seed)
    base = list(given(samples))
    written = [*base, *redrawn(base, draw), *redrawn(base, draw), *forms(draw, 9), *around(draw, 4_000)]
    texts = [*written, *lowered(written, draw), *harmless(draw, 4_500), *coded(draw, 1_200), *prose(draw, 4_000)]
    trainer = pycrfsuite.Trainer(verbose=False, algorithm="lbfgs")
    trainer.set_params(SETTINGS)
    for text, spans in texts:
        rows, labels = rows_of(text, spans)
        if rows:
            trainer.append(rows, labels)
    trainer.train(str(target))
    print(len(texts), "texts,", target.stat().st_size, "bytes")


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cross", type=int, default=0, help="folds over the learnt templates, scored; nothing is written")
    arguments = parser.parse_args()
    samples = load_texts("learnt", "read")
    if not arguments.cross:
        train(samples, TARGET)
        TARGET.with_suffix(".sha256").write_text(f"{hashlib.sha256(TARGET.read_bytes()).hexdigest()}  {MODEL}\n")
        return
    from cross import cross_validate

    cross_validate(samples, arguments.cross)


if __name__ == "__main__":
    main()
