#!/usr/bin/env bash
# Cuts the page's program into the part that every visitor needs and those that come when they are
# wanted (src/browser/later.rs). Trunk calls this when all else of the page is made; the files that it
# wrote for the whole program are written again for the first part, under the same names.
set -euo pipefail

stage="${TRUNK_STAGING_DIR:?called by trunk}"
whole="${CARGO_TARGET_DIR:-target}/wasm32-unknown-unknown/page/lanescope.wasm"
name="$(basename "$(ls "$stage"/lanescope-*_bg.wasm)" _bg.wasm)"
cut="$(mktemp -d)"
trap 'rm -rf "$cut"' EXIT

features=(--enable-bulk-memory --enable-mutable-globals --enable-multivalue --enable-nontrapping-float-to-int
  --enable-reference-types --enable-sign-ext)

# Functions of like names are of like code, and lie beside one another for the packer.
small() {
  wasm-opt -Oz --converge --low-memory-unused --reorder-functions-by-name "${features[@]}" "$1" -o "$2" 2>/dev/null
}

wasm-split-cli "$whole" "$cut" --target web --out-name "$name"
# The parts share the table of functions, which is otherwise kept inside.
wasm-bindgen "$cut/$name.wasm" --target web --no-typescript --keep-lld-exports --out-dir "$stage" --out-name "$name"
node tools/used-exports.mjs "$stage/${name}_bg.wasm" >"$cut/used.json"
wasm-metadce "$stage/${name}_bg.wasm" --graph-file "$cut/used.json" -g "${features[@]}" -o "$cut/used.wasm" >/dev/null
small "$cut/used.wasm" "$stage/${name}_bg.wasm"
node tools/plain-names.mjs "$stage/$name.js" "$stage/${name}_bg.wasm"

# What is written for people to read is not for the wire, nor is what the page does not use.
sed -i.bak -E '/^export class IntoUnderlying/,/^}/d; /^const IntoUnderlying/,/;$/d; /IntoUnderlying/d' "$stage/$name.js" && rm "$stage/$name.js.bak"
sed -i.bak -E '/^ *(\/\*\*| \*)/d; s/^ +//' "$stage/$name.js" && rm "$stage/$name.js.bak"

# The parts are named after the whole, so that no old one is taken for a new one.
sed -i.bak "/^import /s#__wasm_split.js#${name}_parts.js#" "$stage/$name.js" && rm "$stage/$name.js.bak"
sed -E "s#\./(chunk|split)_#./${name}_\1_#" "$cut/__wasm_split.js" >"$stage/${name}_parts.js"
for part in "$cut"/chunk_*.wasm "$cut"/split_*.wasm; do
  small "$part" "$stage/${name}_$(basename "$part")"
done

"$(dirname "$0")/study.sh" "$stage" "$name"

node tools/one-sheet.mjs "$stage"
