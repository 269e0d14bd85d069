"""The last layer of the notice: all that the law asks people to be told, point by point, as the packs of the programme ask for it.

Knows no person. Invariant: every point that some law pack asks for has a writer here; a test holds them together.
"""

from collections.abc import Callable, Iterator

from witting.consent.kinds import KINDS
from witting.consent.packs.combining import combine
from witting.consent.packs.loading import EEA, packs_of
from witting.consent.packs.rows import POINTS, Point
from witting.consent.wording import Words, plain
from witting.terms.events import STREAMS
from witting.terms.programme import BasisMode, Programme

LEGAL_BASIS: dict[BasisMode, str] = {
    "consent": "your consent (Art. 6(1)(a))",
    "legitimate_interest+objection": "our legitimate interest (Art. 6(1)(f)), and you can object with one click",
    "collective_agreement+consent": "the agreement with your representatives (Art. 88) and your own consent (Art. 6(1)(a))",
}
_FIRST: tuple[Point, ...] = (
    "who", "officer", "representatives", "purposes", "recipients", "transfers", "retention", "rights", "withdrawal", "complaint", "need",
    "decisions", "again",
)  # fmt: skip
_ELSEWHERE: tuple[Point, ...] = ("basis", "training")  # told with the purposes, and among the ten lines


def in_full(programme: Programme, say: Words) -> Iterator[str]:
    """Write what the law asks: the points of GDPR Art. 13, then those of other packs, then sentences that a law gives word for word."""
    duties = combine(packs_of(programme))
    yield from (say("## In full: what the law asks us to tell you"), "", say("The numbers are those of the GDPR."), "")
    asked = duties.points | set(_FIRST)
    order = [*_FIRST, *(point for point in POINTS if point not in _FIRST and point not in _ELSEWHERE)]
    for point in order:
        if point in asked:
            text = WRITERS[point](programme, say)
            if text:
                yield f"- {text}"
    yield ""
    for sentence in duties.sentences:
        yield from (say("Your law has us say this word for word:"), "", f"> {sentence}", "")


def kept(programme: Programme, say: Words) -> str:
    """Say for how many days each place keeps what was lent."""
    keep = programme.retention
    days = {"spool": keep.spool_days, "hub": keep.hub_days, "dataset": keep.dataset_days}
    return say("{spool} days on your machine, {hub} days on the server, {dataset} days in a set for training", **days)


def _who(programme: Programme, say: Words) -> str:
    controller = programme.controller
    text = say(
        "**Who is in charge** (Art. 13(1)(a)): {name}, {address}. Write to {contact}.",
        name=plain(controller.name), address=plain(controller.address), contact=plain(controller.contact),
    )  # fmt: skip
    return f"{text} {say('It belongs to {owner}.', owner=plain(programme.owner))}" if programme.owner else text


def _officer(programme: Programme, say: Words) -> str:
    return say("**Data protection officer** (Art. 13(1)(b)): {contact}.", contact=plain(programme.dpo_contact))


def _representatives(programme: Programme, say: Words) -> str:
    if not programme.representatives:
        return ""
    each = " ".join(f"{plain(one.name)}: {plain(one.contact)}." for one in programme.representatives)
    return say("**Who speaks for you**: {each} You can ask them first.", each=each)


def _purposes(programme: Programme, say: Words) -> str:
    text = say("**What for, and on what basis** (Art. 13(1)(c) and (d)): The uses in the table above.")
    rest = say("We rest on {basis}.", basis=say(LEGAL_BASIS[programme.basis_mode]))
    named = [(say("Agreement"), programme.agreement_id), (say("Impact assessment"), programme.dpia_id)]
    papers = " ".join(f"{title}: {plain(name)}." for title, name in named if name)
    gifts = " ".join(f"{plain(gift.title)} ({gift.value:g} {programme.currency})." for gift in programme.incentives)
    thanks = say("As thanks you get: {gifts} You keep it if you leave.", gifts=gifts) if gifts else ""
    return " ".join(part for part in (text, rest, papers, thanks) if part)


def _recipients(programme: Programme, say: Words) -> str:
    each = []
    for who in programme.recipients:
        extra = f" {say('What keeps it safe there: {safeguard}.', safeguard=plain(who.safeguard))}" if who.safeguard else ""
        each.append(f"{plain(who.name)} ({who.country}): {plain(who.why)}.{extra}")
    return say("**Who gets it** (Art. 13(1)(e)): {each}", each=" ".join(each) or say("No one outside."))


def _transfers(programme: Programme, say: Words) -> str:
    outside = [plain(who.name) for who in programme.recipients if who.country not in EEA]
    if programme.jurisdiction[:2] not in EEA:
        countries = {programme.jurisdiction[:2], *(one.country for one in programme.recipients), *(one.country for one in programme.places)}
        text = say("It goes to these countries and no other: {countries}.", countries=", ".join(sorted(countries)))
    elif outside:
        names = ", ".join(outside)
        text = say("{names} lies outside the European Economic Area. The line above says what keeps it safe there.", names=names)
    else:
        text = say("It stays within the European Economic Area.")
    places = " ".join(f"{plain(place.name)} ({place.country})." for place in programme.places)
    more = f" {say('It lies here: {places}', places=places)}" if places else ""
    return say("**Other countries** (Art. 13(1)(f)): {text}", text=text) + more


