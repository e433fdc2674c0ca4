// The table twin of the timeline: of any number of requests, in any order, and in step with what is chosen; and the run
// as it is heard.
import { AxeBuilder } from '@axe-core/playwright';
import { concurrent, experiment, fragment, sequential } from './experiment.js';
import { expect, test } from './fixtures.js';

/** A second to the first byte, half a second of answer, and a refusal of each tenth request. */
const server = { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 18 }, faults: [{ when: { items: [...Array(500).keys()].map((n) => n * 10 + 3), first_attempts: 1 }, fault: { status: 503 } }] } };
const many = (requests, lanes = [concurrent(50, { jitter: 'none' })]) => fragment(experiment({ requests, lanes, server, prompts: ['Why do some birds migrate?', 'What is a monad?'] }));

/** The numbers of the rows that are made, in the order in which they stand. */
const numbers = (lanescope) => lanescope.rows.evaluateAll((rows) => rows.map((row) => Number.parseInt(row.cells[0].textContent, 10)));
/** The rows that lie within what is to be seen of the table, by their numbers. */
const inSight = (lanescope) => lanescope.grid.evaluate((grid) => {
  const { top, bottom } = grid.closest('.scroll').getBoundingClientRect();
  const head = grid.tHead.getBoundingClientRect().height;
  const isSeen = (row) => row.getBoundingClientRect().top >= top + head - 1 && row.getBoundingClientRect().bottom <= bottom + 1;
  return [...grid.tBodies[0].rows].filter(isSeen).map((row) => Number.parseInt(row.cells[0].textContent, 10));
});
const scrollTo = (lanescope, top) => lanescope.grid.evaluate((grid, to) => { grid.closest('.scroll').scrollTop = to; }, top);
const head = (page, name) => page.getByRole('columnheader', { name, exact: true }).getByRole('button');
const column = async (lanescope, name) => (await lanescope.table()).map((row) => row[name]);
const seconds = (said) => (said === '' ? 0 : Number.parseFloat(said) / (said.endsWith(' ms') ? 1_000 : 1));

