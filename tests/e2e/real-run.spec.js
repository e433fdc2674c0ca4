// A run against a server: lanes one after the other, drawn as they happen, never more in flight than
// was asked for.
import { expect, test } from './fixtures.js';
import { concurrent, fragment, real, sequential } from './experiment.js';

/** The text of one answer of the stand-in begins so. */
const ANSWER = /^Simulated answer\. /;

test('sixty requests at twenty in flight are twenty at the server over HTTP/2, and one in sequence', async ({ lanescope, tls }) => {
  test.setTimeout(60_000);
  await tls.reset({ first_byte_millis: { constant: 400 }, answer_tokens: { constant: 8 }, tokens_per_second: 400 });
  await lanescope.open();
  await lanescope.use(tls.url);
  await lanescope.enter('Requests', 60);
  await lanescope.enter('At most in flight', 20);
  await lanescope.run.click();
  await expect(lanescope.preflight).toContainText('120: 60 in each of 2 lanes');
  await expect(lanescope.preflight).not.toContainText('6 connections');
  await lanescope.preflight.getByRole('button', { name: 'Send 120 requests' }).click();

  await expect(lanescope.countdown).toContainText(/^Lane A begins in \d+ s: both share one quota\./);
  await expect(lanescope.big).toHaveText(/^B is done in [\d.]+ s$/);
  await expect(lanescope.small).toHaveText('A has not begun');
  const ofB = await tls.log();
  expect(ofB.peakInFlight).toBe(20);
  expect(ofB.requests.map(({ status }) => status)).toEqual(Array(60).fill(200));

  await tls.reset({ first_byte_millis: { constant: 100 }, answer_tokens: { constant: 8 }, tokens_per_second: 400 });
  await lanescope.startNow.click();
  await lanescope.end(40_000);
  const ofA = await tls.log();
  expect(ofA.peakInFlight).toBe(1);
  expect(ofA.requests.map(({ status }) => status)).toEqual(Array(60).fill(200));

  await expect(lanescope.big).toHaveText(/^\d+(\.\d)?× faster$/);
  for (const lane of ['A', 'B']) {
    await lanescope.showLane(lane);
    const rows = await lanescope.table();
    expect(rows.filter((row) => row.state === 'answered' && ANSWER.test(row.answer))).toHaveLength(60);
  }
});

test('over plain HTTP the page says that the browser opens six connections, and it does', async ({ lanescope, plain }) => {
  await plain.reset();
  await lanescope.open(fragment(real({ requests: 24, lanes: [concurrent(20)] })));
  await lanescope.use(plain.url);
  await lanescope.run.click();
  await expect(lanescope.preflight).toContainText('the browser itself opens at most 6 connections');
  await lanescope.preflight.getByRole('button', { name: 'Send 24 requests' }).click();
  await lanescope.end();
  await expect(lanescope.big).toHaveText(/^24 of 24 in /);
  expect((await plain.log()).peakInFlight).toBe(6);
});

test('against five a minute, five at once and then five in a row are all let through', async ({ lanescope, tls }) => {
  // The page waits the whole minute.
  test.setTimeout(100_000);
  await tls.reset({ requests_per_minute: 5, first_byte_millis: { constant: 300 } });
  await lanescope.open();
  await lanescope.use(tls.url);
  await expect(lanescope.number('Requests')).toHaveValue('5');
  await lanescope.enter('At most in flight', 5);
  await lanescope.send();
  await expect(lanescope.countdown).toContainText(/begins in (5\d|6[0-5]) s/);
  expect((await tls.log()).peakInFlight).toBe(5);
  await expect(lanescope.countdown).toBeHidden({ timeout: 70_000 });
  await lanescope.end(30_000);

  const { requests } = await tls.log();
  expect(requests.map(({ status }) => status), 'no refusal').toEqual(Array(10).fill(200));
  const starts = requests.map(({ startedMillis }) => startedMillis);
  expect(starts[5] - starts[4], 'the minute was waited out').toBeGreaterThanOrEqual(60_000);
  expect(starts[5] - starts[4], 'and little more').toBeLessThan(63_000);
  await expect(lanescope.cards).toHaveCount(0);
  await expect(lanescope.big).toHaveText(/^\d+(\.\d)?× faster$/);
  const speedUp = Number.parseFloat(await lanescope.big.textContent());
  expect(speedUp).toBeGreaterThan(1);
});

test('the preflight says how many, to whom, and what it costs at most; nothing is sent without agreeing', async ({ page, lanescope, tls }) => {
  await tls.reset();
  const sent = [];
  page.on('request', (request) => { if (request.url().startsWith(tls.url)) sent.push(request.url()); });
  await lanescope.open();
  await lanescope.use(tls.url);
  await lanescope.run.click();
  const fact = (name) => lanescope.preflight.locator(`dt:text-is("${name}") + dd`);
  await expect(fact('To')).toHaveText(tls.host);
  await expect(fact('Model')).toHaveText('gemini-flash-latest');
  await expect(fact('Requests')).toHaveText('10: 5 in each of 2 lanes');
  await expect(fact('Output tokens at most')).toHaveText(/^102.?400$/);
  // Five tries of each; 102 400 tokens at $3.75 a million; the prompts cost next to nothing.
  await expect(fact('Calls at most')).toHaveText(/^50, /);
  await expect(fact('Cost at most')).toHaveText(/^\$0\.38.*price list of \d{4}-\d{2}-\d{2}/);
  await lanescope.preflight.getByRole('button', { name: 'Not now' }).click();
  await expect(lanescope.preflight).toBeHidden();
  expect((await tls.log()).requests).toEqual([]);
  expect(sent).toEqual([]);
});

