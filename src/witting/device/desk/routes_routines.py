"""What a person does again and again: read, name, shorten, forbid, take along as a script. Found and kept on their machine."""

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from witting.device.assist.finding import Routines
from witting.device.assist.keeping import Said
from witting.device.assist.routines import Routine
from witting.device.assist.script import script_of, to_yaml
from witting.device.assist.telling import tell, tell_length
from witting.device.desk.pages import Pages
from witting.terms.errors import NoConsentError, UsageError


@get("/routines", sync_to_thread=True)
def see_routines(pages: NamedDependency[Pages], told: FromQuery[str] = "") -> Response[str]:
    """Show the routines, or why there are none."""
    mine = Routines(pages.desk.enrolment())
    try:
        found, why = mine.find(with_forbidden=True), ""
    except NoConsentError as error:
        found, why = [], f"{error}. {error.hint}"
    forbidden = set(mine.said.forbidden)
    return pages.render(
        "routines.html.j2",
        here="/routines",
        told=told,
        why=why,
        unread=mine.unread,
        lines=[_line(one) for one in found if one.routine_id not in forbidden],
        forbidden=[one for one in found if one.routine_id in forbidden],
        tips=mine.tips,
        has_said=mine.said != Said(),
    )


@post("/routines/{routine_id:str}/name", sync_to_thread=True)
def name(pages: NamedDependency[Pages], routine_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Give a routine its person's name for it."""
    with pages.desk.acts:
        mine = Routines(pages.desk.enrolment())
        mine.name(mine.get(routine_id).routine_id, fields.get("title", ""))
    return Redirect("/routines?told=named", status_code=303)


@post("/routines/{routine_id:str}/forbid", sync_to_thread=True)
def forbid(pages: NamedDependency[Pages], routine_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Never show, suggest or run a routine; or allow it again."""
    is_forbidden = fields.get("allow") != "yes"
    with pages.desk.acts:
        mine = Routines(pages.desk.enrolment())
        mine.forbid(mine.get(routine_id).routine_id, is_forbidden=is_forbidden)
    return Redirect(f"/routines?told={'forbidden' if is_forbidden else 'allowed'}", status_code=303)


@post("/routines/{routine_id:str}/shorten", sync_to_thread=True)
def shorten(pages: NamedDependency[Pages], routine_id: FromPath[str], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take a step out of a routine."""
    number = fields.get("step", "")
    if not (number.isascii() and number.isdigit()):
        raise UsageError("no step was named", hint="choose one from the list; nothing was changed")
    with pages.desk.acts:
        mine = Routines(pages.desk.enrolment())
        mine.leave_out(mine.get(routine_id), int(number[:4]))
    return Redirect("/routines?told=shorter", status_code=303)


@get("/routines/{routine_id:str}/script", sync_to_thread=True)
def take_along(pages: NamedDependency[Pages], routine_id: FromPath[str]) -> Response[str]:
    """Give a routine as a script to save and read."""
    routine = Routines(pages.desk.enrolment()).get(routine_id)
    headers = {"Content-Disposition": f'attachment; filename="routine-{routine.routine_id}.yaml"'}
    return Response(to_yaml(script_of(routine)), media_type="application/yaml", headers=headers)


@post("/routines/tips/dismiss", sync_to_thread=True)
def dismiss(pages: NamedDependency[Pages], *, fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Never tell a tip again."""
    with pages.desk.acts:
        mine = Routines(pages.desk.enrolment())
        mine.find()
        mine.dismiss(fields.get("tip", ""))
    return Redirect("/routines?told=quieter", status_code=303)


@post("/routines/forget", sync_to_thread=True)
def forget(pages: NamedDependency[Pages]) -> Redirect:
    """Erase what the person said about their routines."""
    with pages.desk.acts:
        Routines(pages.desk.enrolment()).forget()
    return Redirect("/routines?told=said", status_code=303)


def _line(routine: Routine) -> dict[str, object]:
    return {
        "id": routine.routine_id,
        "title": routine.title,
        "times": routine.times,
        "sessions": routine.sessions,
        "length": tell_length(routine.seconds),
        "steps": [tell(step, routine) for step in routine.steps],
        "slots": routine.slots,
    }


HANDLERS = (see_routines, name, forbid, shorten, take_along, dismiss, forget)
