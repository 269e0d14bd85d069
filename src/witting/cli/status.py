"""`witting status`: what is recorded now, under which consent, and what lies here."""

from pathlib import Path

import click

from witting.cli.options import data_option, json_option, show


@click.command()
@data_option
@json_option
def status(data: Path, *, as_json: bool) -> None:
    """Say what is recorded now, what you agreed to and what lies on this machine. Asks nobody."""
    from witting.consent.levels import chosen_level
    from witting.device.desk.config import DeskConfig
    from witting.device.desk.desk import Desk
    from witting.device.desk.format import size
    from witting.device.guards import load_rules

    desk = Desk(DeskConfig(data))
    stage = desk.stage
    if stage not in {"in", "asked"}:
        words = {"leaving": "you have left; the hub isn't told yet: `witting leave` tries again", "left": "you have left"}
        show({"stage": stage}, words.get(stage, "this machine is in no programme; `witting join LINK` starts one"), as_json=as_json)
        return
    enrolment, recorder, rules = desk.enrolment(), desk.recorder(), load_rules(data)
    sessions = enrolment.open_spool().sessions() if stage == "in" else []
    outbox = desk.outbox() if stage == "in" else None
    receipt = enrolment.receipt if stage == "in" else None
    unsent = sum(outbox.sent(info.session_id) is None for info in sessions) if outbox else 0
    answer = {
        "stage": stage,
        "status": enrolment.status,
        "recorder": recorder.state if recorder else "off",
        "app": recorder.app if recorder else "",
        "holds": list(recorder.holds) if recorder else [],
        "because": recorder.because if recorder else "",
        "quiet": list(rules.quiet),
        "keys_level": chosen_level(receipt.grants, receipt.keys_level) if receipt else "",
        "programme": enrolment.programme.id,
        "version": enrolment.programme.version,
        "hub": enrolment.hub_url,
        "sessions": len(sessions),
        "unsent": unsent,
        "size_bytes": sum(info.size_bytes for info in sessions),
        "keys": enrolment.keystore.protection if stage == "in" else "",
    }
    lines = [
        f"recording   {answer['recorder']}" + (f": {answer['because']}" if answer["because"] else ""),
        f"quiet hours {', '.join(rules.quiet) or 'none'}",
        f"consent     {enrolment.status}: {enrolment.programme.title}, version {enrolment.programme.version}",
        f"hub         {enrolment.hub_url}",
        f"here        {len(sessions)} sessions, {size(sum(info.size_bytes for info in sessions))} sealed, {unsent} not sent",
        f"keys        guarded by {_GUARDS.get(str(answer['keys']), 'nothing yet')}",
    ]
    if receipt is not None:
        lines.insert(3, f"typing      {answer['keys_level']}")
    show(answer, "\n".join(lines), as_json=as_json)


_GUARDS = {"keyring": "your desktop's keyring", "passphrase": "your passphrase", "file": "a file that only you can read"}
