"""Turns templates into answers, and says what a person needs to know when something went wrong.

Knows the templates and the door's form tokens; not what the pages are about. Invariant: text of a session reaches a page only through
escaping templates.
"""

import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from witting.consent.wording import words_for
from witting.device.desk.desk import Desk
from witting.device.desk.door import Door
from witting.device.desk.format import day, moment
from witting.device.desk.timeline import split_text
from witting.terms.errors import HubUnreachableError, IntegrityError, NoConsentError, NoticeChangedError, UsageError, WittingError

TOLD = {
    "paused": "Recording is paused. It stays so until you go on.",
    "resumed": "Recording goes on.",
    "forgotten": "The last minutes are forgotten. Nothing of them is left on this machine.",
    "quiet": "Your quiet hours are set.",
    "still": "It goes on as soon as nothing else holds it back.",
    "stopped": "The recording has ended. Look at it under Recordings.",
    "masked": "Masked. The page shows what would leave now.",
    "less": "Taken back. What else you lend stays lent.",
    "dropped": "Taken out. A note in its place says that something was there.",
    "undone": "The mark is gone.",
    "deleted": "The session is deleted.",
    "sent": "Sent. The hub has it, and its log proves it.",
    "sound": "The sound of that note leaves too if you send this session.",
    "noted": "Noted. It stands in the recording once this machine has understood it.",
    "part": "Taken back. It is erased at the hub and on this page; the rest stays.",
    "heard": "The hub was told, and has erased what you took back.",
    "back": "Taken back. It is erased here and at the hub.",
    "asked": "Filed. Its number is public; nobody can take it out again.",
    "named": "The routine has your name for it.",
    "forbidden": "It isn't shown, suggested or run any more. You can allow it again below.",
    "allowed": "It is allowed again.",
    "shorter": "That step is out of the routine.",
    "quieter": "You won't be told that again.",
    "said": "Erased: the names you gave, what you forbade, the steps you took out.",
    "same": "Nothing else is asked. Your consent is as it was.",
    "in": "You opted in. Here is your receipt. Nothing is recorded before you start it.",
}
"""What a page says after a deed, by the word in its address: an address can't put other words into a page."""
TRANSLATED = {"notice.html.j2", "mine.html.j2", "receipts.html.j2", "withdraw.html.j2", "used.html.j2", "enquiries.html.j2"}
"""The pages that speak the programme's language; each of the others is in English as a whole."""

_STATUS: tuple[tuple[type[WittingError], int], ...] = (
    (UsageError, 400),
    (NoConsentError, 403),
    (NoticeChangedError, 409),
    (IntegrityError, 422),
    (HubUnreachableError, 503),
)


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders the pages of one desk."""

    desk: Desk
    door: Door

    def render(self, template: str, *, here: str = "", told: str = "", language: str = "", **values: Any) -> Response[str]:
        """Return a page; `here` is the path of its entry in the menu, `told` a word of TOLD; without `language` it is the page's own."""
        page = _environment().get_template(template)
        say, status_code = words_for(language or (self.language if template in TRANSLATED else "en")), values.pop("status_code", 200)
        html = page.render(here=here, told=say(TOLD.get(told, "")), stage=self.desk.stage, form_token=self.door.form_token, t=say, **values)
        return Response(html, media_type="text/html", status_code=status_code)

    @property
    def language(self) -> str:
        """The language of the programme that this person is in or asked into; English when there is none."""
        return self.desk.enrolment().programme.language if self.desk.stage in {"asked", "in", "again", "said_no"} else "en"

    def message(self, title: str, *lines: str, **values: Any) -> Response[str]:
        """Return a page that says one thing."""
        shown = {"is_wrong": False, "button": None, "back": "", **values}
        return self.render("message.html.j2", title=title, lines=[line for line in lines if line], **shown)

    def explain(self, request: Request[Any, Any, Any], error: WittingError) -> Response[str]:
        """Return the page for an error of ours."""
        del request
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
        title = "The hub can't be reached" if isinstance(error, HubUnreachableError) else "That didn't work"
        button = ("/withdraw", "Tell the hub now") if self.desk.stage == "leaving" else None
        if isinstance(error, NoticeChangedError):
            button = ("/mine/look", "See what changed")
        hint = error.hint and error.hint[0].upper() + error.hint[1:] + "."
        text = str(error)
        lines = (text[0].upper() + text[1:] + ".", hint)
        return self.message(title, *lines, is_wrong=True, button=button, back="" if button else "/", status_code=status)

    def excuse(self, request: Request[Any, Any, Any], error: Exception) -> Response[str]:
        """Return the page for an error that nobody foresaw: its type and place; its message may hold content, so it isn't shown."""
        del request
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
        lines = (
            f"Something unexpected: {type(error).__name__}{place}.",
            "Nothing was sent. Go back and try again; if it stays, report this line.",
        )
        return self.message("That didn't work", *lines, is_wrong=True, back="/", status_code=HTTP_500_INTERNAL_SERVER_ERROR)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("witting.device.desk"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["split"] = split_text
    environment.filters.update(moment=moment, day=day)
    return environment
