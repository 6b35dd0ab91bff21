# make demo   everything from a fresh clone to reports/index.html
# make test   the tests
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help install clips demo all test test-all faults lint lock

help:
	@echo "make demo   install, fetch the demo clips, run the quickstart; then open reports/index.html"
	@echo "make all    everything in params.yaml but the tables marked full, recorded by DVC"
	@echo "make test   the tests (make test-all: also the slowest)"
	@echo "make faults kills, full disks, damaged and hostile files; writes the table of docs/faults.md"
	@echo "make lint   style, and which layer imports which"
	@echo "make lock   resolve requirements.in into requirements.lock"

install: $(VENV)/.installed

# The lock file names every package; --no-deps because a few packages carry stale pins (see requirements.in).
$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	$(BIN)/python -c "import pymatting"  # compiles its kernels once (a minute), instead of in the first jobs
	touch $@

clips: install
	$(BIN)/h2h clips

demo: clips
	$(BIN)/snakemake quickstart
	@echo "Open reports/index.html in a browser."

all: clips
	$(BIN)/dvc repro

test: install
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-all: install
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not fault"

faults: install
	$(BIN)/python -m pytest tests/faults -n 2 --dist loadfile -m "fault or not fault" --fault-table docs/faults.md

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

lock:
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --requirement requirements.in
	$(VENV)-lock/bin/python -m pip install --no-deps --requirement requirements-nodeps.in
	$(VENV)-lock/bin/python -m pip freeze --exclude h2h > requirements.lock
	rm -r $(VENV)-lock
