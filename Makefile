# What a day needs. `make` alone lists the targets; each one sets up what it uses.

PYTHON ?= python3
EVAL ?= ../shared/eval
UPGRADE ?=
UV = uv==0.13.9

VENV = .venv
BIN = $(VENV)/bin
READY = $(VENV)/.ready

# Pages with parts between [[[cog and [[[end]]]: the output of the code that stands above them.
GENERATED = grep -rl --include="*.md" -F "[[[cog" README.md CONTRIBUTING.md docs knowledge

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup run test demo bench eval docs lock clean

help:
	@echo 'make run     start the bot: Slack if its tokens are set, else the talk in this terminal'
	@echo 'make test    all that a change must pass: format, lint, types, imports, knowledge, docs, tests'
	@echo 'make bench   measure what the budgets promise'
	@echo 'make demo    play what README shows, against servers on this machine (Linux)'
	@echo 'make eval    score the parser on labelled complaints (EVAL=DIR, $(EVAL) by default)'
	@echo 'make docs    write the generated parts of the documentation anew'
	@echo 'make lock    write requirements.txt anew (UPGRADE=--upgrade takes newer versions)'
	@echo 'make setup   make or refresh $(VENV); every target above does so by itself'
	@echo 'make clean   remove $(VENV), caches and build results (never the database)'
	@echo
	@echo 'PYTHON=/path/to/python3.12 names the Python to use, for the first set-up.'

# The first Python that is new enough and can make virtual environments, as $$found.
define FIND_PYTHON
found=; bare=; \
for python in "$(PYTHON)" python3.13 python3.12 python3.11 python3.14; do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
  if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then found=$$python; break; fi; \
  bare=$${bare:-$$python}; \
done; \
if [ -z "$$found" ] && [ -n "$$bare" ]; then \
  echo "Missing: the venv module of $$("$$bare" --version) (Debian and Ubuntu: apt install python3-venv)." >&2; \
  exit 1; \
elif [ -z "$$found" ]; then \
  echo 'Missing: Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.12' >&2; \
  exit 1; \
fi
endef

setup: $(READY)

# The stamp holds the folder it was made in: a clone that was moved is set up again.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

# Standard input belongs to the bot, so nothing here may read it; all that pip says goes to a log.
$(READY): requirements.txt pyproject.toml
	@exec </dev/null; set -e; \
	if [ -z "$$HOME" ] || [ ! -w "$$HOME" ]; then export PIP_NO_CACHE_DIR=1; fi; \
	export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1; \
	if [ "$$(cat $(READY) 2>/dev/null)" != "$$(pwd -P)" ] || ! $(BIN)/python -c '' 2>/dev/null; then \
	  $(FIND_PYTHON); \
	  echo 'Setting up $(VENV), about a minute …' >&2; \
	  "$$found" -m venv --clear $(VENV); \
	else echo 'Refreshing $(VENV) …' >&2; fi; \
	log=$(VENV)/setup.log; \
	{ $(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt && \
	  $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .; } >"$$log" 2>&1 || { \
	  tail -n 20 "$$log" >&2; echo "Setting up failed; all of it is in $$log." >&2; exit 1; }; \
	pwd -P >$(READY)

run: setup
	@exec $(BIN)/mailmedic start

# Every check runs, so that one run shows all that is wrong; one failure fails the whole.
test: setup
	@failed=; \
	check() { \
	  what=$$1; shift; \
	  if said=$$("$$@" 2>&1 </dev/null); then echo "ok      $$what"; \
	  else echo "FAILED  $$what ($$*)"; printf '%s\n' "$$said"; failed="$$failed $$what,"; fi; \
	}; \
	check format $(BIN)/ruff format --check --quiet .; \
	check lint $(BIN)/ruff check --quiet .; \
	check types $(BIN)/mypy; \
	check imports $(BIN)/lint-imports; \
	check knowledge $(BIN)/mailmedic knowledge check; \
	check docs sh -c 'set -- $$($(GENERATED)); [ $$# -eq 0 ] || $(BIN)/cog --check --diff -I . "$$@"'; \
	$(BIN)/pytest -q -m 'not real and not long' || failed="$$failed tests,"; \
	if [ -n "$$failed" ]; then echo "FAILED: $${failed%,}" >&2; exit 1; fi

# In a network namespace of its own, where the mail ports are free; nothing leaves this machine.
demo: setup
	@$(BIN)/python tests/demo.py

bench: setup
	@set -e; found=; \
	for bench in benchmarks/bench_*.py; do \
	  if [ -e "$$bench" ]; then found=yes; echo "== $$bench"; PYTHONPATH=tests $(BIN)/python "$$bench"; fi; \
	done; \
	if [ -z "$$found" ]; then echo 'There are no benchmarks yet (benchmarks/bench_*.py).'; fi

# The parser is shown the texts and never the labels beside them.
define ONLY_TEXTS
import json, sys; [print(json.dumps({key: json.loads(line)[key] for key in ("id", "text")})) for line in sys.stdin]
endef
eval: setup
	@set -e; \
	if [ ! -d '$(EVAL)' ]; then echo 'There is no folder $(EVAL); name one: make eval EVAL=DIR' >&2; exit 1; fi; \
	mkdir -p build; \
	echo '== the facts of a complaint'; \
	$(BIN)/python -c '$(ONLY_TEXTS)' <'$(EVAL)/complaints-dev.jsonl' >build/complaints.jsonl; \
	$(BIN)/mailmedic parse --json <build/complaints.jsonl >build/parsed.jsonl; \
	$(BIN)/python '$(EVAL)/score_parse.py' build/parsed.jsonl; \
	echo '== its cause'; \
	$(BIN)/python '$(EVAL)/score_solved.py' --texts >build/texts.jsonl; \
	$(BIN)/mailmedic parse --json <build/texts.jsonl >build/causes.jsonl; \
	$(BIN)/python '$(EVAL)/score_solved.py' build/causes.jsonl

docs: setup
	@set -- $$($(GENERATED)); \
	if [ $$# -gt 0 ]; then $(BIN)/cog -r -I . "$$@"; else echo 'No page has a generated part yet.'; fi

# Run-time, development and build dependencies of every supported Python, with all their hashes.
lock:
	@set -e; mkdir -p build; \
	$(FIND_PYTHON); \
	"$$found" -m venv build/lock; \
	build/lock/bin/pip install -qq --disable-pip-version-check '$(UV)'; \
	"$$found" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' >build/build-system.in; \
	build/lock/bin/uv pip compile --quiet --universal --generate-hashes --extra dev --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
	  --cache-dir build/lock/cache $(UPGRADE) pyproject.toml build/build-system.in --output-file requirements.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find bot tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
