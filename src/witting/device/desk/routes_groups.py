"""Figures about groups: the page that everybody in the programme sees, asked for by a button and checked against the log here."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from witting.device.desk.pages import Pages
from witting.device.groups import ask_groups, read_groups, read_releases
from witting.terms.errors import UsageError
from witting.terms.insight import TITLES


@get("/groups", sync_to_thread=True)
def see_groups(pages: NamedDependency[Pages]) -> Response[str]:
    """Show the newest release that was asked for, or offer to ask."""
    enrolment = pages.desk.enrolment()
    shown = read_groups(enrolment)
    releases = read_releases(enrolment, shown) if shown else []
    drawn = frozenset(shown.releases[0].pictures) if shown and releases else frozenset()
    return pages.render(
        "groups.html.j2",
        here="/groups",
        standing=shown.standing if shown else None,
        release=releases[0] if releases else None,
        drawn=drawn,
        minimum=enrolment.programme.insight_in_force.group_minimum,
        hub_url=enrolment.hub_url,
        titles=TITLES,
    )


@post("/groups/now", sync_to_thread=True)
def ask_for_groups(pages: NamedDependency[Pages]) -> Redirect:
    """Ask the hub for the figures, check them, keep them."""
    with pages.desk.acting() as (enrolment, hub):
        ask_groups(enrolment, hub=hub)
    return Redirect("/groups", status_code=303)


@get("/groups/{name:str}", sync_to_thread=False)  # in a thread, Litestar would wrap handlers of a shared path twice
def see_picture(pages: NamedDependency[Pages], name: FromPath[str]) -> Response[str]:
    """Return a picture of the newest release."""
    shown = read_groups(pages.desk.enrolment())
    pictures = shown.releases[0].pictures if shown and shown.releases else {}
    drawn = pictures.get(name.removesuffix(".svg"))
    if drawn is None:
        raise UsageError("there is no such picture", hint="the page of group figures shows those that there are")
    return Response(drawn, media_type="image/svg+xml; charset=utf-8")


HANDLERS = (see_groups, ask_for_groups, see_picture)
