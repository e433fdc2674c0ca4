// Record once, simulate for ever: a real run, its replay under another plan, and the real run that it foretold.
import { expect, test } from './fixtures.js';
import { concurrent, fragment, real } from './experiment.js';

const SERVER = { first_byte_millis: { constant: 400 }, answer_tokens: { constant: 10 }, tokens_per_second: 50 };

test('a real run is replayed under another plan without sending anything, and the next real run is held to it', async ({ page, lanescope, tls }) => {
  test.setTimeout(60_000);
  await tls.reset(SERVER);
  await lanescope.open(fragment(real({ requests: 16, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  const replay = page.getByRole('region', { name: 'Replay', exact: true });
  await expect(replay).toHaveCount(0);
  await lanescope.send();
  await lanescope.end();
  await expect(replay).toContainText('without sending anything');
  const took = (await lanescope.time()).end;
  expect((await tls.log()).requests).toHaveLength(16);

  await replay.getByRole('button', { name: 'Replay this run' }).click();
  await expect(lanescope.badge).toHaveText('Replayed from your run');
  await expect(replay).toContainText('Replayed from your run');
  await expect(replay).toContainText('Its server is fitted to 16 attempts.');
  const again = (await lanescope.time()).end;
  expect(Math.abs(again / took - 1), `${again} s for ${took} s`).toBeLessThan(0.15);

  // The very durations give the very time.
  await replay.getByRole('checkbox', { name: 'The very durations' }).check();
  await expect(replay).toContainText('Each request takes as long as it took');
  expect(Math.abs((await lanescope.time()).end - took)).toBeLessThanOrEqual(0.11);
  await replay.getByRole('checkbox', { name: 'The very durations' }).uncheck();

  // Another plan, in virtual time.
  await lanescope.enter('At most in flight', 4);
  await lanescope.run.click();
  await expect(lanescope.small).not.toContainText('changed since');
  const foretold = (await lanescope.time()).end;
  expect(foretold).toBeLessThan(took * 0.7);
  await expect(lanescope.badge).toHaveText('Replayed from your run');
  expect((await tls.log()).requests, 'nothing more was sent').toHaveLength(16);

  // What the figures rest on.
  await lanescope.more.click();
  const figures = page.locator('.seen');
  await expect(figures.locator('dt:text-is("Answers") + dd')).toHaveText('seen 16 times');
  await expect(figures.locator('dt:text-is("Quota") + dd')).toHaveText('none met');

  // The real run that was foretold.
  await replay.getByRole('button', { name: 'Run it for real' }).click();
  await lanescope.preflight.getByRole('button', { name: 'Send 16 requests' }).click();
  await expect(lanescope.preflight).toBeHidden();
  await lanescope.end();
  await expect(replay).toContainText(/^Predicted [\d.]+ s, took [\d.]+ s: (\d+ % (longer|shorter)|as long as predicted)\./);
  const [, predicted, real2] = /Predicted ([\d.]+) s, took ([\d.]+) s/.exec(await replay.textContent());
  expect(Number(predicted)).toBeCloseTo(foretold, 1);
  expect(Math.abs(Number(real2) / Number(predicted) - 1)).toBeLessThan(0.2);
  expect((await tls.log()).peakInFlight).toBe(4);

  // Two that are compared have two servers: neither is replayed.
  await page.getByText('Runs of this visit').click();
  await page.getByRole('button', { name: 'Compare with run 1' }).click();
  await expect(page.getByRole('region', { name: 'Comparison', exact: true })).toBeVisible();
  await expect(replay).toHaveCount(0);
});

test('a run that was saved can be replayed without a key', async ({ page, lanescope, tls }) => {
  await tls.reset(SERVER);
  await lanescope.open(fragment(real({ requests: 4, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await lanescope.end();
  const saved = await lanescope.trace();
  await page.reload();
  await lanescope.open();
  await page.getByLabel('Run to open').setInputFiles({ name: 'run.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(saved)) });
  await expect(lanescope.badge).toHaveText('Real server, no key yet');
  const replay = page.getByRole('region', { name: 'Replay', exact: true });
  await replay.getByRole('button', { name: 'Replay this run' }).click();
  await expect(lanescope.badge).toHaveText('Replayed from your run');
  expect((await lanescope.time()).end).toBeGreaterThan(1);

  // The run it replays, and the replay again: the durations are still there to be had.
  const pick = (number) => page.getByRole('button', { name: new RegExp(`^Run ${number}: `) }).click();
  const latest = await page.getByText(/^Runs of this visit/).locator('.fine').textContent();
  await page.getByText(/^Runs of this visit/).click();
  await pick(1);
  await expect(lanescope.badge).not.toHaveText('Replayed from your run');
  await pick(latest);
  await expect(lanescope.badge).toHaveText('Replayed from your run');
  await replay.getByRole('checkbox', { name: 'The very durations' }).check();
  await expect(replay).toContainText('Each request takes as long as it took');
});
