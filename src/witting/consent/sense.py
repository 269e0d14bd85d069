"""What makes no sense in a programme, whatever the law says: impossible dates, sites that aren't origins, purposes that judge people.

Pure. Knows nothing of the notice. Invariant: a setting that would loosen what every programme promises is refused, not corrected.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import msgspec

from witting.consent.packs.loading import load_packs
from witting.consent.patterns import MOST_PATTERNS, PatternRefusedError, compile_pattern
from witting.terms.programme import App, Programme, Purpose

BROWSERS = frozenset({
    "brave-browser", "chromium", "chromium-browser", "epiphany", "firefox", "firefox-esr", "google-chrome", "microsoft-edge",
    "vivaldi-stable",
})  # fmt: skip
MOST_VERSIONS = 1_000_000
LEAST_GROUP = 5  # fewer people than this never make a group in any figure
LONGEST_MONTHS = 12  # consent is asked again at least once a year
PICTURE_SECONDS = (0.5, 60.0)
LONGEST_DAYS = 3 * 366
MOST_INCENTIVE = 50.0  # in a month, in whichever currency: thanks, not pay
YEARS = range(2000, 2200)
GROUP_STREAMS = ("pointer", "keys", "windows", "pages", "ui_tree")  # no pictures, no voice, no pace
MOST = {"spool_days": 365, "hub_days": 3660, "dataset_days": 3660, "log_years": 30}
_JUDGING = re.compile(
    r"\b(perform\w*|productiv\w*|emotion\w*|moods?|apprais\w*|disciplin\w*|dismiss\w*|attendance|idle|rank\w*|promot\w*)\b",
    re.IGNORECASE,
)
_SECRET_KEYS = frozenset(
    {"token", "key", "code", "secret", "session", "sid", "sig", "signature", "auth", "password", "pwd", "state", "ticket", "jwt"}
)
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Nonsense(msgspec.Struct, frozen=True):
    """One field that makes no sense."""

    field: str  # dotted, `purposes[0].streams`
    message: str  # goes on after the field's name
    hint: str  # what to do


def nonsense(programme: Programme) -> list[Nonsense]:
    """Return everything in the programme that makes no sense, in the order of the file."""
    found = [*_head(programme), *_purposes(programme.purposes), *_apps(programme.apps), *_numbers(programme), *_kept(programme)]
    for name in ("recipients", "places"):
        for index, one in enumerate(getattr(programme, name)):
            if not _COUNTRY.fullmatch(one.country):
                found.append(Nonsense(f"{name}[{index}].country", "is no country code", "two capital letters, such as DE"))
    return [*found, *_incentives(programme), *_law(programme)]


def _head(programme: Programme) -> Iterator[Nonsense]:
    """Find nonsense in what names and dates the programme."""
    if not _SLUG.fullmatch(programme.id):
        yield Nonsense("id", "isn't a plain name", "lower-case letters, digits, - and _, at most 63")
    if not 1 <= programme.version <= MOST_VERSIONS:
        yield Nonsense("version", "is no version", "count versions from 1 and raise it with every change")
    if programme.starts_on.year not in YEARS:
        yield Nonsense("starts_on", "is impossible", "write it as YYYY-MM-DD")
    if programme.ends_on < programme.starts_on:
        yield Nonsense("ends_on", "lies before `starts_on`", "a programme ends on or after the day it starts")
    elif programme.ends_on - programme.starts_on > timedelta(days=LONGEST_DAYS):
        yield Nonsense("ends_on", "lies more than three years after `starts_on`", "end it sooner; a new programme asks anew")
    if not _JURISDICTION.fullmatch(programme.jurisdiction):
        yield Nonsense("jurisdiction", "is no jurisdiction", "a country code such as DE, or US-NY for a state")
    if not _LANGUAGE.fullmatch(programme.language):
        yield Nonsense("language", "is no language tag", "such as en or de")


def _purposes(purposes: tuple[Purpose, ...]) -> Iterator[Nonsense]:
    """Find nonsense in the purposes."""
    if not purposes:
        yield Nonsense("purposes", "is empty", "name at least one purpose")
    yield from _twice("purposes", [purpose.id for purpose in purposes])
    for index, purpose in enumerate(purposes):
        place = f"purposes[{index}]"
        if not _SLUG.fullmatch(purpose.id):
            yield Nonsense(f"{place}.id", "isn't a plain name", "lower-case letters, digits, - and _, at most 63")
        if not purpose.streams:
            yield Nonsense(f"{place}.streams", "is empty", "a purpose needs at least one kind of recording, or it needs no consent")
        yield from _twice(f"{place}.streams", list(purpose.streams))
        if purpose.at_desk and not purpose.is_optional:
            yield Nonsense(f"{place}.is_optional", "is false for help at the desk", "help is taken or left: let it be optional")
        if purpose.for_groups:
            yield from _for_groups(place, purpose)
        judging = _JUDGING.search(f"{purpose.id.replace('_', ' ').replace('-', ' ')} {purpose.title} {purpose.why}")
        if judging:
            yield Nonsense(
                place, f"speaks of {judging[0].lower()!r}", "recordings never judge people: state what is done, without that word"
            )


def _for_groups(place: str, purpose: Purpose) -> Iterator[Nonsense]:
    """Find what a purpose of figures about groups may not ask for."""
    if purpose.at_desk:
        yield Nonsense(f"{place}.at_desk", "is true for figures about groups", "they are made at the hub: name one purpose for each")
    if not purpose.is_optional:
        yield Nonsense(f"{place}.is_optional", "is false for figures about groups", "whoever takes part may leave them: let it be optional")
    if purpose.pointer_path == "raw":
        yield Nonsense(f"{place}.pointer_path", "asks for every point", "figures about groups need the pointer's way only coarsely")
    for stream in purpose.streams:
        if stream not in GROUP_STREAMS:
            yield Nonsense(f"{place}.streams", f"names {stream!r}", f"figures about groups are made of {', '.join(GROUP_STREAMS)}")


def _apps(apps: tuple[App, ...]) -> Iterator[Nonsense]:
    """Find nonsense in the apps and sites."""
    if not apps:
        yield Nonsense("apps", "is empty", "name at least one app; nothing else is ever recorded")
    yield from _twice("apps", [app.id for app in apps])
    for index, app in enumerate(apps):
        place = f"apps[{index}]"
        if not app.id or app.id != app.id.lower() or app.id.split() != [app.id]:
            yield Nonsense(f"{place}.id", "isn't a window class in lower case", "see `xprop WM_CLASS`, the second name")
        if app.id in BROWSERS and not app.sites:
            yield Nonsense(f"{place}.sites", "is empty", "a browser lends listed sites only: name their origins")
        yield from _twice(f"{place}.sites", list(app.sites))
        for number, site in enumerate(app.sites):
            if problem := _not_an_origin(site):
                yield Nonsense(f"{place}.sites[{number}]", problem, "write https://host or https://host:port, nothing after it")
        yield from _query_keys(place, app)


def _query_keys(place: str, app: App) -> Iterator[Nonsense]:
    """Find keys of addresses that may not be asked for."""
    if app.query_keys and not app.sites:
        yield Nonsense(f"{place}.query_keys", "belongs to no site", "only pages of listed sites have addresses")
    for number, key in enumerate(app.query_keys):
        words = set(re.split(r"[^a-z0-9]+", key.lower()))
        if not re.fullmatch(r"[A-Za-z0-9_.\[\]-]{1,40}", key) or words & _SECRET_KEYS:
            yield Nonsense(
                f"{place}.query_keys[{number}]", "may not be asked for", "name plain keys such as `page`; secrets in addresses never leave"
            )


def _not_an_origin(site: str) -> str:
    """Say why `site` is no origin that may be lent, or nothing when it is one."""
    try:
        parts = urlsplit(site)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return "is no origin"
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    if parts.scheme not in {"http", "https"} or not host or site != f"{parts.scheme}://{shown}{port}":
        return "is no origin"
    if "*" in host:
        return "stands for many sites"
    return "isn't encrypted on the way" if parts.scheme == "http" and not _is_loopback(host) else ""


def _is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _numbers(programme: Programme) -> Iterator[Nonsense]:
    """Find numbers that are impossible, or that would loosen what every programme promises."""
    for field, most in MOST.items():
        if not 1 <= getattr(programme.retention, field) <= most:
            yield Nonsense(f"retention.{field}", f"isn't between 1 and {most}", "say for how long it is kept")
    if programme.group_minimum < LEAST_GROUP:
        yield Nonsense("group_minimum", f"is below {LEAST_GROUP}", "it may be raised, not lowered")
    if not 1 <= programme.reaffirm_months <= LONGEST_MONTHS:
        yield Nonsense("reaffirm_months", f"isn't between 1 and {LONGEST_MONTHS}", "people are asked again at least once a year")
    if not PICTURE_SECONDS[0] <= programme.picture_seconds <= PICTURE_SECONDS[1]:
        yield Nonsense("picture_seconds", "isn't between 0.5 and 60", "say how long lies between pictures while something changes")
    for index, word in enumerate(programme.redaction_words):
        if not word.strip():
            yield Nonsense(f"redaction_words[{index}]", "is blank", "remove it")
    yield from _patterns(programme.redaction_patterns)


def _patterns(patterns: Sequence[str]) -> Iterator[Nonsense]:
    """Find patterns that can't be searched for."""
    if len(patterns) > MOST_PATTERNS:
        yield Nonsense("redaction_patterns", f"are more than {MOST_PATTERNS}", "join some with `|`")
        return
    for index, written in enumerate(patterns):
        try:
            compile_pattern(written)
        except PatternRefusedError as error:
            yield Nonsense(f"redaction_patterns[{index}]", str(error), "RE2's syntax: https://github.com/google/re2/wiki/Syntax")


