# Every target sets up what it needs; `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
STAMP := $(VENV)/.ready
QUIET := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_WARN_SCRIPT_LOCATION=1
UV := uv==0.13.9

# The first Python of 3.11 or newer that can make a virtual environment.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Two workers, each given a whole file at a time, the slow ones first; see tests/conftest.py.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: help setup run test-fast test test-full lint bench accuracy lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 11

setup: $(STAMP) ## make .venv with the locked packages and the tallybook command

run: $(STAMP) ## send the sample archive through the flow into data/lake
	@$(BIN)/tallybook backfill --archive data/bulletins --lake data/lake

test-fast: $(STAMP) ## run the quick tests alone (under a minute)
	@$(PYTEST) -m 'not slow and not full'

test: $(STAMP) ## run the tests (some minutes)
	@$(PYTEST) -m 'not full'

test-full: $(STAMP) ## run all there are, with a Prefect worker and other random examples each time
	@$(PYTEST) --hypothesis-profile other

lint: $(STAMP) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(STAMP) ## measure against the floors, side by side (some minutes)
	@$(BIN)/python -m tests.benchmarks

accuracy: $(STAMP) ## how exactly the examples are read, by language and shape
	@$(BIN)/python -m tests.accuracy

lock: ## write requirements.lock anew from pyproject.toml
	@$(require_python)
	@set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	$(PYTHON) -m venv "$$tool"; $(QUIET) "$$tool/bin/pip" install -qq '$(UV)'; \
	"$$tool/bin/uv" pip compile -q pyproject.toml --extra dev --python-version 3.11 --universal \
		--generate-hashes --no-header --upgrade -o requirements.lock

clean: ## remove .venv and caches; a lake is never removed
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find flows schemas tests -name __pycache__ -type d -prune -exec rm -rf {} +

define require_python
if [ -z "$(PYTHON)" ]; then \
	echo 'Tallybook needs Python 3.11 or newer with venv; none was found. Install it, or name one: make setup PYTHON=/path/to/python3' >&2; exit 1; fi
endef

# Each stamp comes last, so that a set-up that was interrupted starts afresh.
$(LOCKED): requirements.lock
	@$(require_python)
	@echo 'Setting up $(VENV) (about a minute, once) ...'
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(QUIET) $(BIN)/pip install -qq --no-deps --require-hashes -r requirements.lock
	@touch $@

$(STAMP): $(LOCKED) pyproject.toml
	@$(QUIET) $(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@$(QUIET) $(BIN)/pip check >/dev/null || { $(BIN)/pip check >&2; exit 1; }
	@touch $@
