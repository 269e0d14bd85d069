"""The notice: what people read before they are asked, made from the programme and the declared fields, never written by hand.

Layered: ten lines first, then an example, then each kind of recording, then all that the law asks. Knows nothing of the person who reads
it, so it is the same for everyone. Invariant: equal programmes give equal text, and the digest names that text.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from witting.consent.duties import check_programme
from witting.consent.kinds import CADENCE, EXAMPLE, KEYS_RESIDUE, KINDS, POINTER_RESIDUE, PROTECTED
from witting.consent.levels import KEYS_WORDS, levels_asked
from witting.consent.notice_law import LEGAL_BASIS, in_full, kept
from witting.consent.reading import Reading, reading_of
from witting.consent.wording import Words, plain, words_for
from witting.terms.errors import ProgrammeError
from witting.terms.events import KEYS_LEVELS, STREAMS, KeysChoice
from witting.terms.fields import Field, load_fields
from witting.terms.programme import App, Programme

__all__ = ["KINDS", "LEGAL_BASIS", "Notice", "make_notice", "notice_of"]


class Notice(msgspec.Struct, frozen=True):
    """The notice of one version of one programme."""

    markdown: str
    html: str  # made from the markdown; no HTML of the programme's passes
    digest: str  # sha256 (hex) of the markdown in UTF-8
    language: str
    reading: Reading  # how hard it is to read


def make_notice(programme: Programme) -> Notice:
    """Return the notice of a programme, in the programme's language.

    Raises:
        ProgrammeError: a field that people must be told is missing; the message names it and counts the others.
    """
    missing = [problem for problem in check_programme(programme) if problem.is_missing]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = f"the notice can't be made: `{missing[0].field}` {missing[0].message} ({missing[0].citation}){more}"
        raise ProgrammeError(message, hint="`witting programme check` lists all of them")
    say = words_for(programme.language)
    parts = (
        _short(programme, say),
        _example(programme, say),
        _choices(programme, say),
        _kinds(programme, say),
        _residue(programme, say),
        _cost(programme, say),
        in_full(programme, say),
    )
    return notice_of("\n".join(line for part in parts for line in part).rstrip("\n") + "\n", programme.language)


def notice_of(markdown: str, language: str) -> Notice:
    """Return the notice that has this exact text, for a text that was kept; `language` is its programme's tag."""
    digest, primary = hashlib.sha256(markdown.encode()).hexdigest(), words_for(language).language
    return Notice(markdown, _html(markdown), digest, primary, reading_of(markdown, primary))


def _short(programme: Programme, say: Words) -> Iterator[str]:
    """Write the ten lines that come first."""
    yield say("# {title}: what you are asked to lend", title=plain(programme.title))
    yield ""
    days = {"starts": say.day(programme.starts_on), "ends": say.day(programme.ends_on)}
    yield say(
        "Version {version}. It runs from {starts} to {ends}. Nothing is recorded unless you say yes.", version=programme.version, **days
    )
    yield ""
    yield say("## In ten lines")
    yield ""
    who = {"name": plain(programme.controller.name), "contact": plain(programme.participant_contact)}
    uses = " ".join(f"{plain(purpose.title)}." for purpose in programme.purposes)
    apps = say.listed(app.title for app in programme.apps)
    lines = (
        say("**Who asks.** {name} asks you. You can write to {contact}.", **who),
        say("**What is recorded.** How you work in {apps}. No other app and no other site. You pick which.", apps=apps),
        say("**What for.** {uses} You choose each one by itself.", uses=uses),
        say("**Who sees it.** {names} It is never used to judge you or anyone else.", names=_seen_by(programme, say)),
        say("**What is left out.** Passwords are never read. Names, numbers and such are covered on your machine before anything is kept."),
        say("**You look first.** Nothing leaves your machine until you have seen it. You can mask parts of it or throw it away."),
        say("**How long.** {kept}. Then it is erased.", kept=kept(programme, say)),
        say("**What can't be undone.** If you leave, we train the agent again without you. But what it has done by then stays done."),
        say("**Leaving.** One click, at any time. No one asks you why. Recording stops at once and what you lent is erased."),
        say("**Saying no.** It costs you nothing and no one at work is told. If you say nothing, that is a no."),
    )
    yield from (f"{number}. {line}" for number, line in enumerate(lines, 1))
    yield ""


