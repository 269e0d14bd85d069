"""What is put outside the data directory for a participant: the systemd user unit that starts the recorder. Leaving takes it away again.

Knows where systemd looks. Invariant: nothing is started or enabled here; the person does that, and `Enrolment.installed` names every file.
"""

import os
import shlex
import sys
from pathlib import Path

from witting.device.enrolment import Enrolment

UNIT_NAME = "witting-recorder.service"


def unit_text(data_dir: Path) -> str:
    """Return the systemd user unit that records for the enrolment in `data_dir`."""
    command = shlex.join([sys.executable, "-m", "witting", "record", "--data", str(data_dir.absolute())])
    return f"""[Unit]
Description=witting: records what you lend, with a sign on the screen
Documentation=man:systemd.unit(5)
PartOf=graphical-session.target
After=graphical-session.target

[Service]
ExecStart={command}
Restart=no
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX
UMask=0077

[Install]
WantedBy=graphical-session.target
"""


def install_unit(enrolment: Enrolment, *, config_home: Path | None = None) -> Path:
    """Write the unit below the person's systemd folder and note it for leaving; it is neither enabled nor started."""
    base = config_home or Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    unit = base / "systemd" / "user" / UNIT_NAME
    enrolment.note_installed([*missing_folders(unit.parent), unit])
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.write_text(unit_text(enrolment.data_dir), encoding="utf-8")
    return unit


def missing_folders(folder: Path) -> list[Path]:
    """Return those of a folder and its parents that aren't there, outermost first: what making it makes."""
    return [path for path in reversed([folder, *folder.parents]) if not path.exists()]
