#!/usr/bin/env bash
# Installs what a make target needs and skips what is there: `tools/install.sh serve|test|bench`.
# Tools of a pinned version go to a cache of their own, so that nothing of yours is replaced.
set -euo pipefail

cache="${LANESCOPE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/lanescope-tools}"
export PATH="$cache/bin:$cache/node_modules/.bin:$PATH"
need="${1:?usage: tools/install.sh serve|test|bench}"

say() { printf '%s\n' "$*" >&2; }
stop() { say "lanescope: $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
is_version() { has "$1" && "$1" --version 2>/dev/null | grep -qF "$2"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif has sudo; then sudo "$@"; else return 1; fi
}

# A Debian package, or one sentence that names what is missing.
debian() {
  has apt-get || stop "please install $* with your system's package manager, then run make again."
  say "installing $*"
  as_root apt-get update -qq >/dev/null || stop "please install $* as root: this user may not."
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    stop "apt-get could not install $*."
}

# crate, program, version, and what else cargo is to be told
cargo_tool() {
  is_version "$2" "$3" && return
  # Not every program tells its version; cargo remembers what it put here.
  cargo install --list --root "$cache" 2>/dev/null | grep -qF "$1 v$3:" && return
  say "installing $1 $3 (a few minutes, once)"
  if has cargo-binstall && cargo binstall --no-confirm --quiet --root "$cache" "$1@$3" >/dev/null 2>&1; then return; fi
  cargo install --quiet --locked --root "$cache" "$1@$3" "${@:4}" || stop "cargo could not install $1 $3."
}

has cargo || stop "please install Rust from https://rustup.rs, then run make again."
has cc || debian build-essential
has git || debian git
# With rustup, rust-toolchain.toml brings the wasm target and the components by itself.
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
  has rustup || stop "please install the Rust target wasm32-unknown-unknown, then run make again."
  rustup target add wasm32-unknown-unknown >/dev/null 2>&1 || stop "rustup could not add the target wasm32-unknown-unknown."
fi

has node && has npm || debian nodejs npm
if ! is_version wasm-opt "version 132"; then
  say "installing wasm-opt (binaryen) 132"
  npm install --silent --no-audit --no-fund --no-save --prefix "$cache" binaryen@132.0.0 >/dev/null ||
    stop "npm could not install binaryen."
fi
cargo_tool wasm-bindgen-cli wasm-bindgen 0.2.129
cargo_tool wasm_split_cli_support wasm-split-cli 0.2.4 --features build-binary
cargo_tool trunk trunk 0.21.14

[ "$need" = serve ] && exit 0

rustup component add clippy rustfmt >/dev/null 2>&1 || { has cargo-clippy && has cargo-fmt; } ||
  stop "please install clippy and rustfmt, then run make again."
cargo_tool wasm-pack wasm-pack 0.15.1
# The programs of the code panel ask with Google's own SDK; its version is the one that they name.
if ! "$cache/python/bin/python" -c 'import google.genai as sdk; assert sdk.__version__ == "3.4.0"' 2>/dev/null; then
  has python3 && python3 -c 'import sys, ensurepip; assert sys.version_info >= (3, 11)' 2>/dev/null ||
    debian python3 python3-venv
  say "installing google-genai 3.4.0 for Python"
  python3 -m venv "$cache/python" && "$cache/python/bin/pip" install --quiet --disable-pip-version-check \
    google-genai==3.4.0 >/dev/null || stop "pip could not install google-genai."
fi
has chromium && has chromedriver || debian chromium chromium-driver
(cd tests/e2e && { [ -d node_modules/@playwright/test ] || npm ci --silent --no-audit --no-fund >/dev/null; }) ||
  stop "npm could not install Playwright."

[ "$need" = test ] && exit 0

# What the bench measures Lanescope beside.
if ! "$cache/python/bin/python" -c 'import simpy; assert simpy.__version__ == "4.1.2"' 2>/dev/null; then
  say "installing simpy 4.1.2 for Python"
  "$cache/python/bin/pip" install --quiet --disable-pip-version-check simpy==4.1.2 >/dev/null || stop "pip could not install simpy."
fi
(cd tests/bench && { npm ls --silent >/dev/null 2>&1 || npm ci --silent --no-audit --no-fund >/dev/null; }) ||
  stop "npm could not install the bench's peers."
