// What goes wrong in a real run: every kind ends in its card, and costs no other request its answer.
import http from 'node:http';
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, real, sequential } from './experiment.js';
import { StandIn } from './stand-in.js';

test.use({ requestsMayFail: true });

/** One try, or several with short waits. */
const ONCE = { tries: 1 };
const AGAIN = { tries: 4, first_delay_millis: 100, jitter: 'none' };

const ANSWER = /^Simulated answer\. .{20}/;

/** Only the second call to arrive is struck. Answers stream for long enough that a break in them is one. */
const second = (fault) => ({ tokens_per_second: 40, faults: [{ when: { items: [1] }, fault }] });

/** A server whose minute is used up when the first test begins: by its own test, half of it is over. */
let busy;
let full;

async function useUp() {
  await busy.reset({ requests_per_minute: 2 });
  expect([await busy.call(), await busy.call(), await busy.call()]).toEqual([200, 200, 429]);
  full = Date.now();
}
test.beforeAll(async () => {
  busy = await StandIn.start('--tls');
  await useUp();
});
test.afterAll(() => busy.stop());

/** Opens a lane of six against `server`, and runs it. */
async function begin(lanescope, server, lane, parts = {}) {
  await lanescope.open(fragment(real({ requests: 6, lanes: [lane], ...parts })));
  await lanescope.use(server.url);
  await lanescope.send();
}

/** The card has a heading and its three parts, each with something in it. */
async function expectWhole(card, times) {
  await expect(card).toHaveCount(1);
  await expect(card.getByRole('heading')).toContainText(`${times === 1 ? '1 time' : `${times} times`} · lane A`);
  const parts = await card.locator(':scope > p').allTextContents();
  expect(parts).toHaveLength(3);
  expect(parts[0]).toMatch(/\.( |$)/);
  expect(parts[1]).toMatch(/^Lanescope: [A-Z].*\.$/);
  expect(parts[2]).toMatch(/^You: [A-Z].*\.$/);
  await expect(card.getByText(/^(The server's own words|Details)$/)).toBeVisible();
}

/** So many rows ended in each way; those that were answered have a whole answer, and one alone. */
async function expectOutcomes(lanescope, outcomes) {
  const rows = await lanescope.table();
  const counted = {};
  for (const { state } of rows) counted[state] = (counted[state] ?? 0) + 1;
  expect(counted).toEqual(outcomes);
  for (const { state, answer } of rows) {
    if (state !== 'answered') continue;
    expect(answer).toMatch(ANSWER);
    expect(answer.match(/Simulated answer\./g), 'what a failed try had sent is gone').toHaveLength(1);
  }
}

const STRUCK = [
  { name: 'a 503', kind: 'overloaded', fault: { status: 503 }, row: 'The server answered 503.', words: '"code":503' },
  { name: 'a 429 without a delay', kind: 'rate-limit', fault: { status: 429 }, row: 'The server answered 429.', words: 'RESOURCE_EXHAUSTED' },
  { name: 'a 500', kind: 'server', fault: { status: 500 }, row: 'The server answered 500.', words: 'INTERNAL' },
  { name: 'a stream that is cut', kind: 'stream-cut', fault: 'cut', row: 'The stream ended before the answer did.' },
  { name: 'an error in the stream', kind: 'overloaded', fault: { 'error-in-stream': 503 }, row: 'The server answered 503.', words: 'UNAVAILABLE' },
  { name: 'a connection that is closed', kind: 'network', fault: 'network', row: 'No connection came about.' },
];

for (const { name, kind, fault, row, words } of STRUCK) {
  test(`${name} fails one request, has its card, and the other five keep their answers`, async ({ lanescope, tls }) => {
    await tls.reset(second(fault));
    await begin(lanescope, tls, concurrent(3, ONCE));
    await lanescope.end();
    await expectWhole(lanescope.card(kind), 1);
    await expect(lanescope.cards).toHaveCount(1);
    await expectOutcomes(lanescope, { answered: 5, failed: 1 });
    expect((await lanescope.table()).find(({ state }) => state === 'failed').answer).toContain(row);
    if (words) {
      const card = lanescope.card(kind);
      await expect(card.locator('pre')).toBeHidden();
      await card.getByText("The server's own words").click();
      await expect(card.locator('pre')).toContainText(words);
    }
  });

  test(`${name} is tried again, and all six are answered in the end`, async ({ lanescope, tls }) => {
    await tls.reset(second(fault));
    await begin(lanescope, tls, concurrent(3, AGAIN));
    await lanescope.end();
    await expectWhole(lanescope.card(kind), 1);
    await expectOutcomes(lanescope, { answered: 6 });
    const rows = await lanescope.table();
    expect(rows.map(({ tries }) => tries).sort()).toEqual([1, 1, 1, 1, 1, 2]);
    expect(rows.find(({ tries }) => tries === 2).backedOff).toMatch(/^(1\d\d ms|0\.[1-4] s)$/);
    expect(await tls.calls()).toHaveLength(7);
  });
}

test('a 429 with a delay waits at least as long as it was asked to, and is answered', async ({ lanescope }) => {
  // The rest of the server's minute is waited out.
  test.setTimeout(90_000);
  if (Date.now() - full > 45_000) await useUp();
  await begin(lanescope, busy, concurrent(2, { ...AGAIN, first_delay_millis: 500 }), { requests: 2 });
  const card = lanescope.card('rate-limit');
  await expect(card).toHaveCount(1);
  await expect(lanescope.rows.first()).toContainText('backing off');
  await lanescope.rows.first().getByRole('button').click();
  await expect(lanescope.why).toContainText(/^Backing off\. The server answered 429 and asked to wait [\d.]+ s\. It waits [\d.]+ s: [\d.]+ s because the server asked for it, and 0\.5 s of its own/);
  await expect(card.locator('.forensics .said')).toHaveText('Too many requests in a minute: the limit is 2.');
  await expect(card.locator('.frees')).toHaveText(/^frees in [1-5]?\d\.\d s$/);
  await lanescope.end(70_000);

  await expectWhole(card, 2);
  await expectOutcomes(lanescope, { answered: 2 });
  const { lanes: [lane] } = await lanescope.trace();
  const sent = lane.events.filter(({ kind }) => kind === 'sent').map(({ at }) => at);
  const asked = lane.failures.map((failure) => failure.delay_micros);
  expect(asked).toHaveLength(2);
  const refused = lane.events.filter(({ kind }) => kind === 'failed').map(({ at }) => at);
  expect(sent).toHaveLength(4);
  for (const place of [0, 1]) expect(sent[2 + place] - refused[place], 'never earlier than asked').toBeGreaterThanOrEqual(asked[place]);
});

test('failures of one kind share a card', async ({ lanescope, tls }) => {
  await tls.reset({ faults: [{ when: { items: [0, 2, 4] }, fault: { status: 503 } }] });
  await begin(lanescope, tls, concurrent(2, ONCE));
  await lanescope.end();
  await expect(lanescope.cards).toHaveCount(1);
  await expectWhole(lanescope.card('overloaded'), 3);
  await expectOutcomes(lanescope, { answered: 3, failed: 3 });
});

test('a key that stops working stops the lane at once and keeps what has finished', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 500 } });
  await begin(lanescope, tls, sequential(AGAIN));
  await expect(lanescope.rows.nth(1)).toContainText('answered');
  await tls.reset({ key: 'another' });
  await lanescope.end();
  await expectWhole(lanescope.card('auth'), 1);
  await expect(lanescope.card('auth')).toContainText('The lane stops at once');
  const rows = await lanescope.table();
  const answered = rows.filter(({ state }) => state === 'answered').length;
  expect(answered).toBeGreaterThanOrEqual(2);
  expect(answered).toBeLessThan(5);
  await expectOutcomes(lanescope, { answered, failed: 1, 'given up': 5 - answered });
  expect(await tls.calls(), 'one call and no more').toHaveLength(1);
});

