#!/bin/sh
# Every branch of the rooms that keep the promises is walked by a test: consent, privacy, spool, vault, audit. Usage: coverage.sh BIN
set -eu
bin=$1
rooms="witting.consent witting.device.privacy witting.device.spool witting.hub.vault witting.audit"
set --
for room in $rooms; do set -- "$@" "--cov=$room"; done
exec "$bin/python" -m pytest -q tests/unit/consent tests/unit/privacy tests/unit/reading tests/unit/recorder tests/unit/spool tests/unit/hub tests/unit/audit tests/unit/cli \
  --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100 "$@"
