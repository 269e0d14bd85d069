"""Reading the notice, choosing, saying no; and the receipts of what was chosen."""

from collections.abc import Iterator
from importlib import resources
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from witting.consent.dpv import as_dpv
from witting.consent.kantara import as_kantara
from witting.consent.levels import KEYS_WORDS, chosen_level, levels_asked
from witting.consent.notice import KINDS
from witting.consent.reading import reading_of
from witting.consent.states import YES
from witting.consent.wording import Words, words_for
from witting.device.asking import changed_since_yes
from witting.device.desk.pages import Pages
from witting.device.desk.words import STATUS
from witting.device.enrolment import Enrolment
from witting.device.leaving import refuse
from witting.device.taking_back import read_deletions
from witting.ledger.log import open_checkpoint, verifier_key, verify_proof
from witting.policy.page_tree import extension_dir
from witting.terms.consent import ConsentReceipt, Grant
from witting.terms.errors import RecordError, UsageError
from witting.terms.events import KEYS_LEVELS, STREAMS, USUAL_STREAMS, KeysLevel
from witting.terms.hub import LogProof
from witting.terms.programme import Programme

_GRANT_PARTS = 3
_FIRST_LAYERS = 2  # headings that are read before choosing


@get("/notice", sync_to_thread=True)
def see_notice(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Response[str]:
    """Show the notice, ten lines first; ask when an answer is due or wanted, and say what changed since the last yes."""
    enrolment = pages.desk.enrolment()
    short, full = split_notice(enrolment.offer.notice_markdown)
    return pages.render(
        "notice.html.j2",
        here="/notice",
        short=to_html(short),
        full=to_html(full),
        is_asked=enrolment.status not in YES or "choose" in request.query_params,
        status=enrolment.status,
        changes=changed_since_yes(enrolment),
        programme=enrolment.programme,
        kinds=KINDS,
        usual=USUAL_STREAMS,
        levels=levels_asked(enrolment.programme),
        level_words=KEYS_WORDS,
        digest=enrolment.offer.notice_digest,
        reading=reading_of(enrolment.offer.notice_markdown, words_for(enrolment.programme.language).language),
    )


@get("/notice/text", sync_to_thread=True)
def save_notice(pages: NamedDependency[Pages]) -> Response[str]:
    """Return the notice's exact text, which the fingerprint names."""
    return Response(pages.desk.enrolment().offer.notice_markdown, media_type="text/markdown; charset=utf-8")


@post("/consent", sync_to_thread=True)
def give_consent(pages: NamedDependency[Pages], grants: NamedDependency[list[str]], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take the ticked boxes and the level of typing as the participant's choice."""
    chosen, level = _chosen(grants, fields.get("keys_level", "off"))
    with pages.desk.acting() as (enrolment, hub):
        enrolment.give_consent(chosen, hub=hub, keys_level=level)
    return Redirect("/receipts?told=in", status_code=303)


@post("/refuse", sync_to_thread=True)
def say_no(pages: NamedDependency[Pages]) -> Response[Any]:
    """Remove what the invitation left here."""
    language = pages.language
    with pages.desk.acting() as (_, hub):
        refuse(pages.desk.config.data_dir, hub=hub, clock=pages.desk.config.clock)
        pages.desk.close_keys()
    if pages.desk.stage == "said_no":
        return Redirect("/mine", status_code=303)
    if pages.desk.stage == "left":
        return Redirect("/", status_code=303)
    say = words_for(language)
    lines = (say("The invitation is removed from this machine, and nobody was told."), say("You can close this page."))
    return pages.message(say("That's fine"), *lines, language=language)


@get("/receipts", sync_to_thread=True)
def see_receipts(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Response[str]:
    """Show every receipt, checked."""
    enrolment = pages.desk.enrolment()
    origin, key = enrolment.offer.log_origin, enrolment.offer.signing_key
    items = []
    for receipt, proof in zip(enrolment.receipts, enrolment.proofs, strict=True):
        verify_proof(proof, key, origin=origin)
        log = open_checkpoint(proof.checkpoint, verifier_key(origin, key))
        items.append(
            {
                "receipt": receipt,
                "state": STATUS[receipt.status],
                "lent": list(lent(receipt, enrolment.programme, say=words_for(pages.language))),
                "typing": KEYS_WORDS[chosen_level(receipt.grants, receipt.keys_level)],
                "log_index": proof.index,
                "log_size": log.size,
                "origin": origin,
            }
        )
    items[:-1] = [{**item, "state": "Replaced by a newer one"} for item in items[:-1]]
    return pages.render(
        "receipts.html.j2",
        here="/receipts",
        told=request.query_params.get("told", ""),
        receipts=items[::-1],
        programme=enrolment.programme,
        extension=_extension(),
        parts=_parts(enrolment, say=words_for(pages.language)),
        deletions=[kept.open() for kept in read_deletions(pages.desk.config.data_dir)],
    )


@get("/receipts/{number:int}/signed", sync_to_thread=True)
def save_signed(pages: NamedDependency[Pages], number: FromPath[int]) -> Response[bytes]:
    """Return a receipt as it was signed, with its proof."""
    _, proof, index = _pick(pages, number)
    enrolment = pages.desk.enrolment()
    kept = {
        "receipt": enrolment.signed_receipts[index],
        "proof": proof,
        "signing_key": enrolment.offer.signing_key,
        "log_origin": enrolment.offer.log_origin,
    }
    return Response(msgspec.json.format(msgspec.json.encode(kept)), media_type="application/json")


@get("/receipts/{number:int}/dpv", sync_to_thread=True)
def save_dpv(pages: NamedDependency[Pages], number: FromPath[int]) -> Response[bytes]:
    """Return a receipt in DPV's form."""
    receipt, *_ = _pick(pages, number)
    return Response(msgspec.json.format(msgspec.json.encode(as_dpv(receipt))), media_type="application/ld+json")


@get("/receipts/{number:int}/kantara", sync_to_thread=True)
def save_kantara(pages: NamedDependency[Pages], number: FromPath[int]) -> Response[bytes]:
    """Return a receipt in Kantara's older form; only of the programme in force, whose words it needs."""
    receipt, *_ = _pick(pages, number)
    enrolment = pages.desk.enrolment()
    if receipt.programme_digest != enrolment.offer.programme_digest:
        raise UsageError("this receipt is of an earlier version of the programme", hint="save it as it was signed, or in DPV form")
    return Response(msgspec.json.format(msgspec.json.encode(as_kantara(receipt, enrolment.programme))), media_type="application/json")


def split_notice(markdown: str) -> tuple[str, str]:
    """Return the ten lines with the example, and the rest: the cut is before the third heading of the second level."""
    lines = markdown.splitlines()
    headings = [number for number, line in enumerate(lines) if line.startswith("## ")]
    cut = headings[_FIRST_LAYERS] if len(headings) > _FIRST_LAYERS else len(lines)
    return "\n".join(lines[:cut]), "\n".join(lines[cut:])


def to_html(markdown: str) -> str:
    """Return markdown as HTML; HTML in it is shown as text. Tables can be scrolled by keyboard."""
    from markdown_it import MarkdownIt

    html = str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))
    opening = '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>'
    return html.replace("<table>", opening).replace("</table>", "</table></div>")


def _grant(text: str) -> Grant:
    parts = text.split("|")
    if len(parts) != _GRANT_PARTS or parts[1] not in STREAMS:
        raise UsageError("a ticked box isn't one of the notice's", hint="reload the notice and tick again")
    return msgspec.convert({"purpose": parts[0], "stream": parts[1], "app": parts[2]}, Grant)


def _chosen(boxes: list[str], level: str) -> tuple[list[Grant], KeysLevel]:
    """Return what is granted and how much of typing; boxes of typing count only with a level, and off is none of them."""
    grants = [_grant(box) for box in boxes]
    if level in KEYS_LEVELS:
        return grants, msgspec.convert(level, KeysLevel)
    return [grant for grant in grants if grant.stream != "keys"], KEYS_LEVELS[0]


def _parts(enrolment: Enrolment, *, say: Words) -> list[tuple[str, str, str]]:
    """Return what can be taken back on its own: field, value, and what it is called; nothing where it is all that is lent."""
    if enrolment.status not in YES:
        return []
    grants = enrolment.receipt.grants
    titles = {purpose.id: say("For “{title}”", title=purpose.title) for purpose in enrolment.programme.purposes}
    purposes = [("purpose", one, titles.get(one, one)) for one in dict.fromkeys(grant.purpose for grant in grants)]
    lent = {grant.stream for grant in grants}
    streams = [("stream", stream, say(KINDS[stream])) for stream in STREAMS if stream in lent]
    return [*(purposes if len(purposes) > 1 else []), *(streams if len(streams) > 1 else [])]


def lent(receipt: ConsentReceipt, programme: Programme, *, say: Words) -> Iterator[tuple[str, str, str]]:
    """Yield purpose, app and kinds in words."""
    purposes = {purpose.id: purpose.title for purpose in programme.purposes}
    apps = {app.id: app.title for app in programme.apps}
    for purpose, app in dict.fromkeys((grant.purpose, grant.app) for grant in receipt.grants):
        lent = {grant.stream for grant in receipt.grants if (grant.purpose, grant.app) == (purpose, app)}
        kinds = [say(KINDS[stream]) for stream in STREAMS if stream in lent]
        yield purposes.get(purpose, purpose), apps.get(app, app), ", ".join(kinds)


def _pick(pages: Pages, number: int) -> tuple[ConsentReceipt, LogProof, int]:
    """Return a receipt by its place on the page, newest first."""
    enrolment = pages.desk.enrolment()
    receipts = enrolment.receipts
    if not 0 <= number < len(receipts):
        raise UsageError("there is no such receipt", hint="go back to your receipts")
    index = len(receipts) - 1 - number
    return receipts[index], enrolment.proofs[index], index


def _extension() -> str:
    """Return the folder of the browser extension, as far as it is known."""
    try:
        return str(extension_dir())
    except RecordError:
        return str(resources.files("witting"))


HANDLERS = (see_notice, save_notice, give_consent, say_no, see_receipts, save_signed, save_dpv, save_kantara)
