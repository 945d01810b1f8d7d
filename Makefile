# The words of this project. Bare `make` prints them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check --quiet
RUN_ARGS ?= --demo
# Tests share two cores with the servers and browsers they start, and wait for them a third of their time.
TEST_WORKERS ?= 4
# A module's tests stay together, for what they share is made once. As they are found, the browsers come early.
# A worker that was ended because its test hung is replaced once; the test has failed either way.
PYTEST := $(BIN)/pytest -n $(TEST_WORKERS) --dist loadscope --no-loadscope-reorder --max-worker-restart=1

.DEFAULT_GOAL := help
.PHONY: help run test check format bench chaos console docs screenshots lock machine clean

help: ## print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## install what is needed and start OpenRUM with the demo shop
	@$(BIN)/python build_console.py
	$(BIN)/openrum serve $(RUN_ARGS)

test: $(VENV)/.dev machine lint ## everything that CI runs
	$(PYTEST) -m "not chaos"

check: $(VENV)/.dev lint ## format, lint, types, imports and the fast tests, in under a minute
	$(PYTEST) -q -m "not chaos and not slow and not browser"

bench: $(VENV)/.dev ## measure every claim; benchmarks/RESULTS.md keeps the figures
	$(BIN)/python -m benchmarks

chaos: $(VENV)/.dev ## a thousand kills, one at every system call of the write path, a hundred releases that changed nothing
	$(BIN)/pytest -q -m chaos tests/crash tests/query

format: $(VENV)/.dev ## put the code in the house form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	@$(BIN)/python build_console.py run format

console: $(VENV)/.run ## check and build the web console; console/README.md tells how to work on it
	@mkdir -p console/.generated
	@$(BIN)/python -m openrum.serve.openapi > console/.generated/openapi.json
	@$(BIN)/python build_console.py run api-types > /dev/null
	@$(BIN)/python build_console.py run format:check
	@$(BIN)/python build_console.py run types
	@$(BIN)/python build_console.py run test
	@$(BIN)/python build_console.py

.PHONY: lint python-lint
lint: python-lint $(VENV)/.console

python-lint: $(VENV)/.dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > $(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }

# The console is checked, and built, where anything of it has changed.
$(VENV)/.console: $(VENV)/.run build_console.py $(shell find console -type f -not -path 'console/node_modules*' -not -path 'console/dist/*' -not -path 'console/.generated/*' 2> /dev/null)
	@$(MAKE) --no-print-directory console
	@touch $@

# What Debian has for the tests. Without it, and without the right to install it, those tests are skipped and say so.
machine:
	@missing=""; \
	command -v chromium > /dev/null || missing="chromium"; \
	ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 || command -v initdb > /dev/null || missing="$$missing postgresql"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    echo "Installing $$missing …"; \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes $$missing > /dev/null; \
	  else \
	    echo "Not here: $$missing. Their tests will be skipped. As root: apt-get install $$missing"; \
	  fi; \
	fi

$(VENV)/.run: locks/build.txt locks/run.txt pyproject.toml build_client.py client/package-lock.json build_console.py console/package-lock.json
	@test -d $(VENV) || { echo "Making $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing …"
	@$(PIP) install --require-hashes --requirement locks/build.txt
	@$(PIP) install --require-hashes --requirement locks/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run locks/dev.txt
	@echo "Installing what development needs …"
	@$(PIP) install --require-hashes --requirement locks/dev.txt
	@touch $@

docs: $(VENV)/.run ## write the pages that are made of the code's own tables
	$(BIN)/python -m openrum.query.documentation docs

screenshots: $(VENV)/.dev machine ## take the pictures of the README anew
	$(BIN)/python -m docs.screenshots

lock: ## resolve the dependencies anew into locks/
	$(PYTHON) -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet pip-tools
	for part in build run dev; do \
	  $(VENV)/lock/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --no-header \
	    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-annotate \
	    --output-file locks/$$part.txt locks/$$part.in || exit 1; \
	done

clean: ## remove everything that was installed or built here
	rm -rf $(VENV) build dist openrum/client openrum/console console/node_modules console/dist console/.generated *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
