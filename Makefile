# Two commands do everything on a fresh Debian machine: `make demo` and `make test`. Both set up first and say what they install.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: setup-more demo test test-all bench check coverage docs clean setup bench-% extension-firefox

setup: ; @sh deploy/setup.sh "$(PYTHON)" "$(VENV)"
setup-more: ; @sh deploy/setup.sh "$(PYTHON)" "$(VENV)" more

demo: setup ; @$(BIN)/witting demo --out demo
test: setup ; @$(BIN)/python -m pytest
test-all: setup-more ; @WITTING_EXAMPLES=explore $(BIN)/python -m pytest -m ""
check: setup ; @sh deploy/check.sh $(BIN)
coverage: setup ; @sh deploy/coverage.sh $(BIN)
docs: setup ; @NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet
bench: setup-more ; @for f in bench/bench_*.py; do $(BIN)/python $$f || exit 1; done
# one command for every row of a table that several files measure
bench-capture: setup-more ; @for f in capture input screen fuzz pause page; do $(BIN)/python bench/bench_$$f.py || exit 1; done
bench-redaction: setup-more ; @for f in redaction reidentify; do $(BIN)/python bench/bench_$$f.py || exit 1; done
bench-%: setup-more ; @$(BIN)/python bench/bench_$*.py
extension-firefox: ; @$(PYTHON) deploy/extension_firefox.py
clean: ; rm -rf demo site bench/out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
