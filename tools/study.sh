#!/usr/bin/env bash
# Makes the program of the page's workers, which try an experiment many times (src/bin/study.rs): built for
# speed, for it is fetched only when it is wanted. Called with the folder and the name of the page's program.
set -euo pipefail

stage="$1" name="$2_study"
cargo build --quiet --release --target wasm32-unknown-unknown --bin study
made="${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/release/study.wasm"
wasm-bindgen "$made" --target web --no-typescript --remove-name-section --remove-producers-section --out-dir "$stage" --out-name "$name"
wasm-opt -O3 --enable-bulk-memory --enable-mutable-globals --enable-multivalue --enable-nontrapping-float-to-int \
  --enable-reference-types --enable-sign-ext "$stage/${name}_bg.wasm" -o "$stage/${name}_bg.wasm" 2>/dev/null

sed -i.bak -E '/^ *(\/\*\*| \*)/d; s/^ +//' "$stage/$name.js" && rm "$stage/$name.js.bak"
# A worker starts by itself.
echo 'await __wbg_init();' >>"$stage/$name.js"
