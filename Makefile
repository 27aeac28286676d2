# Every target works on a fresh checkout: what is missing is installed or named.

CHANNEL ?=
PORT ?= 8080
PREFIX ?= /usr/local
DESTDIR ?=
export CHANNEL PORT PREFIX DESTDIR

SWIFT_SOURCES := Sources Tests Examples Benchmarks Package.swift

.DEFAULT_GOAL := help
.PHONY: help serve test lint format docs bench install deb clean

help: ## Show this list
	@echo 'Usage: make TARGET [NAME=VALUE ...]'
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: ## Build, index and serve a channel [CHANNEL=folder, else a sample] [PORT=8080]
	@Scripts/serve.sh

test: ## Run every test, real clients included [TEST_FLAGS=flags for swift test]
	@Scripts/test.sh $(TEST_FLAGS)

lint: ## Check formatting, file lengths and shell scripts
	@Scripts/lint.sh $(SWIFT_SOURCES)

format: ## Rewrite the Swift sources as lint wants them
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

docs: ## Make the libraries' reference in .build/docs
	@Scripts/docs.sh

bench: ## Run the benchmarks and print their ratios
	@Scripts/bench.sh

install: ## Install both commands, manual pages, completions and units [PREFIX=/usr/local] [DESTDIR=]
	@Scripts/install.sh

deb: ## Make a Debian package of them in .build/deb
	@Scripts/deb.sh

clean: ## Remove everything that was built
	rm -rf .build
