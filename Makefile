# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
# Thin on purpose: the work is in tools/, one module a command.
PYTHON ?= python3
RUN = $(PYTHON) -m tools.setup --quiet && .venv/bin/python -m

.PHONY: help setup demo demo-once test check bench shell pot readme lock clean

help: ## what can be made, and which environment variables count
	@$(PYTHON) -m tools.help

setup: ## fetch and prepare what the other commands need (they do so themselves)
	@$(PYTHON) -m tools.setup

demo: ## Odoo with demo data and connected mailboxes on http://localhost:8069
	@$(RUN) tools.demo

demo-once: ## the same, checks that every figure is right, and ends
	@$(RUN) tools.demo --once

test: ## all tests; ARGS="PATH -k WORD" for some of them
	@$(RUN) tools.test $(ARGS)

check: ## lint, types and the tests that need no database: seconds
	@$(RUN) tools.check

bench: ## the benchmarks, written to bench/results/latest.json
	@$(PYTHON) -m tools.setup --quiet --bench && .venv/bin/python -m bench $(ARGS)

shell: ## Odoo's shell on the demo database
	@$(RUN) tools.shell

pot: ## the addons' translation templates, from their sources
	@$(RUN) tools.pot

readme: ## the addons' README.rst, from their readme/ fragments
	@$(RUN) tools.readme

lock: ## the lock files, from requirements/*.in
	@$(RUN) tools.lock

clean: ## remove all that was made here; the download cache stays
	@$(PYTHON) -m tools.clean
