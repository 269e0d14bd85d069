"""The notice: what people read before they are asked, made from the programme and the declared fields, never written by hand.

Layered: ten lines first, then each kind of recording, then all that GDPR Art. 13 asks. Knows nothing of the person who reads it, so it
is the same for everyone. Invariant: equal programmes give equal text, and the digest names that text.
"""

import hashlib
import re
from collections.abc import Iterator

import msgspec

from witting.consent.duties import EEA, check_programme
from witting.consent.levels import KEYS_WORDS, levels_asked
from witting.terms.errors import ProgrammeError
from witting.terms.events import KEYS_LEVELS, STREAMS, KeysChoice, Stream
from witting.terms.fields import Field, load_fields
from witting.terms.programme import App, BasisMode, Programme

KINDS: dict[Stream, str] = {
    "pointer": "The pointer",
    "keys": "Typing",
    "windows": "Windows",
    "pages": "Web pages",
    "ui_tree": "What the window says",
    "screen": "Pictures of the screen",
    "clipboard": "The clipboard",
    "voice": "Voice notes",
    "cadence": "The pace of typing",
}
_PROTECTED = {
    "none": "as it is",
    "opaque": "a random name",
    "rounded": "rounded",
    "text": "personal parts covered on your machine",
    "address": "cut short, personal parts covered on your machine",
    "pixels": "masked on your machine",
    "name": "made after masking",
    "chosen": "as it is, and only if you ask for just this one",
}
_CADENCE = (
    "This is a choice of its own, and it is off. How people type can tell who they are. So we keep very little of it.",
    "We count how often two keys came how far apart, in steps of 50 thousandths of a second, over a minute or more.",
    "Which keys they were is not kept. Your passwords are not counted.",
    "It is never used to tell who you are, how you feel or how well you work. You lose nothing if you leave it off.",
)
LEGAL_BASIS: dict[BasisMode, str] = {
    "consent": "your consent (Art. 6(1)(a))",
    "legitimate_interest+objection": "our legitimate interest (Art. 6(1)(f)), and you can object with one click",
    "collective_agreement+consent": "the agreement with your representatives (Art. 88) and your own consent (Art. 6(1)(a))",
}


class Notice(msgspec.Struct, frozen=True):
    """The notice of one version of one programme."""

    markdown: str
    html: str  # made from the markdown; no HTML of the programme's passes
    digest: str  # sha256 (hex) of the markdown in UTF-8


def make_notice(programme: Programme) -> Notice:
    """Return the notice of a programme.

    Raises:
        ProgrammeError: a field that people must be told is missing; the message names it and counts the others.
    """
    missing = [problem for problem in check_programme(programme) if problem.is_missing]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = f"the notice can't be made: `{missing[0].field}` {missing[0].message} ({missing[0].citation}){more}"
        raise ProgrammeError(message, hint="`witting programme check` lists all of them")
    markdown = "\n".join([*_short(programme), *_choices(programme), *_kinds(programme), *_in_full(programme)]) + "\n"
    return Notice(markdown, _html(markdown), hashlib.sha256(markdown.encode()).hexdigest())


def _short(programme: Programme) -> Iterator[str]:
    """Write the ten lines that come first."""
    yield f"# {_plain(programme.title)}: what you are asked to lend"
    yield ""
    yield f"Version {programme.version}. It runs from {programme.starts_on} to {programme.ends_on}. Nothing is recorded unless you say yes."
    yield ""
    yield "## In ten lines"
    yield ""
    apps, kept = _list([app.title for app in programme.apps]), _kept(programme)
    uses = " ".join(f"{_plain(purpose.title)}." for purpose in programme.purposes)
    yield f"1. **Who asks.** {_plain(programme.controller.name)} asks you. You can write to {_plain(programme.participant_contact)}."
    yield f"2. **What is recorded.** How you work in {apps}. No other app and no other site. You pick which."
    yield f"3. **What for.** {uses} You choose each one by itself."
    yield f"4. **Who sees it.** {_seen_by(programme)} It is never used to judge you or anyone else."
    yield "5. **What is left out.** Passwords are never read. Names, numbers and such are covered on your machine before anything is kept."
    yield "6. **You look first.** Nothing leaves your machine until you have seen it. You can mask parts of it or throw it away."
    yield f"7. **How long.** {kept}. Then it is erased."
    yield "8. **What can't be undone.** If you leave, we train the agent again without you. But what it has done by then stays done."
    yield "9. **Leaving.** One click, at any time. No one asks you why. Recording stops at once and what you lent is erased."
    yield "10. **Saying no.** It costs you nothing and no one at work is told. If you say nothing, that is a no."
    yield ""


