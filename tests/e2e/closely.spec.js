// One of very many requests, looked at closely.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment } from './experiment.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const whole = (page) => page.locator('.timeline-whole').evaluate((element) => element.offsetHeight);
const scrolled = (lanescope) => lanescope.timeline.evaluate((element) => element.scrollTop);

/** Opens a run of so many requests in two lanes. */
async function open(lanescope, requests) {
  await lanescope.open(fragment(experiment({ requests, lanes: [concurrent(40, { name: 'Narrow' }), concurrent(80)] })));
  await expect(lanescope.big).toHaveText(/faster$/);
}

test('F makes the row of one in a thousand high enough to be read and shows it; 0 shows all again', async ({ page, lanescope }) => {
  await open(lanescope, 1_000);
  const before = await whole(page);
  expect(before, 'all of them fit').toBeLessThan(700);
  await page.keyboard.press('/');
  await page.getByRole('searchbox', { name: 'Search requests' }).fill('B500');
  await page.keyboard.press('Escape');
  await expect(lanescope.inspected).toHaveText('Request 500 · lane B');
  await page.keyboard.press('f');
  await expect.poll(() => whole(page), 'two thousand rows').toBeGreaterThan(2_000 * 13);
  expect(await whole(page)).toBeLessThan(2_000 * 30);
  // Its row is three quarters down.
  const share = async () => (await scrolled(lanescope) + await lanescope.timeline.evaluate((element) => element.clientHeight / 2)) / await whole(page);
  await expect.poll(share).toBeGreaterThan(0.74);
  expect(await share()).toBeLessThan(0.76);

  // Back to it, from wherever one went.
  await lanescope.timeline.evaluate((element) => element.scrollTo(0, 0));
  await page.keyboard.press('f');
  await expect.poll(share).toBeGreaterThan(0.74);

  await page.keyboard.press('0');
  await expect.poll(() => whole(page)).toBe(before);
});

test('rows of a hundred thousand requests grow until they can be read', async ({ page, lanescope }) => {
  test.slow();
  await open(lanescope, 50_000);
  await page.getByText('View', { exact: true }).click();
  const higher = page.getByRole('button', { name: 'Higher rows', exact: true });
  while (await higher.isEnabled()) await higher.click();
  await expect.poll(() => whole(page)).toBeGreaterThan(100_000 * 22);
});