def _kept(programme: Programme) -> Iterator[Nonsense]:
    """Find kinds that are said to be kept longer than the rest."""
    yield from _twice("retention.kinds", [kind.stream for kind in programme.retention.kinds])
    for index, kind in enumerate(programme.retention.kinds):
        if kind.days > programme.retention.hub_days:
            yield Nonsense(
                f"retention.kinds[{index}].days", "is more than `hub_days`", "a kind can be kept shorter than the rest, not longer"
            )


def _incentives(programme: Programme) -> Iterator[Nonsense]:
    """Find gifts beyond the cap: what is too good to refuse isn't lent freely."""
    if programme.incentive_cap > MOST_INCENTIVE:
        yield Nonsense("incentive_cap", f"is more than {MOST_INCENTIVE:g}", "more than that in a month isn't free choice any more")
    if sum(gift.value for gift in programme.incentives) > programme.incentive_cap:
        yield Nonsense("incentives", "are worth more than `incentive_cap` together", "give less, or declare the cap that they stay under")
    if not _CURRENCY.fullmatch(programme.currency):
        yield Nonsense("currency", "is no currency", "three capital letters, such as EUR")


def _law(programme: Programme) -> Iterator[Nonsense]:
    """Find law packs that aren't there, and days of writing that can't be."""
    known = load_packs()
    for index, name in enumerate(programme.packs):
        if name not in known:
            yield Nonsense(f"packs[{index}]", f"names {name!r}, and there is no such law pack", f"the packs are {', '.join(known)}")
    yield from _twice("packs", list(programme.packs))
    if programme.prepared_on and programme.changed_on and programme.changed_on < programme.prepared_on:
        yield Nonsense("changed_on", "lies before `prepared_on`", "a programme is changed after it was written")


def _twice(field: str, names: list[str]) -> Iterator[Nonsense]:
    """Find a name that stands there twice."""
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Nonsense(field, f"names {name!r} twice", "name each once")
