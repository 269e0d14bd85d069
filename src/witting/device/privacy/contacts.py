# ruff: noqa: RUF001 - typographic marks and look-alike letters are what these rules are about
"""Finds ways to reach or locate somebody: mail, phone, addresses on streets and networks, home folders.

Doesn't know names. Each detector is a plain function of a sample; each looks for a cheap sign first, so that ordinary text costs little.
All repetition is bounded, so time is linear in the text.
"""

import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import phonenumbers

from witting.device.privacy.lexicon import data_lines
from witting.device.privacy.sample import Sample, word_set
from witting.terms.findings import Finding

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}[.。]){0,8}[\w-]{1,63}(?![\w@])")
_LOOSE_EMAIL = re.compile(
    r"(?i)(?<![\w.+-])[\w.+-]{1,64}(?:\s{0,2}@\s{0,2}|%40|&#0{0,3}64;|&#x0{0,3}40;|&commat;)(?:[\w-]{1,63}[.。]){1,8}[a-z]{2,24}(?!\w)",
)
_AT_SIGNS = ("@", "%40", "&#", "&commat;")
_SPELT_EMAIL = re.compile(
    r"(?i)(?<![\w.+-])[\w.+-]{1,64} ?[\[({] ?(?:at|@|arroba|chez) ?[\])}] ?[\w-]{1,63}"
    r"(?:(?: ?[\[({] ?(?:dot|punkt|point|punto|\.) ?[\])}] ?|\.)[\w-]{2,63}){1,4}",
)
_SAID_EMAIL = re.compile(
    r"(?i)(?<![\w.+-])[\w.+-]{1,64} (?:at|ät|arroba|chez|arobase) (?:[\w-]{1,63} (?:dot|punkt|point|punto) ){1,4}"
    r"(?:com|org|net|edu|gov|info|eu|de|fr|es|uk|at|ch|it|nl|pl|be|example)(?!\w)",
)
_SAID_DOTS = ("dot", "punkt", "point", "punto")
_HANDLE = re.compile(r"(?<![\w@./])@[A-Za-z_][\w]{1,30}")
_AT_RULES = word_set("@media @import @font @keyframes @supports @param @return @returns @override @property")
_PHONE = re.compile(r"(?<![\w+])(?:\+|\(|00)?\(?\d(?:[ ()./\-]{0,3}\d){6,16}(?!\w)")
_REGIONS = (
    *("US", "GB", "DE", "FR", "ES", "AT", "CH", "IT", "NL", "BE", "PL", "PT", "SE", "NO", "DK", "FI", "IE", "CZ", "GR", "HU"),
    *("RO", "TR", "IN", "AU", "NZ", "CA", "BR", "MX", "AR", "CO", "CL", "ZA", "JP", "KR", "SG", "IL"),
)
_GROUP = re.compile(r"(?<!\\)\((?!\?)")  # one that captures, of which a pattern has at most 99
_MOST_PHONE_DIGITS = 15  # ITU-T E.164
_DATE = re.compile(r"^\(?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[ -]+\d{1,2})*\)?$")
_MIN_PHONE_DIGITS = 7
_MOST_LOOKED_UP = 64  # candidates of one text that are held against the numbering plans; any further one counts as a number without
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV4_DOTS = 3
_MAC_SIGNS = 5
_IPV6 = re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])")
_MAC = re.compile(r"(?i)(?<![\w:.-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:-])")
_URL = re.compile(r"(?i)(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'“”«»]{1,4096}")
_REDACTED = re.compile(r"‹[A-Z]+_\d{1,4}›")  # what a placeholder reads as when it comes in again
_HOME = re.compile(
    r"(?i)(?:/home/|/users/|[a-z]:[\\/]{1,2}users[\\/]{1,2}|/export/home/|documents and settings\\)(?!‹[A-Z]+_\d+›)"
    r"([^\\/:\"'<>|\n]{1,64}(?=[\\/])|[^\\/\s:\"'<>|,;]{1,64})",
)
_ESCAPED_HOME = re.compile(r"(?i)(?:/|%2f)(?:home|users)%2f([^%/\\\s:\"'<>&‹]{1,64})")
_NAME = r"[^\W\d_][\w'’.-]{0,30}"
# After a house number and a capitalised name only, because most of these are everyday words too.
_STREET_ENDS = "|".join(form for end in data_lines("street_ends.txt") for form in (end, end.upper()))
_ADDRESSES = (
    re.compile(rf"(?<!\w)\d{{1,5}}[A-Za-z]?,? (?:[^\W\d_a-z][\w'’.-]{{1,30}} ){{1,3}}(?:{_STREET_ENDS})[sS]?(?!\w)"),
    re.compile(
        rf"(?<!\w)\d{{1,5}}[A-Za-z]?,? (?:{_NAME} ){{1,4}}"
        r"(?i:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|place|pl|square|sq|way|terrace|crescent|highway|hwy|"
        r"parkway|pkwy)(?!\w)\.?(?:,? (?i:apt|apartment|suite|ste|unit|flat|no)\.? ?#?\w{1,6})?",
    ),
    re.compile(r"(?<!\w)[^\W\d_][\w-]{1,40}(?:stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|steig) ?\d{1,4} ?[a-z]?(?!\w)"),
    re.compile(rf"(?<!\w)(?:{_NAME} ){{0,2}}(?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer) \d{{1,4}} ?[a-z]?(?!\w)"),
    re.compile(
        r"(?<!\w)\d{1,4}(?: ?(?:bis|ter))?,? (?i:rue|avenue|boulevard|place|chemin|all[ée]e|impasse|quai|route|cours) "
        rf"(?:(?:de|du|des|la|le|les) |l['’]|d['’]){{0,3}}{_NAME}(?: [A-ZÀ-Ý][\w'’-]{{1,30}}){{0,3}}",
    ),
    re.compile(
        r"(?<!\w)(?i:calle|avenida|av\.|c/|plaza|paseo|camino|carrera) ?(?:(?:de|del|la|las|los|el) ){0,3}"
        rf"{_NAME}(?: {_NAME}){{0,3}},? (?:n[º°.o]?\.? ?)?\d{{1,4}}(?!\w)",
    ),
    re.compile(
        r"(?i)(?<!\w)(?:apt|apartment|suite|ste|unit|flat|p\.? ?o\.? ?box|postfach|apartado|bo[îi]te postale)\.? ?#?\d{1,6}[a-z]?(?!\w)",
    ),
    re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?!\w)"),
    re.compile(r"(?<!\w)[A-Z]{2} \d{5}(?:-\d{4})?(?!\w)"),
    re.compile(r"(?i)(?<!\w)[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d(?!\w)"),  # Canada
    re.compile(r"(?i)(?<!\w)(?:(?:psc|cmr|unit) \d{1,5},? box \d{1,5}|[afd]po a[aep](?: \d{5})?)(?!\w)"),  # United States forces
    re.compile(
        r"(?i)(?<![^\W_])(?:zip(?: ?code)?|post(?:al)? ?code|plz|postleitzahl|code postal|c[óo]digo postal)[ :#.]{1,3}"
        r"(?=[a-z ]{0,5}\d)[a-z0-9]{1,6}(?:[ -][a-z0-9]{2,5})?(?!\w)",
    ),
)
# what is in every match of a pattern, so that the others are looked for only
_ADDRESS_SIGNS = {
    _ADDRESSES[2]: (_GERMAN := ("str", "weg", "platz", "allee", "gasse", "ring", "damm", "ufer", "steig")), _ADDRESSES[3]: _GERMAN,
    _ADDRESSES[4]: ("rue", "avenue", "boulevard", "place", "chemin", "all", "impasse", "quai", "route", "cours"),
    _ADDRESSES[5]: ("calle", "avenida", "av.", "c/", "plaza", "paseo", "camino", "carrera"),
    _ADDRESSES[6]: ("apt", "apart", "suite", "ste", "unit", "flat", "box", "postfach", "bo"),
    _ADDRESSES[-2]: ("box", "po a"), _ADDRESSES[-1]: ("zip", "post", "plz", "digo"),
}  # fmt: skip


