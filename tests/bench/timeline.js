// What a timeline takes to paint a run for the first time, and how evenly it moves through it.
import { median } from './table.js';

const RUNS = 3;
const SIZES = [1_000, 10_000, 100_000];
/** A peer that takes longer than this to paint is not asked for more. */
const GIVE_UP_MILLIS = 10_000;
/** One that takes longer than this to paint is asked once. */
const SLOW_MILLIS = 3_000;
/** Nothing is seen sooner than this: who is below it can't be told from another. */
const TWO_FRAMES_MILLIS = 35;
const BUILDS = ['release', 'page'];

export async function timeline({ browser, bench, table }) {
  const page = await browser.newPage();
  await page.goto(bench);
  const peers = await page.evaluate(async () => (await import('./timeline.js')).names);
  await page.close();

  const gaveUp = new Set();
  for (const size of SIZES) {
    const seen = new Map([...BUILDS, ...peers].map((who) => [who, []]));
    for (let run = 0; run < RUNS; run += 1) {
      for (const [who, list] of seen) {
        if (gaveUp.has(who) || list[0]?.seen > SLOW_MILLIS) continue;
        const figures = await one(browser, bench, who, size);
        if (figures === undefined && BUILDS.includes(who)) throw new Error(`Lanescope takes more than 10 s for ${size} requests`);
        if (figures === undefined) gaveUp.add(who);
        else if (figures !== null) list.push(figures);
      }
    }
    rows(table, size, peers, seen, gaveUp);
  }
}

/** One timeline in a page of its own: null if it is not built, undefined if it did not come to an end. */
async function one(browser, bench, who, size) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 } });
  const page = await context.newPage();
  await page.goto(bench);
  const [name, build] = BUILDS.includes(who) ? ['Lanescope', who] : [who, null];
  const painting = page.evaluate(async (asked) => (await import('./timeline.js')).paint(...asked), [name, size, build]);
  let timer;
  const late = new Promise((done) => { timer = setTimeout(done, GIVE_UP_MILLIS); });
  // A page that is closed before it has painted fails, and nobody minds.
  painting.catch(() => {});
  const paint = await Promise.race([painting, late]);
  clearTimeout(timer);
  const moved = paint && await page.evaluate(async () => (await import('./timeline.js')).travel());
  await context.close();
  return paint && { ...paint, ...moved };
}

function rows(table, size, peers, seen, gaveUp) {
  const of = (who, what) => (seen.get(who).length === 0 ? null : median(seen.get(who).map((figures) => figures[what])));
  const beside = (what, peer) => [of('release', what), of(peer, what)].map((millis) => (millis === null ? '?' : Math.round(millis))).join(' beside ');
  const best = Math.min(...peers.map((peer) => of(peer, 'p95') ?? Infinity));
  const [first, frame] = ['first paint', 'frame, p95'].map((what) => `${size.toLocaleString('en')} requests, ${what}`);
  for (const peer of peers) {
    if (gaveUp.has(peer)) {
      table.row(first, 'ms', of('release', 'seen'), null, peer, { note: 'the peer takes more than 10 s' });
      continue;
    }
    const once = seen.get(peer).length < RUNS ? '; the peer was measured once' : '';
    const alike = [of('release', 'seen'), of(peer, 'seen')].every((millis) => millis <= TWO_FRAMES_MILLIS);
    table.row(first, 'ms', of('release', 'seen'), of(peer, 'seen'), peer, { ...(!alike && { most: 1 }), note: `busy for ${beside('work', peer)}${once}` });
    table.row(frame, 'ms', of('release', 'p95'), of(peer, 'p95'), peer, { ...(of(peer, 'p95') === best && { most: 1 }), note: `worst ${beside('worst', peer)}` });
  }
  if (size === 100_000) {
    table.row(first, 'ms', of('release', 'seen'), 100, 'what is wanted', { most: 1 });
    table.row(frame, 'ms', of('release', 'p95'), 17, 'what is wanted', { most: 1 });
  }
  table.row(`${first}, the page's own build`, 'ms', of('page', 'seen'), of('release', 'seen'), 'the quick build', { note: `busy for ${beside('work', 'page')}` });
  table.row(`${frame}, the page's own build`, 'ms', of('page', 'p95'), of('release', 'p95'), 'the quick build', { note: `worst ${beside('worst', 'page')}` });
}
