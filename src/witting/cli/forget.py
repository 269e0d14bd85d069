"""`witting forget 5m`: take the last minutes out of what was recorded, for good."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show


@click.command()
@click.argument("span", default="5m")
@data_option
@json_option
def forget(span: str, data: Path, *, as_json: bool) -> None:
    """Take the last SPAN (5m, 90s, 1h) out of everything recorded here: it can't be read again, by anybody.

    Holds for the session being recorded and for those that ended within the SPAN. A note in its place says that something was there.
    What you sent is at the hub: `witting withdraw` takes it back.
    """
    from witting.device.enrolment import Enrolment
    from witting.device.forgetting import forget_last, parse_span

    seconds = parse_span(span)
    count = forget_last(Enrolment(data), seconds)
    show({"seconds": seconds, "items": count}, f"forgotten: the last {span}, {count} items; nothing of them is left here", as_json=as_json)
