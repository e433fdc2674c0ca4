// Lanescope beside its peers, in one headless Chromium, runs alternating, medians of each. Prints a table
// and writes target/bench/table.json. `node run.js schedule load` measures these subjects alone.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import config from '../e2e/playwright.config.js';
import { load, serve } from '../e2e/serve.js';
import { build, SITE, TABLE } from './build.js';
import { fetches } from './fetches.js';
import { load as firstLoad } from './load.js';
import { memory } from './memory.js';
import { schedule } from './schedule.js';
import { simulate } from './simulate.js';
import { Table } from './table.js';
import { timeline } from './timeline.js';

const { chromium } = createRequire(new URL('../e2e/', import.meta.url))('@playwright/test');

const SUBJECTS = { schedule, simulate, timeline, fetches, load: firstLoad, memory };
/** Isolated from other origins, the page's clock is exact to 5 µs in place of 100. */
const ISOLATED = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };

const asked = process.argv.slice(2);
for (const name of asked) if (!SUBJECTS[name]) throw new Error(`There is no subject ${name}: ${Object.keys(SUBJECTS).join(', ')}`);

await build();
const files = await load();
for (const [name, file] of await load(SITE)) files.set(`bench/${name}`, file);
const { server, url } = await serve(files, { headers: ISOLATED });
const browser = await chromium.launch(config.use.launchOptions);
const table = new Table();
try {
  for (const name of asked.length > 0 ? asked : Object.keys(SUBJECTS)) {
    const began = performance.now();
    await SUBJECTS[name]({ browser, site: url, bench: `${url}bench/index.html`, table });
    console.error(`${name}: ${Math.round((performance.now() - began) / 1000)} s`);
  }
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}
mkdirSync(dirname(TABLE), { recursive: true });
writeFileSync(TABLE, `${JSON.stringify(table.rows, null, 2)}\n`);
console.log(String(table));