test('a wrong key is refused in the words of the server', async ({ lanescope, tls }) => {
  await tls.reset({ key: 'AQ.right' });
  await begin(lanescope, tls, concurrent(2, AGAIN));
  await lanescope.end();
  await expectWhole(lanescope.card('auth'), 1);
  await lanescope.card('auth').getByText("The server's own words").click();
  await expect(lanescope.card('auth').locator('.message')).toContainText('API key not valid');
  expect((await tls.calls()).length, 'no more calls than were in flight').toBeLessThanOrEqual(2);
  expect((await lanescope.table()).filter(({ state }) => state === 'answered')).toEqual([]);
});

test('an unknown model stops the lane and names the model', async ({ lanescope, tls }) => {
  await tls.reset();
  await lanescope.open(fragment(real({ requests: 6, lanes: [concurrent(2, AGAIN)] })));
  await lanescope.use(tls.url, 'AQ.e2e', { model: 'gemini-of-nowhere' });
  await lanescope.send();
  await lanescope.end();
  await expectWhole(lanescope.card('not-found'), 1);
  await lanescope.card('not-found').getByText("The server's own words").click();
  await expect(lanescope.card('not-found').locator('.message')).toContainText('gemini-of-nowhere');
  expect((await tls.calls()).length).toBeLessThanOrEqual(2);
});

