# sheetcrm: two commands are enough on a fresh machine, `make run` and `make test`.
# What is missing (Pango, Chinese fonts, a virtual environment) is installed by the first of them.

PYTHON ?= python3
VENV := .venv
# Windows keeps the programs of a virtual environment in Scripts.
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
PERIOD ?= 2026-10
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup run test check docs sample bench corpus fuzz clean

help: ## show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## install everything a run needs

run: $(VENV)/.ready ## do the month: input/ -> output/ (PERIOD=2026-10)
	@$(BIN)/sheetcrm run input -o output --period $(PERIOD); code=$$?; [ $$code -le 1 ] || exit $$code

test: $(VENV)/.dev-ready ## run the tests
	$(BIN)/python -m pytest

check: $(VENV)/.dev-ready ## lint, types, layers, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.docs --check

docs: $(VENV)/.dev-ready ## write the generated parts of docs/
	$(BIN)/python -m scripts.docs

sample: $(VENV)/.dev-ready ## make the sample month in input/ anew (seeded: the same bytes)
	$(BIN)/python -m scripts.make_sample

bench: $(VENV)/.bench-ready ## measure against what a user would do instead (BENCH=writing, orders or reports: that alone)
	$(BIN)/python -m benchmarks $(BENCH)

corpus: $(VENV)/.dev-ready ## edit real workbooks and print the table of what was kept
	$(BIN)/python -m benchmarks.corpus

fuzz: $(VENV)/.dev-ready ## spoil workbooks by chance, 50,000 times: nothing but answers in words
	$(BIN)/python -m scripts.fuzz --cases 50000 --seed $$(date +%s)

clean: ## remove results and caches; the history (sheetcrm.db) and backups stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find output -mindepth 1 -maxdepth 1 ! -name 'sheetcrm.db*' ! -name .sheetcrm-backup ! -name .gitkeep -exec rm -rf {} +

$(VENV)/.ready: pyproject.toml constraints.txt scripts/system.sh
	@PYTHON=$(PYTHON) sh scripts/system.sh
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.dev-ready: $(VENV)/.ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/.bench-ready: $(VENV)/.dev-ready
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@
