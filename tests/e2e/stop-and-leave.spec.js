// A real run that does not go its whole way: stopped, left, hidden, or run again in part.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, real, sequential } from './experiment.js';

const SLOW = { first_byte_millis: { constant: 1_500 } };

test('Stop aborts what is under way, says that it may be billed, and keeps what has finished', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { listed: [100, 8_000, 8_000, 100, 8_000, 8_000] } });
  await lanescope.open(fragment(real({ requests: 6, lanes: [concurrent(3)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect(lanescope.rows.nth(3)).toContainText('answered');
  await expect.poll(async () => (await tls.calls()).length, 'three are at the server').toBe(5);
  await lanescope.run.click();
  await expect(lanescope.run).toHaveAccessibleName('Run');
  await expect(lanescope.notice).toContainText('Calls that were under way were aborted; they may still be billed.');
  expect((await lanescope.table()).map(({ state }) => state)).toEqual(['answered', 'given up', 'given up', 'answered', 'given up', 'given up']);
  await expect.poll(async () => (await tls.calls()).filter(({ aborted }) => aborted).length, 'the server saw them go').toBe(3);
  const seen = (await tls.calls()).length;
  await lanescope.page.waitForTimeout(500);
  expect(await tls.calls(), 'nothing follows').toHaveLength(seen);
});

test('stopped in the wait between the lanes, the other lane never begins', async ({ lanescope, tls }) => {
  await tls.reset();
  await lanescope.open(fragment(real({ requests: 2 })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect(lanescope.startNow).toBeVisible();
  await lanescope.run.click();
  await expect(lanescope.countdown).toBeHidden();
  await lanescope.page.waitForTimeout(500);
  expect(await tls.calls()).toHaveLength(2);
  await expect(lanescope.big).toHaveText(/^B is done in/);
  await expect(lanescope.small).toContainText('A has not begun');
});

test('a link that is opened in the middle of a real run does not lose it unsaid', async ({ page, lanescope, tls }) => {
  await tls.reset(SLOW);
  await lanescope.open(fragment(real({ requests: 6, prompts: ['Mine?'], lanes: [sequential()] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect.poll(async () => (await tls.calls()).length).toBeGreaterThan(0);
  await page.evaluate((hash) => { location.hash = hash; }, fragment(experiment({ requests: 3 })));
  await page.waitForTimeout(700);
  // Either it goes on and is what is shown, or it is over, and the page says what became of its calls.
  const goesOn = (await lanescope.run.textContent()).startsWith('Stop');
  if (goesOn) {
    expect((await lanescope.trace()).experiment.server).toBe('gemini');
  } else {
    await expect(lanescope.notice).toContainText('they may still be billed');
    await expect.poll(async () => (await tls.calls()).some(({ endedMillis }) => endedMillis === null)).toBe(false);
  }
});

test('a run can be made again at once', async ({ lanescope, tls }) => {
  await tls.reset();
  await lanescope.open(fragment(real({ requests: 3, lanes: [concurrent(3)] })));
  await lanescope.use(tls.url);
  for (const calls of [3, 6]) {
    await lanescope.send();
    await lanescope.end();
    await expect(lanescope.big).toHaveText(/^3 of 3 in/);
    expect(await tls.calls()).toHaveLength(calls);
  }
});

test.describe(() => {
  test.use({ requestsMayFail: true });

  test('only what failed is run again', async ({ lanescope, tls }) => {
    await tls.reset({ faults: [{ when: { items: [1, 3] }, fault: { status: 503 } }] });
    const prompts = ['One?', 'Two?', 'Three?', 'Four?', 'Five?'];
    await lanescope.open(fragment(real({ requests: 5, prompts, lanes: [sequential({ tries: 1 })] })));
    await lanescope.use(tls.url);
    await lanescope.send();
    await lanescope.end();
    await tls.reset();
    await lanescope.button('Run the failed ones again').click();
    await expect(lanescope.preflight.locator('dt:text-is("Requests") + dd')).toHaveText('2: 2 in each of 1 lane');
    await expect(lanescope.prompts).toHaveValue('Two?\nFour?');
    await lanescope.preflight.getByRole('button', { name: 'Send 2 requests' }).click();
    await lanescope.end();
    await expect(lanescope.big).toHaveText(/^2 of 2 in/);
    expect(await tls.calls()).toHaveLength(2);
    await expect(lanescope.button('Run the failed ones again')).toBeHidden();
    // What was answered before is not lost.
    await lanescope.button('Back to the whole run').click();
    expect((await lanescope.table()).filter(({ state }) => state === 'answered')).toHaveLength(3);
    await expect(lanescope.button('Back to the whole run')).toBeHidden();
    await expect(lanescope.timeline, 'whoever pressed it is somewhere').toBeFocused();
  });
});

test('leaving in the middle of a real run asks first, and not otherwise', async ({ page, lanescope, tls }) => {
  await tls.reset(SLOW);
  const asked = [];
  page.on('dialog', async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });
  await lanescope.open(fragment(real({ requests: 1, lanes: [sequential()] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => asked).toEqual(['beforeunload']);
  await lanescope.end();
  await expect(lanescope.big, 'the run went on').toHaveText(/^1 of 1 in/);
  await Promise.all([page.waitForEvent('close'), page.close({ runBeforeUnload: true })]);
  expect(asked).toHaveLength(1);
});

test('a real run has a progress bar and says how much time is left', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 700 } });
  await lanescope.open(fragment(real({ requests: 5, lanes: [sequential()] })));
  await lanescope.use(tls.url);
  await expect(page.getByRole('progressbar')).toHaveCount(0);
  await lanescope.send();
  const bar = page.getByRole('progressbar');
  await expect(bar).toBeVisible();
  const share = () => bar.evaluate((element) => Number(element.getAttribute('aria-valuenow') ?? element.value));
  await expect(lanescope.rows.nth(1)).toContainText('answered');
  const early = await share();
  await expect(page.getByText(/\d+ s left/)).toBeVisible();
  await expect(lanescope.rows.nth(3)).toContainText('answered');
  expect(await share()).toBeGreaterThan(early);
  await lanescope.end();
  await expect(bar).toHaveCount(0);
});

test.describe(() => {
  test.use({ requestsMayFail: true });

  test('a hidden page is an event, and the inspector names it where it made a wait longer', async ({ page, lanescope, tls }) => {
    await tls.reset({ faults: [{ when: { items: [0] }, fault: { status: 503 } }] });
    await lanescope.open(fragment(real({ requests: 1, lanes: [sequential({ first_delay_millis: 1_000, jitter: 'none' })] })));
    await lanescope.use(tls.url);
    await lanescope.send();
    await expect(lanescope.rows.first()).toContainText('backing off');
    // What the browser does to a hidden page: it says so, and its timers come late.
    const hide = (state) => page.evaluate((value) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => value === 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
    await hide('hidden');
    await page.evaluate(() => {
      const until = performance.now() + 1_600;
      while (performance.now() < until);
    });
    await hide('visible');
    await lanescope.end();
    const { lanes: [lane] } = await lanescope.trace();
    expect(lane.events.map(({ kind }) => kind).filter((kind) => /^tab-/.test(kind))).toEqual(['tab-hidden', 'tab-shown']);

    // Back into the wait.
    await lanescope.button('To the start').click();
    const next = lanescope.button('Next event');
    for (let steps = 0; steps < 30 && !/^Backing off/.test(await lanescope.why.textContent()); steps += 1) await next.click();
    await expect(lanescope.why).toContainText(/^Backing off\..*The page was hidden, and the browser slowed its timers: this wait took [\d.]+ (s|ms) longer\./);
  });
});