def _choices(programme: Programme) -> Iterator[str]:
    """Write what is chosen one by one: purposes and apps."""
    yield from ("## What you can choose", "", "Each box is empty at first. Tick only what you want to lend.", "")
    yield from ("| what for | why | kinds |", "|---|---|---|")
    for purpose in programme.purposes:
        title = _plain(purpose.title) + ("" if purpose.is_optional else " (needed to take part)")
        yield f"| {title} | {_plain(purpose.why)} | {', '.join(KINDS[stream] for stream in purpose.streams)} |"
    yield ""
    yield from ("| app | what of it |", "|---|---|")
    for app in programme.apps:
        yield f"| {_plain(app.title)} | {_part(app)} |"
    yield ""
    yield from _levels(programme)


def _levels(programme: Programme) -> Iterator[str]:
    """Write how much of typing may be chosen, and what the pace of typing is, where they are asked for."""
    levels = levels_asked(programme)
    if levels:
        yield from ("### How much of your typing", "", "You choose one of these. Nothing is chosen before you do.", "")
        yield from ("| your choice | what is kept of your typing |", "|---|---|")
        choices: tuple[KeysChoice, ...] = ("off", *levels)
        yield from (f"| {choice} | {KEYS_WORDS[choice]} |" for choice in choices)
        yield ""
        if levels[-1] != KEYS_LEVELS[-1]:
            yield from ("This programme asks for no more than that.", "")
        yield from ("Below *text*, what fields hold is not read from windows and pages either.", "")
    if any("cadence" in purpose.streams for purpose in programme.purposes):
        yield from ("### The pace of your typing", "", *_CADENCE, "")


def _kinds(programme: Programme) -> Iterator[str]:
    """Write a table for each kind of recording that some purpose needs, and one for what comes with every recording."""
    used = {stream for purpose in programme.purposes for stream in purpose.streams}
    yield from (
        "## What is recorded, kind by kind",
        "",
        "Letters you type are never kept one by one.",
        "",
    )
    if "screen" in used:
        seconds = f"{programme.picture_seconds:g}"
        yield f"A picture is taken when you click and just after. While something changes, one is taken every {seconds} seconds at most."
        yield ""
    for stream in STREAMS:
        if stream in used:
            yield from _table(KINDS[stream], [field for field in load_fields() if field.stream == stream], programme=programme)
    yield from _table("With every recording", [field for field in load_fields() if field.stream == "all"], programme=programme)


def _table(title: str, fields: list[Field], *, programme: Programme) -> Iterator[str]:
    """Write the table of one kind; fields that say the same stand in one row."""
    yield from (f"### {title}", "", "| what | why | how it is kept | days |", "|---|---|---|---|")
    rows = (
        f"| {field.meaning} | {field.why} | {_PROTECTED[field.redaction]} | {getattr(programme.retention, field.retention)} |"
        for field in fields
    )
    yield from dict.fromkeys(rows)
    yield ""


