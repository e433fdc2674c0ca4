# One command each; what a target lacks it installs first, and skips what is there. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help serve dist test bench tools-serve tools-test tools-bench format lint docs unit programs web page e2e

PORT ?= 8080
TOOLS := $(or $(LANESCOPE_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/lanescope-tools)
export PATH := $(TOOLS)/bin:$(TOOLS)/node_modules/.bin:$(PATH)
export LANESCOPE_PYTHON ?= $(TOOLS)/python/bin/python
WASM := --target wasm32-unknown-unknown
# What was green stays green on a server; every other run draws its random cases anew.
ifdef CI
export PROPTEST_RNG_SEED ?= 2026
endif

help: ## Say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

serve: tools-serve ## Build the page and serve it on http://127.0.0.1:8080 (PORT= changes it)
	trunk serve --release --port $(PORT)

dist: tools-serve page ## Leave a static site in dist/ that works from any folder of any host

test: tools-test format lint docs unit programs web page e2e ## Everything that CI runs

bench: tools-bench page ## Measure beside peers; prints a table, writes target/bench/table.json
	cargo build --quiet --release --example gemini_server --example bench
	cargo build --quiet --release $(WASM) --example bench_web --example bench_timeline
	cargo build --quiet --profile page $(WASM) --example bench_web --example bench_timeline
	cd tests/bench && node run.js

tools-serve:
	tools/install.sh serve

tools-test:
	tools/install.sh test

tools-bench:
	tools/install.sh bench

format:
	cargo fmt --check

lint:
	cargo clippy --quiet --all-targets -- -D warnings
	cargo clippy --quiet $(WASM) --lib --bins --test web -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items --lib
	RUSTDOCFLAGS="-D warnings" cargo doc --quiet --no-deps --document-private-items --lib $(WASM)

unit:
	cargo test --quiet

programs: tools-test ## Run the code panel's programs and the lessons' scripts, and compare with the engine
	cargo run --quiet --example programs
	cargo run --quiet --example scripts

web:
	wasm-pack test --headless --chrome --chromedriver "$$(command -v chromedriver)" -- --lib --test web

page:
	trunk build --release

e2e:
	cargo build --quiet --example gemini_server
	cd tests/e2e && npx playwright test
