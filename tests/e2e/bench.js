// Lanescope beside its peers, in one page of one browser, runs alternating, medians of both. Prints a
// table and writes ../../target/bench/table.json: a list of {name, unit, lanescope, peer, peer_name, ratio}.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from '@playwright/test';
import { real, concurrent } from './experiment.js';
import config from './playwright.config.js';
import { load, serve } from './serve.js';

const target = (path) => fileURLToPath(new URL(`../../target/${path}`, import.meta.url));
process.env.LANESCOPE_STAND_IN ??= target('release/examples/gemini_server');
const { StandIn } = await import('./stand-in.js');

const RUNS = 9;
const CALLS = 60;
const LIMIT = 5;
/** Answered after 50 ms, in one piece. */
const FIGURES = { first_byte_millis: { constant: 50 }, answer_tokens: { constant: 1 }, tokens_per_second: 100_000 };

const median = (figures) => figures.toSorted((a, b) => a - b)[figures.length >> 1];
const rows = [];
const row = (name, unit, lanescope, peer, peer_name) => {
  rows.push({ name, unit, lanescope, peer, peer_name, ratio: peer === null ? null : lanescope / peer });
};

const files = await load();
const site = await serve(files);
const browser = await chromium.launch(config.use.launchOptions);
for (const [wire, args] of [['HTTP/1.1', []], ['HTTP/2', ['--tls']]]) {
  const standIn = await StandIn.start(...args);
  await standIn.reset(FIGURES);
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(site.url);
  await page.waitForFunction(() => window.lanescope);
  const experiment = real({ requests: CALLS, lanes: [concurrent(LIMIT)] });
  const [ours, theirs] = [[], []];
  for (let run = 0; run < RUNS + 1; run += 1) {
    const pair = [await page.evaluate(lanescope, [experiment, standIn.url]), await page.evaluate(semaphore, [standIn.url, CALLS, LIMIT])];
    // The first pair opens the connections.
    if (run > 0) [ours, theirs].forEach((list, which) => list.push(pair[which]));
  }
  row(`${CALLS} fetches of 50 ms, ${LIMIT} in flight, ${wire}`, 'ms', median(ours), median(theirs), 'hand-written semaphore');
  await context.close();
  standIn.stop();
}
await browser.close();
site.server.closeAllConnections();
site.server.close();

const native = JSON.parse(execFileSync(target('release/examples/bench'), { encoding: 'utf8' }));
row('simulated items, 100 000 through 50 permits, native', 'items/s', native.items_per_second, null, null);
row('events an item', 'events', native.events_per_item, null, null);
row('memory an event, texts and tables included', 'bytes', native.bytes_per_event, null, null);

mkdirSync(target('bench'), { recursive: true });
writeFileSync(target('bench/table.json'), `${JSON.stringify(rows, null, 2)}\n`);
const figure = (number) => (number === null ? '' : number.toLocaleString('en', { maximumFractionDigits: 3 }));
console.table(rows.map(({ name, unit, lanescope, peer, peer_name, ratio }) => ({ name, unit, lanescope: figure(lanescope), peer: figure(peer), 'peer is': peer_name ?? '', ratio: figure(ratio) })));

/** From the first start to the last end, by the trace. */
async function lanescope([experiment, baseUrl]) {
  const trace = await window.lanescope.run(experiment, { apiKey: 'bench', baseUrl });
  const answered = trace.lanes[0].events.filter(({ outcome }) => outcome === 'answered').length;
  if (answered !== experiment.workload.calls.requests) throw new Error(`only ${answered} were answered`);
  return trace.lanes[0].events.at(-1).at / 1000;
}

/** The same calls behind a semaphore as people write it. */
async function semaphore([baseUrl, calls, limit]) {
  const url = `${baseUrl}/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse`;
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Why do some birds migrate?' }] }], generationConfig: { temperature: 0.7, maxOutputTokens: 2048 } });
  let free = limit;
  const waiting = [];
  const acquire = () => (free > 0 ? void (free -= 1) : new Promise((granted) => waiting.push(granted)));
  const release = () => (waiting.length > 0 ? waiting.shift()() : void (free += 1));
  const ask = async () => {
    await acquire();
    try {
      const headers = { 'content-type': 'application/json', 'x-goog-api-key': 'bench' };
      const response = await fetch(url, { method: 'POST', headers, body, cache: 'no-store', credentials: 'omit' });
      const text = await response.text();
      if (!text.includes('STOP')) throw new Error('no answer');
    } finally {
      release();
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: calls }, ask));
  return performance.now() - began;
}
