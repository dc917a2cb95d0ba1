# Every target sets up what it needs; `make help` lists them.

VENV := .venv
BIN := $(VENV)/bin
UV := .uv/bin/uv
LOCKED := $(VENV)/.locked
LOCKED_DEV := $(VENV)/.locked-dev
READY := $(VENV)/.ready
READY_DEV := $(VENV)/.ready-dev
QUIET := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_WARN_SCRIPT_LOCATION=1

# Set-up compiles what a run imports, less than half of the files, by importing it.
export PYTHONDONTWRITEBYTECODE :=
# uv does not read pip's settings; it looks where pip would.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

# The first Python of 3.11 or newer that can make a virtual environment.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

# Workers are given a whole file at a time, the slow ones first, and what needs a Prefect server in
# two parts; see tests/conftest.py. Three of them keep two cores busy: one waits for a server often.
# The quick tests wait for nothing, and there each worker imports anew what all of them need.
PYTEST = $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder
WORKERS = 3
test-fast: WORKERS = 2

.PHONY: help setup run test-fast test test-full browser readers lint fuzz crash coverage mutate bench accuracy docs lock clean
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 11

setup: $(READY_DEV) ## make .venv with all locked packages and the tallybook command

run: $(READY) ## send the sample archive through the flow into data/lake
	@$(BIN)/tallybook backfill --archive data/bulletins --lake data/lake

test-fast: $(READY_DEV) ## run the quick tests alone (about a minute)
	@$(PYTEST) -m 'not slow and not full'

test: $(READY_DEV) ## run the tests (some minutes)
	@$(PYTEST) -m 'not full'

test-full: $(READY_DEV) readers ## run all there are, with a Prefect worker and other random examples each time
	@$(PYTEST) --hypothesis-profile other

readers: .readers/.ready ## install what test-full reads the tables with: npm packages, pandas 2, Spark

browser: ## install Chromium (Debian's, as root) for the tests of the site, if it is missing
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } || \
		echo 'There is no Chromium, and it could not be installed: the tests in a browser are skipped.' >&2

lint: $(READY_DEV) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

fuzz: $(READY_DEV) ## try odd bytes on all that comes from outside (SECONDS=600)
	@$(BIN)/python -m tests.fuzz $(or $(SECONDS),600)

crash: $(READY_DEV) ## kill commands at random instants and compare, on disk and S3 (KILLS=300)
	@$(BIN)/python -m tests.kills --kills $(or $(KILLS),300) $(if $(SEED),--seed $(SEED))

coverage: $(READY_DEV) ## run the tests and print how much of each module they pass through
	@$(PYTEST) -m 'not full' --cov --cov-report=term

mutate: $(READY_DEV) ## make small mistakes in reconcile and parse/items, and list what no test notices
	@$(BIN)/python -m tests.mutation --seconds $(or $(SECONDS),2400)

bench: $(READY_DEV) ## measure against the floors, side by side (some minutes)
	@$(BIN)/python -m tests.benchmarks

accuracy: $(READY_DEV) ## how exactly the examples are read, by language and shape
	@$(BIN)/python -m tests.accuracy

docs: $(READY_DEV) ## build the documentation as a site that works offline, in build/docs
	@$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet -c docs . build/docs
	@echo 'The documentation: build/docs/index.html'

lock: ## write the locks anew from pyproject.toml, and try what lies above each ceiling
	@$(require_python)
	@set -e; tool=$$(mktemp -d); trap 'rm -rf "$$tool"' EXIT; \
	$(PYTHON) -m venv "$$tool"; $(QUIET) "$$tool/bin/pip" install -qq --require-hashes -r requirements-uv.lock; \
	compile() { "$$tool/bin/uv" pip compile -q --python-version 3.11 --universal --generate-hashes \
		--no-header --no-annotate "$$@"; }; \
	compile pyproject.toml --all-extras --upgrade -o requirements.lock; \
	$(MAKE) --no-print-directory -B constraints.txt; \
	compile pyproject.toml --extra build --constraint requirements.lock -o requirements-run.lock; \
	for reader in pandas2 spark; do \
		compile tests/readers/$$reader.in --upgrade -o tests/readers/$$reader.lock; done; \
	$(PYTHON) -m tests.ceilings "$$tool/bin/uv"

