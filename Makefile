.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up

.PHONY: help setup up down test check bench clean

help:
	@echo "make up      set up, start the emulator, deploy the Titanic environment, train, serve, predict"
	@echo "make down    destroy what make up deployed, and stop the emulator"
	@echo "make test    set up and run the tests"
	@echo "make check   ruff and mypy --strict"
	@echo "make bench   measure speed against the bare thing"
	@echo "make clean   remove what the targets above made in this checkout"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Sagecraft needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Run: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@
