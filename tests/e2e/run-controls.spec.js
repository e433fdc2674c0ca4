// A real run under way: paused and resumed, let run out, and without one of its requests.
import { expect, test } from './fixtures.js';
import { concurrent, fragment, real } from './experiment.js';

const sent = async (server) => (await server.calls()).length;

test('a paused run sends nothing, and goes on where it was', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 600 }, answer_tokens: { constant: 2 } });
  await lanescope.open(fragment(real({ requests: 6, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect.poll(() => sent(tls)).toBe(2);
  await page.getByRole('button', { name: 'Pause', exact: true }).last().click();
  await expect(lanescope.rows.nth(1)).toContainText('answered');
  await page.waitForTimeout(500);
  expect(await sent(tls), 'nothing follows').toBe(2);
  await lanescope.rows.nth(2).getByRole('button').click();
  await expect(lanescope.why).toContainText('The run is paused.');
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await lanescope.end();
  expect(await sent(tls)).toBe(6);
  expect((await tls.log()).peakInFlight).toBe(2);
  const { lanes: [lane] } = await lanescope.trace();
  expect(lane.events.filter(({ kind }) => kind === 'paused' || kind === 'resumed').map(({ kind }) => kind)).toEqual(['paused', 'resumed']);
});

test('a run that is let run out ends what has begun, and no other lane begins', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 800 }, answer_tokens: { constant: 2 } });
  await lanescope.open(fragment(real({ requests: 6, lanes: [concurrent(1), concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect.poll(() => sent(tls)).toBe(2);
  await page.getByRole('button', { name: 'Let it run out', exact: true }).click();
  await lanescope.end();
  expect(await sent(tls)).toBe(2);
  expect((await tls.calls()).every(({ aborted }) => !aborted), 'nothing was aborted').toBe(true);
  await lanescope.showLane('B');
  expect((await lanescope.table()).map(({ state }) => state)).toEqual(['answered', 'answered', ...Array(4).fill('given up')]);
});

test('one request is given up, and the server sees that connection go', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { listed: [300, 20_000, 300, 300] }, answer_tokens: { constant: 2 } });
  await lanescope.open(fragment(real({ requests: 4, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect(lanescope.rows.nth(3)).toContainText('answered');
  await lanescope.rows.nth(1).getByRole('button').click();
  await page.getByRole('button', { name: 'Cancel this request', exact: true }).click();
  await lanescope.end();
  expect((await lanescope.table()).map(({ state }) => state)).toEqual(['answered', 'given up', 'answered', 'answered']);
  await expect.poll(async () => (await tls.calls()).filter(({ aborted }) => aborted).length).toBe(1);
});

test('a run that is paused when its lane ends can go on from between the lanes', async ({ page, lanescope, tls }) => {
  await tls.reset({ first_byte_millis: { constant: 800 }, answer_tokens: { constant: 2 } });
  await lanescope.open(fragment(real({ requests: 2, lanes: [concurrent(1), concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await expect.poll(() => sent(tls)).toBe(2);
  await page.getByRole('button', { name: 'Pause', exact: true }).last().click();
  await expect(lanescope.startNow).toBeVisible();
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await lanescope.endWithoutWait();
  expect(await sent(tls)).toBe(4);
});
