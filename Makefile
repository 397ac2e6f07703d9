# Paths stay relative, so that the project's folder may have a space in its name.
PYTHON ?= python3
VENV := .venv/bin/python
PYTEST := $(VENV) -m pytest
# Production's settings with throwaway values, for what looks at settings and opens no connection.
PRODUCTION := STEADY_ENV=production SECRET_KEY=throwaway-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789 \
	BASE_URL=https://clinic.example ALLOWED_HOSTS=clinic.example DEFAULT_FROM_EMAIL=knee@clinic.example \
	DATABASE_URL=postgres://steady_app:none@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0 \
	DISPATCHER_DATABASE_URL=postgres://steady_dispatcher:none@127.0.0.1:1/none EMAIL_URL=smtp://127.0.0.1:1

.DEFAULT_GOAL := help
.PHONY: help run reset manage test test-all chaos check bench format messages requirements venv

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 16

run: venv ## The whole site with a demo, at http://localhost:8000 (or PORT=8001 make run)
	@exec $(VENV) -m clinic.local

reset: venv ## Wipe the local data, after asking (YES=1 doesn't ask)
	@exec $(VENV) -m clinic.local.reset $(if $(YES),--yes)

manage: venv ## A management command beside `make run`: make manage do="weekly_summaries --dry-run"
	@test -f .local/env || { echo 'Start `make run` first, and leave it running.' >&2; exit 1; }
	@. ./.local/env && exec $(VENV) manage.py $(do)

test: venv ## The tests, some nine minutes on two cores
	@exec $(PYTEST) -m "not slow" -n 2 --dist worksteal $(ARGS)

test-all: venv ## Those that take longer, and mostly wait: four at once
	@exec $(PYTEST) -m slow -n 4 --dist worksteal $(ARGS)

chaos: venv ## Kill a thousand processes over ten thousand emails; ARGS="--seed 7" repeats a plan
	@exec $(VENV) -m tests.chaos $(ARGS)

check: venv ## Linters, types, import order, migrations, production settings, the compose file
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(PRODUCTION) $(VENV) -m mypy .
	$(VENV) -m djlint --lint --quiet templates
	$(VENV) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	$(PRODUCTION) $(VENV) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(VENV) manage.py check --deploy --fail-level WARNING
	$(VENV) -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

bench: venv ## Measure; a table here, JSON in benchmarks/results
	@exec $(VENV) -m benchmarks

format: venv ## Put Python in shape
	@$(VENV) -m ruff check --fix --quiet .
	@$(VENV) -m ruff format --quiet .

messages: venv ## Find what is to be translated, and compile what was (needs gettext)
	@$(PRODUCTION) $(VENV) manage.py makemessages -l de -l es --no-location --no-obsolete --no-wrap
	@$(PRODUCTION) $(VENV) manage.py compilemessages --verbosity 0

requirements: ## Compile requirements.txt anew (needs uv)
	@uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--group dev pyproject.toml --output-file requirements.txt

venv:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or later." >&2; exit 1; }
	@$(PYTHON) -I clinic/local/bootstrap.py
