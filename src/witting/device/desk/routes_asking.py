"""The page of one's own consent: what is on, until when, and changing it; and looking whether something else is asked meanwhile."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from witting.consent.levels import KEYS_WORDS, chosen_level
from witting.consent.wording import words_for
from witting.device.asking import asked_no_sooner_than, look_again
from witting.device.desk.pages import Pages
from witting.device.desk.routes_joining import lent
from witting.device.desk.words import STATUS
from witting.device.taking_back import taken_back, tell_hub


@get("/mine", sync_to_thread=True)
def see_mine(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Response[Any]:
    """Show what is lent now, or why nothing is, with what can be done about it."""
    stage = pages.desk.stage
    if stage not in {"in", "again", "said_no"}:
        return Redirect("/", status_code=303)
    enrolment, say = pages.desk.enrolment(), words_for(pages.language)
    receipt = enrolment.receipts[-1]
    recorder = pages.desk.recorder()
    return pages.render(
        "mine.html.j2",
        here="/mine",
        told=request.query_params.get("told", ""),
        state=STATUS[enrolment.status],
        receipt=receipt,
        lent=list(lent(receipt, enrolment.programme, say=say)) if stage == "in" else [],
        typing=KEYS_WORDS[chosen_level(receipt.grants, receipt.keys_level)],
        programme=enrolment.programme,
        recorder="off" if recorder is None else recorder.state,
        quiet_until=asked_no_sooner_than(enrolment),
        waiting=len(taken_back(pages.desk.config.data_dir)),
    )


@post("/mine/look", sync_to_thread=True)
def look(pages: NamedDependency[Pages]) -> Redirect:
    """Ask the hub, because somebody wants to know, whether something else is asked now."""
    with pages.desk.acting() as (enrolment, hub):
        is_other = look_again(enrolment, hub=hub)
    return Redirect("/notice" if is_other else "/mine?told=same", status_code=303)


@post("/mine/ask", sync_to_thread=True)
def choose_after_all(pages: NamedDependency[Pages]) -> Redirect:
    """Show the choices again to somebody who said no, because they want to see them."""
    if pages.desk.stage == "said_no":
        with pages.desk.acts:
            pages.desk.enrolment().ask()
    return Redirect("/notice?choose=1", status_code=303)


@post("/mine/tell", sync_to_thread=True)
def tell(pages: NamedDependency[Pages]) -> Redirect:
    """Tell the hub of what was taken back while it couldn't be reached."""
    with pages.desk.acting() as (enrolment, hub):
        tell_hub(enrolment, hub=hub)
    return Redirect("/mine?told=heard", status_code=303)


HANDLERS = (see_mine, look, choose_after_all, tell)
