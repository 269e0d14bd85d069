"""`witting notice`: the notice that was agreed to, and whether it has changed since."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show


@click.command()
@data_option
@click.option("--check", is_flag=True, help="Ask the hub whether it changed since.")
@json_option
def notice(data: Path, *, check: bool, as_json: bool) -> None:
    """Print the notice you were shown. With --check, exit status 11 when a newer one is in force: recording stops until you choose anew."""
    from witting.device.asking import look_again
    from witting.device.enrolment import Enrolment
    from witting.device.send import HubClient
    from witting.terms.errors import NoticeChangedError

    enrolment = Enrolment(data)
    offer = enrolment.offer
    if check:
        with HubClient(enrolment.hub_url) as hub:
            is_other = look_again(enrolment, hub=hub)
        if is_other:
            version = Enrolment(data).programme.version
            message = f"the notice changed: version {version} is in force, you read version {offer.programme.version}"
            raise NoticeChangedError(message, hint="`witting desk` shows what changed and asks again; recording is off until you choose")
    answer = {"digest": offer.notice_digest, "version": offer.programme.version, "markdown": offer.notice_markdown}
    show(answer, offer.notice_markdown, as_json=as_json)
