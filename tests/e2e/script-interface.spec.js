// `window.lanescope`: the same laboratory for the console, for tests and for pages of the same origin.
import { readFile } from 'node:fs/promises';
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, real, sequential } from './experiment.js';
import { check } from './schema.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Calls a method of the interface. What it throws comes back as its name and words. */
const call = (page, method, ...args) => page.evaluate(async ({ method: name, args: given }) => {
  try {
    return { value: await window.lanescope[name](...given) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : `no Error but ${error}` };
  }
}, { method, args });

const value = async (...args) => {
  const ended = await call(...args);
  expect(ended.error).toBeUndefined();
  return ended.value;
};

/** Six requests of exactly 2 s: one to the first byte and 36 tokens at 36 a second. */
const EVEN = { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 36 }, tokens_per_second: 36 };
const even = (parts) => experiment({ requests: 6, server: { simulated: EVEN }, lanes: [sequential(), concurrent(3)], ...parts });

test('simulate gives a trace as plain data, and the same one every time', async ({ page, lanescope }) => {
  await lanescope.open();
  const trace = await value(page, 'simulate', even());
  expect(trace.version).toBe(1);
  expect(trace.experiment).toMatchObject({ version: 1, seed: 1, workload: { calls: { requests: 6 } } });
  expect(trace.lanes).toHaveLength(2);
  for (const lane of trace.lanes) {
    expect(Object.keys(lane)).toEqual(expect.arrayContaining(['events', 'text', 'answers', 'failures', 'waits']));
    expect(lane.answers).toHaveLength(6);
    expect(lane.failures).toEqual([]);
    expect(lane.text).toContain('Simulated answer.');
    expect(lane.events[0]).toMatchObject({ at: 0, kind: 'started' });
    expect(lane.events.at(-1)).toMatchObject({ kind: 'stopped', why: 'finished' });
    const times = lane.events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  }
  expect(await value(page, 'simulate', even())).toEqual(trace);
  expect((await value(page, 'simulate', even({ server: { simulated: {} }, seed: 2 }))).lanes)
    .not.toEqual((await value(page, 'simulate', even({ server: { simulated: {} }, seed: 3 }))).lanes);
});

test('the page shows what simulate gives', async ({ page, lanescope }) => {
  const shown = experiment({ seed: 7, requests: 9 });
  await lanescope.open(fragment(shown));
  await expect(lanescope.big).toHaveText(/faster$/);
  expect(await value(page, 'simulate', shown)).toEqual(await lanescope.trace());
});

test('stats reckons the figures of every lane', async ({ page, lanescope }) => {
  await lanescope.open();
  const [a, b] = await value(page, 'stats', await value(page, 'simulate', even()));
  expect(a).toMatchObject({ items: 6, succeeded: 6, failed: 0, cancelled: 0, finished: true, makespanMicros: 12_000_000, boundMicros: 12_000_000, peakInFlight: 1, meanInFlight: 1, attempts: 6 });
  expect(b).toMatchObject({ items: 6, succeeded: 6, makespanMicros: 4_000_000, boundMicros: 4_000_000, peakInFlight: 3, meanInFlight: 3, attempts: 6 });
  const twoSecs = { meanMicros: 2_000_000, p50Micros: 2_000_000, p95Micros: 2_000_000, p99Micros: 2_000_000 };
  expect(a.service).toEqual(twoSecs);
  expect(b.service).toEqual(twoSecs);
  expect(b.time).toEqual({ queuedMicros: 6_000_000, rateLimitedMicros: 0, circuitOpenMicros: 0, firstByteMicros: 6_000_000, thinkingMicros: 0, streamingMicros: 6_000_000, backingOffMicros: 0, computingMicros: 0, sleepingMicros: 0, awaitingMicros: 0 });
  expect(b.tokens.output).toBe(6 * 36);
  expect(b.costDollars).toBeGreaterThan(0);
});

test('run asks a real server with the key that it is given, and tells of events as they come', async ({ page, lanescope, tls }) => {
  await tls.reset({ key: 'AQ.script', first_byte_millis: { constant: 300 } });
  await lanescope.open();
  const ended = await page.evaluate(async ({ what, options }) => {
    const told = [];
    const onEvent = (event, lane) => told.push({ event, lane, at: performance.now() });
    const trace = await window.lanescope.run(what, { ...options, onEvent });
    return { trace, told, over: performance.now() };
  }, { what: real({ requests: 6, lanes: [concurrent(3)] }), options: { apiKey: ' AQ.script\n', baseUrl: tls.url } });

  const [lane] = ended.trace.lanes;
  expect(lane.answers).toHaveLength(6);
  expect(ended.told.map(({ event }) => event)).toEqual(lane.events);
  expect(new Set(ended.told.map((one) => one.lane))).toEqual(new Set([0]));
  expect(ended.told[0].at, 'told while it runs').toBeLessThan(ended.over - 400);
  const [stats] = await value(page, 'stats', ended.trace);
  expect(stats).toMatchObject({ succeeded: 6, peakInFlight: 3 });

  const log = await tls.log();
  expect(log.peakInFlight).toBe(3);
  expect(log.requests.map(({ status, hadKey }) => [status, hadKey])).toEqual(Array(6).fill([200, true]));
});

test('a listener that throws does not stop the run', async ({ page, lanescope, tls }) => {
  await tls.reset();
  await lanescope.open();
  const trace = await page.evaluate(({ what, options }) => window.lanescope.run(what, { ...options, onEvent() { throw new Error('mine'); } }),
    { what: real({ requests: 2, lanes: [concurrent(2)] }), options: { apiKey: 'AQ.script', baseUrl: tls.url } });
  expect(trace.lanes[0].answers).toHaveLength(2);
});

