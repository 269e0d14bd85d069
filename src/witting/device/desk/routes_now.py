"""The first page: what is recorded now, and pause; and what the pages need to look and move as they do."""

from importlib.resources import files
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from witting.device import control
from witting.device.desk.format import counts_of, size
from witting.device.desk.pages import Pages
from witting.device.guards import load_rules
from witting.device.guards.reasons import ONLY_A_PERSON_LIFTS
from witting.device.leaving import read_receipt
from witting.terms.errors import UsageError

_KINDS = {"style.css": "text/css", "mask.js": "text/javascript", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
_WORDS = {
    "recording": ("Recording", "Only what you lend, and only while this says so. Pausing has no limit."),
    "paused": ("Paused", "Nothing is recorded. It stays so until you go on."),
    "stopping": ("Stopping", "The last records are being sealed."),
    "off": ("Not recording", "Nothing is recorded."),
}


@get("/static/{name:str}", sync_to_thread=False)
def read_static(name: FromPath[str]) -> Response[bytes]:
    """Return a style or script of the pages."""
    if name not in _KINDS:
        return Response(b"", status_code=404, media_type="text/plain")
    return Response(files("witting.device.desk").joinpath("static", name).read_bytes(), media_type=_KINDS[name])


@get("/", sync_to_thread=True)
def see_now(request: Request[Any, Any, Any], pages: NamedDependency[Pages]) -> Response[Any]:
    """Show what is recorded now, or where the participant stands otherwise."""
    desk = pages.desk
    stage = desk.stage
    if stage in {"asked", "again", "said_no"}:
        return Redirect("/mine" if stage == "said_no" else "/notice", status_code=303)
    if stage == "leaving":
        lines = ("Everything on this machine is erased. The hub hasn't confirmed yet that it erased its part.",)
        return pages.message("You have left", *lines, button=("/withdraw", "Tell the hub now"))
    if stage == "left":
        return _see_left(pages)
    if stage == "none":
        return pages.message("Nothing here", "This machine is in no programme. An invitation link starts one: witting join LINK.")
    return _see_in(request, pages)


@get("/state", sync_to_thread=True)
def read_state(pages: NamedDependency[Pages]) -> dict[str, Any]:
    """Return what is recorded now, for the page's own script."""
    recorder = pages.desk.recorder()
    return {"state": recorder.state if recorder else "off", "counts": {name: text for name, text, _ in counts_of(recorder)}}


@post("/pause", sync_to_thread=True)
def pause(pages: NamedDependency[Pages]) -> Redirect:
    """Pause the recorder."""
    control.pause(pages.desk.config.control_socket)
    return Redirect("/?told=paused", status_code=303)


@post("/resume", sync_to_thread=True)
def resume(pages: NamedDependency[Pages]) -> Redirect:
    """Let the recorder go on."""
    status = control.resume(pages.desk.config.control_socket)
    return Redirect("/?told=still" if status.state == "paused" else "/?told=resumed", status_code=303)


@post("/voice/begin", sync_to_thread=True)
def speak(pages: NamedDependency[Pages], fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Open the microphone for a voice note."""
    control.speak(pages.desk.config.control_socket, keep_sound="keep" in fields)
    return Redirect("/", status_code=303)


@post("/voice/end", sync_to_thread=True)
def hush(pages: NamedDependency[Pages]) -> Redirect:
    """Close the microphone; what was said becomes text."""
    control.hush(pages.desk.config.control_socket)
    return Redirect("/?told=noted", status_code=303)


@post("/stop", sync_to_thread=True)
def stop(pages: NamedDependency[Pages]) -> Redirect:
    """End the session."""
    control.stop(pages.desk.config.control_socket)
    return Redirect("/?told=stopped", status_code=303)


def _see_in(request: Request[Any, Any, Any], pages: Pages) -> Response[str]:
    desk, enrolment = pages.desk, pages.desk.enrolment()
    recorder = desk.recorder()
    state = recorder.state if recorder else "off"
    words, detail = _WORDS[state]
    sessions = enrolment.open_spool().sessions()
    outbox = desk.outbox()
    return pages.render(
        "now.html.j2",
        here="/",
        told=request.query_params.get("told", ""),
        state=state,
        words=words,
        detail=_sentence(recorder.because) if recorder and recorder.because and state == "paused" else detail,
        is_own_pause=recorder is not None and set(recorder.holds) <= ONLY_A_PERSON_LIFTS,
        quiet=load_rules(desk.config.data_dir).quiet,
        recorder=recorder,
        counts=counts_of(recorder),
        can_speak=any(grant.stream == "voice" for grant in enrolment.receipt.grants),
        sessions=len(sessions),
        to_see=sum(outbox.sent(info.session_id) is None for info in sessions),
        size=size(sum(info.size_bytes for info in sessions)),
        programme=enrolment.programme,
        expires=enrolment.receipt.expires_at,
    )


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def _see_left(pages: Pages) -> Response[str]:
    kept = read_receipt(pages.desk.config.data_dir)
    if kept is None:
        raise UsageError("there is no deletion receipt here", hint="it was removed or moved")
    return pages.render("left.html.j2", receipt=kept.open(), proof=kept.proof, origin=kept.log_origin)


HANDLERS = (read_static, see_now, read_state, pause, resume, speak, hush, stop)
