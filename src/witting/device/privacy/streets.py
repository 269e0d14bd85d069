# ruff: noqa: RUF001 - typographic apostrophes are what people write
"""Finds streets such as `Am Alten Markt 3`, `Carrer de Balmes 201`, `ul. Długa 4/6`, and towns behind a post code, `04109 Leipzig`.

Complements `find_postal_addresses`. All repetition is bounded. Invariant: a preposition and a noun with a number is a street only if it
stands as addresses do: at the end of a line, before a comma or post code, or with a letter behind the number.
"""

import re
from collections.abc import Iterator

from witting.device.privacy.lexicon import Lexicon
from witting.device.privacy.sample import Sample, fold, word_set
from witting.terms.findings import Finding

_CAP = r"[^\W\d_a-z][\w'’-]{1,30}"
_NUMBER = r"\d{1,4}(?: ?(?:bis|ter|[a-hA-H]))?(?:[/-]\d{1,4})?(?!\w)"
_SMALL = r"(?:(?:de|del|della|delle|dei|du|des|da|do|dos|la|le|les|las|los|el|l['’]|d['’]|van|der|den|of|i) ?){0,3}"
_FIRST = re.compile(
    r"(?<!\w)(?i:(?:avda|avd|av|bd|bvd|boul|rte|pza|pº|crta|ctra|viale?|v\.le|p\.?za|piazza(?:le)?|corso|largo|carrer|pla[çc]a|passeig|ronda"
    r"|traves[íi]a|glorieta|urbanizaci[óo]n|r[úu]a|travessa|pra[çc]a|rua|all[ée]e|quai|faubourg)\.?|(?:ul|os|pl|imp|c|str|chem)\.)"
    rf" {_SMALL}{_CAP}(?:[ -](?:{_SMALL}){_CAP}){{0,3}},? (?:n[º°.o]{{0,2}} ?)?{_NUMBER}",
)
_NUMBER_FIRST = re.compile(
    r"(?<!\w)\d{1,4}(?: ?(?:bis|ter))?,? (?i:av|bd|bvd|boul|chem|imp|rte|pl|cours|passage|square|sentier|faubourg|fbg|all)\.? "
    rf"{_SMALL}{_CAP}(?:[ -](?:{_SMALL}){_CAP}){{0,3}}",
)
_ENDED = re.compile(
    r"(?<!\w)[^\W\d_a-z][\w-]{1,40}(?:gracht|straat|laan|plein|kade|dijk|dreef|gatan|gata|gade|vägen|veien|vej|gasse|zeile|graben|stieg"
    rf"|katu|tie|utca|ulice|ulica|markt|hof|berg|winkel|anger|promenade|chaussee|park) {_NUMBER}",
)
_BEHIND = re.compile(
    r"(?<!\w)(?:Am|An de[rnm]|Auf de[rnm]|Bei(?:m| de[rnm])|Hinter de[rnm]|Im|In de[rnm]|Neben de[rnm]|Unter de[rnm]|Vor de[rnm]|Zu[mr]"
    rf"|Alte[rn]?|Neue[rn]?|Große|Kleine|Obere|Untere) ({_CAP})((?: {_CAP}){{0,2}}) "
    r"\d{1,3}(?: ?[a-h](?!\w)|(?=\s*(?:,|\n|$|in \d{5}| \d{5}|, ?\d{5})))",
)
_NO_STREET = word_set(
    """montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar marz april mai juni juli august september oktober november
    dezember jahr jahre kapitel abschnitt schritt seite monat quartal punkt fall teil band raum tabelle bild abbildung anhang spalte zeile
    version stufe level tag woche stunde minute uhr gruppe klasse etage stock gleis bahnsteig zimmer kw paragraf artikel absatz satz nummer
    datei fenster ende anfang vergleich durchschnitt schnitt""",
)
_POST_BOX = re.compile(r"(?<!\w)(?:BP|B\.P\.|CP|Casilla|Cx\. Postal|Skr\. poczt\.) \d{1,6}(?!\w)")
_PATTERNS = (_FIRST, _NUMBER_FIRST, _ENDED, _POST_BOX)
_CODE = re.compile(r"(?<![\w.,/-])((?:[A-Z]{1,2}-)?(?:\d{5}|\d{4}(?: [A-Z]{2})?|\d{2}-\d{3}|\d{3} \d{2})) (?=[^\W\d_a-z])")
_YEARS = range(1900, 2100)
_BIG = word_set(  # towns too often named to be in the list of places
    """berlin hamburg munchen koln frankfurt stuttgart dusseldorf leipzig dortmund essen bremen dresden hannover nurnberg duisburg bochum
    wuppertal bielefeld bonn munster karlsruhe mannheim augsburg wiesbaden kiel lubeck erfurt rostock kassel mainz halle magdeburg freiburg
    wien graz linz salzburg innsbruck zurich basel bern genf geneve lausanne luzern paris lyon marseille toulouse nice nantes strasbourg
    montpellier bordeaux lille rennes reims grenoble dijon angers nimes toulon metz nancy tours amiens limoges brest caen bruxelles madrid
    barcelona valencia sevilla zaragoza malaga murcia palma bilbao alicante cordoba valladolid granada lisboa porto roma milano napoli
    torino amsterdam rotterdam utrecht london mexico buenos lima bogota santiago caracas quito warszawa krakow lodz
    wroclaw poznan gdansk praha brno budapest bratislava ljubljana
    zagreb stockholm goteborg malmo kobenhavn aarhus oslo bergen helsinki tampere dublin athina istanbul ankara""",
)
_JOINS = frozenset({" ", "-", "/"})
_INSIDE_TOWN = word_set("am an der im ob bei sur en de la le les sous of upon")
_MOST_WORDS = 5


def find_streets(sample: Sample) -> Iterator[Finding]:
    """Find streets with a number in forms of German, French, Spanish, Italian, Polish, Dutch and Nordic addresses; post boxes."""
    if not sample.has_digit:
        return
    for pattern in _PATTERNS:
        for match in pattern.finditer(sample.text):
            yield Finding("address", *match.span(), 0.7, "street")
    for match in _BEHIND.finditer(sample.text):
        if not _NO_STREET.intersection(fold(word) for word in (match[1], *match[2].split())):
            yield Finding("address", *match.span(), 0.6, "street")


def find_towns(sample: Sample, lexicon: Lexicon) -> Iterator[Finding]:
    """Find a post code and the town behind it, where a list of places knows one of its words."""
    if not sample.has_digit:
        return
    begins = {word.start: index for index, word in enumerate(sample.words)}
    for match in _CODE.finditer(sample.text):
        if match[1].isdigit() and len(match[1]) == len("1234") and int(match[1]) in _YEARS:
            continue
        index = begins.get(match.end(), len(sample.words))
        end, is_place = index, False
        while end < min(index + _MOST_WORDS, len(sample.words)) and (end == index or sample.gap(end) in _JOINS):
            word = sample.words[end]
            if not word.is_capitalised and word.folded not in _INSIDE_TOWN:
                break
            is_place = is_place or word.folded in lexicon.places or word.folded in _BIG
            end += 1
        if is_place:
            yield Finding("address", match.start(1), sample.words[end - 1].end, 0.7, "town")
