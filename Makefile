# `make` lists the targets. Each makes the virtual environment it needs; nothing has to be installed by hand.

PYTHON ?= python3
DEMO := .demo-venv
TEST := .test-venv
BENCH := .bench-venv
SPARK := .spark-venv
PIP := -m pip install --quiet --quiet --disable-pip-version-check
NATIVE := hatch_build.py $(wildcard capi_cli/native/*.[ch])
SOURCES := pyproject.toml README.md $(NATIVE) $(shell find capi_cli -name '*.py')
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check bench docs clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: $(DEMO)/ready ## Upload the sample orders (CSV, JSON lines, Parquet) to the bundled sandbox
	@$(DEMO)/bin/python samples/demo.py

test: check ## Format, lint, types, floors and the core tests
	$(TEST)/bin/python -m pytest -q -n auto -m "not system"

test-all: $(TEST)/stores $(SPARK)/ready ## The tests that need system packages, a server of their own, or Spark
	$(TEST)/bin/python -m pytest -q -m system
	$(SPARK)/bin/python -m pytest -q -m system tests/spark

check: $(TEST)/ready ## Format, lint, types, floors, known weaknesses of dependencies
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/ruff check .
	$(TEST)/bin/mypy
	$(TEST)/bin/lint-imports --verbose
	@$(TEST)/bin/python .ci/audit.py

bench: $(BENCH)/ready ## Measure speed and memory beside the official SDK, and write docs/performance.md
	@$(BENCH)/bin/python benchmarks/run.py $(BENCH_OPTIONS)

docs: $(TEST)/ready ## Write the page of all findings and the table of what leaves the machine from the code itself
	$(TEST)/bin/python docs/make_rules.py
	$(TEST)/bin/python docs/make_privacy.py

clean: ## Remove the virtual environments and caches
	rm -rf $(DEMO) $(TEST) $(BENCH) $(SPARK) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(DEMO)/ready: $(SOURCES)
	@$(call make_venv,$(DEMO))
	@echo "Installing capi into $(DEMO) ..."
	@$(DEMO)/bin/python $(PIP) .
	@touch $@

$(TEST)/ready: pyproject.toml $(NATIVE)
	@$(call make_venv,$(TEST))
	@echo "Installing capi and its development tools into $(TEST) ..."
	@$(TEST)/bin/python $(PIP) --editable '.[dev]'
	@touch $@

# What imitates an object store is large; only `make test-all` needs it.
$(TEST)/stores: $(TEST)/ready
	@echo "Installing an S3 server into $(TEST) ..."
	@$(TEST)/bin/python $(PIP) --editable '.[dev,stores]'
	@touch $@

# Spark is large, and wants another pandas than the other tests.
$(SPARK)/ready: pyproject.toml
	@$(call make_venv,$(SPARK))
	@echo "Installing capi and Spark into $(SPARK) ..."
	@$(SPARK)/bin/python $(PIP) --editable '.[spark,spark-test]'
	@touch $@

# Installed as users do, with the SDK beside it; nothing else, so that nothing else is imported.
$(BENCH)/ready: $(SOURCES)
	@$(call make_venv,$(BENCH))
	@echo "Installing capi and the official SDK into $(BENCH) ..."
	@$(BENCH)/bin/python $(PIP) . 'facebook-business>=22'
	@touch $@

define make_venv
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	|| { echo "capi needs Python 3.11 or newer; say which: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }; \
test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
endef
