# `make` alone lists the targets. Everything is installed into .venv from hashed lock files.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
export FINSYNC_HOME ?= $(CURDIR)/data
export DAGSTER_HOME ?= $(FINSYNC_HOME)/dagster
# Many processes are started: what one of them compiled, the next one need not.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo dev test long check fast bench bench-match lock snapshot clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: .venv/run.stamp  ## set up and run the main job on eight companies
	$(BIN)/finsync demo

dev: .venv/run.stamp  ## open the Dagster UI on the same state (http://127.0.0.1:3000)
	$(BIN)/finsync dev

test: .venv/dev.stamp check  ## set up, then style, types and tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not long"

long: .venv/dev.stamp  ## the tests of which each takes minutes, and new examples for the properties
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m long
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m hypothesis --hypothesis-profile=searching

fast: .venv/dev.stamp  ## the tests that take under a minute
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow and not long"

check: .venv/dev.stamp  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

snapshot: .venv/dev.stamp  ## renew the reviewed snapshots and generated documents
	$(BIN)/python -m pytest -q tests/orchestration/test_graph.py tests/test_docs.py --renew

bench: .venv/dev.stamp  ## what conforming costs, as ratios (about ten minutes)
	$(BIN)/python -m benchmarks.conform
	$(BIN)/python -m benchmarks.conform --memory

LINES ?= 1000000
bench-match: .venv/dev.stamp  ## what matching costs: make bench-match LINES="1000000 10000000"
	$(BIN)/python -m benchmarks.match --lines $(LINES)

lock:  ## renew the lock files from pyproject.toml (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
	  --group build pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
	  -c requirements.lock --group dev --group build pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
	  finsync_dagster/sandbox/tryton/requirements.in \
	  -o finsync_dagster/sandbox/tryton/requirements.lock

clean:  ## remove the environment and everything the pipeline wrote under data/
	rm -rf .venv
	find data -mindepth 1 -maxdepth 1 ! -name sources ! -name reference -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; name one with: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing what the pipeline needs (about half a minute, once) ..."
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
