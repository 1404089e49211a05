# Recipes. Each makes .venv once and reuses it. Python 3.11 or newer: make PYTHON=python3.12 ...
PYTHON ?= python3
BIN = .venv/bin
.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs lock clean

help:  ## show the recipes
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/run: pyproject.toml requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/test: .venv/run requirements-test.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

demo: .venv/run  ## the worked example, end to end, into ./synth-demo
	@if [ -e synth-demo/report.html ]; then echo "The worked example is in synth-demo already; remove that folder to make it again."; \
	else $(BIN)/synth demo synth-demo; fi
	@echo "To use the command synth in this shell: . .venv/bin/activate"

test: .venv/test  ## the tests (what has no service here is left out, and said)
	$(BIN)/python -m pytest

check: .venv/test  ## ruff, mypy, the floors, and that the docs are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/make_reference.py --check

bench: .venv/test  ## speed and quality beside peers (see benchmarks/README.md)
	$(BIN)/python benchmarks/run_all.py

docs: .venv/test  ## the pages, into ./site
	$(BIN)/python docs/make_reference.py
	$(BIN)/mkdocs build --strict --quiet

lock:  ## renew the hash-pinned locks from pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra build -o requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --extra build --extra test --extra docs -c requirements.lock -o requirements-test.lock pyproject.toml

clean:  ## remove what the recipes made
	rm -rf .venv build dist site synth-demo
