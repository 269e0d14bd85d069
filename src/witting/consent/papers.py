"""Drafts of the papers a programme needs, made from its own file, and the notice as files.

Knows no person. Invariant: what a program can't know stands there as a marked place for a person to fill in, never as a guess.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from witting.consent.duties import EEA, check_packs
from witting.consent.kinds import KINDS
from witting.consent.notice import Notice
from witting.consent.notice_law import LEGAL_BASIS, kept
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import packs_of
from witting.consent.packs.rows import Deadline
from witting.consent.printing import document, make_pdf
from witting.consent.programme import programme_digest
from witting.consent.wording import Words, plain, words_for
from witting.terms.errors import UsageError
from witting.terms.events import STREAMS, Stream
from witting.terms.fields import load_fields
from witting.terms.programme import Programme

OPEN = "⟦"  # how each place begins that no program can fill in
CLOSE = "⟧"  # how it ends; it stands nowhere else
_ENGLISH = words_for("en")
_SENSITIVITY = ("none", "low", "medium", "high")
_TELLING = {"none": "not at all", "low": "little", "medium": "some", "high": "much"}
_PLACES = {"server": "a server", "training": "a machine for training", "backup": "a backup", "office": "an office"}
_ROLES = {"processor": "works for us", "recipient": "works for itself", "internal": "with us"}
_RISKS = (
    ("A recording shows what isn't the programme's business.", "Only listed apps and sites are recorded; all else is dropped and counted."),
    ("A password or a name gets into a recording.", "Secret fields are never read; personal parts are covered before anything is written."),
    ("People feel watched or pressed.", "Every switch is off first, a sign stands on the screen, refusing leaves nothing behind."),
    (
        "Somebody uses recordings to judge people.",
        "No figure about one person can be asked for; groups are never smaller than the minimum.",
    ),
    ("Somebody reads more than they may.", "Each read is named to the person it is about; unlisted routes are refused."),
    ("Recordings are kept too long.", "They are erased by themselves on their day; keys are destroyed first."),
    ("A trained agent gives away what it learnt.", "Only covered text is learnt from; an agent is trained anew without whoever left."),
    ("The log is changed afterwards.", "It is a signed Merkle tree; changes are found by anyone who kept an earlier state."),
)


def notice_files(programme: Programme, notice: Notice) -> dict[str, bytes]:
    """Return the notice as files: the exact text, a whole HTML page and a PDF, each named after programme and version."""
    name = f"{programme.id}-{programme.version}-notice-{notice.language}"
    foot = f"{programme.id}, version {programme.version}, sha256 {notice.digest}"
    page = document(notice.html, title=programme.title, language=notice.language, foot=foot)
    return {f"{name}.md": notice.markdown.encode(), f"{name}.html": page.encode(), f"{name}.pdf": make_pdf(page)}


def paper_files(programme: Programme) -> dict[str, bytes]:
    """Return the drafts a programme's packs and basis ask for, as markdown and HTML; the annex in its language, the rest in English."""
    files: dict[str, bytes] = {}
    for name, (title, write) in _papers_for(programme).items():
        say = words_for(programme.language) if write is _annex else _ENGLISH
        head = [f"# {say(title)}: {plain(programme.title)}", "", *_head(programme, say)]
        text = "\n".join([*head, *write(programme)]) + "\n"
        foot = f"Draft from {programme.id}, version {programme.version}, programme sha256 {programme_digest(programme)}"
        files[f"{name}.md"] = text.encode()
        files[f"{name}.html"] = document(_html(text), title=say(title), language=say.language, foot=foot).encode()
    return files


def write_files(files: dict[str, bytes], folder: Path) -> dict[str, str]:
    """Write files to a folder, with a list of their hashes, and return the sha256 (hex) of each; never over a file that says otherwise.

    Raises:
        UsageError: a file of that name with other content lies there, or the folder can't be written.
    """
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    listed = "".join(f"{digest}  {name}\n" for name, digest in hashes.items()).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        others = [name for name, content in files.items() if (folder / name).exists() and (folder / name).read_bytes() != content]
        if others:
            message = f"{folder / others[0]} is there already and says something else; nothing was written"
            raise UsageError(message, hint="choose another folder: what people read or signed is never written over")
        for name, content in (files | {"SHA256SUMS": listed}).items():
            (folder / name).write_bytes(content)
    except OSError as error:
        message = f"{folder} can't be written ({type(error).__name__})"
        raise UsageError(message, hint="choose a folder that you may write to") from None
    return hashes