def _retention(programme: Programme, say: Words) -> str:
    text = say("**How long** (Art. 13(2)(a)): At most {kept}.", kept=kept(programme, say))
    kinds = [
        say("A recording with {kind} goes from the server after {days} days.", kind=say(KINDS[kind.stream]), days=kind.days)
        for kind in programme.retention.kinds
    ]
    log = say("The log of what was done holds no personal data and is kept for {years} years.", years=programme.retention.log_years)
    return " ".join([text, *kinds, log])


def _rights(programme: Programme, say: Words) -> str:
    return " ".join(
        (
            say("**Your rights** (Art. 13(2)(b)): You can see what we hold and take a copy with you. You can have it put right or erased."),
            say("You can ask us to hold it but not use it. You can object."),
            say("Use your own page or write to {contact}. We answer within a month.", contact=plain(programme.participant_contact)),
        )
    )


def _withdrawal(_: Programme, say: Words) -> str:
    return " ".join(
        (
            say("**Taking it back** (Art. 13(2)(c)): You can withdraw your yes at any time, for all or for one recording."),
            say("It takes one click on your page. What was lawful before stays lawful."),
        )
    )


def _complaint(programme: Programme, say: Words) -> str:
    return say("**Complaints** (Art. 13(2)(d)): You can turn to {authority}.", authority=plain(programme.authority))


def _need(_: Programme, say: Words) -> str:
    return say("**Do you have to?** (Art. 13(2)(e)): No. Neither law nor contract asks for it. A no changes nothing for you.")


def _decisions(_: Programme, say: Words) -> str:
    return say(
        "**Does a machine decide about you?** (Art. 13(2)(f)): No. An agent learns how work is done. It makes no choice about people."
    )


def _again(programme: Programme, say: Words) -> str:
    text = say(
        "**Being asked again** (Art. 7): After {months} months your yes ends until you give it again.", months=programme.reaffirm_months
    )
    return f"{text} {say('So it does when anything on this page changes.')}"


def _monitoring(programme: Programme, say: Words) -> str:
    used = {stream for purpose in programme.purposes for stream in purpose.streams}
    kinds = ", ".join(say(KINDS[stream]) for stream in STREAMS if stream in used)
    return say("**Kinds of monitoring**: By computer, in the apps you lend, and only while you record: {kinds}.", kinds=kinds)


def _biometrics(_: Programme, say: Words) -> str:
    return " ".join(
        (
            say("**Your body**: We take no print of a finger, hand, face, eye or voice to tell who you are."),
            say("Pictures are masked by where things are. No face is measured."),
        )
    )


def _own_devices(programme: Programme, say: Words) -> str:
    return say("**Your own devices**: You can say no to putting this on a device of your own.") if programme.own_devices else ""


def _policy_dates(programme: Programme, say: Words) -> str:
    days = [(say("Written on {day}."), programme.prepared_on), (say("Changed on {day}."), programme.changed_on)]
    told = " ".join(text.format(day=say.day(day)) for text, day in days if day is not None)
    return say("**When this was written**: {told}", told=told) if told else ""


def _categories(programme: Programme, say: Words) -> str:
    text = say(
        "**Kinds of data**: What you do on a computer, and texts with personal parts covered. It is not sold and not shared for ads."
    )
    link = f" {say('Our policy: {url}', url=plain(programme.policy_url))}" if programme.policy_url else ""
    return text + link


def _no_retaliation(_: Programme, say: Words) -> str:
    return say("**No harm**: No one may treat you worse because you said no, left or used a right.")


def _objection(programme: Programme, say: Words) -> str:
    is_interest = programme.basis_mode == "legitimate_interest+objection"
    return say("**You can object** (Art. 21): One click ends it, at once. You need no reason.") if is_interest else ""


def _sentence(_: Programme, __: Words) -> str:
    return ""  # stands by itself below the list


WRITERS: dict[Point, Callable[[Programme, Words], str]] = {
    "who": _who,
    "officer": _officer,
    "representatives": _representatives,
    "purposes": _purposes,
    "recipients": _recipients,
    "transfers": _transfers,
    "retention": _retention,
    "rights": _rights,
    "withdrawal": _withdrawal,
    "complaint": _complaint,
    "need": _need,
    "decisions": _decisions,
    "again": _again,
    "monitoring_kinds": _monitoring,
    "biometrics": _biometrics,
    "own_devices": _own_devices,
    "policy_dates": _policy_dates,
    "categories": _categories,
    "no_retaliation": _no_retaliation,
    "objection": _objection,
    "sentence": _sentence,
}
