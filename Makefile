# Each target first makes the virtual environment it needs. Another Python: make test PYTHON=python3.13
PYTHON ?= python3
# Half of the tests' time is waiting: for browsers, servers and processes. Who has nothing left to do takes work of another.
SHARED  = -n $(shell $(PYTHON) -c 'import os; print(3 * (os.cpu_count() or 1) // 2)') --dist worksteal
DEMO    = train mnist --out runs/demo --force

RUN   = .venv/bin
DEV   = .venv-dev/bin
BENCH = .venv-bench/bin

# The lab's page has tests of its own, which need Node.
PAGE = if command -v npm > /dev/null; then cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && \
  npm run --silent check && npm --silent test; else echo "The tests of the lab's page need Node, and were left out."; fi

.DEFAULT_GOAL := help
.PHONY: help demo test check bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/made ## Train a network on MNIST and watch it learn
	@$(RUN)/chainrule $(DEMO)

test: .venv-dev/made ## Run every test
	$(DEV)/pytest $(SHARED)
	@$(PAGE)

check: .venv-dev/made ## Run everything a change must pass: format, lint, types, layers, tests, coverage
	$(DEV)/ruff format --check .
	$(DEV)/ruff check .
	$(DEV)/mypy
	$(DEV)/lint-imports
	$(DEV)/pytest $(SHARED) --cov --cov-report=term
	@$(PAGE)

bench: .venv-bench/made ## Measure speed, memory and time to accuracy, beside JAX, PyTorch and scikit-learn
	@missed=; for part in core startup graph audit recording lab lab_page peers accuracy; do \
	  echo "bench.$$part"; $(BENCH)/python -m bench.$$part || missed="$$missed $$part"; done; \
	test -z "$$missed" || { echo "Targets were missed in:$$missed"; exit 1; }

clean: ## Remove what these targets made, but no run
	rm -rf .venv .venv-dev .venv-bench .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests bench -name __pycache__ -prune -exec rm -rf {} +

# What each environment holds. torch is named with its version, because its newest is another and far larger build.
.venv/made:       WANTED = --no-compile -e '.[fast]'
.venv-dev/made:   WANTED = -e '.[dev,oracle]'
.venv-bench/made: WANTED = -e '.[fast,array,oracle,lab]' playwright torch==2.13.0

.venv/made .venv-dev/made .venv-bench/made: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2> /dev/null || { \
	  echo "chainrule needs Python 3.11 to 3.14; $(PYTHON) is $$(command -v $(PYTHON) > /dev/null && $(PYTHON) --version 2>&1 || echo not there)."; \
	  echo "Name another one, such as: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@echo "Installing chainrule into $(@D) ..."
	@test -x $(@D)/bin/python || $(PYTHON) -m venv $(@D)
	@$(@D)/bin/python -m pip install -qq --disable-pip-version-check -c constraints.txt $(WANTED)
	@touch $@
