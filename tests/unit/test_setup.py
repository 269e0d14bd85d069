"""`make setup` installs what is missing, says so, and does nothing twice. Its outside programs are small scripts of a temporary folder."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
TOOLS = ("sh", "cat", "cut", "dirname", "grep", "mktemp", "mkdir", "rm", "sed", "sha256sum", "tail", "tee", "touch", "tr", "uname", "wc")
WANTED = [line for line in (REPO / "deploy/debian-packages.txt").read_text().splitlines() if not line.startswith("#")]
MOST_LINES = 25  # that a first run may print; the pip below prints 900

FAKES = {
    "dpkg-query": 'for name; do :; done; grep -qx "$name" "$STATE/debian" && echo "install ok installed"',
    "id": 'cat "$STATE/uid"',
    "sudo": 'echo "sudo" >>"$STATE/calls"; exec "$@"',
    "apt-get": """
        case "$*" in *update*) exit 0 ;; esac
        echo "apt-get" >>"$STATE/calls"
        [ ! -e "$STATE/apt-fails" ] || { echo "E: Unable to locate package xvfb"; exit 100; }
        echo "0 upgraded, 3 newly installed, 0 to remove"; echo "Need to get 248 MB of archives."
        for word; do case $word in -*|install) ;; *) echo "$word" >>"$STATE/debian" ;; esac; done
    """,
    "python3": """
        case "$1 $2" in
          "--version "*) echo "Python $(cat "$STATE/python")" ;;
          "-c "*version_info*) [ "$(cat "$STATE/python")" != 3.9.2 ] ;;
          "-c "*) ;;
          "-m venv")
            echo "venv" >>"$STATE/calls"; rm -rf "$4"; mkdir -p "$4/bin"
            echo "command = python3 -m venv --clear $(pwd)/$4" >"$4/pyvenv.cfg"
            sed 's/^#!.*/#!\\/bin\\/sh/' "$0" >"$4/bin/python"; chmod +x "$4/bin/python" ;;
          "-m pip")
            case "$*" in *--version) exit 0 ;; esac
            echo "pip" >>"$STATE/calls"
            i=0; while [ $i -lt 150 ]; do i=$((i + 1)); echo "Collecting package-$i"; echo "  Downloading package-$i-1.0.whl (1.0 MB)"; done
            echo "  Downloading torch-2.13.0-cp311.whl (526.6 MB)"; echo "Installing collected packages: a, b, c"
            [ ! -e "$STATE/pip-fails" ] || { echo "ERROR: No matching distribution found for a"; exit 1; } ;;
        esac
    """,
}


@dataclass(frozen=True)
class Machine:
    """A checkout and the programs of a machine, all of them below one folder."""

    root: Path  # the temporary folder

    @property
    def checkout(self) -> Path:
        """Return where the set-up runs."""
        return self.root / "checkout"

    def write(self, name: str, text: str = "") -> None:
        """Set a fact that the machine's programs read."""
        (self.root / "state" / name).write_text(text)

    def calls(self) -> list[str]:
        """Return what was run since the last question."""
        path = self.root / "state/calls"
        lines = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def set_up(self, checkout: Path | None = None) -> tuple[int, str, str]:
        """Return exit status, output and errors of the set-up."""
        environment = {"PATH": str(self.root / "bin"), "STATE": str(self.root / "state"), "TMPDIR": str(self.root / "tmp")}
        command = [str(self.root / "bin/sh"), "deploy/setup.sh", "python3", ".venv"]
        where = checkout or self.checkout
        done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Return a machine with Python and no package, its user root."""
    found = Machine(tmp_path)
    for folder in ("bin", "state", "tmp", "checkout/deploy"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt", "deploy/setup.sh", "deploy/debian-packages.txt"):
        shutil.copy(REPO / name, found.checkout / name)
    for name in (*TOOLS, "chmod"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    for name, script in FAKES.items():
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    for name, text in {"uid": "0", "python": "3.11.2", "debian": ""}.items():
        found.write(name, text)
    return found


def test_a_first_run_installs_all_and_a_second_nothing(machine: Machine) -> None:
    """After a first run every listed package is there; a second run calls nothing and prints nothing."""
    assert machine.set_up()[0] == 0
    assert machine.calls() == ["apt-get", "venv", "pip", "pip", "pip"]
    assert set(WANTED) <= set((machine.root / "state/debian").read_text().split())
    assert machine.set_up() == (0, "", "")
    assert machine.calls() == []
    assert list((machine.root / "tmp").iterdir()) == []


def test_a_first_run_says_what_it_installs_and_how_far_it_is(machine: Machine) -> None:
    """The names of the packages, the sizes and the progress are told, in a few lines."""
    _, output, errors = machine.set_up()
    lines = output.splitlines()
    assert all(line.startswith("setup: ") for line in lines)
    assert errors == ""
    assert all(name in lines[0] for name in WANTED)
    assert "setup: with what they need: 3 packages, 248 MB of archives." in lines
    assert {"setup: fetching torch (526.6 MB)", "setup: 120 packages looked up", "setup: done"} <= set(lines)
    assert len(lines) <= MOST_LINES


def test_a_changed_list_brings_the_environment_in_line(machine: Machine) -> None:
    """New pins reach an environment that is there already, which isn't made anew."""
    machine.set_up()
    machine.calls()
    with (machine.checkout / "constraints.txt").open("a") as file:
        file.write("# changed\n")
    assert machine.set_up()[0] == 0
    assert machine.calls() == ["pip", "pip", "pip"]
    assert machine.set_up()[1] == ""


