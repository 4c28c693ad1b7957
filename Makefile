# `make` lists what there is to do. Nothing needs to be installed but Python 3.11 or newer.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
DATA_DIR ?= .queue-data
ARGS ?=
PYTEST_ARGS ?=
LOCUSTFILE ?= loadtests/locustfile.py
CODE := $(wildcard scheduling_core queue_server jobs sql loadtests tests)

.PHONY: help setup setup-dev web demo up load test browser check lint types imports events check-web check-events check-locks format lock db-reset clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.installed web ## make .venv with everything the demo needs

setup-dev: $(VENV)/.installed-dev web ## the same, with the tools for tests and checks

demo: setup ## start a living demo clinic with its own Postgres and Redis (ARGS="--port 9000")
	@exec $(BIN)/queue-server demo $(ARGS)

up: setup ## start the server with its own Postgres and Redis, without demo data (ARGS=…)
	@exec $(BIN)/queue-server up $(ARGS)

load: setup-dev ## put Locust's load on the demo that runs; docs/load-tests.md (ARGS="--users 2000 --run-time 5m")
	@$(BIN)/locust -f $(LOCUSTFILE) --host http://127.0.0.1:8000 --headless --only-summary --users 200 --spawn-rate 50 \
		$(if $(findstring storm,$(LOCUSTFILE)),,--run-time 1m) $(ARGS)

test: setup-dev browser ## run all tests (PYTEST_ARGS="-k queue")
	@# Three at a time, for each waits a third of its time; each has services of its own. A file stays together, browsers come last (tests/conftest.py).
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

check: setup-dev lint types imports check-web check-events check-locks ## everything but tests: style, types, layers, screens, lock files

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy $(CODE) hatch_build.py

imports:
	$(BIN)/lint-imports

check-web:
	$(BIN)/python -m queue_server.contract_types --check
	$(BIN)/python hatch_build.py run check

check-events:
	$(BIN)/python -m queue_server.event_catalog --check

# A lock file names versions and hashes; where they come from is each machine's own affair.
check-locks:
	@if grep -nE 'https?://|git\+|file:|--(extra-)?index-url|--find-links' requirements.lock requirements-dev.lock; \
	then echo 'The lines above name an address; make the lock files again with `make lock`.'; exit 1; fi
	@if grep -nE '"resolved":' queue_server/web/package-lock.json loadtests/fanout/node/package-lock.json; \
	then echo 'package-lock.json names an address; make it again with `make lock`.'; exit 1; fi

events: setup-dev ## make docs/events.md, the catalog of events, again from the code
	$(BIN)/python -m queue_server.event_catalog

format: setup-dev ## put the code in its usual shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python hatch_build.py run format

lock: setup-dev ## make the lock files again from pyproject.toml and package.json
	$(BIN)/uv pip compile $(UV_LOCK) --extra embedded --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(UV_LOCK) -c requirements.lock --all-extras pyproject.toml -o requirements-dev.lock
	$(BIN)/python hatch_build.py lock
	$(MAKE) check-locks

UV_LOCK := --universal --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --quiet

web: $(VENV)/.installed ## build the screens, if their sources changed
	@$(BIN)/python hatch_build.py >&2

db-reset: $(VENV)/.installed ## delete the data of demo and up (DATA_DIR=.queue-data), unless it is in use
	@$(BIN)/python -m queue_server.embedded.reset "$(DATA_DIR)"

clean: ## remove what was built and installed; data stays
	rm -rf $(VENV) queue_server/_web queue_server/web/node_modules dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- how .venv comes to be ---------------------------------------------------------------------------------------------

# All of it is told on standard error: `make demo ARGS=--json` prints one line on standard output.

# The first Python that will do – 3.12 and 3.11 have an embedded Redis as well; PYTHON=… chooses another.
PYTHON ?= $(shell for name in python3.12 python3.11 python3.13 python3 python3.14; do \
	if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	then echo $$name; break; fi; done)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer, with its venv module, is needed and was not found."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing (once; a minute or two) …" >&2
	@$(PIP) install --require-hashes -r requirements.lock
	@QUEUE_SERVER_SKIP_WEB=1 $(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the tools for tests and checks (once) …"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Browser tests use the machine's Chromium; where it can be installed without asking, it is.
browser:
	@if command -v chromium chromium-browser google-chrome >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 \
		&& { echo "Installing Chromium for the browser tests (once) …"; apt-get update -qq; } \
		&& DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-core >/dev/null; \
	then exit 0; fi; \
	echo "Chromium could not be installed here (install the package 'chromium'): browser tests will be skipped."