def _papers_for(programme: Programme) -> dict[str, tuple[str, Callable[[Programme], Iterator[str]]]]:
    """Return which papers a programme needs: an assessment and a record always, others by its packs and its basis."""
    found: dict[str, tuple[str, Callable[[Programme], Iterator[str]]]] = {
        "impact-assessment": ("Data protection impact assessment (draft)", _assessment),
        "record-of-processing": ("Record of processing activities (draft)", _record),
    }
    names = {pack.id for pack in packs_of(programme)}
    if "de-betrvg" in names or programme.basis_mode == "collective_agreement+consent":
        found["agreement-annex"] = ("Annex to the works agreement (draft)", _annex)
    if "us-il" in names:
        found["release"] = ("Written release under the Illinois BIPA (draft)", _release)
    return found


def _head(programme: Programme, say: Words) -> Iterator[str]:
    """Write what every paper begins with."""
    names = {"name": programme.id, "version": programme.version, "digest": programme_digest(programme)}
    yield say("Made from the programme `{name}`, version {version}, whose sha256 is `{digest}`.", **names)
    yield say("It is a draft and no legal advice. Each place that begins with {mark} is for a person; a program can't know it.", mark=OPEN)
    yield ""


def _assessment(programme: Programme) -> Iterator[str]:
    """Write the sections of GDPR Art. 35(7)."""
    yield from ("## (a) What is done, and what for", "", *_described(programme, _ENGLISH), "")
    yield from (f"Recipients: {_recipients(programme, _ENGLISH)}", "", *_law(programme), "")
    if programme.basis_mode == "legitimate_interest+objection":
        yield from ("The legitimate interest:", "", _open("which interest it is, and why it outweighs that of the people recorded"), "")
    yield from ("## (b) Whether it is needed and in proportion", "")
    yield from (
        f"- {plain(one.title)}: asks for {_streams(one.streams, _ENGLISH)}. {_open('why no less would do')}" for one in programme.purposes
    )
    yield from (f"- Legal basis: {LEGAL_BASIS[programme.basis_mode]}. In every mode each person's own switch is off first.", "")
    yield from (_open("what was tried or weighed that would take less from people"), "")
    yield from ("## (c) Risks to the people concerned", "")
    yield from ("| risk | how likely, how grave |", "|---|---|")
    yield from (f"| {risk} | {_open('weigh it')} |" for risk, _ in _RISKS)
    yield from (f"| {_open('risks of this workplace that no program knows')} | |", "")
    yield from ("## (d) What is done against them", "", "| risk | measure |", "|---|---|")
    yield from (f"| {risk} | {measure} |" for risk, measure in _RISKS)
    yield from ("", _open("further measures, and the risk that is left"), "")
    yield from ("## Who was asked", "")
    yield f"- Data protection officer (Art. 35(2)), {plain(programme.dpo_contact)}: {_open('advice and its date')}"
    yield f"- People concerned or those who speak for them (Art. 35(9)), {_representatives(programme, _ENGLISH)}: {_open('their views')}"
    yield f"- Prior consultation of the authority (Art. 36): {_open('needed or not, and why')}"
    yield f"- Looked at again on (Art. 35(11)): {_open('date, and who')}"


