"""The page of figures about groups: one page for everybody, stewards included. No form: nobody asks a question.

Knows only what was released. Invariant: what is shown hangs on nothing but the releases and the public standing.
"""

import msgspec
from litestar import Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from witting.hub.consents import programmes_in_force
from witting.hub.database import reading
from witting.hub.hub import Hub
from witting.hub.insight.shown import picture, show
from witting.hub.pages.rendering import page
from witting.terms.errors import UsageError
from witting.terms.insight import TITLES, GroupRelease, InsightShown
from witting.terms.programme import Programme


@get("/insight", opt={"action": "see_insight"}, sync_to_thread=True)
def see_insight(state: State) -> Response[str]:
    """Show the newest release of each programme, or why there is none."""
    hub: Hub = state.hub
    with reading(hub.engine) as connection:
        programmes = [record.programme for record in programmes_in_force(connection)]
    shown = [_section(programme, show(hub, programme.id)) for programme in programmes]
    return page("insight.html.j2", here="insight", sections=shown, titles=TITLES)


@get("/insight/{programme_id:str}/{number:int}", opt={"action": "see_insight_release"}, sync_to_thread=True)
def see_insight_release(programme_id: FromPath[str], number: FromPath[int], *, state: State) -> Response[str]:
    """Show one release, an earlier one too."""
    hub: Hub = state.hub
    with reading(hub.engine) as connection:
        programmes = [record.programme for record in programmes_in_force(connection, programme_id)]
    shown = [_section(programme, show(hub, programme.id), number=number) for programme in programmes]
    if not shown or shown[0]["release"] is None:
        raise UsageError("there is no such release", hint="the page of group figures lists those that there are")
    return page("insight.html.j2", here="insight", sections=shown, titles=TITLES)


@get("/insight/{programme_id:str}/{number:int}/{kind:str}", opt={"action": "see_insight_picture"}, sync_to_thread=True)
def see_insight_picture(programme_id: FromPath[str], number: FromPath[int], *, kind: FromPath[str], state: State) -> Response[str]:
    """Return one picture of a release."""
    hub: Hub = state.hub
    if not kind.endswith(".svg"):
        raise NotFoundException
    drawn = picture(hub, programme_id, number=number, kind=kind.removesuffix(".svg"))
    return Response(drawn, media_type="image/svg+xml; charset=utf-8")


def _section(programme: Programme, shown: InsightShown, *, number: int = 0) -> dict[str, object]:
    """Return what the page shows of a programme: one release of it, the newest unless another is named."""
    made = [msgspec.json.decode(one.release, type=GroupRelease) for one in shown.releases]
    release = next((one for one in made if number in {0, one.number}), None)
    entries = {one.number: each.proof.index for one, each in zip(made, shown.releases, strict=True)}
    drawn = {one.number: frozenset(each.pictures) for one, each in zip(made, shown.releases, strict=True)}
    return {
        "programme": programme,
        "standing": shown.standing,
        "release": release,
        "others": [one for one in made if release is not None and one.number != release.number],
        "entry": entries.get(release.number) if release else None,
        "drawn": drawn.get(release.number, frozenset()) if release else frozenset(),
    }


INSIGHT = (see_insight, see_insight_release, see_insight_picture)
