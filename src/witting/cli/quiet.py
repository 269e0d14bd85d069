"""`witting quiet 18:00-08:00`: hours of one's own in which nothing is recorded."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show


@click.command()
@click.argument("hours", nargs=-1)
@data_option
@click.option("--none", "is_none", is_flag=True, help="No quiet hours any more.")
@json_option
def quiet(hours: tuple[str, ...], data: Path, *, is_none: bool, as_json: bool) -> None:
    """Set your quiet HOURS, in your local time, for instance 18:00-08:00 12:00-13:00; without HOURS say which they are.

    Nothing is recorded in them, whatever else is set; a recorder that runs pauses by itself and goes on afterwards. Nobody is told.
    """
    import msgspec

    from witting.device.enrolment import Enrolment
    from witting.device.guards import load_rules, save_rules
    from witting.device.guards.rules import parse_span
    from witting.terms.errors import UsageError

    if hours and is_none:
        raise UsageError("hours were given, and --none", hint="one of the two")
    for span in hours:
        parse_span(span)
    Enrolment(data)  # says so when this device is in no programme
    rules = load_rules(data)
    if hours or is_none:
        rules = msgspec.structs.replace(rules, quiet=hours)
        save_rules(data, rules)
    said = ", ".join(rules.quiet)
    show({"quiet": list(rules.quiet)}, f"quiet hours: {said}" if said else "there are no quiet hours", as_json=as_json)
