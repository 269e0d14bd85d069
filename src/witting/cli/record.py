"""`witting record`, `pause`, `resume`, `stop`, `doctor`: the recorder, from the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from witting.cli.options import data_option, json_option, show

if TYPE_CHECKING:
    from witting.device.control import RecorderStatus


@click.command()
@click.argument("task", default="")
@data_option
@click.option("--purpose", "purposes", multiple=True, help="What this session is for; may be given more than once.")
@click.option(
    "--picture-every",
    type=click.FloatRange(0.5, 60),
    default=None,
    help="Seconds between pictures of changes, if longer than the programme's.",
)
@click.option("--voice-key", default="", help="Hold this key for a voice note, for instance F9; none unless you set it.")
@click.option(
    "--at-login/--not-at-login", "at_login", default=None, help="Start with your desktop from now on, or not; begins nothing now."
)
@click.option("--detach", is_flag=True, help="Go on recording in the background.")
@json_option
def record(  # one parameter per option
    task: str,
    data: Path,
    *,
    purposes: tuple[str, ...],
    picture_every: float | None,
    voice_key: str,
    at_login: bool | None,
    detach: bool,
    as_json: bool,
) -> None:
    """Start recording, and say what you are doing if you give a TASK, for instance "book a train".

    Only what you lent is recorded. A red sign shows it; click it to pause. Ends with `witting stop` or Ctrl-C.
    Exit status 10 when no consent is in force, 11 when the notice changed.
    """
    import os
    import sys

    from witting.device import launch

    if at_login is not None:
        _set_login(data, is_wanted=at_login, as_json=as_json)
        return
    config_path = launch.prepare(data, purposes=purposes, task=task, voice_key=voice_key, picture_seconds=picture_every or 0)
    if detach:
        status = launch.start_detached(config_path, log=config_path.parent / "recorder.log")
        said = f"paused: {status.because}" if status.state == "paused" else "recording"
        _show(status, f"{said}; session {status.session_id[:8]}; `witting stop` ends it", as_json=as_json)
        return
    show({"state": "recording"}, "recording; Ctrl-C or `witting stop` ends it", as_json=as_json)
    os.execv(sys.executable, launch.command(config_path))  # noqa: S606 - the recorder takes this process's place


@click.command()
@data_option
@json_option
def pause(data: Path, *, as_json: bool) -> None:
    """Stop recording for now; there is no limit, and no one is told."""
    _tell(data, "pause", "paused; `witting resume` goes on", as_json=as_json)


@click.command()
@data_option
@json_option
def resume(data: Path, *, as_json: bool) -> None:
    """Go on recording, unless something else holds it back: then it says what."""
    from witting.device import control

    status = control.resume(data / "run" / "control.sock")
    _show(status, f"still paused: {status.because}" if status.state == "paused" else "recording again", as_json=as_json)


@click.command()
@click.argument("what", type=click.Choice(["begin", "end"]))
@click.option("--keep-sound", is_flag=True, help="Keep the sound of this one note, sealed on this machine.")
@data_option
@json_option
def voice(what: str, data: Path, *, keep_sound: bool, as_json: bool) -> None:
    """Open the microphone for a voice note (begin), or close it (end): bind the two to a key of your desktop.

    What you say becomes text on this machine; the sound is thrown away unless you ask to keep it.
    """
    from witting.device import control

    path = data / "run" / "control.sock"
    status = control.speak(path, keep_sound=keep_sound) if what == "begin" else control.hush(path)
    _show(status, "the microphone is on" if status.is_listening else "the microphone is off", as_json=as_json)


@click.command()
@data_option
@json_option
def stop(data: Path, *, as_json: bool) -> None:
    """End the session; `witting review` shows what was recorded."""
    _tell(data, "stop", "stopped; `witting review` shows what was recorded", as_json=as_json)


@click.command()
@data_option
@json_option
def doctor(data: Path, *, as_json: bool) -> None:
    """Say of everything that has to do with recording here whether it works, works in part, or can't, and how to mend it.

    Exit status 1 when nothing can be recorded like this.
    """
    from dataclasses import asdict

    from witting.device.doctor import examine
    from witting.terms.errors import CaptureError

    found = examine(data)
    if as_json:
        show({"checks": [asdict(one) for one in found]}, "", as_json=True)
    else:
        for kind in dict.fromkeys(one.kind for one in found):
            print(_HEADINGS[kind])
            for one in (one for one in found if one.kind == kind):
                print(f"  {one.verdict:13}{one.name}: {one.evidence}")
                if one.hint:
                    print(f"{'':15}hint: {one.hint}")
    missing = [one.name for one in found if one.stops_recording]
    if missing:
        message = f"nothing can be recorded here: {', '.join(missing)}"
        raise CaptureError(message, hint="the list says how to mend each")


_HEADINGS = {
    "needed": "Needed",
    "stream": "What can be recorded",
    "sign": "The sign, and starting",
    "guard": "What holds recording or sending back by itself",
}


def _set_login(data: Path, *, is_wanted: bool, as_json: bool) -> None:
    from witting.device.enrolment import Enrolment
    from witting.device.setup import start_with_desktop

    start_with_desktop(Enrolment(data), is_wanted=is_wanted)
    said = "recording starts with your desktop from the next login on" if is_wanted else "recording starts only when you start it"
    show({"at_login": is_wanted}, said, as_json=as_json)


def _tell(data: Path, verb: str, said: str, *, as_json: bool) -> None:
    from witting.device import control

    verbs: dict[str, Callable[[Path], RecorderStatus]] = {"pause": control.pause, "stop": control.stop}
    _show(verbs[verb](data / "run" / "control.sock"), said, as_json=as_json)


def _show(status: "RecorderStatus", said: str, *, as_json: bool) -> None:
    import msgspec

    show(msgspec.to_builtins(status), said, as_json=as_json)