test('a run in the script is not the run of the page', async ({ page, lanescope, tls }) => {
  await tls.reset();
  await lanescope.open();
  const [before, badge] = [await lanescope.big.textContent(), await lanescope.badge.textContent()];
  await page.evaluate(({ what, options }) => window.lanescope.run(what, options),
    { what: real({ requests: 2, lanes: [concurrent(2)] }), options: { apiKey: 'AQ.script', baseUrl: tls.url } });
  await expect(lanescope.big).toHaveText(before);
  await expect(lanescope.badge).toHaveText(badge);
  await expect(lanescope.button('Use my API key')).toBeVisible();
});

test('a signal aborts every call under way', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 5_000 } });
  await lanescope.open();
  const ended = await page.evaluate(async ({ what, options }) => {
    const stop = new AbortController();
    const run = window.lanescope.run(what, { ...options, signal: stop.signal });
    await new Promise((done) => setTimeout(done, 600));
    const asked = performance.now();
    stop.abort();
    return run.then(() => 'it ran on', (error) => ({ name: error.name, after: performance.now() - asked }));
  }, { what: real({ requests: 6, lanes: [concurrent(3)] }), options: { apiKey: 'AQ.script', baseUrl: tls.url } });
  expect(ended.name).toBe('AbortError');
  expect(ended.after).toBeLessThan(500);
  await expect.poll(async () => (await tls.log()).requests.map(({ aborted, endedMillis }) => aborted && endedMillis !== null)).toEqual([true, true, true]);
});

test('a signal that has aborted already lets nothing out', async ({ page, lanescope, tls }) => {
  await tls.reset();
  await lanescope.open();
  const ended = await page.evaluate(({ what, options }) => window.lanescope.run(what, { ...options, signal: AbortSignal.abort('enough') })
    .then(() => 'it ran on', String), { what: real({ requests: 2, lanes: [concurrent(2)] }), options: { apiKey: 'AQ.script', baseUrl: tls.url } });
  expect(ended).toBe('enough');
  await page.waitForTimeout(300);
  expect((await tls.log()).requests).toEqual([]);
});

test('what can not be done is refused with an Error that says why', async ({ page, lanescope, tls }) => {
  await tls.reset();
  await lanescope.open();
  const refusals = [
    [['simulate'], /plain data/],
    [['simulate', {}], /version/],
    [['simulate', experiment({ version: 99 })], /newer/],
    [['simulate', experiment({ lanes: [] })], /1 to 8 lanes, not 0/],
    [['simulate', experiment({ lanes: [concurrent(0)] })], /lane A: .*1 /],
    [['simulate', experiment({ lanes: [concurrent(2, { tires: 3 })] })], /tires/],
    [['simulate', experiment({ requests: 0 })], /requests/],
    [['simulate', real()], /real server/],
    [['run', real(), {}], /key is empty/],
    [['run', real()], /key is empty/],
    [['run', real(), { apiKey: 'AQ.x', baseUrl: 'ftp://x' }], /http/],
    [['run', real(), { apiKey: 'AQ.x AQ.y', baseUrl: tls.url }], /key/],
    [['run', real({ lanes: [] }), { apiKey: 'AQ.x', baseUrl: tls.url }], /lanes/],
    [['stats'], /plain data/],
    [['stats', { lanes: [] }], /version|experiment/],
  ];
  for (const [args, why] of refusals) {
    const { error } = await call(page, ...args);
    expect(error, `${args[0]} ${JSON.stringify(args[1])}`).toMatch(/^Error: /);
    expect(error).toMatch(why);
  }
  expect((await tls.log()).requests).toEqual([]);
});

test('schema describes experiments and traces, and is fetched when it is asked for', async ({ page, lanescope }) => {
  const fetched = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  // From a folder, since it is fetched by name.
  await lanescope.open('', process.env.LANESCOPE_SITE_IN_FOLDER);
  expect(fetched.filter((path) => path.endsWith('schema.json'))).toEqual([]);
  const schema = await value(page, 'schema');
  expect(fetched.filter((path) => path.endsWith('schema.json'))).toHaveLength(1);
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');

  const fits = (name, what) => check({ $ref: `#/$defs/${name}` }, what, schema);
  const trace = await value(page, 'simulate', experiment({
    server: { simulated: { requests_per_minute: 5, faults: [{ fault: 'stall', when: { probability: 0.2 } }] } },
    lanes: [sequential({ deadline_millis: 90_000 }), concurrent(4, { jitter: 'plus-minus-half' })],
  }));
  expect(trace.lanes.flatMap(({ failures }) => failures).length).toBeGreaterThan(0);
  expect(fits('Trace', trace)).toEqual([]);
  expect(fits('Experiment', trace.experiment)).toEqual([]);
  expect(fits('Experiment', experiment())).toEqual([]);
  expect(fits('Experiment', { ...experiment(), baseUrl: 'https://x' })).toEqual(['it has baseUrl']);
  expect(fits('Experiment', experiment({ lanes: [concurrent('four')] })).length).toBeGreaterThan(0);
});

test('version is what the package says', async ({ page, lanescope }) => {
  await lanescope.open();
  const manifest = await readFile(new URL('../../Cargo.toml', import.meta.url), 'utf8');
  expect(await page.evaluate(() => window.lanescope.version)).toBe(/^version = "(.+)"$/m.exec(manifest)[1]);
});
