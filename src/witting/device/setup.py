"""What is put outside the data directory for a participant: the systemd user unit that starts the recorder. Leaving takes it away again.

Knows where systemd looks. Invariant: nothing is started or enabled here; the person does that, and `Enrolment.installed` names every file.
"""

import os
import shlex
import sys
from pathlib import Path

from witting.consent.states import YES
from witting.device.enrolment import Enrolment
from witting.terms.errors import NoConsentError

UNIT_NAME = "witting-recorder.service"


def unit_text(data_dir: Path) -> str:
    """Return the systemd user unit that records for the enrolment in `data_dir`."""
    data = str(data_dir.absolute())
    command, stop = (shlex.join([sys.executable, "-m", "witting", verb, "--data", data]) for verb in ("record", "stop"))
    return f"""[Unit]
Description=witting: records what you lend, with a sign on the screen
Documentation=man:systemd.unit(5)
PartOf=graphical-session.target
After=graphical-session.target

ConditionPathExists={data}/consent.json
ConditionPathExists=!{data}/withdrawn

[Service]
ExecStart={command}
ExecStop={stop}
SuccessExitStatus=10 11
Restart=no
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
LimitCORE=0
Nice=5
UMask=0077

[Install]
WantedBy=graphical-session.target
"""


def install_unit(enrolment: Enrolment, *, config_home: Path | None = None) -> Path:
    """Write the unit below the person's systemd folder and note it for leaving; it is neither enabled nor started."""
    unit = unit_path(config_home)
    enrolment.note_installed([*missing_folders(unit.parent), unit])
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.write_text(unit_text(enrolment.data_dir), encoding="utf-8")
    return unit


def unit_path(config_home: Path | None = None) -> Path:
    """Return where the unit lies."""
    base = config_home or Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "systemd" / "user" / UNIT_NAME


def is_enabled(config_home: Path | None = None) -> bool:
    """Whether recording starts with the desktop."""
    return _wanted(unit_path(config_home)).is_symlink()


def start_with_desktop(enrolment: Enrolment, *, is_wanted: bool, config_home: Path | None = None) -> None:
    """Have recording start with the desktop, or not any more; as `systemctl --user enable` does it. Only while consent is given.

    Raises:
        NoConsentError: no consent is in force.
    """
    unit = unit_path(config_home)
    link = _wanted(unit)
    if not is_wanted:
        link.unlink(missing_ok=True)
        return
    if enrolment.status not in YES:
        raise NoConsentError("no consent is in force, so nothing starts by itself", hint="`witting join LINK` shows the notice and asks")
    if not unit.exists():
        install_unit(enrolment, config_home=config_home)
    enrolment.note_installed([*missing_folders(link.parent), link])
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(unit)


def _wanted(unit: Path) -> Path:
    return unit.parent / "graphical-session.target.wants" / UNIT_NAME


def missing_folders(folder: Path) -> list[Path]:
    """Return those of a folder and its parents that aren't there, outermost first: what making it makes."""
    return [path for path in reversed([folder, *folder.parents]) if not path.exists()]
