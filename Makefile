# sheetcrm: two commands are enough on a fresh machine, `make run` and `make test`.
# What is missing (Pango, Chinese fonts, a virtual environment) is installed by the first of them.

PYTHON ?= python3
VENV := .venv
# Windows keeps the programs of a virtual environment in Scripts.
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
PERIOD ?= 2026-10
INSTALL := $(BIN)/python -m pip install --quiet
# Whole files to each worker: what a file's tests share is made once. In our own order: the longest first.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder
TRACED := --cov --cov-report=json:.coverage.json
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test quick coverage check lint docs lock sample bench corpus fuzz spoil layouts installed portable kill clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## install everything a run needs

run: $(VENV)/.ready ## do the month: input/ -> output/ (PERIOD=2026-10)
	@$(BIN)/sheetcrm run input -o output --period $(PERIOD); code=$$?; [ $$code -le 1 ] || exit $$code

test: $(VENV)/.dev-ready ## run all tests, on all cores (COVER=1: hold the coverage of the quick ones to its floors as well)
	$(BIN)/python -m pytest $(PARALLEL) $(if $(COVER),$(TRACED))
	$(if $(COVER),$(BIN)/python -m scripts.coverage)

quick: $(VENV)/.dev-ready ## run the tests without the slow ones, in under a minute
	$(BIN)/python -m pytest $(PARALLEL) -m 'not slow'

coverage: $(VENV)/.dev-ready ## run the quick tests and hold their coverage to its floors
	$(BIN)/python -m pytest $(PARALLEL) -m 'not slow' $(TRACED)
	$(BIN)/python -m scripts.coverage

check: lint ## lint, types, layers, shape, docs, pins
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.shape
	$(BIN)/python -m scripts.docs --check
	$(BIN)/python -m scripts.lock --check

lint: $(VENV)/.dev-ready ## the linter and the formatter alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: $(VENV)/.dev-ready ## write the generated parts of docs/
	$(BIN)/python -m scripts.docs

lock: $(VENV)/.dev-ready ## pin the dependencies of pyproject.toml (UPGRADE=1: the newest)
	$(BIN)/python -m scripts.lock $(if $(UPGRADE),--upgrade)

sample: $(VENV)/.dev-ready ## make the sample month in input/ anew (seeded: the same bytes)
	$(BIN)/python -m scripts.make_sample

bench: $(VENV)/.bench-ready ## measure against what a user would do instead (BENCH=run, writing, orders, reports, again or batch: that alone)
	$(BIN)/python -m benchmarks $(BENCH)

corpus: $(VENV)/.dev-ready ## edit real workbooks and print the table of what was kept
	$(BIN)/python -m benchmarks.corpus

fuzz: $(VENV)/.dev-ready ## spoil workbooks by chance, 50,000 times: nothing but answers in words
	$(BIN)/python -m scripts.fuzz --cases 50000 --seed $(or $(SEED),$$(date +%s))

spoil: $(VENV)/.dev-ready ## the same 5,000 times, with the day's seed (SEED=1: another)
	$(BIN)/python -m scripts.fuzz --cases 5000 $(if $(SEED),--seed $(SEED))

layouts: $(VENV)/.dev-ready ## lay 2,500 sheets out by chance and write results beside their lists (SEED=1: another seed)
	$(BIN)/python -m scripts.layouts --cases $(or $(CASES),2500) $(if $(SEED),--seed $(SEED))

installed: $(VENV)/.dev-ready ## install the wheel and the sdist elsewhere, and do with them what a new user does first
	$(BIN)/python -m scripts.installed

portable: $(VENV)/.dev-ready ## lay out the folders to unzip on Windows and macOS (PYTHON_ZIP: python.org's embeddable zip)
	$(BIN)/python -m scripts.portable $(if $(PYTHON_ZIP),--python $(PYTHON_ZIP))

kill: $(VENV)/.dev-ready ## kill and fail runs at every file operation, kill 500 at random in each mode: all whole, nothing left
	SHEETCRM_EVERY=1 $(BIN)/python -m pytest tests/test_kill.py tests/test_faults.py
	$(BIN)/python -m scripts.kill --kills 500

clean: ## remove results and caches; the history (sheetcrm.db) and backups stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
	find output -mindepth 1 -maxdepth 1 ! -name 'sheetcrm.db*' ! -name .sheetcrm-backup ! -name .gitkeep -exec rm -rf {} +

$(VENV)/.ready: pyproject.toml requirements-open.txt scripts/system.sh
	@PYTHON=$(PYTHON) sh scripts/system.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes --requirement requirements-open.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.ready requirements-dev.txt
	@sh scripts/system.sh tests
	$(INSTALL) --require-hashes --requirement requirements-dev.txt
	@touch $@

$(VENV)/.bench-ready: $(VENV)/.dev-ready requirements-bench.txt
	$(INSTALL) --require-hashes --requirement requirements-bench.txt
	@touch $@
