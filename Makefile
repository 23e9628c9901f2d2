# Civiflow's commands. A machine needs Python 3.11 or newer and make; `make help` lists the targets.
# Each is a thin wrapper: the commands behind it are in README.md and work without make.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
WORKERS ?= 2
# ARGS goes to the command behind the target: make run ARGS="--port 8001", make test ARGS="-k feel"
ARGS ?=
# SHORT=1 asks `make crash` and `make bench` for their short form
SHORT ?=

# what `make test` runs: all but what has a target of its own
SUITE = -n $(WORKERS) -m "not browser" --ignore=tests/e2e --ignore=tests/crash --ignore=tests/bench

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run install dev test check format coverage e2e crash properties bench services lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: install ## start Civiflow with demo data on http://127.0.0.1:8000
	@$(BIN)/civiflow assets
	@$(BIN)/civiflow run --demo $(ARGS)

test: dev ## run the tests; those of PostgreSQL run where `make services` was run
	$(BIN)/pytest $(SUITE) $(ARGS)

check: dev ## lint, formatting, types, import contracts, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python requirements/lock.py check

format: dev ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: dev ## run the tests and list the lines none of them reaches
	$(BIN)/pytest $(SUITE) --cov --cov-report=term-missing $(ARGS)

e2e: dev ## the main job in a real browser (needs Chromium)
	@if ls tests/e2e/test_*.py >/dev/null 2>&1; then set -x; $(BIN)/civiflow assets && $(BIN)/pytest tests/e2e $(ARGS); \
	else echo "tests/e2e has no test yet."; fi

crash: dev ## kill, pause and restart real processes (needs the services)
	@if ls tests/crash/test_*.py >/dev/null 2>&1; then set -x; CIVIFLOW_SHORT=$(SHORT) $(BIN)/pytest -n $(WORKERS) --dist loadfile tests/crash $(ARGS); \
	else echo "tests/crash has no test yet."; fi

security: dev ## hostile input: much more of everything, and in Chromium (SHORT=1: Chromium only; the rest is in `make test`)
	@set -x; $(BIN)/civiflow assets && \
	if [ -n "$(SHORT)" ]; then $(BIN)/pytest tests/security -m browser $(ARGS); \
	else CIVIFLOW_SECURITY=long $(BIN)/pytest -n $(WORKERS) --timeout 900 tests/security $(ARGS); fi

bench: dev ## measure; each file of tests/bench prints its figures
	@found=; for file in tests/bench/*.py; do \
	    case "$$file" in *'*.py'|*/frame.py) continue;; esac; \
	    found=1; echo "== $$file"; CIVIFLOW_SHORT=$(SHORT) $(BIN)/python "$$file" $(ARGS) || exit 1; \
	done; [ -n "$$found" ] || echo "tests/bench has no benchmark yet."

properties: dev ## the long form of tests/properties: thousands of random commands against the reference
	CIVIFLOW_LONG=1 $(BIN)/pytest -rP -n $(WORKERS) tests/properties $(ARGS)

services: ## install and start PostgreSQL, Redis, RabbitMQ and Chromium (Debian; root or sudo)
	@bash .ci/services

lock: dev ## resolve requirements/*.txt anew (ARGS=--upgrade for the newest versions)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python requirements/lock.py write $(ARGS)

clean: ## remove the environment, caches and built assets; data under var/ stays
	rm -rf .venv build dist api/web/dist api/web/node_modules .coverage .coverage.* htmlcov
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: .venv/.installed

dev: .venv/.installed-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = "%d.%d" % sys.version_info[:2]; sys.version_info >= (3, 11) or sys.exit("Expected Python 3.11 or newer, but $(PYTHON) is " + v + ". Say which: make PYTHON=/path/to/python3.11 ...")'
	@echo "Creating .venv (once) ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "Expected the venv module, but $(PYTHON) lacks it (Debian: apt-get install python3-venv)."; exit 1; }

# The stamps make a second `make run` cheap: packages are looked at again only when these files change.
.venv/.installed: requirements/lock.txt pyproject.toml | $(BIN)/python
	@echo "Installing what requirements/lock.txt names (once) ..."
	@$(PIP) install --quiet --require-hashes -r requirements/lock.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing what requirements/dev.txt names (once) ..."
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
