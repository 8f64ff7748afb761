# One door to the project. `make run` and `make test` set everything up by themselves the first time.

VENV := .venv
BIN := $(VENV)/bin
PYTEST := QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest
# Files of tests side by side, in the order of tests/conftest.py; within one, tests share what is costly to make.
BESIDE := -n auto --dist loadfile --no-loadscope-reorder

# What is compiled once is kept: tests start the app some hundred times, and each of them would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

# Where `make install` puts the command.
BINDIR ?= $(HOME)/.local/bin

.DEFAULT_GOAL := help
.PHONY: help run install test test-agents check fuzz bench demo lock prices shape screenshots format clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 /p' Makefile | while read -r name text; do printf '  make %-11s %s\n' "$$name" "$$text"; done

run: $(VENV)/.packages $(VENV)/.libraries ## the tray app on your own logs (without a display: today's figures)
	@$(BIN)/tokentrack tray

install: $(VENV)/.packages ## puts the command `tokentrack` into ~/.local/bin (a link; BINDIR=… names another folder)
	@mkdir -p "$(BINDIR)" && ln -sfn "$(abspath $(BIN))/tokentrack" "$(BINDIR)/tokentrack" && echo "$(BINDIR)/tokentrack"
	@case ":$$PATH:" in *":$(BINDIR):"*) ;; *) echo "$(BINDIR) is not on your PATH: export PATH=\"$(BINDIR):\$$PATH\" (Debian and Ubuntu add ~/.local/bin at the next login)";; esac

demo: $(VENV)/.packages $(VENV)/.libraries ## the app on sample logs, in a throw-away store
	@$(BIN)/tokentrack demo

test: $(VENV)/.packages $(VENV)/.desktop ## every test, the real desktop test included
	$(PYTEST) $(BESIDE)

test-agents: $(VENV)/.packages $(VENV)/.desktop ## real agents from npm, played on a screen of their own (needs node and npm)
	$(PYTEST) tests/real_agents -m "real_agent or not real_agent"

fuzz: $(VENV)/.packages ## 20,000 damaged logs of each kind; FUZZ="codex --seed 7" for some of them
	PYTHONPATH=tests $(BIN)/python -m fuzz $(FUZZ)

check: $(VENV)/.packages $(VENV)/.libraries ## the quick loop: lint, types, import contracts, fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) $(BESIDE) -q -m "not slow and not desktop"

format: $(VENV)/.packages ## lays the code out and sorts its imports
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

bench: $(VENV)/.packages $(VENV)/.desktop ## measures what benchmarks/README.md tells
	$(BIN)/python benchmarks

lock: $(VENV)/.packages ## resolves requirements.lock anew from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/python -m uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --extra dev \
		--no-annotate --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

prices: $(VENV)/.packages ## writes resources/prices.json anew from the installed price data
	@$(BIN)/python packaging/price_rows.py

shape: $(VENV)/.packages ## writes tokentrack/store/shape.sql anew from the steps in tokentrack/store/migrations.py
	@$(BIN)/python packaging/store_shape.py

screenshots: $(VENV)/.packages $(VENV)/.libraries ## draws docs/images anew from the sample logs
	@$(BIN)/python packaging/screenshots.py

clean: ## removes what was built here, the virtual environment included
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-artefacts
	find tokentrack tests benchmarks packaging -name __pycache__ -type d -prune -exec rm -rf {} +

# Set-up, done once and again when what it was made from changes.

$(VENV)/.packages: requirements.lock pyproject.toml packaging/setup.sh
	@VENV=$(VENV) packaging/setup.sh venv
	@touch $@

# What is missing is named; the app may still run, and the tests that need it say so.
$(VENV)/.libraries: packaging/setup.sh | $(VENV)/.packages
	@if packaging/setup.sh libraries; then touch $@; fi

$(VENV)/.desktop: packaging/setup.sh | $(VENV)/.packages
	@if packaging/setup.sh desktop; then touch $@; fi
