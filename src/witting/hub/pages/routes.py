"""The handlers of the pages that everybody may see: read, render, answer. No script, no form; one style sheet of the hub's own."""

from importlib.resources import files
from typing import Any

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath
from sqlalchemy import select

from witting.consent.notice import notice_of
from witting.hub import schema
from witting.hub.consents import programme_in_force
from witting.hub.database import reading
from witting.hub.enquiries import overdue, public_lines
from witting.hub.hub import Hub
from witting.hub.invitations import link, programme_invited_to
from witting.hub.log_store import SqlLogStore
from witting.hub.pages.answering import ANSWERING
from witting.hub.pages.insight import INSIGHT
from witting.hub.pages.rendering import page
from witting.hub.pages.views import dataset_lines, holdings, model_lines
from witting.ledger.log import verifier_key

_STYLE = files("witting.hub.pages").joinpath("style.css")


@get("/", opt={"action": "see_overview"}, sync_to_thread=True)
def overview(state: State) -> Response[str]:
    """Show what the hub holds, by counts of groups."""
    with reading(_hub(state).engine) as connection:
        late, size = overdue(connection, _hub(state).now()), SqlLogStore(connection).size()
        return page("overview.html.j2", here="overview", holdings=holdings(connection), log_size=size, overdue=late)


@get("/programmes/{programme_id:str}", opt={"action": "see_programme"}, sync_to_thread=True)
def programme(programme_id: FromPath[str], state: State) -> Response[str]:
    """Show a programme and the notice people read."""
    with reading(_hub(state).engine) as connection:
        record = programme_in_force(connection, programme_id)
        versions = select(schema.programme.c.version, schema.programme.c.added_at).where(schema.programme.c.programme_id == programme_id)
        rows = connection.execute(versions.order_by(schema.programme.c.version.desc())).all()
    notice = notice_of(record.notice_markdown, record.programme.language)  # as it was read, whatever witting would write now
    return page("programme.html.j2", here="programme", programme=record.programme, record=record, notice=notice, versions=rows)


@get("/log", opt={"action": "see_log"}, sync_to_thread=True)
def log(state: State) -> Response[str]:
    """Show the log's signed checkpoint and how anyone verifies it."""
    hub = _hub(state)
    with reading(hub.engine) as connection:
        checkpoint, size = hub.journal.checkpoint(connection), SqlLogStore(connection).size()
    standing, witness = state.watch.standing(), hub.config.witness_key
    verifier = verifier_key(hub.journal.origin, hub.keys.signing.public)
    shown: dict[str, Any] = {"checkpoint": checkpoint, "size": size, "verifier": verifier, "url": hub.config.base_url()}
    return page("log.html.j2", here="log", standing=standing, witness=witness, **shown)


@get("/datasets", opt={"action": "see_lineage"}, sync_to_thread=True)
def datasets(state: State) -> Response[str]:
    """Show the dataset versions and models, and which of them count."""
    with reading(_hub(state).engine) as connection:
        return page("datasets.html.j2", here="datasets", datasets=dataset_lines(connection), models=model_lines(connection))


@get("/enquiries", opt={"action": "see_enquiries"}, sync_to_thread=True)
def enquiries(state: State) -> Response[str]:
    """Show every question and finding by its number, and which of them are overdue; never by whom or what about."""
    hub = _hub(state)
    with reading(hub.engine) as connection:
        return page("enquiries.html.j2", here="enquiries", lines=public_lines(connection, hub.now()))


@get("/join/{invite:str}", opt={"action": "see_invitation"}, sync_to_thread=True)
def invitation(invite: FromPath[str], state: State) -> Response[str]:
    """Tell somebody who opened an invitation's link in a browser what to do with it."""
    hub = _hub(state)
    with reading(hub.engine) as connection:
        record = programme_in_force(connection, programme_invited_to(connection, invite))
    return page("invitation.html.j2", here="", programme=record.programme, link=link(hub.config, invite))


@get("/style.css", opt={"action": "read_style"}, sync_to_thread=False)
def style() -> Response[bytes]:
    """Return the style sheet."""
    return Response(_STYLE.read_bytes(), media_type="text/css; charset=utf-8")


PAGES = (overview, programme, log, datasets, enquiries, invitation, style, *INSIGHT, *ANSWERING)


def _hub(state: State) -> Hub:
    hub: Hub = state.hub
    return hub
