# Everything runs in .venv, which needs Python 3.11 or newer, git and make, and nothing else.
# Another interpreter: make PYTHON=/path/to/python3.13 …

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
PYTEST := $(BIN)/python -m pytest --quiet
DEMO_DIR ?= demo
DOCS := README.md docs/aws.md docs/gcp.md docs/azure.md docs/commands.md docs/queries.md docs/views.md docs/matrix.md

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help venv demo test test-slow check lint format format-check types contracts docs docs-check build smoke bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: .venv/.dev ## Create .venv with everything that development needs

demo: .venv/.demo ## Scan a sample MSP estate on this machine and show what it found
	@$(BIN)/nhiscan demo --dir $(DEMO_DIR)
	@echo "Here, nhiscan is $(BIN)/nhiscan."

test: .venv/.dev ## Run the tests that take seconds
	@$(PYTEST) -n 2 -m "not slow"

test-slow: .venv/.dev .cache/duckdb15/.done .cache/trestle/.done ## Run the slow tests, and the store's on DuckDB 1.5
	@NHISCAN_TRESTLE=.cache/trestle $(PYTEST) -n 2 -m slow
	@echo "tests/store on DuckDB 1.5:"
	@PYTHONPATH=.cache/duckdb15 $(PYTEST) -n 2 -m "not slow" tests/store

check: format-check lint types contracts test docs-check build smoke ## Run all that CI runs before the slow tests

lint: .venv/.dev ## Look for bugs and for breaches of house rules (ruff)
	@$(BIN)/ruff check --quiet .

format: .venv/.dev ## Format the code (ruff)
	@$(BIN)/ruff check --quiet --select I --fix .
	@$(BIN)/ruff format --quiet .

format-check: .venv/.dev
	@$(BIN)/ruff format --quiet --check .

types: .venv/.dev ## Check types (mypy, strict)
	@$(BIN)/mypy --no-error-summary

contracts: .venv/.dev ## Check which package may import which (import-linter)
	@$(BIN)/lint-imports --no-cache > .cache/contracts.txt || { cat .cache/contracts.txt; exit 1; }

docs: .venv/.dev ## Write the generated parts of README.md and docs/
	@$(BIN)/cog -I docs -r $(DOCS)

docs-check: .venv/.dev
	@$(BIN)/cog -I docs --check --diff $(DOCS) > .cache/docs.txt || { cat .cache/docs.txt; echo "run: make docs"; exit 1; }

build: .venv/.dev ## Build the sdist, and the wheel from the sdist
	@rm -rf dist
	@$(BIN)/python -m build --no-isolation --outdir dist > .cache/build.txt 2>&1 || { cat .cache/build.txt; exit 1; }

smoke: build ## Install the wheel alone in a bare environment and use it from elsewhere
	@.ci/smoke

bench: .venv/.dev ## Measure calls, CPU and memory of a scan, merge speed and install size
	@for file in $(filter-out %_bare.py,$(wildcard benchmarks/*.py)); do echo "$$file"; $(BIN)/python $$file || exit 1; done

lock: .venv/.dev ## Renew the lock files from pyproject.toml
	@.ci/lock

clean: ## Remove .venv and everything built or cached
	@rm -rf .venv .cache dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name it: make PYTHON=/path/to/python"; exit 1; }
	@echo "creating .venv"
	@$(PYTHON) -m venv .venv

.cache:
	@mkdir -p .cache

# The development environment holds all that the demo needs, so it serves for both.
.venv/.demo: requirements-demo.lock pyproject.toml | .venv/bin/python .cache
	@if [ -e .venv/.dev ]; then $(MAKE) --no-print-directory .venv/.dev; else \
		echo "installing what the demo needs" && \
		$(PIP) install --require-hashes -r requirements-demo.lock && \
		$(PIP) install --no-deps --no-build-isolation --editable .; fi
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python .cache
	@echo "installing what development needs"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The models of OSCAL that IBM's trestle publishes; forty packages, so apart from all else.
.cache/trestle/.done: requirements-trestle.lock | .venv/.dev
	@rm -rf .cache/trestle
	@$(PIP) install --require-hashes --no-deps --target .cache/trestle -r requirements-trestle.lock
	@touch $@

.cache/duckdb15/.done: requirements-duckdb15.lock | .venv/.dev
	@rm -rf .cache/duckdb15
	@$(PIP) install --require-hashes --no-deps --target .cache/duckdb15 -r requirements-duckdb15.lock
	@touch $@