test.describe('on a picture that stands still', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('of five thousand rows those in sight are made, wherever it is scrolled to', async ({ lanescope }) => {
    await lanescope.open(many(5_000));
    await expect(lanescope.grid).toHaveAttribute('aria-rowcount', '5001');
    for (const top of [0, 33_333, 100_000, 1e7, 0]) {
      await scrollTo(lanescope, top);
      await expect.poll(async () => (await inSight(lanescope)).length, `filled at ${top}`).toBeGreaterThanOrEqual(19);
      expect(await lanescope.rows.count()).toBeLessThanOrEqual(40);
      const shown = await numbers(lanescope);
      expect(shown, 'without a gap').toEqual(shown.map((_, place) => shown[0] + place));
      await expect(lanescope.rows.first()).toHaveAttribute('aria-rowindex', String(shown[0] + 1));
      expect(await lanescope.rows.last().evaluate((row) => row.offsetHeight)).toBe(30);
    }
    expect((await inSight(lanescope))[0]).toBe(1);
    await scrollTo(lanescope, 1e7);
    await expect.poll(async () => (await inSight(lanescope)).at(-1)).toBe(5_000);
  });

  test('it is sorted by any column, both ways, and what is equal stays as it was asked', async ({ page, lanescope }) => {
    await lanescope.open(many(60));
    const inOrder = [...Array(60).keys()].map((n) => n + 1);
    for (const [name, key, value] of [['Waited', 'waited', seconds], ['Backed off', 'backedOff', seconds], ['Service', 'service', seconds], ['Tries', 'tries', Number], ['Finished', 'finished', (said) => Number.parseInt(said, 10)], ['Answer', 'answer', (said) => said]]) {
      for (const way of ['ascending', 'descending']) {
        await head(page, name).click();
        await expect(page.getByRole('columnheader', { name, exact: true })).toHaveAttribute('aria-sort', way);
        const rows = await lanescope.table();
        expect(rows.map(({ asked }) => Number.parseInt(asked, 10)).sort((a, b) => a - b), 'all of them').toEqual(inOrder);
        const values = rows.map((row) => value(row[key]));
        const sorted = [...values].sort((a, b) => (a < b ? -1 : Number(a > b)));
        expect(values, `${name}, ${way}`).toEqual(way === 'ascending' ? sorted : sorted.reverse());
      }
    }
    await head(page, 'Tries').click();
    const asked = (await column(lanescope, 'asked')).map((said) => Number.parseInt(said, 10));
    expect(asked.slice(-6), 'those that were tried twice, in the order of asking').toEqual([4, 14, 24, 34, 44, 54]);
    await expect(page.locator('thead th[aria-sort="ascending"]')).toHaveCount(1);
  });

  test('an outcome and words pick rows, and the rest of the page stays where it is', async ({ page, lanescope }) => {
    await lanescope.open(many(60));
    await expect(lanescope.results).toContainText('60 rows');
    const height = () => lanescope.results.evaluate((card) => card.offsetHeight);
    const before = await height();
    await lanescope.results.getByRole('combobox', { name: 'Outcome' }).selectOption('retried');
    await expect(lanescope.results).toContainText('6 of 60 rows');
    expect(await numbers(lanescope)).toEqual([4, 14, 24, 34, 44, 54]);
    await expect(lanescope.grid).toHaveAttribute('aria-rowcount', '7');
    expect(await height()).toBe(before);

    const find = lanescope.results.getByRole('searchbox', { name: 'Find in the table' });
    await find.fill('24');
    expect(await numbers(lanescope)).toEqual([24]);
    await find.fill('MONAD');
    expect(await numbers(lanescope), 'every second request asks that').toEqual([4, 14, 24, 34, 44, 54]);
    await lanescope.results.getByRole('combobox', { name: 'Outcome' }).selectOption('all outcomes');
    await expect(lanescope.results).toContainText('30 of 60 rows');
    await find.fill('#4');
    expect(await numbers(lanescope)).toEqual([4]);
    await find.fill('503');
    expect(await numbers(lanescope), 'what was refused').toEqual([4, 14, 24, 34, 44, 54]);
    await page.locator('.timeline').press('/');
    const search = page.getByRole('searchbox', { name: 'Search requests' });
    await search.fill('503');
    await expect(page.getByRole('search').getByRole('status'), 'the search finds the same').toHaveText(/^(1 of 6|6 found)$/);
    expect(await search.evaluate((field) => {
      const ruler = document.createElement('canvas').getContext('2d');
      ruler.font = getComputedStyle(field).font;
      return ruler.measureText(field.placeholder).width < field.clientWidth - 16;
    }), 'its hint is not cut').toBe(true);
    await search.press('Escape');
    await find.fill('nowhere to be found');
    await expect(lanescope.rows).toHaveCount(0);
    await find.fill('');
    await expect(lanescope.results).toContainText('60 rows');

    // At an earlier moment others are answered.
    await lanescope.results.getByRole('combobox', { name: 'Outcome' }).selectOption('waiting');
    await expect(lanescope.rows).toHaveCount(0);
    await lanescope.seek(0);
    expect(await numbers(lanescope), 'those behind the first fifty').toEqual([51, 52, 53, 54, 55, 56, 57, 58, 59, 60]);
    // Letters in a field are no keys of the page.
    await find.focus();
    await page.keyboard.type(' r c');
    await expect(find).toHaveValue(' r c');
    await expect(lanescope.clock).toHaveText(/^0\.0 s /);
  });

  test('its keys move what is chosen, through all rows of the lane', async ({ page, lanescope }) => {
    await lanescope.open(many(5_000));
    await expect(lanescope.grid).toHaveAttribute('aria-rowcount', '5001');
    await lanescope.grid.focus();
    const chosen = (number) => expect(lanescope.inspected).toHaveText(`Request ${number} · lane A`);
    for (const [key, number] of [['Home', 1], ['ArrowDown', 2], ['ArrowDown', 3], ['ArrowUp', 2], ['PageDown', 21], ['End', 5_000], ['ArrowDown', 5_000], ['PageUp', 4_981], ['Home', 1], ['ArrowUp', 1]]) {
      await page.keyboard.press(key);
      await chosen(number);
      await expect(lanescope.grid).toHaveAttribute('aria-activedescendant', `row-${number - 1}`);
      await expect(page.locator(`#row-${number - 1}`)).toHaveAttribute('aria-selected', 'true');
      expect(await inSight(lanescope), `${key} shows it`).toContain(number);
      await expect(lanescope.grid).toBeFocused();
    }
    // In another order they follow that.
    await head(page, 'Asked').click();
    await lanescope.grid.focus();
    await page.keyboard.press('Home');
    await chosen(5_000);
    await page.keyboard.press('ArrowDown');
    await chosen(4_999);
    // One whose row is not shown: the first that is.
    await lanescope.results.getByRole('searchbox').fill('77');
    await lanescope.grid.focus();
    await page.keyboard.press('Enter');
    await chosen(77);
    await expect(lanescope.results.getByRole('region', { name: 'Answer of the chosen row' })).toContainText('Request 77 Simulated answer.');
  });

  test('what is chosen in the timeline is chosen in the table, and the other way round', async ({ page, lanescope }) => {
    await lanescope.open(many(150, [sequential(), concurrent(50)]));
    const at = await page.evaluate(() => scrollY);
    await lanescope.timeline.focus();
    for (let presses = 0; presses < 40; presses += 1) await page.keyboard.press('ArrowDown');
    await expect(lanescope.inspected).toHaveText('Request 47 · lane B');
    expect(await inSight(lanescope), 'the table has scrolled there').toContain(47);
    await expect(lanescope.rows.filter({ has: page.locator('button:text-is("47th")') })).toHaveAttribute('aria-selected', 'true');
    await expect(lanescope.timeline, 'the focus stays').toBeFocused();
    expect(await page.evaluate(() => scrollY), 'the page stays').toBe(at);

    const top = () => lanescope.timeline.evaluate((frame) => frame.scrollTop);
    const before = await top();
    await scrollTo(lanescope, 1e6);
    await lanescope.rows.last().getByRole('button').click();
    await expect(lanescope.inspected).toHaveText('Request 150 · lane B');
    expect(await top(), 'the timeline has scrolled there').toBeGreaterThan(before);
    await lanescope.showLane('A');
    await expect(lanescope.inspected).toHaveText('Request 150 · lane A');
    await expect(lanescope.grid).toHaveAccessibleName('Requests of lane A');
    expect(await inSight(lanescope)).toContain(150);
  });

  test('the timeline is described lane by lane, at the playhead', async ({ lanescope }) => {
    await lanescope.open(fragment(experiment({ requests: 12, lanes: [sequential(), concurrent(4)], server: { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 18 } } } })));
    await expect(lanescope.timeline).toHaveAccessibleDescription(/^Lane A: 12 of 12 answered; over after 18\.0 s\. Lane B: 12 of 12 answered; over after 4\.5 s\. Up and down choose/);
    await lanescope.seek(0);
    await expect(lanescope.timeline).toHaveAccessibleDescription(/^Lane A: 0 of 12 answered, 11 waiting for a slot, 1 waiting for the first byte; 0\.0 s so far\. Lane B: 0 of 12 answered, 8 waiting for a slot, 4 waiting for the first byte; 0\.0 s so far\./);
  });

  test('stepping tells the very event, and only to those who wish for it', async ({ page, lanescope }) => {
    await lanescope.open(fragment(experiment({ requests: 2, lanes: [sequential()], server: { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 90 } } } })));
    const log = page.getByRole('log', { name: 'Events' });
    await lanescope.seek(0);
    await expect(log).toBeHidden();
    await lanescope.results.getByRole('checkbox', { name: 'Speak events' }).check();
    await expect(log).toBeVisible();
    await expect(log.locator('p'), 'what was before is not told').toHaveCount(0);
    await lanescope.button('Next event').click();
    await expect(log).toHaveText(/^Request 1 got its first byte\./);
    // Of quick steps the last is told, once the line before has been heard.
    for (let steps = 0; steps < 3; steps += 1) await lanescope.button('Next event').click();
    await expect(log.locator('p')).toHaveText(['Request 1 got its first byte. Request 1 got more of its answer.', 'Request 1 got more of its answer.']);
    await page.waitForTimeout(1_700);
    await expect(log.locator('p')).toHaveCount(2);

    await page.reload();
    await expect(page.locator('main.stage')).toBeVisible();
    await lanescope.stir();
    await expect(lanescope.results.getByRole('checkbox', { name: 'Speak events' }), 'the wish is kept').toBeChecked();
  });

  for (const theme of ['light', 'dark']) {
    test(`axe finds nothing in it, in ${theme}`, async ({ page, lanescope }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await lanescope.open(many(500));
      await lanescope.results.getByRole('checkbox', { name: 'Speak events' }).check();
      await lanescope.button('Previous event').click();
      await expect(page.getByRole('log')).toContainText('Request');
      await head(page, 'Service').click();
      const { violations, passes } = await new AxeBuilder({ page }).include('.results').include('.timeline').analyze();
      expect(passes.length, 'axe did look').toBeGreaterThan(15);
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))).toEqual([]);
    });
  }
});

