"""The pages of whoever answers: sign in with a token, read what waits and what is due, answer it. Forms without a script.

Knows nothing of policies: `access.check_access` has run before. Invariant: an answer that was given is never changed here.
"""

from functools import partial
from typing import Any

from anyio import to_thread
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from witting.hub.database import reading
from witting.hub.deadlines import deadline_lines
from witting.hub.door.sign_in import cookie_for, is_own_form
from witting.hub.enquiries import MOST_CHARACTERS, answer_enquiry, open_lines
from witting.hub.hub import Hub
from witting.hub.pages.rendering import page
from witting.hub.tokens import role_of_token
from witting.terms.errors import UsageError

_ANSWER_BYTES = 64 * 1024
_BAD_REQUEST = 400


@get("/sign-in", opt={"action": "see_sign_in"}, sync_to_thread=False)
def see_sign_in() -> Response[str]:
    """Ask for the token."""
    return page("sign_in.html.j2", here="", wrong="")


@post("/sign-in", opt={"action": "sign_in"}, request_max_body_size=_ANSWER_BYTES)
async def sign_in(request: Request[Any, Any, Any], state: State) -> Response[str] | Redirect:
    """Trade a token for a cookie of this browser."""
    hub: Hub = state.hub
    is_own = is_own_form("POST", origin=request.headers.get("origin", ""), host=request.headers.get("host", ""))
    token = (await _form(request)).get("token", "").strip()
    cookie = cookie_for(hub.config.tokens_dir, token, now=hub.now(), is_secure=hub.config.base_url().startswith("https://"))
    if cookie is None or not is_own:
        return page("sign_in.html.j2", status_code=_BAD_REQUEST, here="", wrong="That token is nobody's here. Copy it again from its file.")
    role = role_of_token(hub.config.tokens_dir, token)
    return Redirect("/answers" if role == "steward" else "/deadlines", status_code=303, cookies=[cookie])


@get("/answers", opt={"action": "see_answering"}, sync_to_thread=True)
def see_answering(state: State) -> Response[str]:
    """Show what waits for an answer."""
    hub: Hub = state.hub
    with reading(hub.engine) as connection:
        return page("answers.html.j2", here="", lines=open_lines(connection, hub.now()), most=MOST_CHARACTERS, wrong="")


@get("/deadlines", opt={"action": "see_deadlines"}, sync_to_thread=True)
def see_deadlines(state: State) -> Response[str]:
    """Show what is due when, by which row of which law."""
    hub: Hub = state.hub
    with reading(hub.engine) as connection:
        lines = deadline_lines(connection, hub.now())
    return page("deadlines.html.j2", here="", lines=lines, late=sum(line.state == "breached" for line in lines))


@post("/answers/{number:int}", opt={"action": "answer"}, request_max_body_size=_ANSWER_BYTES)
async def post_answer(number: FromPath[int], request: Request[Any, Any, Any], *, state: State) -> Response[str] | Redirect:
    """Enter an answer; what can't be entered is said on the page, and nothing is lost but what was typed."""
    answer = (await _form(request)).get("answer", "")
    return await to_thread.run_sync(partial(_answer, state.hub, number, answer=answer))


def _answer(hub: Hub, number: int, *, answer: str) -> Response[str] | Redirect:
    try:
        answer_enquiry(hub, number, answer=answer)
    except UsageError as error:
        with reading(hub.engine) as connection:
            lines = open_lines(connection, hub.now())
        said = f"{number}: {error}; {error.hint}."
        return page("answers.html.j2", status_code=_BAD_REQUEST, here="", lines=lines, most=MOST_CHARACTERS, wrong=said)
    return Redirect("/answers", status_code=303)


async def _form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return a form's fields; none when it holds none that can be read."""
    try:
        return {name: str(value) for name, value in (await request.form()).multi_items()}
    except (HTTPException, ValueError):
        return {}


ANSWERING = (see_sign_in, sign_in, see_answering, see_deadlines, post_answer)
