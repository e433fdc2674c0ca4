// A run in virtual time: items through 50 permits, exponential latency with a mean of 100 ms.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { example } from './build.js';
import { alternate } from './table.js';

const RUNS = 5;
const ITEMS = 100_000;
const SCRIPT = fileURLToPath(new URL('simulate.py', import.meta.url));
const PYTHON = process.env.LANESCOPE_PYTHON ?? 'python3';
const BUILDS = ['release', 'page'];
const WORKLOADS = { burst: 'all at once', poisson: 'Poisson arrivals, load 0.9', retries: 'all at once, with retries and two quotas' };

export async function simulate({ browser, bench, table }) {
  const page = await browser.newPage();
  await page.goto(bench);
  const runs = (build, kind, items, rounds = 1) => page.evaluate(ours, [build, kind, items, rounds]);
  for (const kind of ['burst', 'poisson']) {
    const checked = (run) => async () => {
      const { millis, ended } = await run();
      const expected = ITEMS * 100 / 50 / (kind === 'burst' ? 1 : 0.9);
      if (Math.abs(ended / expected - 1) > 0.05) throw new Error(`a run of ${kind} ended at ${ended} ms, not at about ${expected}`);
      return millis;
    };
    const byHand = checked(() => page.evaluate(theirs, ['hand-written loop', kind]));
    const simjs = checked(() => page.evaluate(theirs, ['simjs 2', kind]));
    const simpy = checked(() => JSON.parse(execFileSync(PYTHON, [SCRIPT, ITEMS, kind], { encoding: 'utf8' })));
    // What a compiler learns from its first run is no peer's to pay.
    for (const measure of [byHand, () => runs('release', kind, ITEMS), () => runs('page', kind, ITEMS)]) await measure();
    // simjs shifts a list of all that wait: seconds a run.
    const once = kind === 'burst' ? { 'simjs 2': await simjs() } : {};
    const millis = await alternate(RUNS, {
      release: () => runs('release', kind, ITEMS),
      page: () => runs('page', kind, ITEMS),
      'hand-written loop': byHand,
      simpy,
      ...(kind === 'poisson' && { 'simjs 2': simjs }),
    });
    const name = `100 000 simulated items, ${WORKLOADS[kind]}`;
    table.row(name, 'ms', millis.release, millis.simpy, 'simpy 4.1', { most: 0.1 });
    table.row(name, 'ms', millis.release, once['simjs 2'] ?? millis['simjs 2'], 'simjs 2', { note: once['simjs 2'] ? 'simjs ran once' : '' });
    table.row(name, 'ms', millis.release, millis['hand-written loop'], 'hand-written loop', { note: 'the limit: keeps no events' });
    table.row(`${name}, the page's own build`, 'ms', millis.page, millis.simpy, 'simpy 4.1');
  }
  for (const kind of Object.keys(WORKLOADS)) await growth(kind, runs, table);
  await page.close();
  native(table);
}

/** Whether an item of a large run costs what one of a small run does: each size beside the cheapest. */
async function growth(kind, runs, table) {
  const sizes = [1_000, 10_000, 100_000, 1_000_000];
  const measures = sizes.map((items) => [items, async () => {
    const millis = await runs('release', kind, items, Math.max(1, ITEMS / items));
    return millis === null ? null : millis * 1e6 / items;
  }]);
  const nanos = await alternate(3, Object.fromEntries(measures));
  const known = sizes.map((items) => nanos[items]);
  const cheapest = known.includes(null) ? null : Math.min(...known);
  for (const items of sizes) {
    const name = `an item of ${items.toLocaleString('en')}, ${WORKLOADS[kind]}`;
    table.row(name, 'ns', nanos[items], cheapest, 'its cheapest size', { most: items > ITEMS ? 2 : 1.3 });
  }
}

function native(table) {
  const figures = JSON.parse(execFileSync(example('bench'), { encoding: 'utf8' }));
  table.row('simulated items, 100 000 through 50 permits, native', 'items/s', figures.items_per_second);
  table.row('events an item', 'events', figures.events_per_item);
}

async function theirs([name, kind]) {
  return (await import('./simulate.js')).millis(name, 100_000, kind);
}

async function ours([build, kind, items, rounds]) {
  const program = await (await import('./lanescope.js')).lanescope(build, 'bench_web');
  if (!program) return null;
  let millis = 0;
  for (let round = 0; round < rounds; round += 1) millis += await program.simulate(items, kind);
  return millis / rounds;
}
