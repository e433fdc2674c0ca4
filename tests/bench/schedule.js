// What a scheduler costs a task that returns at once, 50 in flight.
import { alternate } from './table.js';

const RUNS = 5;
const LIMIT = 50;
/** A run is this many tasks, in one round or in many. */
const TASKS_A_RUN = 100_000;
/** The limits to quote; the others are libraries to be faster than. */
const BY_HAND = ['Promise.all, no limit', 'hand-written worker pool', 'hand-written semaphore'];
const BUILDS = ['release', 'page'];

export async function schedule({ browser, bench, table }) {
  const page = await browser.newPage();
  await page.goto(bench);
  const peers = await page.evaluate(async () => (await import('./schedule.js')).names);
  for (const tasks of [1_000, 10_000, 100_000]) {
    const asked = { tasks, limit: LIMIT, rounds: TASKS_A_RUN / tasks };
    const measures = Object.fromEntries([
      ...BUILDS.map((build) => [build, () => page.evaluate(ours, [build, asked])]),
      ...peers.map((name) => [name, () => page.evaluate(theirs, [name, asked])]),
    ]);
    for (const measure of Object.values(measures)) await measure();
    const nanos = await alternate(RUNS, measures);
    const name = `${tasks.toLocaleString('en')} tasks that return at once, ${LIMIT} in flight`;
    for (const peer of peers) table.row(name, 'ns a task', nanos.release, nanos[peer], peer, BY_HAND.includes(peer) ? {} : { most: 1 });
    const fastest = peers.filter((peer) => !BY_HAND.includes(peer)).sort((a, b) => nanos[a] - nanos[b])[0];
    table.row(`${name}, the page's own build`, 'ns a task', nanos.page, nanos[fastest], fastest);
  }
  await page.close();
}

async function theirs([name, { tasks, limit, rounds }]) {
  return (await import('./schedule.js')).nanos(name, tasks, limit, rounds);
}

/** The program measures itself, without what prepares its run. */
async function ours([build, { tasks, limit, rounds }]) {
  const program = await (await import('./lanescope.js')).lanescope(build, 'bench_web');
  if (!program) return null;
  let nanos = 0;
  for (let round = 0; round < rounds; round += 1) nanos += await program.schedule(tasks, limit);
  return nanos / rounds;
}
