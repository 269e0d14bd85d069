"""A participant's own hand on their recording: forget the last minutes, set quiet hours.

Invariant: both hold when the answer comes, and neither is told to anybody.
"""

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.response import Redirect

from witting.device.desk.pages import Pages
from witting.device.forgetting import forget_last, parse_span
from witting.device.guards import load_rules, save_rules
from witting.device.guards import rules as ruling


@post("/forget", sync_to_thread=True)
def forget(pages: NamedDependency[Pages], fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Take the last minutes out of everything recorded here, for good."""
    seconds = parse_span(fields.get("span", ""))
    desk = pages.desk
    with desk.acts:
        enrolment = desk.enrolment()
        forget_last(enrolment, seconds)
        for info in enrolment.open_spool().sessions():
            desk.shelf.forget(info.session_id)
    return Redirect("/?told=forgotten", status_code=303)


@post("/quiet", sync_to_thread=True)
def set_quiet(pages: NamedDependency[Pages], fields: NamedDependency[dict[str, str]]) -> Redirect:
    """Set the quiet hours; an empty field means none."""
    spans = tuple(fields.get("hours", "").replace(",", " ").split())
    for span in spans:
        ruling.parse_span(span)
    data_dir = pages.desk.config.data_dir
    save_rules(data_dir, msgspec.structs.replace(load_rules(data_dir), quiet=spans))
    return Redirect("/?told=quiet", status_code=303)


HANDLERS = (forget, set_quiet)