def find_emails(sample: Sample) -> Iterator[Finding]:
    """Find mail addresses, written out, escaped, spaced, spelt with `(at)`, without a top domain (`user@host`), and handles."""
    if any(sign in sample.text for sign in _AT_SIGNS):
        before_hosts = {end for _, end in _credentials(sample.text)}  # `user:password@host`: the rule for web addresses takes it
        for pattern in (_EMAIL, _LOOSE_EMAIL):
            for match in pattern.finditer(sample.text):
                if sample.text.find("@", *match.span()) not in before_hosts:
                    yield Finding("email", *match.span(), 1.0, "email")
        for match in _HANDLE.finditer(sample.text):
            if match[0].casefold() not in _AT_RULES:
                yield Finding("username", *match.span(), 0.6, "handle")
    if any(bracket in sample.text for bracket in "[({"):
        for match in _SPELT_EMAIL.finditer(sample.text):
            yield Finding("email", *match.span(), 0.9, "spelt_email")
    for match in _SAID_EMAIL.finditer(sample.text) if any(f" {said} " in sample.lowered for said in _SAID_DOTS) else ():
        yield Finding("email", *match.span(), 0.9, "said_email")


def find_phones(sample: Sample) -> Iterator[Finding]:
    """Find phone numbers that are valid in the country they name or in one of the listed regions."""
    if sample.digits < _MIN_PHONE_DIGITS:
        return
    looked_up = 0
    for match in _PHONE.finditer(sample.text):
        digits = sum(c.isdigit() for c in match[0])
        if not _MIN_PHONE_DIGITS <= digits <= _MOST_PHONE_DIGITS + 2 or _DATE.match(match[0]):
            continue
        looked_up += 1
        if looked_up > _MOST_LOOKED_UP or _is_phone(match[0]):
            yield Finding("phone", *match.span(), 0.8, "phone")


