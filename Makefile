# make grade · make serve · make test · make lint · make proofs · make bench
# Each works as the first and only command on a fresh machine with Python 3.11 or newer.

PYTHON ?= python3
SECRETS ?= 20
NAMES ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps

.PHONY: setup serve grade grade-attention test proofs lint fuzz bench audit audit-attention gpu-check gpu-left \
	wheel release-check lock messages docs docs-site

setup: $(VENV)/.ready

$(VENV)/.ready: $(wildcard requirements*.lock) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=python3.11 …")'
	@echo "setting up $(VENV): packages of requirements*.lock, each held to its hash"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes --requirement requirements.lock --requirement requirements-dev.lock
	@$(PIP) --require-hashes --requirement requirements-cpu.lock 2>/dev/null || { \
		echo "pip finds no torch for the CPU alone: the one for CUDA, which is gigabytes"; \
		$(PIP) --require-hashes --requirement requirements-cuda.lock; }
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# Exit status 3 says that some submissions could not be graded: in the example class, they cannot.
grade: setup
	@$(BIN)/autograder grade correlation examples/submissions/correlation --output results || test $$? -eq 3

# The first course's door, on this machine alone: prints a link for the instructor and one for Ada.
serve: setup
	@$(BIN)/autograder serve --student ada

# The second course. Hand-ins without a time exit with 3 only where something cannot be graded.
ATTENTION := examples/courses/attention
grade-attention: setup
	@for name in numpy_basics attention; do $(BIN)/autograder grade $$name \
		$(ATTENTION)/submissions/$$name --course $(ATTENTION)/grader.toml \
		--output results/attention --only correctness || exit $$?; done

# Three at a time (PROCESSES=4: more), for they wait a lot, what takes longest first. WING=judge: only the
# tests of that wing. ALL=1: with proofs, but for those that take minutes, as continuous integration does.
WING ?=
ALL ?=
PROCESSES ?= 3
# Compiled files are kept, whatever the environment says: to compile all tests takes half of the time to collect them.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadscope --no-loadscope-reorder --durations 20
test: setup
	$(PYTEST) -m "not $(if $(ALL),night,proof)" tests/framework$(if $(WING),/$(WING))

# What `make test` leaves out: tests/framework/kinds.py.
proofs: setup
	$(PYTEST) -m proof

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/autograder build --check
	$(BIN)/autograder build --check --course $(ATTENTION)/grader.toml

# Some 50 000 cases; FUZZ says how many times the usual number.
FUZZ ?= 20
fuzz: setup
	FUZZ=$(FUZZ) $(BIN)/python -m pytest -m fuzz

bench: setup
	$(BIN)/python tests/bench/cold.py
	$(BIN)/autograder bench
	$(BIN)/python tests/bench/graders.py correlation --size 10 --size 100 --size 1000
	$(BIN)/python tests/bench/published.py
	$(BIN)/python tests/bench/diagnosis.py
	$(BIN)/python tests/bench/learners.py
	$(BIN)/python tests/bench/training.py
	$(BIN)/python tests/bench/reading.py
	$(BIN)/python tests/bench/timing.py
	$(BIN)/python tests/bench/watch.py --keep

audit: setup
	$(BIN)/autograder audit $(NAMES) --secrets $(SECRETS)

audit-attention: setup
	$(BIN)/autograder audit --secrets $(SECRETS) --course $(ATTENTION)/grader.toml

# On a machine with a GPU: can workers use it, which layer is in the way if not, how alike are times?
# Needs no setup, but a PYTHON that has torch. Exit status 1 says that something is lacking.
gpu-check:
	PYTHONPATH=$(CURDIR) $(PYTHON) -P -m autograder.gpucheck --output gpu-check.json

# What no GPU has been asked yet (docs/gpu/README.md): figures, cheats through `grade`, the ladder.
# About 6 minutes. Needs no setup, but a PYTHON in which this package is installed with torch for CUDA.
LEFT := leaves_copies_from_the_machine leaves_copies_within_the_device sets_cache_aside fills_memory \
	faults memory_left_behind
gpu-left:
	PYTHONPATH=$(CURDIR) $(PYTHON) -P -m autograder.gpucheck --only $(LEFT) --output gpu-left.json; \
	figures=$$?; $(PYTHON) tests/bench/on_a_gpu.py; cheats=$$?; \
	$(PYTHON) tests/bench/timing.py --part ladder --device cuda && exit $$((figures || cheats))

# Brings the catalogues of translations up to date with what is said in code and suites.
messages: setup
	$(BIN)/python -P -m autograder.authoring.messages

# Writes the references of commands and of grader.toml, what tests prove of accessibility, and the schemas of what programs read.
SCHEMA := import json, sys, importlib; \
	print(json.dumps(importlib.import_module(sys.argv[1]).json_schema(), indent=2))
docs: setup
	$(BIN)/python -P -m autograder.cli.reference
	$(BIN)/python tests/framework/accessibility.py
	$(BIN)/python tests/framework/kinds_of_points.py
	$(BIN)/python -c '$(SCHEMA)' autograder.result > docs/result.schema.json
	$(BIN)/python -c '$(SCHEMA)' autograder.gradebook > docs/grade.schema.json

# The documents as a site in dist/site/html, made without a network. A link that leads nowhere fails.
docs-site: docs
	$(BIN)/python .ci/site

# A wheel that installs anywhere, and what is known of all that it runs on: a list of it with licences
# (CycloneDX), and holes that were published.
wheel: setup
	$(BIN)/hatchling build --target wheel --directory dist
release-check: wheel
	$(PIP) --require-hashes --requirement requirements-release.lock
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-file dist/sbom.json requirements.lock
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement requirements.lock

# RAISE="numpy torch": to newer versions; RAISE=--all: everything.
RAISE ?=
lock: setup
	PATH=$(abspath $(BIN)):$$PATH $(BIN)/python .ci/lock $(RAISE)
