# Ostiary. `make` prints what there is; `make run` starts the demo; `make test` runs every test.

.DEFAULT_GOAL := help
.PHONY: help setup run reset test fast lint format browser interop bench fuzz search docs lock audit
MAKEFLAGS += --no-print-directory

# The environment's own interpreter starts fastest, and is there from the second time on.
SCRIPT_PYTHON := $(shell .venv/bin/python -c '' 2>/dev/null && echo .venv/bin/python || echo $${PYTHON:-python3})
NO_PYTHON := Ostiary needs Python 3.11 or newer. On Debian and Ubuntu: sudo apt-get install python3 python3-venv
SET_UP := command -v $(SCRIPT_PYTHON) >/dev/null || { echo "$(NO_PYTHON)"; exit 1; }; $(SCRIPT_PYTHON) -S scripts/set_up.py
SUITES := .venv/bin/python -m scripts.run_tests

help: ## print this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo

##@ Try it
run: ## set up what is missing and start the demo
	@$(SET_UP) run
	@exec .venv/bin/ostiary demo

reset: ## throw the demo away: its organizations, people and keys
	@rm -rf .ostiary-demo
	@echo "The demo is gone; make run begins anew."

##@ Work on it
setup: ## make .venv with everything that the tests need
	@$(SET_UP) dev

fast: setup ## the tests of a minute: the house and its floors
	@$(SUITES) fast

lint: setup ## ruff, mypy, import-linter
	@$(SUITES) lint

format: setup ## let ruff put the code in order
	@.venv/bin/ruff check --fix-only --quiet . ; .venv/bin/ruff format --quiet .

docs: setup ## write the generated pages of docs/
	@.venv/bin/ostiary docs

lock: setup ## resolve the dependencies anew and write requirements/
	@.venv/bin/python scripts/lock.py

audit: setup ## ask whether a locked dependency has a known weakness (needs the network)
	@.venv/bin/python scripts/audit.py

##@ Prove it
test: setup ## every suite that this machine can run
	@$(SUITES) all

browser: setup ## the pages, in a real Chromium
	@$(SUITES) browser

interop: setup ## against identity providers that others wrote
	@$(SUITES) interop

fuzz: setup ## what reads untrusted bytes, against a fuzzer; MINUTES=30 in total
	@.venv/bin/python -m scripts.fuzz --minutes $(or $(MINUTES),30)

search: setup ## the property tests with many more examples
	@$(SUITES) fuzz

bench: setup ## measure; writes build/bench.json
	@$(SUITES) bench