def _is_phone(candidate: str) -> bool:
    """Whether the numbering plan of the country it names, or of any listed region, has this number."""
    text = "+" + candidate[2:] if candidate.startswith("00") else candidate
    if not text.startswith(("+", "(+")):
        return _national_numbers().fullmatch("".join(filter(str.isdigit, text))) is not None
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False


@cache
def _national_numbers() -> re.Pattern[str]:
    """Return the numbering plans of the listed regions as one pattern, each with the prefix that is dialled inside the country."""
    plans = []
    for region in _REGIONS:
        plan: Any = phonenumbers.PhoneMetadata.metadata_for_region(region)
        prefix = f"(?:{plan.national_prefix_for_parsing})?" if plan.national_prefix_for_parsing else ""
        plans.append(_GROUP.sub("(?:", f"{prefix}(?:{plan.general_desc.national_number_pattern})"))
    return re.compile("|".join(f"(?:{plan})" for plan in plans))


def find_network_addresses(sample: Sample) -> Iterator[Finding]:
    """Find IP addresses other than loopback and unspecified, and MAC addresses."""
    dots, colons, hyphens = (sample.text.count(sign) for sign in ".:-")
    for pattern, is_likely in ((_IPV4, dots >= _IPV4_DOTS and sample.has_digit), (_IPV6, colons > 1)):
        for match in pattern.finditer(sample.text) if is_likely else ():
            if _is_public_ip(match[0]):
                yield Finding("ip", *match.span(), 0.9, "ip")
    is_likely = max(colons, hyphens) >= _MAC_SIGNS or dots > 1
    for match in _MAC.finditer(sample.text) if is_likely else ():
        yield Finding("mac", *match.span(), 0.9, "mac")


def _is_public_ip(candidate: str) -> bool:
    """Whether this is an address that says where a machine is."""
    try:
        address = ipaddress.ip_address(candidate)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def find_url_secrets(sample: Sample) -> Iterator[Finding]:
    """Find, in web addresses and connection strings, user and password before the host, and the query and fragment after the path."""
    if "://" not in sample.text:
        return
    for begin, at in _credentials(sample.text):
        if not _REDACTED.fullmatch(sample.text, begin, at):
            yield Finding("url_secret", begin, at, 1.0, "url_credentials")
    for match in _URL.finditer(sample.text):
        tail = re.search(r"[?#]", match[0])
        if tail and tail.end() < len(match[0]) and not _REDACTED.fullmatch(match[0], tail.end()):
            yield Finding("url_secret", match.start() + tail.end(), match.end(), 0.9, "url_query")


def _credentials(text: str) -> Iterator[tuple[int, int]]:
    """Yield where, in the web addresses of a text, user and password stand: from after `://` to the `@` before the host."""
    for match in _URL.finditer(text):
        begin = match.start() + match[0].index("://") + 3
        path = text.find("/", begin, match.end())
        at = text.rfind("@", begin, match.end() if path < 0 else path)
        if at > begin:
            yield begin, at


def find_home_paths(sample: Sample) -> Iterator[Finding]:
    """Find the user's folder name in paths to a home folder."""
    if "/" in sample.text or "\\" in sample.text:
        for match in _HOME.finditer(sample.text):
            yield Finding("username", *match.span(1), 0.9, "home_path")
    for match in _ESCAPED_HOME.finditer(sample.text) if "%2f" in sample.lowered else ():
        yield Finding("username", *match.span(1), 0.9, "home_path")


def find_postal_addresses(sample: Sample) -> Iterator[Finding]:
    """Find streets with house numbers (English, German, French, Spanish forms), flats, post boxes, and post codes with letters."""
    if not sample.has_digit:
        return
    for pattern in _ADDRESSES:
        signs = _ADDRESS_SIGNS.get(pattern)
        if signs is None or any(sign in sample.lowered for sign in signs):
            for match in pattern.finditer(sample.text):
                yield Finding("address", *match.span(), 0.7, "address")
