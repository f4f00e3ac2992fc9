# Two commands do everything: `make demo` and `make test`.  Both make .venv and install the locked dependencies first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UNITS ?=
# Processes that run the tests, whole files at a time
TEST_JOBS ?= 2
# The same examples on every machine; a course's own secret is checked by: autograder selfcheck
SELFCHECK_SECRET ?= 135df8bf2999b9c8dc5660000dad21ce5897808cfa6927b2b7cf14277bbacee5
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: help demo test lint unit-tests selfcheck build bench attacks mutation lock clean

help:
	@echo "make demo       grade a sample class and write its report"
	@echo "make test       every check: lint, types, generated files, tests, selfcheck of all units"
	@echo "make build      build assignments/ from solutions/"
	@echo "make bench      measure speed against named peers and limits"
	@echo "make attacks    every attack, fuzz campaign and fault in full; writes docs/attacks.md (an hour)"
	@echo "make mutation   break every reference in many small ways and count what the hidden tests catch"
	@echo "make lock       lock the newest versions that pyproject.toml allows"
	@echo "make clean      remove what demo, test and bench made"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: requirements/core.lock pyproject.toml | $(BIN)/python
	$(PIP) -r requirements/core.lock
	$(PIP) --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.lock requirements/torch.lock $(VENV)/.core
	$(PIP) -r requirements/dev.lock -r requirements/torch.lock
	@touch $@

demo: $(VENV)/.core
	$(BIN)/autograder demo --out demo-run

test: lint unit-tests selfcheck

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/autograder build --check

unit-tests: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(TEST_JOBS) --dist loadfile --durations=10 -rs

selfcheck: $(VENV)/.dev
	AUTOGRADER_SECRET=$(SELFCHECK_SECRET) $(BIN)/autograder selfcheck $(UNITS)

build: $(VENV)/.core
	$(BIN)/autograder build $(UNITS)

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

attacks: $(VENV)/.dev
	$(BIN)/python -m tests.attacks

mutation: $(VENV)/.dev
	$(BIN)/python -m benchmarks.mutation $(UNITS)

lock: $(VENV)/.dev
	$(PIP) pip-tools
	$(BIN)/pip-compile --quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --upgrade -o requirements/core.lock pyproject.toml
	$(BIN)/pip-compile --quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe --upgrade --extra torch -o requirements/torch.lock pyproject.toml
	sed -i -e "s/^\(torch==[0-9.]*\)+.*/\1/" -e "/^#/d" -e "/^$$/d" requirements/torch.lock  # any build of this version, for a processor or a GPU
	$(BIN)/pip-compile --quiet --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --upgrade --extra dev --extra nbgrader --extra cluster --extra similarity -o requirements/dev.lock pyproject.toml

clean:
	rm -rf demo-run bench-out .pytest_cache .mypy_cache .ruff_cache
