# Everything starts here: `make run` is all a fresh machine needs (Python 3.11+, git, make).

SHELL := /bin/bash
PYTHON := .venv/bin/python
export PYTHONPATH := $(CURDIR)/src

.PHONY: help setup run test check docs bench soak clean
.DEFAULT_GOAL := help

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: ## Prepare this machine for running and testing
	@tools/setup.sh test

run: ## Set up everything and serve with demo data (XIANJI_PORT, XIANJI_HOME, DATABASE_URL)
	@tools/setup.sh run
	@XIANJI_DEMO="$${XIANJI_DEMO:-1}" exec $(PYTHON) -m xianji.cli run

test: ## Run every test, browser included, with the time of each suite
	@tools/setup.sh test
	@tools/test.sh

check: ## Format, types, architecture and house rules
	@tools/setup.sh check
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest tests/house

docs: ## Write the generated reference pages
	$(PYTHON) tools/reference.py

bench: ## Measure beside the thing itself and write the ratios as JSON
	@tools/setup.sh check
	$(PYTHON) -m bench
	$(PYTHON) -m bench.trade
	$(PYTHON) -m bench.feed_quality --seeds 5
	$(PYTHON) -m bench.search_quality

soak: ## The long counts
	@tools/setup.sh test
	$(PYTHON) -m pytest -m soak -s

clean: ## Remove caches and built files; data and .venv stay
	rm -rf .setup .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf frontend/node_modules src/xianji/web/assets/dist
	find src tests -name __pycache__ -prune -exec rm -rf {} +
	find src -name '*.mo' -delete
