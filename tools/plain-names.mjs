// The names by which the page's program asks JavaScript for its functions end in hashes, which no packer can make
// smaller: numbers of the same length take their place, in the program and in its script alike.
//
//     node plain-names.mjs script.js program.wasm
import { readFileSync, writeFileSync } from 'node:fs';

const [script, program] = process.argv.slice(2);
const HASHED = /(__wbg_\w+_)([0-9a-f]{16})\b/g;
const text = readFileSync(script, 'utf8');
const hashes = [...new Set([...text.matchAll(HASHED)].map(([, , hash]) => hash))].sort();
const numbers = new Map(hashes.map((hash, place) => [hash, String(place).padStart(16, '0')]));
const plain = (words) => words.replace(HASHED, (name, start, hash) => (numbers.has(hash) ? start + numbers.get(hash) : name));
writeFileSync(script, plain(text));
// A letter a byte, so that what is no text stays as it is.
writeFileSync(program, plain(readFileSync(program, 'latin1')), 'latin1');