test('a model that goes away in the middle leaves the answers before it', async ({ lanescope, tls }) => {
  await tls.reset({ faults: [{ when: { items: [3] }, fault: { status: 404 } }] });
  await begin(lanescope, tls, sequential(AGAIN));
  await lanescope.end();
  await expectWhole(lanescope.card('not-found'), 1);
  await expectOutcomes(lanescope, { answered: 3, failed: 1, 'given up': 2 });
});

test('a quota of nothing is never tried again', async ({ lanescope, tls }) => {
  await tls.reset({ requests_per_minute: 0 });
  await begin(lanescope, tls, sequential(AGAIN));
  await lanescope.end();
  await expectWhole(lanescope.card('quota-none'), 1);
  await expect(lanescope.card('quota-none').locator('.said')).toHaveText(/^The limit is 0: /);
  expect(await tls.calls()).toHaveLength(1);
});

test.describe('which limit refused a call', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  /** Each answer takes 2 s. */
  const even = { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 36 } };
  /** What a list of the card says under this name. */
  const fact = (card, name) => card.locator(`.forensics dt:text-is("${name}") + dd`);

  test('a minute\'s limit is named, and its window is drawn with its fill and a countdown', async ({ lanescope }) => {
    const server = { simulated: { ...even, requests_per_minute: 5 } };
    await lanescope.open(fragment(experiment({ requests: 6, server, lanes: [concurrent(6, { jitter: 'none' })] })));
    const card = lanescope.card('rate-limit');
    await expectWhole(card, 1);
    await expect(card.locator('.said')).toHaveText('Too many requests in a minute: the limit is 5.');
    await expect(fact(card, 'Quota')).toHaveText('GenerateRequestsPerMinutePerProjectPerModel-FreeTier');
    await expect(fact(card, 'Model')).toHaveText('gemini-flash-latest');
    await expect(fact(card, 'Limit')).toHaveText('5');
    await expect(fact(card, 'Delay')).toHaveText('59.6 s');
    await expect(card.locator('.contradiction')).toHaveText('RetryInfo says 59 s. The message says 59.6 s. In force: the longer, 59.6 s.');

    const width = () => card.locator('.window .bar i').evaluate((bar) => bar.style.width);
    // At its end, a minute after the first, the last try is alone in the window.
    await expect(card.locator('.window .fill')).toHaveText('1 sent in the last 60 s, 5 allowed');
    expect(await width()).toBe('20%');
    await expect(card.locator('.window .frees')).toHaveText('');

    for (const share of [0.1, 0.3, 0.6]) {
      await lanescope.seek(share);
      await expect(card.locator('.window .fill')).toHaveText('6 sent in the last 60 s, 5 allowed');
      expect(await width()).toBe('100%');
      const { at } = await lanescope.time();
      const [, left] = /^frees in ([\d.]+) s$/.exec(await card.locator('.window .frees').textContent());
      expect(Math.abs(at + Number(left) - 60), `at ${at} s, ${left} s are left of the minute`).toBeLessThan(0.2);
    }
    await lanescope.seek(0);
    await expect(lanescope.cards).toHaveCount(0);
  });

  test('a day\'s limit with a short delay is a contradiction, and both sides are named', async ({ lanescope }) => {
    const server = { simulated: { ...even, requests_per_day: 2 } };
    await lanescope.open(fragment(experiment({ requests: 4, server, lanes: [sequential()] })));
    const card = lanescope.card('quota-day');
    await expectWhole(card, 1);
    await expect(card.locator('.said')).toHaveText('What a day allows is used up: the limit is 2.');
    await expect(card.locator('.contradiction')).toHaveText(
      'The quota\'s name says that it counts by the day: GenerateRequestsPerDayPerProjectPerModel-FreeTier. '
      + 'The delay says 22 s. In force: the day. A try after that delay would be refused again.',
    );
    await expect(fact(card, 'Delay')).toHaveCount(0);
    await expect(card.locator('.window')).toHaveCount(0);
  });
});

test('a server that allows no page says "Failed to fetch", and the answers before it stay', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 400 } });
  await begin(lanescope, tls, sequential(ONCE));
  await expect(lanescope.rows.nth(1)).toContainText('answered');
  await tls.reset({ cors: false });
  await lanescope.end();
  const rows = await lanescope.table();
  const answered = rows.filter(({ state }) => state === 'answered').length;
  expect(answered).toBeGreaterThanOrEqual(2);
  expect(answered).toBeLessThan(6);
  await expectOutcomes(lanescope, { answered, failed: 6 - answered });
  const card = lanescope.card('network');
  await expectWhole(card, 6 - answered);
  await expect(card.getByRole('heading')).toContainText('Failed to fetch');
  for (const cause of ['offline', 'CORS', 'extension', 'firewall', 'proxy', 'resolve']) await expect(card).toContainText(cause);
});