def _record(programme: Programme) -> Iterator[str]:
    """Write the items of GDPR Art. 30(1)."""
    controller, keep = programme.controller, programme.retention
    yield "## The record (GDPR Art. 30(1))"
    yield ""
    yield f"- (a) Controller: {plain(controller.name)}, {plain(controller.address)}, {plain(controller.contact)}."
    yield f"  Data protection officer: {plain(programme.dpo_contact)}. Joint controller or representative: {_open('if there is one')}"
    yield f"- (b) Purposes: {' '.join(f'{plain(one.title)}: {plain(one.why)}.' for one in programme.purposes)}"
    yield "- (c) People: staff who said yes, each under a random name. Others only by chance, and covered."
    yield f"  Data: {_streams(_used(programme), _ENGLISH)}. Field by field below."
    yield f"- (d) Recipients: {_recipients(programme, _ENGLISH)}"
    yield f"- (e) Third countries: {_third(programme)}"
    yield f"- (f) Erased after: {kept(programme, _ENGLISH)}; the log, which holds no personal data, after {keep.log_years} years."
    yield "- (g) Security: sealed on the device with keys of its own, sealed on the way and at the hub, erased by destroying keys first,"
    yield f"  reads logged and shown to the person, routes denied by default. {_open('measures of the organisation')}"
    yield from ("", "## Processors (Art. 28)", "")
    yield from (f"- {plain(one.name)}: contract {plain(one.contract) or _open('number of the contract')}." for one in programme.processors)
    if not programme.processors:
        yield "None."
    yield from ("", "## Fields", "", *_fields(programme, _ENGLISH))


def _annex(programme: Programme) -> Iterator[str]:
    """Write what a works council signs, in the programme's language."""
    say = words_for(programme.language)
    controller = plain(programme.controller.name)
    yield from (say("## 1 What it is about"), "", *_described(programme, say), "")
    number = plain(programme.agreement_id) or _open("number of the agreement", say)
    yield say(
        "Agreement {number}, between {controller} and {others}.",
        number=number,
        controller=controller,
        others=_representatives(programme, say),
    )
    yield from ("", say("## 2 Free choice"), "")
    yield say("Each person's switch is off first, under every legal basis. Nobody is told who said yes or no.")
    yield say(
        "Leaving takes one click, at any time and without a reason. Nobody is treated worse for a no, for leaving or for using a right."
    )
    yield from ("", say("## 3 No judging"), "")
    yield say("Recordings never serve to judge anybody's work, behaviour, mood or presence. No figure about one person is made.")
    yield say("Figures of groups are made of {count} people or more.", count=programme.group_minimum)
    yield from ("", say("## 4 What is recorded"), "", *_fields(programme, say), "", say("## 5 How long"), "")
    yield from (f"{kept(programme, say)}. {say('Then it is erased.')}", "", say("## 6 Who sees it"), "", _recipients(programme, say))
    yield from ("", say("## 7 Rights of those who represent people"), "")
    yield "- " + say("They read the notice and every new version before anybody is asked.")
    yield "- " + say("They can hold the second key of the log and check every step without asking the employer.")
    yield "- " + _open("further rights: visits, experts, training, reports", say)
    yield from ("", say("## 8 When it ends"), "")
    yield say("On {day} at the latest. After the end nothing is recorded and all is erased on its day.", day=say.day(programme.ends_on))
    yield say("What happens to agents that were trained: {open}", open=_open("agree on it", say))
    yield from ("", say("## 9 Signed"), "", _open("place, date and names, for the employer", say), "")
    yield _open("place, date and names, for the works council", say)


def _release(programme: Programme) -> Iterator[str]:
    """Write the release of 740 ILCS 14/15(b)."""
    limits = combine(packs_of(programme))
    yield from ("## What you are told in writing (740 ILCS 14/15(b)(1) and (2))", "")
    yield f"{plain(programme.controller.name)} records how you work in the apps you lend. It takes no scan of a retina or iris,"
    yield "no fingerprint, no voiceprint and no geometry of hand or face. Pictures are masked by where things are; no face is measured."
    if "voice" in _used(programme):
        yield "Voice notes are turned into text on your machine and the sound is thrown away, unless you ask to keep just that one."
    yield from (
        "",
        f"If a court should see biometric data in it nevertheless, it is for: {' '.join(plain(p.title) + '.' for p in programme.purposes)}",
    )
    yield f"It is kept for: {kept(programme, _ENGLISH)}. In no case longer than {limits.most_days} days after the last contact."
    yield f"Our public policy: {plain(programme.policy_url) or _open('address of the public policy')}"
    yield from ("", "It is never sold, leased or traded.", "", "## Release (740 ILCS 14/15(b)(3))", "")
    yield "I have read this and agree. I can take it back at any time, and it costs me nothing."
    yield from ("", _open("name, date and signature; an electronic one will do"))


