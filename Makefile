# Copyright 2026 CRM Mail Sync contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
PYTHON ?= python3
RUN = .venv/bin/python -m

.PHONY: help setup
help: ## what can be made
	@$(PYTHON) -m tools.help

setup: ## fetch and prepare everything the other commands need
	@$(PYTHON) -m tools.setup