def _in_full(programme: Programme) -> Iterator[str]:
    """Write all that GDPR Art. 13 asks, item by item, each with its place in the law."""
    controller, contact = programme.controller, _plain(programme.participant_contact)
    yield from ("## In full: what the law asks us to tell you", "", "The numbers are those of the GDPR.", "")
    yield f"- **Who is in charge** (Art. 13(1)(a)): {_plain(controller.name)}, {_plain(controller.address)}."
    yield f"  Write to {_plain(controller.contact)}."
    yield f"- **Data protection officer** (Art. 13(1)(b)): {_plain(programme.dpo_contact)}."
    yield "- **What for, and on what basis** (Art. 13(1)(c) and (d)): The uses in the table above."
    yield f"  We rest on {LEGAL_BASIS[programme.basis_mode]}. {_papers(programme)}".rstrip()
    yield f"- **Who gets it** (Art. 13(1)(e)): {_recipients(programme)}"
    yield f"- **Other countries** (Art. 13(1)(f)): {_transfers(programme)}"
    yield f"- **How long** (Art. 13(2)(a)): At most {_kept(programme)}."
    yield f"  The log of what was done holds no personal data and is kept for {programme.retention.log_years} years."
    yield "- **Your rights** (Art. 13(2)(b)): You can see what we hold and take a copy with you. You can have it put right or erased."
    yield "  You can ask us to hold it but not use it. You can object."
    yield f"  Use your own page or write to {contact}. We answer within a month."
    yield "- **Taking it back** (Art. 13(2)(c)): You can withdraw your yes at any time, for all or for one recording."
    yield "  It takes one click on your page. What was lawful before stays lawful."
    yield f"- **Complaints** (Art. 13(2)(d)): You can turn to {_plain(programme.authority)}."
    yield "- **Do you have to?** (Art. 13(2)(e)): No. Neither law nor contract asks for it. A no changes nothing for you."
    yield "- **Does a machine decide about you?** (Art. 13(2)(f)): No. An agent learns how work is done. It makes no choice about people."
    yield f"- **Being asked again** (Art. 7): After {programme.reaffirm_months} months, or when anything on this page changes,"
    yield "  your yes ends until you give it again."


def _kept(programme: Programme) -> str:
    """Say for how many days each place keeps what was lent."""
    keep = programme.retention
    return f"{keep.spool_days} days on your machine, {keep.hub_days} days on the server, {keep.dataset_days} days in a set for training"


def _seen_by(programme: Programme) -> str:
    """Say in one sentence who sees what was lent."""
    names = [recipient.name for recipient in programme.recipients]
    return f"{_list(names)}." if names else "Only those named below at the one who asks."


def _recipients(programme: Programme) -> str:
    """Say of each recipient who, where and why."""
    each = [f"{_plain(who.name)} ({who.country}): {_plain(who.why)}." for who in programme.recipients]
    return " ".join(each) or "No one outside."


def _transfers(programme: Programme) -> str:
    """Say which recipients lie outside the European Economic Area."""
    outside = [_plain(who.name) for who in programme.recipients if who.country not in EEA]
    if not outside:
        return "It stays within the European Economic Area."
    return f"{', '.join(outside)} lies outside the European Economic Area. The line above says what keeps it safe there."


def _papers(programme: Programme) -> str:
    """Name the documents that the programme rests on."""
    named = [("Agreement", programme.agreement_id), ("Impact assessment", programme.dpia_id)]
    return " ".join(f"{title}: {_plain(text)}." for title, text in named if text)


def _part(app: App) -> str:
    """Say what of an app may be recorded."""
    if not app.sites:
        return "its windows"
    keys = f"; of what stands after ? in their addresses {', '.join(_plain(key) for key in app.query_keys)}" if app.query_keys else ""
    return f"only {', '.join(_plain(site) for site in app.sites)}{keys}"


def _list(names: list[str]) -> str:
    """Return names as a sentence lists them."""
    plain = [_plain(name) for name in names]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"


def _plain(text: str) -> str:
    """Return the programme's text on one line, with what markdown would read as a mark escaped."""
    return re.sub(r"([\\`*_\[\]<>|#!&~])", r"\\\1", " ".join(text.split())).rstrip(".")


def _html(markdown: str) -> str:
    """Return the HTML of a notice; HTML in it is shown as text, and links are only those that are safe."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))
