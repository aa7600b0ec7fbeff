# Everything is brought into .venv in this directory; only `make test` may install Chromium, with apt-get.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-cache-dir
# As many test processes as the machine has logical processors.
WORKERS ?= logical

export PERCAYA_ENVIRONMENT ?= demo
# Where matplotlib would otherwise write into the home directory.
export MPLCONFIGDIR ?= $(CURDIR)/$(VENV)/matplotlib

.PHONY: help run test lint bench renew clean
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/installed ## serve the demonstration and print its addresses; HOST, PORT and DATABASE_URL are heeded
	@$(BIN)/percaya demo run

test: $(VENV)/installed-test ## check the style and the types and run every test
	@$(BIN)/python tools/set_up.py browser
	@$(BIN)/python tools/set_up.py sms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	env -u PERCAYA_ENVIRONMENT $(BIN)/pytest -n $(WORKERS) --dist loadfile

lint: $(VENV)/installed-test ## check the style and the types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/installed-test ## measure the speed against its floors
	env -u PERCAYA_ENVIRONMENT $(BIN)/python -m benchmarks

renew: $(VENV)/made ## install the newest allowed versions and write constraints.txt again
	$(PIP) --upgrade --upgrade-strategy eager --editable '.[test]'
	$(BIN)/python tools/set_up.py constraints
	@touch $(VENV)/installed $(VENV)/installed-test
	@$(MAKE) test

clean: ## remove the environment and everything made by tools; the data stay
	rm -rf $(VENV) *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/made:
	@$(PYTHON) tools/set_up.py venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made pyproject.toml constraints.txt
	@echo "installing into $(VENV) (a minute or two, once)"
	@$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-test: $(VENV)/made pyproject.toml constraints.txt
	@echo "installing into $(VENV), with what the tests need (a few minutes, once)"
	@$(PIP) --constraint constraints.txt --editable '.[test]'
	@touch $(VENV)/installed $@
