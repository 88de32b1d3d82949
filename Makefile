# Two commands do everything on a fresh machine: `make chat` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=

.PHONY: help chat test coverage lint format bench soak gpu demo constraints clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14
	@echo 'Options reach madang through ARGS, such as: make chat ARGS="--persona finance_advisor"'

chat: $(VENV)/.ready ## Talk with the five personas in this terminal (a small demo model, no network)
	@$(BIN)/madang chat $(ARGS)

test: $(VENV)/.ready-dev ## Check style and types, and run every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not soak and not gpu"

coverage: $(VENV)/.ready-dev ## Run every test and show what none of them runs
	$(BIN)/coverage run -m pytest -m "not soak and not gpu"
	@$(BIN)/coverage report

lint: $(VENV)/.ready-dev ## Check style and types only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.ready-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.ready-dev ## Measure start-up, store, the local engine and the queue against named peers
	@$(BIN)/madang bench startup
	@$(BIN)/madang bench store
	@$(BIN)/madang bench engine
	@$(BIN)/madang bench adapters
	@$(BIN)/madang bench turns
	@$(BIN)/madang bench queue

soak: $(VENV)/.ready-dev ## Run the long tests
	$(BIN)/python -m pytest -m soak

gpu: $(VENV)/.ready-dev ## Run the tests that need an NVIDIA GPU
	$(BIN)/python -m pytest -m gpu tests/gpu

demo: $(VENV)/.ready ## Ask the demo model the held-out questions
	@$(BIN)/madang demo evaluate

constraints: $(VENV)/.ready-dev ## Write constraints.txt from this environment
	@{ sed -n '/^#/p' constraints.txt; \
	   $(BIN)/python -m pip freeze --exclude-editable | sed -E 's/^(torch==[0-9.]+)\+.*/\1/'; \
	 } > constraints.txt.new && mv constraints.txt.new constraints.txt

clean: ## Remove the environment and every cache
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

$(VENV)/bin/python:
	@echo "madang: making a virtual environment in $(VENV)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "madang needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) </dev/null

# Without an NVIDIA GPU the CUDA build of torch is gigabytes for nothing, so the CPU build of the
# pinned version is asked for: first where pip looks anyway, then in PyTorch's own CPU index.
$(VENV)/.torch: $(VENV)/bin/python
	@version=$$(sed -n 's/^torch==//p' constraints.txt); \
	if [ "$$(uname -s)" != Linux ] || command -v nvidia-smi >/dev/null; then \
	  echo "madang: installing torch $$version" >&2; \
	  $(PIP) install "torch==$$version" -c constraints.txt </dev/null; \
	else \
	  echo "madang: no NVIDIA GPU here, installing the CPU build of torch $$version" >&2; \
	  $(PIP) install "torch==$$version+cpu" -c constraints.txt </dev/null 2>/dev/null || { \
	    echo "madang: taking it from https://download.pytorch.org/whl/cpu" >&2; \
	    $(PIP) install "torch==$$version" -c constraints.txt \
	      --index-url https://download.pytorch.org/whl/cpu </dev/null; }; \
	fi
	@touch $@

$(VENV)/.ready: $(VENV)/.torch pyproject.toml constraints.txt
	@echo "madang: installing madang and what it runs on" >&2
	@$(PIP) install -c constraints.txt -e '.[inference,redis]' </dev/null
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@echo "madang: installing what the tests need" >&2
	@$(PIP) install -c constraints.txt -e '.[inference,quantisation,redis,metrics,telegram,discord,dev]' </dev/null
	@touch $@