def _example(programme: Programme, say: Words) -> Iterator[str]:
    """Show a minute of a made-up recording, as it would be kept, with the kinds that this programme asks for."""
    used = {stream for purpose in programme.purposes for stream in purpose.streams} | {"all"}
    yield from (say("## What a recording looks like"), "")
    yield from (say("This one is made up. It shows what would be kept if you lent every kind that is asked for."), "")
    yield from (f"| {say('time')} | {say('kind')} | {say('what is kept')} |", "|---|---|---|")
    for time, stream, kept_text in EXAMPLE:
        if stream in used:
            title = say("Left out") if stream == "all" else say(KINDS[stream])
            yield f"| {time} | {title} | {say(kept_text)} |"
    yield ""


def _choices(programme: Programme, say: Words) -> Iterator[str]:
    """Write what is chosen one by one: purposes and apps."""
    yield from (say("## What you can choose"), "", say("Each box is empty at first. Tick only what you want to lend."), "")
    yield from (f"| {say('what for')} | {say('why')} | {say('kinds')} |", "|---|---|---|")
    for purpose in programme.purposes:
        title = plain(purpose.title) + ("" if purpose.is_optional else f" ({say('needed to take part')})")
        title += f" ({say('used on your machine only')})" if purpose.at_desk else ""
        title += f" ({say('for figures about groups only')})" if purpose.for_groups else ""
        yield f"| {title} | {plain(purpose.why)} | {', '.join(say(KINDS[stream]) for stream in purpose.streams)} |"
    yield ""
    yield from (f"| {say('app')} | {say('what of it')} |", "|---|---|")
    for app in programme.apps:
        yield f"| {plain(app.title)} | {_part(app, say)} |"
    yield ""
    yield from _groups(programme, say)
    yield from _levels(programme, say)


def _groups(programme: Programme, say: Words) -> Iterator[str]:
    """Write what figures about groups are, and what they can tell of one person, where they are asked for."""
    if not programme.group_purposes:
        return
    limits = programme.insight_in_force
    yield from (say("### Figures about groups"), "")
    yield say("They show which ways are common and where people get stuck. You see the same page as those who run this.")
    yield say("No figure is made of fewer than {count} people. Each one is blurred by chance.", count=limits.group_minimum)
    yield say("So it looks nearly the same with you and without you, even to one who knows what all the others did.")
    yield say(
        "There are at most {count} pages of them, {days} days apart or more. They share one budget of {epsilon}.",
        count=limits.releases,
        days=limits.every_days,
        epsilon=f"{limits.epsilon:g}",
    )
    yield from (say("If you leave, you are in none of the next ones. What is out stays out."), "")


def _levels(programme: Programme, say: Words) -> Iterator[str]:
    """Write how much of typing may be chosen, and what the pace of typing is, where they are asked for."""
    levels = levels_asked(programme)
    if levels:
        yield from (say("### How much of your typing"), "", say("You choose one of these. Nothing is chosen before you do."), "")
        yield from (f"| {say('your choice')} | {say('what is kept of your typing')} |", "|---|---|")
        choices: tuple[KeysChoice, ...] = ("off", *levels)
        yield from (f"| {say(choice)} | {say(KEYS_WORDS[choice])} |" for choice in choices)
        yield ""
        if levels[-1] != KEYS_LEVELS[-1]:
            yield from (say("This programme asks for no more than that."), "")
        yield from (say("Below *text*, what fields hold is not read from windows and pages either."), "")
    if any("cadence" in purpose.streams for purpose in programme.purposes):
        yield from (say("### The pace of your typing"), "", *(say(line) for line in CADENCE), "")