def test_a_package_that_went_is_put_back(machine: Machine) -> None:
    """A Debian package that somebody removed is installed again, and it alone."""
    machine.set_up()
    machine.write("debian", "\n".join(name for name in WANTED if name != "chromium"))
    machine.calls()
    _, output, _ = machine.set_up()
    assert machine.calls() == ["apt-get"]
    assert output.splitlines()[0] == "setup: installing Debian packages: chromium"


def test_a_copied_checkout_gets_its_own_environment(machine: Machine) -> None:
    """An environment that came along in a copy would run the code of the first checkout, so it is made anew."""
    machine.set_up()
    machine.calls()
    copy = machine.root / "copy"
    shutil.copytree(machine.checkout, copy)
    assert machine.set_up(copy)[0] == 0
    assert machine.calls() == ["venv", "pip", "pip", "pip"]


def test_packages_are_installed_through_sudo(machine: Machine) -> None:
    """Somebody who isn't root installs Debian packages by sudo, and Python packages as themselves."""
    machine.write("uid", "1000")
    assert machine.set_up()[0] == 0
    assert machine.calls() == ["sudo", "apt-get", "venv", "pip", "pip", "pip"]


def test_without_root_and_sudo_it_says_what_to_run(machine: Machine) -> None:
    """Where packages can't be installed, the command for it is printed and nothing is touched."""
    machine.write("uid", "1000")
    (machine.root / "bin/sudo").unlink()
    status, _, errors = machine.set_up()
    assert status == 1
    assert f"hint: as root: apt-get install --no-install-recommends {' '.join(WANTED)}" in errors
    assert machine.calls() == []


def test_a_failed_apt_stops_before_python(machine: Machine) -> None:
    """When Debian's packages can't be had, apt's own words are shown and no environment is made."""
    machine.write("apt-fails")
    status, _, errors = machine.set_up()
    assert status == 1
    assert errors.startswith("E: Unable to locate package xvfb\nsetup: error: apt-get could not install them")
    assert machine.calls() == ["apt-get"]
    assert not (machine.checkout / ".venv").exists()


def test_a_failed_pip_is_tried_again(machine: Machine) -> None:
    """When pip fails, its error and the whole log are named, and the next run doesn't take the work for done."""
    machine.write("pip-fails")
    status, _, errors = machine.set_up()
    assert status == 1
    assert "ERROR: No matching distribution found for a" in errors
    log = Path(errors.split("its messages: ")[1].split("\n")[0])
    assert "Collecting package-149" in log.read_text()
    (machine.root / "state/pip-fails").unlink()
    machine.calls()
    assert machine.set_up()[0] == 0
    assert machine.calls() == ["pip", "pip", "pip"]


def test_an_old_python_is_refused_first(machine: Machine) -> None:
    """With a Python before 3.11 nothing at all is installed, and the version is named."""
    machine.write("python", "3.9.2")
    status, _, errors = machine.set_up()
    assert status == 1
    assert "witting needs Python 3.11 or newer, and python3 is Python 3.9.2" in errors
    assert machine.calls() == []
