// The runs of a visit: kept, shown again, compared, named and taken away.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, sequential } from './experiment.js';

const RACE = { requests: 6, lanes: [sequential(), concurrent(3)], server: { simulated: { first_byte_millis: { listed: [1_000, 3_000, 2_000, 1_000, 4_000, 1_000] }, answer_tokens: { constant: 36 } } } };

const runs = (lanescope) => lanescope.page.getByRole('list', { name: 'Runs', exact: true }).getByRole('listitem');
const comparison = (lanescope) => lanescope.page.getByRole('region', { name: 'Comparison', exact: true });
const names = async (lanescope) => (await runs(lanescope).getByRole('button', { name: /^Run \d+: / }).allTextContents());

/** Opens the race, and the list under it. */
const open = async (lanescope) => {
  await lanescope.open(fragment(experiment(RACE)));
  await expect(lanescope.big).toHaveText(/faster$/);
  await lanescope.page.getByText('Runs of this visit').click();
  await expect(runs(lanescope)).toHaveCount(1);
};

/** Gives lane B another limit. */
const limit = async (lanescope, to) => {
  await lanescope.chooseLane('B');
  await lanescope.enter('At most in flight', to);
};

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('every run comes into the list, the newest first, and the same one comes only once', async ({ lanescope }) => {
  await open(lanescope);
  expect(await names(lanescope)).toEqual(['Run 1: 6 requests, 2 lanes']);
  await limit(lanescope, 2);
  await lanescope.run.click();
  await lanescope.button('Five in a loop').click();
  await expect(runs(lanescope)).toHaveCount(3);
  expect(await names(lanescope)).toEqual(['Run 3: Five in a loop', 'Run 2: 6 requests, 2 lanes', 'Run 1: 6 requests, 2 lanes']);
  await expect(runs(lanescope).last()).toContainText(/simulated · \d\d:\d\d:\d\d · A 18\.0 s, B 8\.0 s/);
  await lanescope.button('Run 2: 6 requests, 2 lanes').click();
  await lanescope.run.click();
  expect(await names(lanescope), 'the same experiment gives the same run').toEqual(['Run 2: 6 requests, 2 lanes', 'Run 3: Five in a loop', 'Run 1: 6 requests, 2 lanes']);
});

test('a run is shown again with its experiment and its figures', async ({ lanescope }) => {
  await open(lanescope);
  const seen = async () => [await lanescope.big.textContent(), await lanescope.totals.allTextContents(), await lanescope.table(), await lanescope.number('At most in flight').inputValue()];
  await lanescope.chooseLane('B');
  const first = await seen();
  await limit(lanescope, 1);
  await lanescope.run.click();
  await expect(runs(lanescope)).toHaveCount(2);
  const second = await seen();
  expect(second).not.toEqual(first);
  await lanescope.button('Run 1: 6 requests, 2 lanes').click();
  await expect(lanescope.button('Run 1: 6 requests, 2 lanes')).toHaveAttribute('aria-pressed', 'true');
  expect(await seen()).toEqual(first);
  await lanescope.button('Run 2: 6 requests, 2 lanes').click();
  expect(await seen()).toEqual(second);
});

test('a run is laid beside itself under another plan, request by request', async ({ lanescope }) => {
  await open(lanescope);
  await limit(lanescope, 1);
  await lanescope.button('Run and compare').click();
  const card = comparison(lanescope);
  await expect(card).toContainText('B took 10.0 s more than A, 125 %. One by one: 5 took more, 1 took as long.');
  await expect(lanescope.totals).toHaveText(['8.0 s', '18.0 s']);
  const rows = card.getByRole('region', { name: 'Differences by request' }).locator('tbody tr');
  const cells = await rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
  expect(cells).toHaveLength(6);
  expect(cells.at(-1)).toEqual(['Request 1', '2.0 s', '2.0 s', '0 s', 'answered in both']);
  const differ = cells.map(([, a, b, apart]) => {
    expect(Math.abs(parseFloat(b) - parseFloat(a) - Number(apart.replace('+', '').replace(' s', '')))).toBeLessThan(0.15);
    return parseFloat(apart.replace('+', ''));
  });
  expect(differ).toEqual([...differ].sort((one, other) => other - one));
  // A request that is chosen here is chosen in the picture.
  await card.getByRole('button', { name: 'Request 1', exact: true }).click();
  await expect(lanescope.inspected).toHaveText('Request 1 · lane B');
  // At an earlier moment nothing later is told.
  await lanescope.seek(0.2);
  await expect(card).toContainText('How far they lie apart shows at the end of both.');
  await expect(rows.filter({ hasText: 'not over in both' })).not.toHaveCount(0);
  await card.getByRole('button', { name: 'End the comparison' }).click();
  await expect(card).toBeHidden();
  await expect(lanescope.totals).toHaveText(['18.0 s', '18.0 s']);
});