test('answers and figures grow while they come', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 200 }, answer_tokens: { constant: 60 }, tokens_per_second: 40 });
  await lanescope.open(fragment(real({ requests: 3, lanes: [sequential()] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  const first = lanescope.rows.first().locator('td.answer');
  await expect(first).toHaveText(ANSWER);
  const early = (await first.textContent()).length;
  await expect(lanescope.rows.first()).toContainText('streaming');
  await expect.poll(async () => (await first.textContent()).length).toBeGreaterThan(early + 20);
  await expect(lanescope.rows.first()).toContainText('streaming');
  await expect(lanescope.big).toHaveText('A 1 of 3');
  await expect(lanescope.rows.nth(2)).toContainText('waiting for a slot');
  await lanescope.end();
  await expect(lanescope.big).toHaveText(/^3 of 3 in /);
});

test('the model that answered is named, and an answer that the limit cut says so', async ({ lanescope, tls }) => {
  await tls.reset({ answer_tokens: { constant: 80 } });
  await lanescope.open(fragment(real({ requests: 2, settings: { max_output_tokens: 30 }, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await lanescope.end();
  for (const { state, answer } of await lanescope.table()) {
    expect(state).toBe('answered');
    expect(answer).toMatch(/^Simulated answer\. .+ The limit on output tokens cut its answer\.$/);
  }
  const lines = (await lanescope.download('Answers (JSONL)')).text.trimEnd().split('\n').map((line) => JSON.parse(line));
  // What the stand-in calls itself, whatever it was asked as.
  expect(lines.map(({ model, output_tokens: tokens, simulated }) => [model, tokens, simulated])).toEqual(Array(2).fill(['simulated', 30, false]));
});

test('an answer that thinking left no room for has its card', async ({ lanescope, tls }) => {
  await tls.reset({ thinking_tokens: { constant: 50 } });
  await lanescope.open(fragment(real({ requests: 2, settings: { max_output_tokens: 30 }, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await lanescope.end();
  await expect(lanescope.card('truncated')).toContainText('Raise the limit on output tokens');
  expect((await lanescope.table()).map(({ state, tries }) => [state, tries])).toEqual(Array(2).fill(['failed', 1]));
});

test('nothing on the page ends a real run unasked', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 3_000 } });
  await lanescope.open(fragment(real({ requests: 2, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await page.getByText('Plan a job under the limits of your account').click();
  await lanescope.send();
  await page.getByRole('button', { name: 'Add as a lane and run' }).click();
  await expect(lanescope.notice).toContainText('Stop it before you add a lane.');
  await expect(lanescope.notice).toBeInViewport();
  await lanescope.button('Five in a loop').click();
  await expect(lanescope.notice).toContainText('Stop it before you choose another experiment.');
  await lanescope.end();
  expect((await lanescope.trace()).lanes.map(({ answers }) => answers.length)).toEqual([2]);
});

test('a lane begins at its own zero and says at what time of day', async ({ lanescope, tls }) => {
  await tls.reset();
  await lanescope.open(fragment(real({ requests: 2 })));
  await lanescope.use(tls.url);
  const before = Date.now();
  await lanescope.send();
  await expect(lanescope.startNow).toBeVisible();
  await new Promise((done) => setTimeout(done, 1_500));
  await lanescope.startNow.click();
  await lanescope.end();
  const { lanes: [a, b] } = await lanescope.trace();
  expect(b.began_millis).toBeGreaterThanOrEqual(before);
  expect(a.began_millis - b.began_millis).toBeGreaterThan(1_500);
  for (const lane of [a, b]) expect(lane.events[0]).toMatchObject({ at: 0, kind: 'started' });
  // The wait between the lanes is part of neither.
  expect(Number.parseFloat(await lanescope.totals.first().textContent())).toBeLessThan(1.5);
});

test.describe(() => {
  test.use({ requestsMayFail: true });

  test('a refusal for quota makes it no fair race', async ({ lanescope, tls }) => {
    await tls.reset({ requests_per_minute: 5 });
    await lanescope.open(fragment(real({ requests: 8, lanes: [sequential(), concurrent(8, { tries: 1 })] })));
    await lanescope.use(tls.url);
    await lanescope.send();
    await expect(lanescope.startNow).toBeVisible();
    await expect(lanescope.card('rate-limit')).toContainText('3 times · lane B');
    await tls.reset();
    await lanescope.endWithoutWait();
    await expect(lanescope.big).toHaveText('Not a fair race');
    await expect(lanescope.small).toHaveText("3 of B's calls were over 5 a minute.");
  });
});