def _residue(programme: Programme, say: Words) -> Iterator[str]:
    """Yield what can still point to a person when everything that names them is covered, with what was measured of it."""
    yield from (say("### What can still point to you"), "")
    yield say(
        "No name stands on what is kept, only a number. But how you move and type is your own. "
        "Set beside other recordings of you, it can show who you are."
    )
    yield ""
    asking = [purpose for purpose in programme.purposes if "pointer" in purpose.streams]
    whole = [plain(purpose.title) for purpose in asking if purpose.pointer_path == "raw"]
    if asking:
        yield from (say(POINTER_RESIDUE), "")
    if whole:
        yield from (say("The whole way of your pointer is kept for: {titles}.", titles=say.listed(whole)), "")
    if any("keys" in purpose.streams for purpose in programme.purposes):
        yield from (say(KEYS_RESIDUE), "")


def _cost(programme: Programme, say: Words) -> Iterator[str]:
    """Write what recording may take of a machine before it stops by itself."""
    limits = programme.limits_in_force
    yield from (say("### What it may cost your machine"), "", say("Recording stops by itself:"), "")
    yield say("- on battery, when {percent} percent or less is left;", percent=limits.battery_percent)
    yield say(
        "- when it keeps one core busy for more than {percent} percent of two minutes; after the first one it takes fewer pictures;",
        percent=limits.cpu_percent,
    )
    yield say("- when it has written {megabytes} MB in a day.", megabytes=limits.disk_mb_per_day)
    yield from ("", say("You can set stricter limits for yourself, but no one can set looser ones."), "")


def _kinds(programme: Programme, say: Words) -> Iterator[str]:
    """Write a table for each kind of recording that some purpose needs, and one for what comes with every recording."""
    used = {stream for purpose in programme.purposes for stream in purpose.streams}
    yield from (say("## What is recorded, kind by kind"), "", say("Letters you type are never kept one by one."), "")
    if "screen" in used:
        yield say(
            "A picture is taken when you click and just after. While something changes, one is taken every {seconds} seconds at most.",
            seconds=f"{programme.picture_seconds:g}",
        )
        yield ""
        if programme.reads_pictures:
            yield say("Your own machine reads the words in a picture too. It shows those that are harmless and masks the rest.")
            yield ""
    for stream in STREAMS:
        if stream in used:
            yield from _table([field for field in load_fields() if field.stream == stream], say, title=say(KINDS[stream]), of=programme)
    yield from _table([field for field in load_fields() if field.stream == "all"], say, title=say("With every recording"), of=programme)


def _table(fields: list[Field], say: Words, *, title: str, of: Programme) -> Iterator[str]:
    """Write the table of one kind; fields that say the same stand in one row."""
    head = f"| {say('what')} | {say('why')} | {say('how it is kept')} | {say('days')} |"
    yield from (f"### {title}", "", head, "|---|---|---|---|")
    rows = (f"| {say(field.meaning)} | {say(field.why)} | {say(PROTECTED[field.redaction])} | {_days(field, of)} |" for field in fields)
    yield from dict.fromkeys(rows)
    yield ""


def _days(field: Field, programme: Programme) -> int:
    """Return for how many days a field is kept."""
    days: int = getattr(programme.retention, field.retention)
    return days if field.stream == "all" else min([days, *(kind.days for kind in programme.retention.kinds if kind.stream == field.stream)])


def _seen_by(programme: Programme, say: Words) -> str:
    """Say in one sentence who sees what was lent."""
    names = [recipient.name for recipient in programme.recipients]
    return f"{say.listed(names)}." if names else say("Only those named below at the one who asks.")


def _part(app: App, say: Words) -> str:
    """Say what of an app may be recorded."""
    if not app.sites:
        return say("its windows")
    sites = say("only {sites}", sites=", ".join(plain(site) for site in app.sites))
    if not app.query_keys:
        return sites
    keys = ", ".join(plain(key) for key in app.query_keys)
    return f"{sites}; {say('of what stands after ? in their addresses {keys}', keys=keys)}"


def _html(markdown: str) -> str:
    """Return the HTML of a notice; HTML in it is shown as text, and links are only those that are safe."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))
