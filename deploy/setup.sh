#!/bin/sh
# Installs what is missing and says so; a second run finds nothing to do. Usage: setup.sh PYTHON VENV
set -eu
python=$1 venv=$2
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
stamp="$venv/.witting-stamp"
wanted=$(cat pyproject.toml constraints.txt deploy/debian-packages.txt deploy/setup.sh | sha256sum | cut -d' ' -f1)

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
  for package in $(grep -v '^#' deploy/debian-packages.txt); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  command -v "$python" >/dev/null 2>&1 || missing="$missing python3"
  "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || missing="$missing python3-venv"
fi
if [ -n "$missing" ]; then
  echo "setup: installing Debian packages:$missing"
  root=""
  [ "$(id -u)" = 0 ] || root="sudo"
  log=$(mktemp)
  if ! { $root apt-get update -qq && $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -20 "$log"
    echo "setup: error: apt-get could not install the packages above; nothing else was changed"
    exit 1
  fi
  rm -f "$log"
fi
if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ]; then
  echo "setup: making $venv and installing the Python packages of constraints.txt (a few minutes)"
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
  echo "$wanted" >"$stamp"
  echo "setup: done"
fi
