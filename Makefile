.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup up down test test-quick test-sdk test-notebooks test-terraform test-localstack check docs map bench soak fuzz clean

help:
	@echo "make up        set up, start the emulator, deploy the Titanic environment, train, serve, predict"
	@echo "make down      destroy what make up deployed, and stop the emulator"
	@echo "make test      set up and run the tests, or some of them: make test TESTS='tests/constructs -k training'"
	@echo "make test-quick  run the tests but for the slow ones, in less than two minutes"
	@echo "make test-sdk  run the SageMaker SDK v2 and v3, each in its own environment, against the emulator"
	@echo "make test-notebooks  run the notebooks of examples/notebooks on the emulator, and work with one in Chromium"
	@echo "make test-terraform  run the terraform command, where it is, with the AWS provider against the emulator"
	@echo "make test-localstack  deploy the examples to LocalStack with the extension, in an environment of its own"
	@echo "make check     ruff and mypy --strict"
	@echo "make docs      build the site of the documentation into dist/docs"
	@echo "make map       draw the house from its imports, and write down its measures, into docs/house"
	@echo "make bench     measure speed against the bare thing"
	@echo "make soak      half an hour of everything at once, while the emulator and its children are killed"
	@echo "make fuzz      100,000 requests from the service model, right, wrong and broken: no 500, no hang"
	@echo "make clean     remove what the targets above made in this checkout"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml tools/set_up.py
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else f"Sagecraft needs Python 3.11 or newer; {sys.executable} is {v.major}.{v.minor}. Run: make PYTHON=python3.11 ...")'
	@$(PYTHON) tools/set_up.py
	@touch $@

up: setup
	$(BIN)/sagecraft up
	$(BIN)/python examples/titanic/predict.py

down: setup
	$(BIN)/sagecraft down

# Tests wait for servers, so three times the cores keeps these busy; what one process has compiled the others need not.
test test-quick: export PYTHONDONTWRITEBYTECODE =
test test-quick: WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 3)
test: CHOSEN := -m "not terraform and not notebooks"
test-quick: CHOSEN := -m "not slow"
test test-quick: setup
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations 10 $(CHOSEN) $(TESTS)

test-sdk: setup
	$(BIN)/python tests/sdk/run.py

test-notebooks: setup
	$(BIN)/python -m pytest -m notebooks tests/infra/examples

test-terraform: setup
	$(BIN)/python -m pytest tests/terraform

test-localstack: setup
	$(BIN)/python tests/localstack/run.py

check: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: setup
	$(BIN)/sphinx-build --quiet --fail-on-warning docs dist/docs

map: setup
	$(BIN)/python -m docs.map

bench: setup
	$(BIN)/python benchmarks/emulator_start.py
	$(BIN)/python benchmarks/synth.py
	$(BIN)/python benchmarks/up.py
	$(BIN)/python benchmarks/invocation.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/linear_learner.py
	$(BIN)/python benchmarks/algorithms.py
	$(BIN)/python benchmarks/tuning.py
	$(BIN)/python benchmarks/pipelines.py
	$(BIN)/python benchmarks/job_queue.py
	$(BIN)/python benchmarks/log_metrics.py
	$(BIN)/python benchmarks/logs.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/s3.py
	$(BIN)/python benchmarks/notebook.py

soak: setup
	$(BIN)/python benchmarks/soak.py

fuzz: setup
	$(BIN)/python benchmarks/fuzz.py

clean:
	if [ -x $(BIN)/sagecraft ]; then $(BIN)/sagecraft down; fi
	rm -rf .venv .venv-* .sagecraft cdk.out dist .mypy_cache .ruff_cache .pytest_cache
