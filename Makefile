# The chores of the project. Each one makes what it needs first; a machine with Python 3.11 or later, make and git is enough.
#
#   make run                                 make test ARGS="-k stream"        make test PYTHON=python3.13
#   make run ARGS="--port 9000"              make migration NAME=reactions     make bench ARGS="--quick"
#   make chaos MINUTES=10                    make chaos SEED=123456

.DEFAULT_GOAL := help
.PHONY: help run demo test chaos lint bench migration clean

ifeq ($(filter command line environment,$(origin PYTHON)),)
# The first one that really runs and is new enough; a pyenv shim with no Python behind it does not count.
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
else
# Named on purpose: it gets an environment of its own, and .venv stays as it is.
OWN_ENV := --own-env
endif

BOOTSTRAP = @$(if $(PYTHON),,$(error Sampark Setu needs Python 3.11 or later, and none is on PATH))exec $(PYTHON) -m tools.bootstrap $(OWN_ENV)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile
	@echo '  ARGS="…" goes to the command; PYTHON=python3.13 takes another Python.'

run: ## serve http://127.0.0.1:8000, data in ./var
	$(BOOTSTRAP) run $(ARGS)

demo: ## the same with people, rooms and messages to look at, data in ./var/demo
	$(BOOTSTRAP) demo $(ARGS)

test: ## the whole suite; sets up Redis, PostgreSQL and the browsers it needs
	$(BOOTSTRAP) test $(ARGS)

chaos: ## break everything for some minutes and see whether all holds: make chaos MINUTES=10
	$(BOOTSTRAP) exec python -m tests.chaos $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(ARGS)

lint: ## style, types, floors, templates, container files
	$(BOOTSTRAP) lint $(ARGS)

bench: ## what it costs on this machine, beside what others cost
	$(BOOTSTRAP) bench $(ARGS)

migration: ## a new migration from the models: make migration NAME=what-changes
	@test -n "$(NAME)" || { echo 'Give it a name: make migration NAME=what-changes' >&2; exit 2; }
	$(BOOTSTRAP) exec python -m tools.migration "$(NAME)" $(ARGS)

clean: ## remove environments, tools and caches; ./var with its data stays
	rm -rf .venv .venv-* .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: screenshots
screenshots: ## the README's pictures anew, from the demonstration
	$(BOOTSTRAP) exec python -m tools.screenshots $(ARGS)

.PHONY: translations
translations: ## new sentences into translations/*.po, and what is left to translate
	$(BOOTSTRAP) exec python -m tools.translations update

.PHONY: examples
examples: ## four sites with rooms in their pages, http://localhost:8101 to 8104
	$(BOOTSTRAP) exec python -m tools.examples $(ARGS)
