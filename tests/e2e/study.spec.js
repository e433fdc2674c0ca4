// Many runs at once: the map of two settings, its knee, what a cell leads to; and bands over seeds.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base } from './fixtures.js';

/** The section, unfolded, by the names of its parts. */
class Study {
  constructor(lanescope) {
    this.page = lanescope.page;
    this.section = this.page.getByRole('region', { name: 'What if', exact: true });
    this.grid = this.section.getByRole('grid');
    this.cells = this.section.locator('[data-cell]');
    this.said = this.section.getByRole('status').filter({ visible: true });
    this.start = this.section.getByRole('button', { name: 'Start the runs', exact: true }).filter({ visible: true });
    this.stop = this.section.getByRole('button', { name: 'Stop the runs', exact: true }).filter({ visible: true });
    this.field = this.section.getByRole('button', { name: "The field's table", exact: true });
    this.columns = this.section.getByLabel(/^Column values/);
    this.rows = this.section.getByLabel(/^Row values/);
  }

  async open() {
    await this.section.getByText('What if: many runs at once').click();
    await expect(this.start).toBeVisible();
  }

  /** Enters values and leaves the field. */
  async give(field, values) {
    await field.fill(values);
    await field.blur();
  }

  async runs(count) {
    await this.give(this.section.getByRole('spinbutton', { name: 'Runs of each pair' }), String(count));
  }
}

// What plays would move the playhead, and no key of these.
base.use({ contextOptions: { reducedMotion: 'reduce' } });

const test = base.extend({
  study: async ({ lanescope }, use) => {
    await lanescope.open();
    const study = new Study(lanescope);
    await study.open();
    await use(study);
  },
});

test("the field's table is drawn with its figures and its knees", async ({ study }) => {
  await study.field.click();
  await expect(study.start).toBeVisible();
  const figures = await study.cells.evaluateAll((cells) => cells.map((cell) => Number.parseFloat(cell.textContent)));
  expect(figures).toEqual([250, 50, 25, 25, 625, 125, 75, 25, 1250, 250, 125, 50, 2500, 500, 250, 100]);
  const knees = await study.section.locator('td.knee').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.cell)));
  expect(knees, 'the fewest in flight that are as good as any, in each row').toEqual([2, 7, 11, 15]);
  await expect(study.cells.nth(2)).toHaveText('25.0, knee');
  await expect(study.section).toContainText('The map is of the field\'s table');
  await study.cells.nth(15).hover();
  await expect(study.section).toContainText('the knee of what is on the map');
});

test('a map is gone through by keyboard, and Enter runs the plan of a cell', async ({ study, lanescope }) => {
  await study.field.focus();
  await study.page.keyboard.press('Enter');
  await expect(study.start).toBeVisible();
  const before = await lanescope.clock.textContent();
  await study.cells.first().focus();
  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowDown', 'End', 'ArrowRight', 'ArrowLeft']) await study.page.keyboard.press(key);
  await expect(study.cells.nth(10)).toBeFocused();
  await expect(study.section.locator('[data-cell][tabindex="0"]'), 'one is in reach of the Tab key').toHaveCount(1);
  await expect(study.section.locator('.heat-said b')).toHaveText('In flight at most 10; Requests 50');
  await expect(study.said).toContainText('125.0 s. 100 % answered.');
  expect(await lanescope.clock.textContent(), 'the arrows did not move the playhead').toBe(before);
  await study.page.keyboard.press('Enter');
  await expect(lanescope.timeline).toHaveAccessibleName('Timeline of 50 requests');
  await expect.poll(async () => (await lanescope.time()).end).toBe(125);
});

test("a lane's own map appears, and its plan is drawn under the pointer", async ({ study }) => {
  await study.give(study.columns, '1 to 4');
  await study.give(study.rows, '12, 24');
  await study.runs(5);
  await study.start.click();
  await expect(study.section.locator('td.knee')).toHaveCount(2);
  await expect(study.cells).toHaveCount(8);
  await study.cells.nth(5).hover();
  await expect(study.said).toContainText('the median of 5 runs');
  const preview = study.section.locator('canvas.preview');
  const painted = () => preview.evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0));
  await expect.poll(painted).toBe(true);
  await study.section.getByLabel('Show', { exact: true }).selectOption('Answered, %');
  await expect(study.cells.first()).toHaveText(/^100/);
});

test('what is no value is said, and a study that is too large is not begun', async ({ study }) => {
  await study.give(study.columns, '1, x');
  await expect(study.section.getByRole('alert').filter({ visible: true })).toHaveText('“x” is no value of this setting.');
  await study.give(study.columns, '1 to 20');
  await study.give(study.rows, '5000 to 10000');
  await study.runs(100);
  await study.start.click();
  await expect(study.section.getByRole('alert').filter({ visible: true })).toContainText('requests in all; at most 20000000 are run');
  await expect(study.grid).toHaveCount(0);
});

test('runs are stopped, and what is known stays', async ({ study }) => {
  await study.give(study.columns, '1 to 20');
  await study.give(study.rows, '500 to 1000');
  await study.runs(20);
  await study.start.click();
  await expect.poll(() => study.page.workers().length, 'workers do it').toBeGreaterThan(0);
  await study.stop.click();
  await expect(study.start).toBeVisible();
  await expect.poll(() => study.page.workers().length, 'and are gone').toBe(0);
  await expect(study.grid).toBeVisible();
  await expect(study.section.locator('td.knee')).toHaveCount(0);
});

test.describe('where no worker can be had', () => {
  test.use({ requestsMayFail: true });

  test('the page does it itself', async ({ study }) => {
    await study.page.context().route('**/*_study.js', (route) => route.abort());
    await study.give(study.columns, '1, 2');
    await study.give(study.rows, '10, 20');
    await study.start.click();
    await expect(study.section.locator('td.knee')).toHaveCount(2);
    expect(study.page.workers()).toHaveLength(0);
  });
});

test('bands show what luck does, and who wins', async ({ study }) => {
  await study.section.getByRole('button', { name: 'Other luck', exact: true }).click();
  await study.start.click();
  await expect(study.section.locator('.duels')).toHaveText('B is faster than A under 100 % of 500 seeds.');
  const rows = study.section.locator('.bands tbody tr');
  await expect(rows).toHaveCount(8);
  const times = await rows.first().locator('td.figure').allTextContents();
  const secs = times.map((text) => Number(text.replace(' s', '')));
  expect(secs[0]).toBeLessThan(secs[1]);
  expect(secs[1]).toBeLessThan(secs[2]);
});

for (const colorScheme of ['light', 'dark']) {
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme });

    test('axe finds nothing', async ({ study }) => {
      await study.give(study.rows, '12, 24, 48');
      await study.start.click();
      await expect(study.section.locator('td.knee')).toHaveCount(3);
      await expect(study.start).toBeVisible();
      await study.cells.nth(8).focus();
      const find = async () => {
        const { violations } = await new AxeBuilder({ page: study.page }).include('.study').analyze();
        return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
      };
      expect(await find()).toEqual([]);
      await study.section.getByRole('button', { name: 'Other luck', exact: true }).click();
      await study.start.click();
      await expect(study.section.locator('.duels')).toContainText('500 seeds');
      expect(await find()).toEqual([]);
    });
  });
}