# The versions without the hashes: pip takes no package by path beside constraints that have some.
constraints.txt: requirements.lock
	@sed -E 's/ *\\$$//; /^ +--hash/d' requirements.lock > $@

clean: ## remove .venv and caches; a lake is never removed
	rm -rf $(VENV) .uv .readers build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
	find flows schemas tests -name __pycache__ -type d -prune -exec rm -rf {} +

define require_python
if [ -z "$(PYTHON)" ]; then \
	echo 'Tallybook needs Python 3.11 or newer with venv; none was found. Install it, or name one: make setup PYTHON=/path/to/python3' >&2; exit 1; fi
endef

# Installs what a lock names: uv takes seconds, pip a minute or more.
define install
	@packages=$$(grep -c '==' $(1)); began=$$(date +%s); \
	echo "Installing what $(1) names into $(VENV) ..."; rm -f $(VENV)/.failed; \
	if [ ! -x $(UV) ]; then touch $(VENV)/.failed; else \
		{ $(UV) pip install --python $(BIN)/python --no-deps --require-hashes -r $(1) 2>&1 \
			|| touch $(VENV)/.failed; } | grep -v '^ [-+~] '; fi; \
	if [ -e $(VENV)/.failed ]; then rm $(VENV)/.failed; \
		echo 'uv cannot do it here; pip does, which takes longer:'; \
		{ $(QUIET) $(BIN)/pip install --no-deps --require-hashes -r $(1) || touch $(VENV)/.failed; } \
			| awk -v packages=$$packages '/^(Collecting|Processing) /{print "  " ++n " of " packages ": " $$2}'; \
		if [ -e $(VENV)/.failed ]; then exit 1; fi; fi; \
	echo "That took $$(($$(date +%s) - began)) s."
endef

# Meanwhile Prefect's database is made that a first run copies, and what a run imports is compiled:
# both take seconds.
define link
	@$(BIN)/python -m flows.orchestration.database & database=$$!; \
	$(BIN)/python -c 'import flows.backfill, flows.validate.checkpoints' & \
	$(QUIET) $(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e . && \
	{ $(QUIET) $(BIN)/python -m pip check >/dev/null || { $(BIN)/python -m pip check >&2; false; }; } || \
	{ wait $$database; exit 1; }; \
	wait $$database || echo 'The first run makes the database of Prefect itself.'; wait
endef

# What is not here is named by the test that wants it. npm's lock names no registry, as ours.
.readers/.ready: tests/readers/package-lock.json tests/readers/pandas2.lock tests/readers/spark.lock
	@$(require_python)
	@rm -rf .readers; mkdir .readers
	@echo 'Installing further readers into .readers, once.'
	@$(PYTHON) -m venv .readers/pandas2
	@$(QUIET) .readers/pandas2/bin/pip install -qq --require-hashes -r tests/readers/pandas2.lock
	@if command -v java >/dev/null; then $(PYTHON) -m venv .readers/spark; \
		$(QUIET) .readers/spark/bin/pip install -qq --require-hashes -r tests/readers/spark.lock; fi
	@if command -v npm >/dev/null; then cp tests/readers/package*.json .readers; \
		npm ci --prefix .readers --ignore-scripts --no-audit --no-fund --loglevel error; fi
	@touch $@

# Each stamp comes last, so that a set-up that was interrupted starts afresh.
$(LOCKED): requirements-run.lock requirements-uv.lock
	@$(require_python)
	@echo 'Setting up $(VENV), once: a virtual environment, uv, the locked packages.'
	@rm -rf $(VENV) .uv
	@$(PYTHON) -m venv $(VENV)
	@$(QUIET) $(BIN)/pip install -qq --require-hashes --target .uv -r requirements-uv.lock || rm -rf .uv
	$(call install,requirements-run.lock)
	@touch $@

# What the tests and the tools of development need beside these.
$(LOCKED_DEV): $(LOCKED) requirements.lock
	$(call install,requirements.lock)
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	$(link)
	@touch $@

$(READY_DEV): $(LOCKED_DEV) pyproject.toml
	$(link)
	@touch $(READY) $@
