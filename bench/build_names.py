"""Builds src/witting/device/privacy/data/names.txt from faker's locale lists (MIT). Run by hand when faker changes, never by the product.

    python bench/build_names.py --english /usr/share/dict/american-english --spanish /usr/share/dict/spanish

The two dictionaries (Debian `wamerican`, SCOWL; `wspanish`, public domain) only say which names are ordinary words too: those get a `~`.
German and French ordinary words are listed by hand below. No name outside faker's lists and no word of a test set comes in.
"""

import argparse
import importlib
import unicodedata
from pathlib import Path

import wordfreq


def _words(text: str) -> set[str]:
    """Return the words of a list written as text."""
    return set(text.split())


LOCALES = _words(
    """en_US en_GB en_IE en_NZ de_DE de_AT de_CH fr_FR fr_CH fr_BE es_ES es_MX es_AR es_CO it_IT nl_NL nl_BE pl_PL pt_BR pt_PT sv_SE
    da_DK no_NO fi_FI cs_CZ hu_HU tr_TR ro_RO hr_HR sl_SI sk_SK et_EE lt_LT lv_LV en_IN id_ID vi_VN""",
)
TARGET = Path(__file__).parents[1] / "src/witting/device/privacy/data/names.txt"

# ordinary words, places and months that a German or French dictionary, or an atlas, would list
ALSO_WORDS = _words(
    """france paris vu ville aime allen bas leider tage beste mai america june april august lage juni juli armas demi mille victoire
    signe german africa solange lois osten angeles reine asia jolie klare georgia sydney jordan chelsea austin lincoln
    olympia milan brooklyn carolina florence dakota lorraine vita madison nazi israel adelaide heide orlando hudson constance
    flore bergen indie ing sep theres gustas veis dev dion baba hai muni manu ritt gabel fuma tia einer allein der und das
    von auch dass aus schon mir mich han lassen weiss mann petit aller gute lange kurz ging dieu grund york madrid lang nord
    london buch frei english kosten blick blanc garde pire mach durant hein washington ven sommer travers januar bruder
    schwarz zimmer kraft ceci klein quartier knapp reich casas lyon freitag sieg clair stolz linke volk meister schutz
    blanche schweizer richter mets masse vidas kaiser meer rom ireland comte baum barre spain vienne keller frisch holt
    hollywood werd tasche cortes strom jung campos westfalen sturm engel kern hass denk rand graf bock vogel koch heim klima
    prinz bauer nette scharf houston steuer ritter schatz sauvage monaco stahl bischof paquet berge krebs chevalier herzog
    salz landen bach zaragoza gras mignon chapelle salas hahn poland marshall obst grau orleans doktor jerusalem barbe
    fontaine luxemburg holland faust adler metz birmingham marchand rauch reiter scheibe renault moulin breton richmond staub
    klug bilbao montes heer rosen bros porto nyc brach mangel wende roter salinas verdun prager kuba palacios cadenas voisin
    braun limburg grenier lancaster hastings bayern hamburg berlin wien bremen schneider becker fischer schmied zimmermann
    kirsch stern wolf fuchs hase hirsch specht anders kopf ernst darin herbst davor heiss lasse langer harte erdogan
    sauer mercedes jesus mise pont maman mari vit paye jure romain fac maillot sean dan fuentes dejan fuertes hagan santos tomo canales
    dudas
    iglesias reyes torres paredes carreras manda rio cabezas bebe dolores oscar org edu ide com net dev app""",
)
# in an English or Spanish dictionary (a john, to harry, a carlota), but a person nine times of ten
NAMES_FIRST = _words(
    """juan john julio carlos david peter luis pedro francisco martin pablo santiago tom maria mike harry jorge tony ana enrique
    linda marina gloria leo cristina lucas jimmy vicente carmen bruno eve alonso victor rosario ali gil mariano
    terry bobby margarita marta claudia arturo diana dirk susana bernardo benito catalina patricia cesar florencia magdalena
    guido bautista rita mariana luisa paloma serena heather petrus isidro romeo camilo dante noel marcial patricio estela
    manuela carla helena fanny clemente nora bonnie hector josefina savannah jacinto jasmine leona jasper lucio francisca
    lucia celia pamela esmeralda rosemary rafa valentina florentino lidia juliana paulina ava irene macarena marcelino amador
    carola camilla leticia leila encarna rosita colleen liza delia basilio agustina anastasia delfina marcia rosario nick ben
    ron billy bob smith miller jack joe sandy carol nicolas sally molly nacho pepe paco pancho manolo diego ramiro raven
    andrina tino tito hernando vasco robin emilio lana marcelo timo leon gonzalez moreno garza ortega rivera navarro herrera
    vargas gallardo castro delgado romero padilla cabrera montero carrasco serrano soto estrada guerrero escobar quintana
    zapata ferrer salgado pineda soler lozano""",
)
# common short forms that faker leaves out
ALSO_NAMES = _words("will ben sam max alex nick chris kate liz meg tim jim joe bob")
KEPT_THOUGH_FREQUENT = _words("will may mark paul john jean maria david pierre michael thomas")
PLACEHOLDER_WORDS = _words(
    "name username email phone address iban card id plate birthdate ip mac url path secret special message number word field"
)


def fold(word: str) -> str:
    """Return `word` without case and accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))


def faker_names() -> tuple[set[str], set[str]]:
    """Return the folded given and family names of all locales."""
    given: set[str] = set()
    family: set[str] = set()
    for locale in LOCALES:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if not isinstance(values, (list, tuple, dict)) or any(part in attribute for part in ("prefix", "suffix", "format")):
                continue
            words = {fold(part) for value in values if isinstance(value, str) for part in value.replace("-", " ").split()}
            if "first" in attribute:
                given |= words
            elif "last" in attribute:
                family |= words
    return given, family


def ordinary_words(path: Path, encoding: str) -> set[str]:
    """Return the folded words that a dictionary writes in lower case."""
    return {fold(word) for word in path.read_text(encoding=encoding).split() if word.islower() and "'" not in word}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--english", type=Path, required=True)
    parser.add_argument("--spanish", type=Path, required=True)
    arguments = parser.parse_args()
    given, family = faker_names()
    given |= ALSO_NAMES
    frequent = {fold(word) for language in ("en", "de", "fr", "es") for word in wordfreq.top_n_list(language, 300)}
    dropped = (frequent - KEPT_THOUGH_FREQUENT - NAMES_FIRST) | PLACEHOLDER_WORDS
    words = {"will"} | (
        ordinary_words(arguments.english, "utf-8") | ordinary_words(arguments.spanish, "latin-1") | ALSO_WORDS
    ) - NAMES_FIRST
    lines = [
        "# SOURCE: names from faker's locale lists (https://github.com/joke2k/faker, MIT, Copyright (c) 2012 Daniele Faraglia), folded.",
        "# [weak]: among the most frequent words of all, so a name only right beside another name.",
        "# A trailing ~ marks names that are ordinary words too (Debian wamerican = SCOWL, wspanish = public domain, and a list by hand).",
    ]
    weak = (given | family) & (frequent - KEPT_THOUGH_FREQUENT - NAMES_FIRST) - PLACEHOLDER_WORDS
    for title, names in (("given", given - family), ("family", family - given), ("both", given & family), ("weak", weak)):
        lines.append(f"[{title}]")
        skipped = set() if title == "weak" else dropped
        kept = sorted(name for name in names if len(name) >= 3 and name not in skipped and not set(name) & set(".0123456789()"))
        lines += [name + "~" * (name in words and title != "weak") for name in kept]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(lines)} lines, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
