// What a kept event costs, and whether a million of them can be loaded, drawn and exported.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concurrent, experiment } from '../e2e/experiment.js';
import { Lanescope } from '../e2e/page.js';

const EVENTS = 1_000_000;
const WANTED = 'what is wanted';
/** A tab that takes longer than this has died. */
const PATIENCE_MILLIS = 120_000;

export async function memory({ browser, bench, site, table }) {
  const page = await browser.newPage();
  await page.goto(bench);
  const bytes = await page.evaluate(async () => (await (await import('./lanescope.js')).lanescope('release', 'bench_web'))?.bytes_an_event() ?? null);
  await page.close();
  table.row('memory an event kept', 'bytes', bytes, 48, WANTED, { most: 1 });

  const folder = await mkdtemp(join(tmpdir(), 'lanescope-bench-'));
  try {
    const file = join(folder, 'run.json');
    const events = await make(browser, site, file);
    await reopen(browser, site, table, file, events);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Saves a run of about so many events, and gives their number. */
async function make(browser, site, file) {
  const { context, page } = await visit(browser, site);
  const ofTwoLanes = (requests) => experiment({ requests, lanes: [concurrent(50), concurrent(20)] });
  const few = await page.evaluate(simulated, ofTwoLanes(1_000));
  const requests = Math.ceil(1_000 * EVENTS / few.events);
  const { events } = await page.evaluate(simulated, ofTwoLanes(requests));
  const [download] = await Promise.all([page.waitForEvent('download'), page.evaluate(() => document.querySelector('#made').click())]);
  await download.saveAs(file);
  await context.close();
  return events;
}

/** Opens the file in the page, looks at it, and saves it again. */
async function reopen(browser, site, table, file, events) {
  const { context, page, lanescope } = await visit(browser, site);
  const before = await lanescope.clock.textContent();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), lanescope.button('Open run').click()]);
  const began = performance.now();
  await chooser.setFiles(file);
  await page.waitForFunction((was) => document.querySelector('.clock').textContent !== was, before, { timeout: PATIENCE_MILLIS });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const opened = performance.now() - began;
  await drawn(page);
  const open = await heap(page);
  const saving = performance.now();
  const [download] = await Promise.all([page.waitForEvent('download', { timeout: PATIENCE_MILLIS }), lanescope.button('Save run').click()]);
  await download.saveAs(`${file}.again`);
  const saved = performance.now() - saving;
  const [given, taken] = await Promise.all([file, `${file}.again`].map(lanes));
  if (given !== taken) throw new Error('what was saved is not what was opened');
  const after = await heap(page);
  await context.close();
  const name = `a run of ${events.toLocaleString('en')} events`;
  table.row(`${name}, from its file to its picture`, 's', opened / 1000);
  table.row(`${name}, memory once it is open`, 'MB', open.wasm + open.js, null, null, { note: `of this JavaScript ${Math.round(open.js)}` });
  table.row(`${name}, saved again`, 's', saved / 1000, null, null, { note: 'the same lanes, byte for byte' });
  table.row(`${name}, memory after that`, 'MB', after.wasm + after.js, null, null, { note: `of this JavaScript ${Math.round(after.js)}` });
}

/** Megabytes: of the page's program, which never gives any back, and of JavaScript after a collection. */
async function heap(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const wasm = await page.evaluate(async () => {
    const boot = new URL(document.querySelector('script[src*="boot.js"]').src);
    const program = await import(new URL(boot.searchParams.get('js'), document.baseURI));
    // It has begun already: this gives what it exports.
    return (await program.default()).memory.buffer.byteLength;
  });
  return { wasm: wasm / 1e6, js: usedSize / 1e6 };
}

/** The page with its first race finished, nothing moving. */
async function visit(browser, site) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  await context.addInitScript(() => localStorage.setItem('lanescope-tour', 'shown'));
  const page = await context.newPage();
  await page.goto(site);
  await page.waitForFunction(() => window.lanescope && document.querySelector('.clock'));
  return { context, page, lanescope: new Lanescope(page) };
}

/** Leaves a link to the file of a simulated run in the page. */
async function simulated(asked) {
  const trace = await window.lanescope.simulate(asked);
  document.querySelector('#made')?.remove();
  const link = document.createElement('a');
  link.id = 'made';
  link.download = 'run.json';
  link.href = URL.createObjectURL(new Blob([JSON.stringify(trace)]));
  document.body.append(link);
  return { events: trace.lanes.reduce((sum, lane) => sum + lane.events.length, 0) };
}

/** The text of the lanes in a saved run. */
async function lanes(file) {
  const text = await readFile(file, 'utf8');
  return text.slice(text.indexOf('"lanes":[{"began'));
}

/** Fails unless the canvas of the timeline holds more than its ground. */
async function drawn(page) {
  const colours = await page.evaluate(() => {
    const canvas = document.querySelector('.timeline canvas, canvas');
    const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(pixels).size;
  });
  if (colours < 4) throw new Error(`the picture has ${colours} colours`);
}
