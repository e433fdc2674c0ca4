// Real calls: 60 answered after 50 ms, behind a limit. What lies above the ideal is the browser's; Lanescope
// is to add nothing to it.
import { real, concurrent } from '../e2e/experiment.js';
import { example } from './build.js';
import { alternate, median } from './table.js';

const RUNS = 5;
const CALLS = 60;
/** Answered after 50 ms, in one piece. */
const FIGURES = { first_byte_millis: { constant: 50 }, answer_tokens: { constant: 1 }, tokens_per_second: 100_000 };
const WIRES = [['HTTP/1.1', [], 5], ['HTTP/2', ['--tls'], 5], ['HTTP/2', ['--tls'], 20]];

export async function fetches({ browser, site, table }) {
  process.env.LANESCOPE_STAND_IN ??= example('gemini_server');
  const { StandIn } = await import('../e2e/stand-in.js');
  for (const [wire, args, limit] of WIRES) {
    const standIn = await StandIn.start(...args);
    await standIn.reset(FIGURES);
    // All in the page itself, on the same connections; with less motion its race stands still meanwhile.
    const context = await browser.newContext({ ignoreHTTPSErrors: true, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await page.goto(site);
    await page.waitForFunction(() => window.lanescope);
    const peers = await page.evaluate(async () => (await import('./bench/fetches.js')).names);
    const experiment = real({ requests: CALLS, lanes: [concurrent(limit)] });
    const measures = {
      Lanescope: () => page.evaluate(lanescope, [experiment, standIn.url]),
      ...Object.fromEntries(peers.map((name) => [name, () => page.evaluate(peer, [name, standIn.url, CALLS, limit])])),
    };
    // The first round opens the connections.
    for (const measure of Object.values(measures)) await measure();
    const millis = await alternate(RUNS, measures);
    const middle = median(peers.map((name) => millis[name]));
    const note = peers.map((name) => `${name} ${Math.round(millis[name])}`).join(', ');
    table.row(`${CALLS} fetches of 50 ms, ${limit} in flight, ${wire}`, 'ms', millis.Lanescope, middle, `median of ${peers.length}`, { most: 1.05, note });
    await context.close();
    standIn.stop();
  }
}

async function peer([...asked]) {
  return (await import('./bench/fetches.js')).makespan(...asked);
}

/** From the first start to the last end, by the trace. */
async function lanescope([experiment, baseUrl]) {
  const trace = await window.lanescope.run(experiment, { apiKey: 'bench', baseUrl });
  const answered = trace.lanes[0].events.filter(({ outcome }) => outcome === 'answered').length;
  if (answered !== experiment.workload.calls.requests) throw new Error(`only ${answered} were answered`);
  return trace.lanes[0].events.at(-1).at / 1000;
}
