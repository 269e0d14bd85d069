"""A participant's questions and findings: ask, file, see the public number, the day it is due, and the answer."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from witting.device.desk.pages import Pages
from witting.device.desk.routes_used import proof_file
from witting.device.enquiring import MOST_CHARACTERS, ask_answers, file_enquiry, is_overdue, proof_of, read_enquiries
from witting.ledger.log import write_proof
from witting.terms.errors import UsageError
from witting.terms.hub import EnquiryKind

_KINDS: dict[str, EnquiryKind] = {"question": "question", "finding": "finding"}


@get("/questions", sync_to_thread=False)  # in a thread, Litestar would wrap handlers of a shared path twice
def see_enquiries(pages: NamedDependency[Pages], request: Request[Any, Any, Any]) -> Response[str]:
    """Show what was asked and filed, newest first, and the form to ask."""
    enrolment = pages.desk.enrolment()
    filed = [(one, is_overdue(enrolment, one)) for one in read_enquiries(enrolment)]
    contact = enrolment.programme.participant_contact
    return pages.render(
        "enquiries.html.j2",
        here="/questions",
        told=request.query_params.get("told", ""),
        filed=filed,
        hub_url=enrolment.hub_url,
        contact=contact,
        most=MOST_CHARACTERS,
    )


@post("/questions/file", sync_to_thread=True)
def file(pages: NamedDependency[Pages], fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Ask a question or file a finding."""
    kind = _KINDS.get(fields.get("kind", ""))
    if kind is None:
        raise UsageError("it is either a question or a finding", hint="go back and choose one; nothing was sent")
    with pages.desk.acting() as (enrolment, hub):
        filed = file_enquiry(enrolment, kind, text=fields.get("text", ""), hub=hub)
    return Redirect(f"/questions?told=asked#n{filed.number}", status_code=303)


@post("/questions/answers", sync_to_thread=True)
def ask(pages: NamedDependency[Pages]) -> Redirect:
    """Ask the hub for answers."""
    with pages.desk.acting() as (enrolment, hub):
        ask_answers(enrolment, hub=hub)
    return Redirect("/questions", status_code=303)


@get("/questions/{number:int}/{which:str}", sync_to_thread=True)
def save_proof(pages: NamedDependency[Pages], number: FromPath[int], *, which: FromPath[str]) -> Response[str]:
    """Return the proof that something was filed (`filed`) or answered (`answered`), as a file that anybody can verify."""
    proof = proof_of(pages.desk.enrolment(), number, is_answer=which == "answered")
    return proof_file(write_proof(proof), name=f"{number}-{'answered' if which == 'answered' else 'filed'}")


HANDLERS = (see_enquiries, file, ask, save_proof)