test.describe(() => {
  let closed;
  test.beforeAll(async () => { closed = await StandIn.start('--tls', '--no-cors'); });
  test.afterAll(() => closed.stop());

  test('a server that never allowed any page ends in its card too', async ({ lanescope }) => {
    await begin(lanescope, closed, concurrent(3, ONCE));
    await lanescope.end();
    await expectWhole(lanescope.card('network'), 6);
    await expect(lanescope.card('network')).not.toContainText('it is offline now');
    await expectOutcomes(lanescope, { failed: 6 });
  });
});

test.describe(() => {
  // A server that sends every call on to another; the other would gladly answer.
  let elsewhere;
  test.beforeAll(async () => {
    const other = await StandIn.start();
    const sends = http.createServer((request, response) => {
      response.writeHead(307, { location: other.url + request.url, 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' });
      response.end();
    });
    await new Promise((done) => sends.listen(0, '127.0.0.1', done));
    elsewhere = { other, sends, url: `http://127.0.0.1:${sends.address().port}` };
  });
  test.afterAll(() => {
    elsewhere.sends.close();
    elsewhere.other.stop();
  });

  test('a server that sends calls on to another address gets the key no further', async ({ lanescope }) => {
    await begin(lanescope, elsewhere, concurrent(3, ONCE));
    await lanescope.end();
    await expectWhole(lanescope.card('network'), 6);
    await expect(lanescope.card('network').getByText('Details')).toBeVisible();
    expect((await elsewhere.other.log()).requests).toEqual([]);
  });
});

test('a computer that goes offline is told so, and goes on where it was when it is back', async ({ context, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 200 } });
  await begin(lanescope, tls, sequential({ tries: 10, first_delay_millis: 300, delay_base: 1, jitter: 'none' }));
  await expect(lanescope.rows.first()).toContainText('answered');
  await context.setOffline(true);
  await expect(lanescope.card('network')).toContainText('The browser says that it is offline now.');
  const kept = (await lanescope.table()).filter(({ state }) => state === 'answered').length;
  expect(kept).toBeGreaterThanOrEqual(1);
  expect(kept).toBeLessThan(6);
  await context.setOffline(false);
  await lanescope.end();
  await expectOutcomes(lanescope, { answered: 6 });
  await expect(lanescope.card('network')).toHaveCount(1);
});

test('without another try, offline costs only what was under way and what came after', async ({ context, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 400 } });
  await begin(lanescope, tls, sequential(ONCE));
  await expect(lanescope.rows.nth(2)).toContainText('answered');
  await context.setOffline(true);
  await lanescope.end();
  const answered = (await lanescope.table()).filter(({ state }) => state === 'answered').length;
  expect(answered).toBeGreaterThanOrEqual(3);
  expect(answered).toBeLessThan(6);
  await expectOutcomes(lanescope, { answered, failed: 6 - answered });
  await expect(lanescope.card('network')).toHaveCount(1);
});

test('an attempt that takes too long is given up after the time set under More', async ({ lanescope, tls }) => {
  await tls.reset(second('stall'));
  await lanescope.open(fragment(real({ requests: 6, lanes: [concurrent(3)] })));
  await lanescope.use(tls.url);
  await lanescope.chooseLane('A');
  await lanescope.more.click();
  await lanescope.enter('Attempt timeout, s', 1.2);
  await lanescope.page.getByLabel('If refused', { exact: true }).selectOption('give up');
  await lanescope.send();
  await lanescope.end();
  await expectWhole(lanescope.card('attempt-timeout'), 1);
  await expectOutcomes(lanescope, { answered: 5, failed: 1 });
  const failed = (await lanescope.table()).find(({ state }) => state === 'failed');
  expect(failed.service).toMatch(/^1\.[2-5] s$/);
  expect(failed.answer).toContain('The attempt took longer than its timeout allows.');
  const { requests } = await tls.log();
  expect(requests.filter(({ aborted }) => aborted), 'the call was aborted').toHaveLength(1);
});

test('a deadline ends a request in the middle of its waits', async ({ lanescope, tls }) => {
  await tls.reset({ faults: [{ when: { items: [1, 6, 7, 8, 9, 10, 11] }, fault: { status: 503 } }] });
  await begin(lanescope, tls, concurrent(6, { tries: 9, first_delay_millis: 400, jitter: 'none', deadline_millis: 1_500 }));
  await lanescope.end();
  await expectWhole(lanescope.card('deadline'), 1);
  await expect(lanescope.card('overloaded')).toHaveCount(1);
  await expectOutcomes(lanescope, { answered: 5, failed: 1 });
});
