# Everything that a fresh clone needs: `make help` lists it. Needs Python >= 3.11, Rust, make and a C compiler.
# Stamps in .venv keep a second call quick; with nothing changed no target touches the network.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
export PIP_DISABLE_PIP_VERSION_CHECK = 1

VENV := .venv
BIN := $(VENV)/bin
# The first of these that is new enough; `make setup PYTHON=/path/to/python3.12` overrides it.
NEW_ENOUGH = -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p $(NEW_ENOUGH) 2>/dev/null && { echo $$p; break; }; done)
RUST := Cargo.toml Cargo.lock $(shell find core -name '*.rs' -o -name Cargo.toml)

.PHONY: help setup demo test test-data figures docs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

setup: $(VENV)/.core ## make .venv: pinned dependencies, release build of the Rust core, the command metadream

demo: setup ## set up, then three wake-sleep cycles on the starter database into runs/demo
	$(BIN)/metadream learn --run runs/demo --cycles 3 --seed 1

test: export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
test: setup ## set up, then every check and test, as CI runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --package metadream-core --no-deps --locked
	cargo test --package metadream-core --locked
	$(BIN)/pytest

figures: setup ## measure the published figures and write BENCHMARKS.md; PART=prove, TASKS=100, FRESH=1, DATA=folder
	PYTHONPATH=benchmarks $(BIN)/python -P -m figures $(PART) $(if $(TASKS),--tasks $(TASKS)) $(if $(FRESH),--fresh) \
		$(if $(DATA),--data "$(DATA)")

test-data: export PYO3_PYTHON := $(CURDIR)/$(BIN)/python
test-data: export MINIF2F := $(MINIF2F)
test-data: setup ## the tests that need set.mm, the other databases and metamath-exe: fetch them, run these tests
	$(BIN)/metadream data get set iset nf ql hol metamath
	$(BIN)/pytest -m 'data$(if $(MINIF2F), or minif2f)'
	set_mm=$$($(BIN)/python -c 'from metadream.metamath_db.data import resolve_database; print(resolve_database("set"))') && \
		GLUE_DATABASE=$$set_mm WRITING_DATABASE=$$set_mm \
		cargo test --package metadream-core --locked --release --test glue --test writing -- --ignored

docs: $(VENV)/.pinned ## the pages as a site in site/, without network; a link that leads nowhere fails it
	$(BIN)/python -P -B -m mkdocs build --quiet

clean: ## remove what was built, .venv too; runs and fetched data stay
	rm -rf $(VENV) target dist build site src/metadream/*.so .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python:
	@[ -n "$(PYTHON)" ] && "$(PYTHON)" $(NEW_ENOUGH) 2>/dev/null || { \
		echo "error: '$(or $(PYTHON),python3)' is not Python 3.11 or newer; install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	rm -rf $(VENV)
	"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(VENV)/.pinned: requirements.lock $(VENV)/.python
	@echo "installing the pinned dependencies (on Linux torch brings CUDA's libraries: about 3 GB, some minutes)"
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	@touch $@

$(VENV)/.core: $(RUST) pyproject.toml $(VENV)/.pinned
	@command -v cargo >/dev/null || { echo "error: cargo is not on PATH; install Rust 1.89 or newer from https://rustup.rs" >&2; exit 2; }
	@command -v cc >/dev/null || { echo "error: cc is not on PATH; install a C compiler (Debian: apt install gcc)" >&2; exit 2; }
	@echo "building the Rust core (release; a minute or two the first time)"
	PATH="$(CURDIR)/$(BIN):$$PATH" MATURIN_PEP517_ARGS=--locked \
		$(BIN)/python -m pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@