test('while a run plays, what happens is told at a rate that can be followed, and all of it', async ({ page, lanescope }) => {
  await lanescope.open(many(40, [concurrent(2, { jitter: 'none' })]));
  await lanescope.button('To the start').click();
  await lanescope.results.getByRole('checkbox', { name: 'Speak events' }).check();
  await page.evaluate(() => {
    window.told = [];
    // In the moment itself: an observer would hear of it after all else that this frame does.
    const log = document.querySelector('[role="log"]');
    log.appendChild = (node) => {
      window.told.push({ at: performance.now(), text: node.textContent });
      return Node.prototype.appendChild.call(log, node);
    };
  });
  await lanescope.button('Play').click();
  await expect(lanescope.big).toHaveText(/^40 of 40/, { timeout: 12_000 });
  await page.waitForTimeout(1_700);
  const told = await page.evaluate(() => window.told);
  expect(told.length).toBeGreaterThan(4);
  expect(told.length).toBeLessThan(9);
  for (const [place, { at }] of told.entries()) if (place > 0) expect(at - told[place - 1].at).toBeGreaterThanOrEqual(1_495);
  const sum = (verb, alone) => told.reduce((total, { text }) => {
    const summed = new RegExp(`(\\d+) (?:requests? (?:was|were) )?${verb}`).exec(text);
    return total + (summed ? Number(summed[1]) : (text.match(alone) ?? []).length);
  }, 0);
  expect(sum('sent', /was sent/g), told.map(({ text }) => text).join('\n')).toBe(44);
  expect(sum('answered', /was answered/g)).toBe(40);
  expect(sum('refused', /was refused/g)).toBe(4);
});
