// What of a program its page uses, for wasm-metadce: all that it exports but the byte streams that a library offers to
// scripts and nobody here asks for.
//
//     node used-exports.mjs program.wasm > graph.json
import { readFileSync } from 'node:fs';

const names = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(process.argv[2]))).map(({ name }) => name);
const used = names.filter((name) => !/intounderlying/.test(name)).map((name, place) => ({ name: `export ${place}`, export: name }));
console.log(JSON.stringify([{ name: 'page', root: true, reaches: used.map(({ name }) => name) }, ...used]));
