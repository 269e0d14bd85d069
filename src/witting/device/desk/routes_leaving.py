"""Withdrawing: one page that says what happens, one button, and the deletion receipt; or one purpose or kind alone, from the receipts."""

import asyncio
import shutil
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from witting.device.desk.desk import Desk
from witting.device.desk.pages import Pages
from witting.device.leaving import leave, pending_hub, read_receipt
from witting.device.taking_back import withdraw_part
from witting.terms.errors import UsageError
from witting.terms.events import STREAMS


@get("/withdraw", sync_to_thread=False)  # in a thread, Litestar would wrap handlers of a shared path twice
def see_withdraw(pages: NamedDependency[Pages]) -> Response[Any]:
    """Say what withdrawing does."""
    if pages.desk.stage not in {"in", "again", "said_no"}:
        return Redirect("/", status_code=303)
    sessions = pages.desk.enrolment().open_spool().sessions()
    return pages.render("withdraw.html.j2", here="/withdraw", sessions=len(sessions), sent=len(pages.desk.outbox().all_sent()))


@post("/withdraw")
async def withdraw(pages: NamedDependency[Pages]) -> Redirect:
    """End consent, erase everything here, tell the hub."""
    await asyncio.to_thread(_withdraw, pages.desk)
    return Redirect("/", status_code=303)


def _withdraw(desk: Desk) -> None:
    with desk.acts:
        stage = desk.stage
        if stage not in {"in", "asked", "again", "said_no", "leaving"}:
            raise UsageError("there is nothing to withdraw", hint="this machine is in no programme")
        enrolment = None if stage == "leaving" else desk.enrolment()
        url = enrolment.hub_url if enrolment else pending_hub(desk.config.data_dir)
        try:
            with desk.hub(url) as hub:
                leave(desk.config.data_dir, enrolment=enrolment, hub=hub)
        finally:
            desk.close_keys()
            desk.shelf.clear()


@post("/withdraw/part", sync_to_thread=True)
def withdraw_some(pages: NamedDependency[Pages], fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take one purpose or one kind of recording back; the rest stays lent."""
    purpose, stream = fields.get("purpose", ""), fields.get("stream", "")
    streams = tuple(known for known in STREAMS if known == stream)
    if stream and not streams:
        raise UsageError("there is no such kind of recording", hint="go back to your receipts; nothing was changed")
    desk = pages.desk
    with desk.acts:
        enrolment = desk.enrolment()
        with desk.hub(enrolment.hub_url) as hub:
            withdraw_part(enrolment, purposes=(purpose,) if purpose else (), streams=streams, hub=hub)
        desk.shelf.clear()
        if desk.stage != "in":
            desk.close_keys()
            return Redirect("/", status_code=303)
    return Redirect("/receipts?told=less", status_code=303)


@get("/deletion-receipt", sync_to_thread=True)
def save_receipt(pages: NamedDependency[Pages]) -> Response[bytes]:
    """Return the deletion receipt with all that verifies it."""
    kept = read_receipt(pages.desk.config.data_dir)
    if kept is None:
        raise UsageError("there is no deletion receipt here", hint="it was removed or moved")
    return Response(msgspec.json.format(msgspec.json.encode(kept)), media_type="application/json")


@post("/finish", sync_to_thread=True)
def finish(pages: NamedDependency[Pages]) -> Response[str]:
    """Remove the last thing: the receipt's copy here."""
    if pages.desk.stage != "left":
        raise UsageError("you haven't left", hint="withdraw first")
    shutil.rmtree(pages.desk.config.data_dir)
    return pages.message("Nothing is left here", "You can close this page.")


HANDLERS = (see_withdraw, withdraw, withdraw_some, save_receipt, finish)
