// Lanes side by side: added, copied, moved, taken away; their gates, and what those hold.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, real, sequential } from './experiment.js';

const heads = (page) => page.locator('.lane-head');
const add = (page, name) => page.getByLabel('Add a lane', { exact: true }).selectOption(name);

test('a lane is added from the menu, and its card says only what it does otherwise than A', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ lanes: [concurrent(5)] })));
  await add(page, 'Circuit breaker');
  await expect(heads(page)).toHaveCount(2);
  await expect(heads(page).nth(1)).toHaveText('BCircuit breakerbreaker after 3 failures');
  await add(page, 'Semaphore');
  await expect(heads(page).nth(2)).toHaveText('CSemaphorethe same as A');
  await expect(page.getByLabel('Add a lane', { exact: true })).toHaveValue('Add a lane …');
});

test('every lane of the menu runs', async ({ page, lanescope }) => {
  test.setTimeout(60_000);
  await lanescope.open(fragment(experiment({ requests: 8, lanes: [concurrent(4)] })));
  const names = await page.getByLabel('Add a lane', { exact: true }).locator('option').allTextContents();
  expect(names.length).toBeGreaterThanOrEqual(28);
  for (const name of names.slice(1)) {
    await add(page, name);
    await lanescope.run.click();
    await expect(page.locator('.edited')).toBeHidden();
    await expect(page.getByRole('group', { name: 'Lane', exact: true }).getByRole('button')).toHaveCount(2);
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
  }
});

test('lanes are copied, moved and taken away, as far as eight and down to one', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ lanes: [concurrent(2), concurrent(3, { name: 'Three' })] })));
  await heads(page).nth(1).click();
  await page.getByRole('button', { name: 'Duplicate', exact: true }).click();
  await expect(heads(page)).toHaveCount(3);
  await expect(heads(page).nth(2)).toContainText('Three');
  await page.getByRole('button', { name: 'Move up', exact: true }).click();
  await page.getByRole('button', { name: 'Move up', exact: true }).click();
  await expect(heads(page).first()).toContainText('Three');
  await expect(page.getByRole('button', { name: 'Move up', exact: true })).toBeHidden();
  for (let lanes = 3; lanes < 8; lanes += 1) await page.getByRole('button', { name: 'Duplicate', exact: true }).click();
  await expect(heads(page)).toHaveCount(8);
  await expect(page.getByLabel('Add a lane', { exact: true })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Duplicate', exact: true })).toBeHidden();
  for (let lanes = 8; lanes > 1; lanes -= 1) await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(heads(page)).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Remove', exact: true })).toBeHidden();
  await lanescope.run.click();
  await expect(page.locator('.edited')).toBeHidden();
});

test('a lane is renamed, and its gates are set by hand', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ requests: 6, lanes: [concurrent(6)] })));
  await lanescope.chooseLane('A');
  await lanescope.more.click();
  await lanescope.write(page.getByLabel('Name', { exact: true }), 'Mine');
  await expect(heads(page).first()).toContainText('Mine');
  await page.getByRole('checkbox', { name: 'Bucket of requests' }).check();
  await lanescope.enter('Capacity, requests', 2);
  await lanescope.enter('Refill, requests a minute', 30);
  await expect(heads(page).first()).toContainText('6 in flight, bucket of 2, 30 a minute');
  await lanescope.run.click();
  await expect(page.locator('.edited')).toBeHidden();
  const { lanes: [lane] } = await lanescope.trace();
  const sent = lane.events.filter(({ kind }) => kind === 'sent').map(({ at }) => at / 1e6);
  expect(sent).toEqual([0, 0, 2, 4, 6, 8]);
  expect(lane.events.filter(({ kind, gate }) => kind === 'gauge' && gate === 'request-bucket').length).toBeGreaterThan(5);
});

test.describe('standing still', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('who is held by a gate is told which, and until when', async ({ lanescope }) => {
    const bucket = { request_bucket: { capacity: 1, per_minute: 30 } };
    await lanescope.open(fragment(experiment({ requests: 3, lanes: [concurrent(3, bucket)] })));
    await lanescope.rows.nth(1).getByRole('button').click();
    await lanescope.seek(0.1);
    await expect(lanescope.why).toContainText(/^The bucket of requests is empty\. It holds 1 requests? and gains one every 2\.0 s; there is enough at 2\.0 s\./);
    await lanescope.rows.nth(2).getByRole('button').click();
    await expect(lanescope.why).toContainText(/^In the line for a rate\. 1 request stands before it, and only the first may ask\. It comes after request 2\./);
  });
});

test('against a real server the gates are those of the simulation', async ({ lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 100 }, answer_tokens: { constant: 2 } });
  const window = { window: { requests: 2, window_millis: 700 } };
  await lanescope.open(fragment(real({ requests: 6, lanes: [concurrent(6, window)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await lanescope.end();
  const { lanes: [lane] } = await lanescope.trace();
  const sent = lane.events.filter(({ kind }) => kind === 'sent').map(({ at }) => at / 1e6);
  expect(sent).toHaveLength(6);
  for (let later = 2; later < 6; later += 1) expect(sent[later] - sent[later - 2]).toBeGreaterThanOrEqual(0.7);
  expect((await tls.log()).peakInFlight).toBeLessThanOrEqual(2);
});

test.describe(() => {
  test.use({ requestsMayFail: true });

  test('a breaker stops asking a server that fails, and a probe finds it well again', async ({ lanescope, tls }) => {
    await tls.reset({ faults: [{ when: { items: [0, 1] }, fault: { status: 503 } }] });
    const breaker = { tries: 3, first_delay_millis: 50, jitter: 'none', breaker: { failures: 2, cooldown_millis: 1_000 } };
    await lanescope.open(fragment(real({ requests: 3, lanes: [concurrent(1, { ...breaker, permit: 'attempt' })] })));
    await lanescope.use(tls.url);
    await lanescope.send();
    await lanescope.end();
    const { lanes: [lane] } = await lanescope.trace();
    const sent = lane.events.filter(({ kind }) => kind === 'sent').map(({ at }) => at / 1e6);
    expect(sent).toHaveLength(5);
    expect(sent[2] - sent[1], 'the breaker was open').toBeGreaterThanOrEqual(1);
    expect((await lanescope.table()).every(({ state }) => state === 'answered')).toBe(true);
  });
});

test('what a lane shows is said at its end, and leads to its requests', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ requests: 12, lanes: [sequential(), concurrent(10, { tries: 1 })], seed: 1 })));
  await lanescope.details.getByText('Findings', { exact: true }).click();
  await expect(lanescope.details.locator('.findings')).toHaveText('At the end of the run.');
  await page.getByRole('button', { name: 'To the end' }).click();
  await lanescope.showLane('A');
  const finding = lanescope.details.locator('.findings li').first();
  await expect(finding).toContainText(/^Requests stood in line \d\.\d times as long as they were with the server\.$/);
});
