#!/bin/sh
# Everything that reads the code without running the program. Usage: check.sh BIN
set -eu
bin=$1
run() { echo "check: $1"; shift; "$@"; }
run "format" "$bin/ruff" format --check --quiet src tests bench
run "lint" "$bin/ruff" check --quiet src tests bench
run "types" "$bin/mypy" --no-error-summary
run "imports" "$bin/lint-imports" --no-cache
run "test docstrings" "$bin/interrogate" --quiet tests
run "spelling" "$bin/codespell" src tests docs bench extension README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
run "shape" "$bin/python" -m pytest -q tests/unit/test_shape.py tests/unit/test_docs.py tests/unit/test_docs_commands.py
run "docs" env NO_MKDOCS_2_WARNING=1 "$bin/mkdocs" build --strict --quiet
echo "check: all good"
