# Every task prepares the virtual environment it needs. `make` lists them.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DECLARED := setup.cfg setup.py pyproject.toml
# The second --quiet is for warnings about things that are not ours.
PIP = $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet
# Each worker goes through neighbouring tests, which use the same servers.
PYTEST = $(BIN)/python -m pytest -n auto --dist worksteal

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List the tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

# Each task adds its extra of setup.cfg to one environment, one at a time.
.NOTPARALLEL:

$(VENV)/.python: $(DECLARED)
	$(PYTHON) -m venv $(VENV)
	@touch $@

EXTRAS := bench demo dist docs fuzz lint matrix test types
$(EXTRAS:%=$(VENV)/.%): $(VENV)/.%: $(VENV)/.python
	$(PIP) --editable '.[crypto,$*]'
	@touch $@

# sanic-ext changes every application, so it has an environment of its own.
$(VENV)/.ext ext: BIN = $(VENV)/ext/bin
$(VENV)/.ext: $(DECLARED)
	$(PYTHON) -m venv $(VENV)/ext
	$(PIP) --editable '.[crypto,demo,openapi,test]'
	@touch $@

.PHONY: demo
demo: $(VENV)/.demo  ## Start a server with users, log-in and protected routes
	$(BIN)/python examples/demo.py

.PHONY: test
test: $(VENV)/.test  ## Run the tests; with ALL=1 the long ones and all checks
	$(PYTEST) $(if $(ALL),--cov --cov-append,-m 'not long') $(ARGS)
ifdef ALL
# What only works beside sanic-ext is covered there.
ext: COVERAGE = --cov --cov-report= --cov-fail-under=0
test: lint types docs dist ext
endif

.PHONY: ext
ext: $(VENV)/.ext  ## Run what has to work with sanic-ext installed
	$(PYTEST) tests/sanic_ext tests/sockets tests/examples $(COVERAGE) $(ARGS)

.PHONY: lint
lint: $(VENV)/.lint  ## Check style, format and the layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo

.PHONY: types
types: $(VENV)/.types  ## Check types, and that every public name has one
	$(BIN)/mypy
	$(BIN)/mypy tests/typing
	PATH="$(abspath $(BIN)):$$PATH" \
		pyright --verifytypes sanic_jwt_oo --ignoreexternal
	PATH="$(abspath $(BIN)):$$PATH" pyright sanic_jwt_oo tests/typing

.PHONY: docs
docs: $(VENV)/.docs  ## Build the documentation into docs/_build
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

bench fuzz: $(VENV)/.test

.PHONY: bench
bench: $(VENV)/.bench  ## Measure what checks cost; with wrk and valgrind
	$(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.fuzz  ## Look for tokens that only we accept, for SECONDS=60
	$(BIN)/python -m tests.fuzz -max_total_time=$(or $(SECONDS),60) $(ARGS)

.PHONY: mutants
mutants: $(VENV)/.test  ## List faults no test notices; SEED, COUNT, MODULES
	$(BIN)/python -m tests.mutants --seed $(or $(SEED),1) \
		--count $(or $(COUNT),40) --seconds $(or $(SECONDS),1800) $(MODULES)

.PHONY: matrix
matrix: $(VENV)/.matrix  ## Run the tests on every Python and Sanic at hand
	PYENV_VERSION="$$(pyenv versions --bare 2>/dev/null | paste -s -d : -)" \
		$(BIN)/tox run $(ARGS)

.PHONY: dist
dist: $(VENV)/.dist  ## Build wheel and sdist and try each one alone
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