test('any lane of any run can be compared, and what can\'t be says why', async ({ lanescope }) => {
  await open(lanescope);
  await limit(lanescope, 1);
  await lanescope.run.click();
  await lanescope.button('Compare with run 1').click();
  const card = comparison(lanescope);
  await expect(card.getByRole('combobox')).toHaveCount(2);
  await card.getByRole('combobox', { name: 'Lane of run 1 to compare as A' }).selectOption('A Sequential');
  await expect(card).toContainText('B took as long as A. One by one: 6 took as long.');
  // What is saved is the run, and not what is drawn.
  expect((await lanescope.trace()).lanes).toHaveLength(2);
  await lanescope.button('Five in a loop').click();
  await expect(card).toBeHidden();
  await lanescope.button('Compare with run 1').click();
  await expect(lanescope.notice).toContainText('These lanes can\'t be compared: one has 6 rows and the other 5');
});

test('while two are compared the controls are those of the lane that is, and another lane ends it', async ({ lanescope }) => {
  await open(lanescope);
  await limit(lanescope, 1);
  await lanescope.chooseLane('A');
  await lanescope.button('Run and compare').click();
  await expect(comparison(lanescope)).toBeVisible();
  const lane = (letter) => lanescope.side.getByRole('button', { name: new RegExp(`^${letter} `) });
  await expect(lane('A')).toHaveAttribute('aria-pressed', 'true');
  await expect(lane('B')).toHaveAttribute('aria-pressed', 'false');
  await lane('B').click();
  await expect(comparison(lanescope)).toBeHidden();
  await expect(lane('B')).toHaveAttribute('aria-pressed', 'true');
  await expect(lanescope.inspected).toHaveText(/lane B$/);
});

test('a run is named and taken away by keyboard', async ({ page, lanescope }) => {
  await open(lanescope);
  await limit(lanescope, 2);
  await lanescope.run.click();
  await expect(runs(lanescope)).toHaveCount(2);
  await lanescope.button('Rename run 1').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name of run 1')).toBeFocused();
  await page.keyboard.type('Three at once');
  await page.keyboard.press('Enter');
  await expect(lanescope.button('Rename run 1')).toBeFocused();
  expect(await names(lanescope)).toEqual(['Run 2: 6 requests, 2 lanes', 'Run 1: Three at once']);
  await lanescope.button('Run 1: Three at once').focus();
  await page.keyboard.press('Enter');
  await expect(lanescope.totals).toHaveText(['18.0 s', '8.0 s']);
  await lanescope.button('Remove run 1').focus();
  await page.keyboard.press('Enter');
  expect(await names(lanescope)).toEqual(['Run 2: 6 requests, 2 lanes']);
  await expect(page.locator('.runs summary'), 'the focus is not lost').toBeFocused();
  await expect(lanescope.totals, 'what is drawn stays').toHaveText(['18.0 s', '8.0 s']);
});

test('a lesson has its own run, and no list that would tell of it', async ({ lanescope }) => {
  await lanescope.openLesson('semaphore');
  await expect(lanescope.page.getByText('Runs of this visit')).toBeHidden();
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(() => {
    test.use({ colorScheme });

    test(`the list and a comparison are accessible, ${colorScheme}`, async ({ page, lanescope }) => {
      await open(lanescope);
      await limit(lanescope, 2);
      await lanescope.button('Run and compare').click();
      await expect(comparison(lanescope)).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      const grave = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
      expect(grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    });
  });
}
