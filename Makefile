# The commands of this repository. Both `make demo` and `make test` first make what they need in .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
UV_VERSION := 0.13.9
CHECKOV_VERSION := 3.3.30
CHECKOV := .cache/checkov

# pyright asks the registry for a newer version of itself unless told not to; the wheel holds the one that is locked.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
unexport PYRIGHT_PYTHON_FORCE_VERSION PYRIGHT_PYTHON_PYLANCE_VERSION
# Without its bytecode aws-cdk-lib takes three times as long to import, each time.
unexport PYTHONDONTWRITEBYTECODE
# What is imported is what the lock installed.
unexport PYTHONHOME PYTHONPATH

# A quiet stage of `make test`: its name, its command. It shows what the command said only where it fails.
define stage
@started=$$(date +%s); \
if said=$$($(2) 2>&1); then echo "== $(1): passed, $$(($$(date +%s) - started)) s"; \
else printf '%s\n' "$$said"; echo "== $(1): FAILED, $$(($$(date +%s) - started)) s"; exit 1; fi
endef

# A stage that talks while it works.
define loud_stage
@started=$$(date +%s); \
if $(2); then echo "== $(1): passed, $$(($$(date +%s) - started)) s"; \
else echo "== $(1): FAILED, $$(($$(date +%s) - started)) s"; exit 1; fi
endef

# Tests wait for engines, the CDK CLI and each other more than they work: two for each core.
WORKERS ?= $(shell echo $$(( 2 * $$(getconf _NPROCESSORS_ONLN) )))

# With their files in memory, where there is room: servers that wait for the disk would wait for each other.
PYTEST := $(BIN)/python scripts/in_memory.py $(BIN)/python -m pytest -q

define parallel_and_calm
$(call loud_stage,pytest side by side,$(PYTEST) --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder -m "not calm")
$(call loud_stage,pytest in calm,$(PYTEST) -m calm)
endef

.PHONY: help
help:
	@echo "make demo    deploy a CDK app to a local ElastiCache, kill its primary under load, write a report"
	@echo "make test    check everything: lint, format, types, import directions and all tests"
	@echo
	@echo "Both set up what they need in .venv first; a second run needs no network. Beside them:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

.PHONY: set-up
set-up: ## Make .venv from requirements.lock, or find that it is up to date
	@python=$$(sh scripts/find_python.sh) && "$$python" scripts/set_up.py && "$$python" scripts/install_memcached.py

.PHONY: demo
demo: set-up
	@$(BIN)/python -m elasticache_kit.cli demo

.PHONY: tour
tour: set-up ## Deploy every stack locally and show each promise of the README once; ARGS="--only failover" goes to the tour
	@$(BIN)/python -m tour $(ARGS)

.PHONY: example-sessions
example-sessions: set-up ## One login, two instances, a failover in the middle, in a browser; ARGS=--keep leaves it running for a look
	@$(BIN)/python -m examples.sessions $(ARGS)

.PHONY: example-database-cache
example-database-cache: set-up ## Deploy a shop with a cache of its database locally, and show what the cache does; KEEP=1 lets it run
	@cd examples/database_cache && ../../$(BIN)/python run.py $(if $(KEEP),--keep)

.PHONY: test
test: lint format-check types imports pytest

.PHONY: lint
lint: set-up ## Stage of test: ruff's rules
	$(call stage,ruff check,$(BIN)/ruff check --quiet)

.PHONY: format-check
format-check: set-up ## Stage of test: ruff's layout
	$(call stage,ruff format,$(BIN)/ruff format --check)

.PHONY: types
types: set-up ## Stage of test: pyright, strict
	$(call stage,pyright,$(BIN)/python -m pyright)

.PHONY: imports
imports: set-up ## Stage of test: which package may import which
	$(call stage,import directions,$(BIN)/lint-imports)

.PHONY: pytest
pytest: set-up ## Stage of test: all tests, on every core, then those that want calm; ARGS=... goes to pytest instead
	$(if $(ARGS),$(call loud_stage,pytest,$(PYTEST) $(ARGS)),$(call parallel_and_calm))

.PHONY: format
format: set-up ## Lay out the code and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format

.PHONY: hooks
hooks: set-up ## Check each commit before it is made (pre-commit)
	@$(BIN)/python -m pre_commit install

.PHONY: checkov
checkov: set-up $(CHECKOV)/bin/checkov ## checkov over the templates of all stacks; the first run needs a network
	$(call loud_stage,checkov,$(BIN)/python -m pytest -q tests/compliance/test_rule_packs.py -k checkov)