def _described(programme: Programme, say: Words) -> Iterator[str]:
    """Describe the processing from the file."""
    yield say(
        "{controller} asks its people to record how they work in some apps, so that agents learn that work.",
        controller=plain(programme.controller.name),
    )
    days = {"starts": say.day(programme.starts_on), "ends": say.day(programme.ends_on)}
    yield say("It runs from {starts} to {ends}, in {place}.", **days, place=programme.jurisdiction)
    yield say("People concerned: {count}.", count=programme.staff_count or _open("how many people may be asked", say))
    yield from ("", f"| {say('what for')} | {say('why')} | {say('kinds')} |", "|---|---|---|")
    yield from (f"| {plain(one.title)} | {plain(one.why)} | {_streams(one.streams, say)} |" for one in programme.purposes)
    yield from ("", f"| {say('app')} | {say('what of it')} |", "|---|---|")
    yield from (f"| {plain(app.title)} | {', '.join(plain(site) for site in app.sites) or say('its windows')} |" for app in programme.apps)
    yield from ("", f"| {say('where')} | {say('what')} | {say('country')} |", "|---|---|---|")
    yield from (f"| {plain(place.name)} | {say(_PLACES[place.what])} | {place.country} |" for place in programme.places)
    if not programme.places:
        yield f"| {_open('where data lies and is worked on', say)} | | |"


def _law(programme: Programme) -> Iterator[str]:
    """Name the law packs, what they find, and the deadlines they set."""
    for report in check_packs(programme):
        missing = sum(problem.is_missing for problem in report.problems)
        yield f"- {report.title}: {f'{missing} missing' if missing else 'nothing missing'}. {' '.join(f'{note}.' for note in report.notes)}"
    rows = [row for row in combine(packs_of(programme)).deadlines if isinstance(row, Deadline)]
    yield from ("", "| what is due | within | rests on |", "|---|---|---|")
    yield from (f"| {plain(row.says)} | {row.value} {row.unit.replace('_', ' ')} | {plain(row.citation)} |" for row in rows)


def _fields(programme: Programme, say: Words) -> Iterator[str]:
    """Write the table of everything that may be recorded, the most telling first."""
    used = {*_used(programme), "all"}
    ordered = sorted((field for field in load_fields() if field.stream in used), key=lambda field: -_SENSITIVITY.index(field.sensitivity))
    yield from (f"| {say('kind')} | {say('what')} | {say('why')} | {say('how telling')} |", "|---|---|---|---|")
    rows = (
        f"| {say('With every recording') if field.stream == 'all' else say(KINDS[field.stream])} | {say(field.meaning)} | {say(field.why)} "
        f"| {say(_TELLING[field.sensitivity])} |"
        for field in ordered
    )
    yield from dict.fromkeys(rows)


def _used(programme: Programme) -> tuple[Stream, ...]:
    """Return the kinds that some purpose asks for."""
    return tuple(stream for stream in STREAMS if any(stream in purpose.streams for purpose in programme.purposes))


def _streams(streams: tuple[Stream, ...], say: Words) -> str:
    """Return kinds in words."""
    return ", ".join(say(KINDS[stream]) for stream in streams)


def _recipients(programme: Programme, say: Words) -> str:
    """Return who gets data, with role, country and why."""
    each = [f"{plain(who.name)} ({say(_ROLES[who.role])}, {who.country}): {plain(who.why)}." for who in programme.recipients]
    return " ".join(each) or say("No one outside.")


def _third(programme: Programme) -> str:
    """Return who lies outside the European Economic Area, and what keeps data safe there."""
    outside = [who for who in programme.recipients if who.country not in EEA]
    each = [f"{plain(who.name)} ({who.country}): {plain(who.safeguard) or plain(who.why)}." for who in outside]
    return " ".join(each) or "none."


def _representatives(programme: Programme, say: Words) -> str:
    """Return who speaks for the people asked."""
    return ", ".join(f"{plain(one.name)} ({plain(one.contact)})" for one in programme.representatives) or _open(
        "who speaks for people", say
    )


def _open(what: str, say: Words = _ENGLISH) -> str:
    """Return a marked place that only a person can fill in."""
    return f"{OPEN}{say('A person fills this in:')} {say(what)}{CLOSE}"


def _html(markdown: str) -> str:
    """Return the HTML of a paper; HTML in it is shown as text."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))
