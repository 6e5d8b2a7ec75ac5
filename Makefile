# Every target does all its own set-up, on a fresh machine too; what is done already is not done again.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.installed-from-lock
LOCK := --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --no-emit-index-url --quiet

.PHONY: help demo test up down status bench chaos model lint format lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## the whole pipeline on sample complaints of all four channels; a summary and .local/report.html
	@$(PY) -m demo $(ARGS)

test: $(READY) ## the whole test suite, real Kafka and ClickHouse's engine included (ARGS="-k name" for a part)
	@$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

up: $(READY) ## start the local stack with all services in the background; returns when all are ready
	@$(PY) -m deploy.local up $(ARGS)

down: $(READY) ## stop the local stack; its data stay
	@$(PY) -m deploy.local down $(ARGS)

status: $(READY) ## where each part listens, whether it is ready, and what it has processed
	@$(PY) -m deploy.local status $(ARGS)

bench: $(READY) ## the benchmarks, as a table and as JSON under .local/bench/
	@$(PY) -m bench $(ARGS)

chaos: $(READY) ## the long fault run (ARGS="--seed 7" repeats one)
	@$(PY) -m tests.chaos $(ARGS)

model: $(READY) ## train the shipped models again from the data in the repository
	@$(PY) -m services.cleaner train
	@$(PY) -m services.classifier train

lint: $(READY) ## formatting, lint, types and schema compatibility
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@$(PY) -m schemas check

format: $(READY) ## format the code and mend what lint can mend
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

lock: $(READY) ## resolve requirements*.in again into the hash-pinned requirements*.txt (ARGS="--upgrade")
	@$(PY) -m uv pip compile $(LOCK) $(ARGS) requirements.in -o requirements.txt
	@$(PY) -m uv pip compile $(LOCK) $(ARGS) -c requirements.txt requirements-local.in -o requirements-local.txt

clean: ## stop the stack; remove its data, logs and caches (downloads and the environment stay)
	@if [ -x $(PY) ] && [ -d .local/run ]; then $(PY) -m deploy.local down; fi
	@rm -rf .local/data .local/logs .local/run .local/report.html .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-local.txt deploy/local/environment.sh
	@bash deploy/local/environment.sh "$(PYTHON)" $(VENV) requirements-local.txt
	@touch $@