# In an environment of its own, because it pins an older boto3 than we need. `make test` uses it where it is there.
$(CHECKOV)/bin/checkov: requirements-checkov.lock
	@echo "checkov: installing $(CHECKOV_VERSION) in $(CHECKOV)"; rm -rf $(CHECKOV); python=$$(sh scripts/find_python.sh) && \
	"$$python" -m venv $(CHECKOV) && $(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --no-deps -r requirements-checkov.lock && touch $@

.PHONY: prove
prove: set-up $(CHECKOV)/bin/checkov ## All tests with many more examples; the results go to docs/evidence/; ARGS=... goes to pytest
	@mkdir -p docs/evidence; name="docs/evidence/$$(date -u +%Y-%m-%d)"; file="$$name-tests.txt"; \
	{ echo "date    $$(date -u +%Y-%m-%dT%H:%MZ)"; \
	  echo "commit  $$(git describe --always --dirty 2>/dev/null || echo unknown)"; \
	  echo "python  $$($(BIN)/python --version)"; \
	  echo "command pytest --hypothesis-profile=prove $(ARGS)"; echo; } >"$$file"; \
	$(PYTEST) --numprocesses=auto --dist=loadfile --hypothesis-profile=prove \
	  --tally="$$name-properties.json" --measured="$$name-measured.json" $(ARGS) >>"$$file" 2>&1; status=$$?; \
	$(BIN)/python scripts/prove.py "$$name-properties.json" "$$name-measured.json"; \
	tail -n 1 "$$file"; echo "written to $$file, $$name-properties.json and $$name-measured.json"; exit $$status

.PHONY: model-data
model-data: set-up ## Make what packages know of AWS anew in model/data; CHECK=1 only tells
	@$(BIN)/python -m scripts.regenerate_model $(if $(CHECK),--check)

.PHONY: rulebook
rulebook: set-up ## Measure what the rulebook costs; the result goes to docs/evidence/
	@mkdir -p docs/evidence; file="docs/evidence/$$(date -u +%Y-%m-%d)-rulebook.txt"; \
	{ echo "date    $$(date -u +%Y-%m-%dT%H:%MZ)"; \
	  echo "commit  $$(git describe --always --dirty 2>/dev/null || echo unknown)"; \
	  echo "python  $$($(BIN)/python --version)"; \
	  echo "command benchmarks/rulebook.py"; echo; \
	  $(BIN)/python benchmarks/rulebook.py; } >"$$file" && cat "$$file"

.PHONY: instrument
instrument: set-up ## Hold the instrument of the drills against known faults; wants a calm machine; the result goes to docs/evidence/
	@mkdir -p docs/evidence; name="docs/evidence/$$(date -u +%Y-%m-%d)-instrument"; \
	{ echo "date    $$(date -u +%Y-%m-%dT%H:%MZ)"; \
	  echo "commit  $$(git describe --always --dirty 2>/dev/null || echo unknown)"; \
	  echo "python  $$($(BIN)/python --version)"; \
	  echo "command -m benchmarks.instrument --raw $$name.json"; echo; \
	  $(BIN)/python -m benchmarks.instrument --raw "$$name.json"; } >"$$name.txt" && cat "$$name.txt"

.PHONY: lock
lock: ## Write requirements.lock from pyproject.toml; UPGRADE=1 takes the newest versions (needs a network)
	@python=$$(sh scripts/find_python.sh) && "$$python" -m venv .cache/lock && \
	.cache/lock/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) && \
	.cache/lock/bin/python -m uv pip compile pyproject.toml --quiet --output-file requirements.lock $(if $(UPGRADE),--upgrade) \
	  --universal --python-version 3.11 --extra local --extra applications --group dev --generate-hashes --no-config \
	  --no-header --no-emit-index-url --no-emit-find-links && \
	echo "checkov==$(CHECKOV_VERSION)" | .cache/lock/bin/python -m uv pip compile - --quiet \
	  --output-file requirements-checkov.lock $(if $(UPGRADE),--upgrade) --universal --python-version 3.11 \
	  --generate-hashes --no-config --no-header --no-emit-index-url --no-emit-find-links && \
	for lock in requirements.lock requirements-checkov.lock; do echo "$$lock: $$(grep -c '^[a-z]' $$lock) packages"; done

.PHONY: clean
clean: ## Delete .venv and everything else that can be made again
	@rm -rf .venv .cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist cdk.out report
	@find app.py constructs examples scripts stacks tests tour -name __pycache__ -type d -prune -exec rm -rf {} +
