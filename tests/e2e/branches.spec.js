// More than one call for a request, on a real wire: copies, other models, chains, and the search for a limit.
// The server's own log must agree with the page.
import { expect, test } from './fixtures.js';
import { concurrent, fragment, real } from './experiment.js';

const FIRST = 'gemini-flash-latest';
const OTHER = 'gemini-3.8-flash';

/** Opens an experiment, connects it to the server and runs it. */
async function run(lanescope, server, parts, change = () => {}) {
  const experiment = real(parts);
  change(experiment.workload.calls);
  await lanescope.open(fragment(experiment));
  await lanescope.use(server.url, 'AQ.e2e', { model: FIRST });
  await lanescope.send();
  await lanescope.end();
}

const sent = ({ lanes: [lane] }) => lane.events.filter(({ kind }) => kind === 'sent');
const states = async (lanescope) => (await lanescope.table()).map(({ state }) => state);

test('another model answers where the first takes too long, and the server sees the first calls go', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 100 }, first_byte_by_model: { [FIRST]: { constant: 20_000 } } });
  const lane = concurrent(3, { tries: 1, attempt_timeout_millis: 400, fallback: { models: [OTHER] } });
  await run(lanescope, tls, { requests: 3, lanes: [lane] });
  expect(await states(lanescope)).toEqual(['answered', 'answered', 'answered']);
  expect(sent(await lanescope.trace()).map(({ branch }) => branch).sort()).toEqual([0, 0, 0, 1, 1, 1]);
  await expect.poll(async () => (await tls.calls()).filter(({ aborted }) => aborted).length).toBe(3);
  const calls = await tls.calls();
  expect(calls.filter(({ path }) => path.includes(OTHER)).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(calls).toHaveLength(6);
});

test('a copy overtakes a slow call, which is given up', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { listed: [20_000, 100] } });
  await run(lanescope, tls, { requests: 1, lanes: [concurrent(1, { hedge: { 'after-millis': 300 } })] });
  expect(await states(lanescope)).toEqual(['answered']);
  const trace = await lanescope.trace();
  expect(sent(trace).map(({ branch }) => branch)).toEqual([0, 1]);
  expect(trace.lanes[0].events.filter(({ kind }) => kind === 'cancelled').map(({ branch }) => branch)).toEqual([0]);
  await expect.poll(async () => (await tls.calls()).map(({ aborted }) => aborted)).toEqual([true, false]);
  expect((await tls.log()).peakInFlight).toBe(2);
  await expect(lanescope.details.getByText('Copy: ').first()).toBeVisible();
});

test('a chain of three asks about the answer before, one call at a time', async ({ lanescope, tls }) => {
  await tls.reset();
  const steps = ['Research.', 'Write.', 'Edit.'];
  await run(lanescope, tls, { requests: 2, lanes: [concurrent(1, { permit: 'item' })] }, (calls) => { calls.steps = steps; });
  expect(await states(lanescope)).toEqual(['answered', 'answered']);
  expect(sent(await lanescope.trace()).map(({ item, step }) => [item, step])).toEqual([[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
  const { peakInFlight } = await tls.log();
  expect([peakInFlight, (await tls.calls()).length]).toEqual([1, 6]);
});

test('all models are asked at once, the first answer wins, and the others are given up', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 100 }, first_byte_by_model: { [FIRST]: { constant: 20_000 } } });
  const fallback = { models: [OTHER], rule: 'first-success', at_once: true };
  await run(lanescope, tls, { requests: 2, lanes: [concurrent(2, { fallback })] });
  expect(await states(lanescope)).toEqual(['answered', 'answered']);
  await expect.poll(async () => (await tls.calls()).filter(({ aborted }) => aborted).length).toBe(2);
  expect((await tls.log()).peakInFlight).toBe(4);
});

test.describe('a server that refuses', () => {
  test.use({ requestsMayFail: true });

  test('the limit is found with as few requests as it takes, and named with its evidence', async ({ page, lanescope, tls }) => {
    test.slow();
    await tls.reset({ requests_per_minute: 5 });
    await lanescope.open();
    await lanescope.use(tls.url);
    await lanescope.more.click();
    await lanescope.enter('Requests at most', 30);
    await lanescope.button('Find it').click();
    await lanescope.preflight.getByRole('button', { name: 'Send 30 requests' }).click();
    await lanescope.end(30_000);
    const found = page.getByRole('region', { name: 'The limit', exact: true });
    await expect(found).toContainText('The server names its limit: 5 requests a minute.');
    await expect(found).toContainText('The 6th request within 60 s was refused');
    const statuses = (await tls.calls()).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect(statuses.length, 'it stops there').toBeLessThan(10);
  });
});
