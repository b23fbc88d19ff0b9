# Every task prepares the virtual environment it needs. `make` lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SECONDS ?= 60
DECLARED := setup.cfg setup.py pyproject.toml
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

# One environment in three steps: the demo and the tests wait for no more than
# they need, unless a task that needs the rest may run beside them.
ALONE := $(if $(ALL)$(filter-out bench demo fuzz test,$(MAKECMDGOALS)),,yes)
TESTING := $(VENV)/$(if $(ALONE),.test,.develop)

$(VENV)/.demo: $(DECLARED)
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[crypto,demo]'
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP) --editable '.[crypto,demo,test]'
	@touch $@

$(VENV)/.develop: $(VENV)/.test
	$(PIP) --editable '.[crypto,demo,docs,lint,test]'
	@touch $@

# sanic-ext changes every application, so it has an environment of its own.
$(VENV)/.ext ext: BIN = $(VENV)/ext/bin
$(VENV)/.ext: $(DECLARED)
	$(PYTHON) -m venv $(VENV)/ext
	$(PIP) --editable '.[crypto,demo,openapi,test]'
	@touch $@

$(VENV)/.fuzz: $(TESTING)
	$(PIP) --editable '.[crypto,demo,fuzz,test]'
	@touch $@

$(VENV)/.bench: $(TESTING)
	$(PIP) --editable '.[bench,crypto,demo,test]'
	@touch $@

.PHONY: demo
demo: $(VENV)/.demo  ## Start a server with users, log-in and protected routes
	$(BIN)/python examples/demo.py

.PHONY: test
test: $(TESTING)  ## Run the tests; with ALL=1 every other check as well
	$(BIN)/python -m pytest -q -n auto $(if $(ALL),--cov) $(ARGS)
ifdef ALL
test: lint types docs dist ext
endif

.PHONY: ext
ext: $(VENV)/.ext  ## Run what has to work with sanic-ext installed
	$(BIN)/python -m pytest -q -n auto tests/sanic_ext tests/examples $(ARGS)

.PHONY: lint
lint: $(VENV)/.develop  ## Check style, format and the layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

.PHONY: types
types: $(VENV)/.develop  ## Check types, and that every public name has one
	$(BIN)/mypy
	$(BIN)/mypy tests/typing/application.py
	PATH="$(abspath $(BIN)):$$PATH" \
		pyright --verifytypes sanic_jwt_oo --ignoreexternal
	PATH="$(abspath $(BIN)):$$PATH" pyright sanic_jwt_oo tests/typing

.PHONY: docs
docs: $(VENV)/.develop  ## Build the documentation into docs/_build
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

.PHONY: bench
bench: $(VENV)/.bench  ## Measure what checks cost; with wrk and valgrind
	$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.fuzz  ## Look for tokens that only we accept, for SECONDS=60
	$(BIN)/python -m tests.fuzz -max_total_time=$(SECONDS) $(ARGS)

.PHONY: matrix
matrix: $(VENV)/.develop  ## Run the tests on every Python and Sanic at hand
	PYENV_VERSION="$$(pyenv versions --bare 2>/dev/null | paste -s -d : -)" \
		$(BIN)/tox run $(ARGS)

.PHONY: dist
dist: $(VENV)/.develop  ## Build wheel and sdist and try each one alone
	rm -rf build dist
	$(BIN)/python -m build --quiet
	$(BIN)/twine check --strict dist/*
	set -e; for archive in dist/*; do \
		$(BIN)/python -m venv --clear build/alone; \
		build/alone/bin/python -m pip install --quiet "$$archive"; \
		build/alone/bin/python -I .ci/smoke.py; \
	done

.PHONY: check
check: lint types test docs  ## Run lint, types, test and docs

.PHONY: clean
clean:  ## Remove the environment and everything that was built
	rm -rf $(VENV) .tox build dist docs/_build htmlcov .coverage* *.egg-info
	rm -rf .bench .fuzz .hypothesis .import_linter_cache .*_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
