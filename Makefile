# Everything that is needed is fetched by these rules, and everything is pinned in the lock files.
# Python's own packages go into .venv; `make test` also installs Debian packages (tests/servers).

PYTHON ?= python3
PIP     = .venv/bin/python -m pip --disable-pip-version-check --no-input
LOCKED  = install --quiet --require-hashes --only-binary :all:
OURSELF = install --quiet --no-deps --no-build-isolation --editable .
CODE    = statuspage checks notifications tests docs/pictures $(patsubst %,benchmarks,$(firstword $(wildcard benchmarks/*.py)))
COMPILE = .lock/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
          --custom-compile-command "make lock" --extra demo --group build pyproject.toml

# Where it is set, every process compiles anew all that it imports: each start of `avviso`, too.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run test lint style soak bench pictures lock clean
.DELETE_ON_ERROR:

setup: .venv/runtime

run: setup
	.venv/bin/avviso demo

test: .venv/dev
	.venv/bin/python -m tests.servers.install
	@$(MAKE) --no-print-directory style
	@echo "Types are looked at beside the tests, and told after them."
	@nice .venv/bin/mypy $(CODE) >.venv/types 2>&1 & types=$$!; \
	.venv/bin/python -m pytest -n auto --dist worksteal $(PYTEST); tests=$$?; \
	wait $$types; typed=$$?; cat .venv/types; \
	test $$tests -eq 0 -a $$typed -eq 0

lint: style
	.venv/bin/mypy $(CODE)

style: .venv/dev
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports

soak: .venv/dev
	.venv/bin/python -m tests.servers.install
	.venv/bin/python -m pytest -m soak --timeout 3600 $(PYTEST) || [ $$? -eq 5 ]  # 5: no soak yet

bench: .venv/dev
	.venv/bin/python -m tests.servers.install
	@set -e; for each in benchmarks/[!_]*.py; do \
		echo "== $$each"; .venv/bin/python -m "benchmarks.$$(basename "$$each" .py)"; done

pictures: .venv/dev
	.venv/bin/python -m tests.servers.install
	.venv/bin/python -m docs.pictures.take
	.venv/bin/python -m docs.pictures.cards

# The newest versions that pyproject.toml allows: make lock UPGRADE=--upgrade
# What runs is constrained by what was tested, so that both locks pin the same versions.
lock:
	$(PYTHON) -m venv --clear .lock
	.lock/bin/python -m pip --disable-pip-version-check install --quiet uv==0.13.9
	$(COMPILE) $(UPGRADE) --group dev --output-file requirements-dev.lock
	$(COMPILE) $(UPGRADE) --constraints requirements-dev.lock --output-file requirements.lock
	rm -r .lock

clean:
	rm -rf .venv .lock .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# The stamps: a set-up .venv costs `make run` nothing. The dev lock holds all of the other.
.venv/runtime: requirements.lock pyproject.toml | .venv/made
	@echo "Installing Avviso into .venv (about half a minute the first time) ..."
	$(PIP) $(LOCKED) -r requirements.lock
	$(PIP) $(OURSELF)
	@touch $@

.venv/dev: requirements-dev.lock pyproject.toml | .venv/made
	@echo "Installing Avviso and what its tests need into .venv (about a minute the first time) ..."
	$(PIP) $(LOCKED) -r requirements-dev.lock
	$(PIP) $(OURSELF)
	@touch .venv/runtime $@

.venv/made:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Avviso needs Python 3.11 or newer: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Avviso needs Python 3.11 or newer, and $(PYTHON) is older: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python can't make virtual environments yet: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@
