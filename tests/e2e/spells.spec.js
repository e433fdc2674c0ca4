// A server that is broken by hand: spells drawn under the axis, dragged, deleted, or entered under More.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, opened, real, sequential } from './experiment.js';

// Finished pictures: what is compared here is not how they are played.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Where moments of the run that is shown lie on the page, in the middle of the band. */
async function band(lanescope) {
  const { x, y, width } = await lanescope.canvas.boundingBox();
  const [, end] = /of ([\d.]+) s$/.exec(await lanescope.clock.textContent());
  // The axis begins 40 pixels from the left and ends 66 from the right; the band is 12 high, under 20 of axis.
  return { at: (secs) => x + 40 + ((width - 106) * secs) / Number(end), y: y + 20 + 6 };
}

/** Drags along the band from one moment to another. */
async function drag(lanescope, from, to) {
  const { at, y } = await band(lanescope);
  const { mouse } = lanescope.page;
  await mouse.move(at(from), y);
  await mouse.down();
  await mouse.move((at(from) + at(to)) / 2, y);
  await mouse.move(at(to), y);
  await mouse.up();
}

/** Presses the band at a moment. */
async function press(lanescope, secs) {
  const { at, y } = await band(lanescope);
  await lanescope.page.mouse.click(at(secs), y);
}

/** The link that the page offers, opened. */
async function shared(lanescope) {
  await lanescope.button('Share').click();
  const dialog = lanescope.dialog('Share this experiment');
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return opened(link);
}

/** The rules of the experiment as it is edited. */
const rules = async (lanescope) => (await shared(lanescope)).server.simulated.faults;

/** A rule's times in seconds. */
const times = ({ when }) => [when.from_millis / 1_000, when.to_millis / 1_000];

/** Within what a pixel and a rounded clock come to. */
function expectNear(figures, wanted) {
  expect(figures).toHaveLength(wanted.length);
  figures.forEach((figure, place) => expect(Math.abs(figure - wanted[place]), `${figure} is about ${wanted[place]}`).toBeLessThan(0.4));
}

const spell = (from, to, fault = { status: 503 }) => ({ when: { from_millis: from * 1_000, to_millis: to * 1_000 }, fault });

test('an outage is drawn, its end is dragged, it is moved as a whole, and deleted by key', async ({ page, lanescope }) => {
  await lanescope.open();
  await expect(lanescope.big).toHaveText(/faster$/);
  const unbroken = await lanescope.totals.allTextContents();
  const before = await rules(lanescope);

  await drag(lanescope, 5, 15);
  await expect(lanescope.totals).not.toHaveText(unbroken);
  await expect(lanescope.small).not.toContainText('changed since');
  const { experiment: { server }, lanes } = await lanescope.trace();
  const [kept, drawn] = server.simulated.faults;
  expect([kept]).toEqual(before);
  expect(drawn.fault).toEqual({ status: 503 });
  expectNear(times(drawn), [5, 15]);
  expect(await rules(lanescope)).toEqual(server.simulated.faults);
  const [from, to] = [drawn.when.from_millis * 1_000, drawn.when.to_millis * 1_000];
  for (const { events } of lanes) {
    const failed = new Set(events.filter(({ kind }) => kind === 'failed').map(({ item, attempt }) => `${item} ${attempt}`));
    const within = events.filter(({ kind, at }) => kind === 'sent' && at >= from && at < to);
    expect(within.length, 'attempts arrive in the outage').toBeGreaterThan(1);
    expect(within.every(({ item, attempt }) => failed.has(`${item} ${attempt}`)), 'and all of them are refused').toBe(true);
  }
  expect((await lanescope.table()).filter(({ tries }) => tries > 1).length).toBeGreaterThan(1);

  await drag(lanescope, to / 1e6, 20);
  await expect.poll(async () => (await rules(lanescope))[1].when.to_millis).toBeGreaterThan(19_000);
  const longer = (await rules(lanescope))[1];
  expectNear(times(longer), [from / 1e6, 20]);
  expect(longer.when.from_millis).toBe(drawn.when.from_millis);

  await drag(lanescope, 12, 22);
  await expect.poll(async () => (await rules(lanescope))[1].when.from_millis).toBeGreaterThan(14_000);
  const moved = (await rules(lanescope))[1];
  expectNear(times(moved), [15, 30]);
  expect(await rules(lanescope), 'nothing new was drawn').toHaveLength(2);

  // A press on an empty place lets go of it, and draws nothing.
  await press(lanescope, 45);
  await page.keyboard.press('Delete');
  expect(await rules(lanescope)).toHaveLength(2);
  await press(lanescope, 20);
  await page.keyboard.press('Delete');
  await expect(lanescope.totals).toHaveText(unbroken);
  await expect(lanescope.small).not.toContainText('changed since');
  expect(await rules(lanescope)).toEqual(before);
});

test('a slow spell and a cut of the quota are drawn too, from right to left as well', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ requests: 12, lanes: [concurrent(2)] })));
  const breaks = page.getByLabel('Break the server', { exact: true });
  await breaks.selectOption('slow spell (×4)');
  await drag(lanescope, 10, 4);
  await expect.poll(async () => (await rules(lanescope)).length).toBe(1);
  await breaks.selectOption('quota cut (to 2)');
  await drag(lanescope, 15, 25);
  await expect.poll(async () => (await rules(lanescope)).length).toBe(2);
  const [slow, cut] = await rules(lanescope);
  expect([slow.fault, cut.fault]).toEqual([{ slow: 4 }, { 'quota-cut': 2 }]);
  expectNear(times(slow), [4, 10]);
  expectNear(times(cut), [15, 25]);
});

test('a press on the band neither seeks nor chooses a request', async ({ page, lanescope }) => {
  await lanescope.open();
  await expect(lanescope.big).toHaveText(/faster$/);
  const clock = await lanescope.clock.textContent();
  await press(lanescope, 30);
  await expect(lanescope.clock).toHaveText(clock);
  // Let go far below, over a row of another request.
  const { at, y } = await band(lanescope);
  await page.mouse.move(at(40), y);
  await page.mouse.down();
  await page.mouse.move(at(45), y + 20);
  await page.mouse.move(at(50), y + 60);
  await page.mouse.up();
  await expect.poll(async () => (await rules(lanescope)).length).toBe(2);
  expectNear(times((await rules(lanescope))[1]), [40, 50]);
  await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
});

test('without a pointer, spells are entered under More', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ requests: 8, lanes: [sequential(), concurrent(4)] })));
  const unbroken = await lanescope.totals.allTextContents();
  const summary = page.locator('summary', { hasText: 'More: retries' });
  await summary.focus();
  await page.keyboard.press('Enter');
  const add = lanescope.button('Add an outage');
  await add.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('group', { name: 'Spell 1', exact: true })).toBeVisible();
  await expect(lanescope.number('From, s')).toHaveValue('5');
  await expect(lanescope.number('To, s (empty: no end)')).toHaveValue('10');
  await expect(lanescope.small).toContainText('changed since: press Run');
  await expect(lanescope.totals, 'nothing runs by itself').toHaveText(unbroken);

  for (const [name, figure] of [['From, s', '2.5'], ['To, s (empty: no end)', '12']]) {
    await lanescope.number(name).focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(figure);
    await page.keyboard.press('Tab');
  }
  await lanescope.run.focus();
  await page.keyboard.press('Enter');
  await expect(lanescope.totals).not.toHaveText(unbroken);
  expect((await rules(lanescope)).map(({ when, fault }) => [when.from_millis, when.to_millis, fault])).toEqual([[2_500, 12_000, { status: 503 }]]);

  // An end before the start is no spell that can be run.
  await lanescope.enter('To, s (empty: no end)', 1);
  await expect(lanescope.side.getByRole('alert')).toContainText('end of a fault rule is out of bounds');
  await lanescope.number('To, s (empty: no end)').fill('');
  await lanescope.number('To, s (empty: no end)').blur();
  await expect(lanescope.side.getByRole('alert')).toBeHidden();
  await page.getByLabel('It is', { exact: true }).selectOption('quota cut');
  const [{ when, fault }] = await rules(lanescope);
  expect([when.from_millis, when.to_millis, fault]).toEqual([2_500, undefined, { 'quota-cut': 2 }]);

  const remove = lanescope.button('Remove this spell');
  await remove.focus();
  await page.keyboard.press('Enter');
  await expect(remove).toBeHidden();
  await lanescope.run.focus();
  await page.keyboard.press('Enter');
  await expect(lanescope.totals).toHaveText(unbroken);
});

test('what else goes wrong and the spells leave one another alone', async ({ page, lanescope }) => {
  const faults = [spell(5, 10), spell(20, 30, { slow: 4 })];
  await lanescope.open(fragment(experiment({ lanes: [concurrent(2)], server: { simulated: { faults } } })));
  await lanescope.more.click();
  const wrong = page.getByLabel('What goes wrong', { exact: true });
  await expect(wrong.locator('option:checked')).toHaveText('nothing');
  await wrong.selectOption('cut in the middle');
  expect((await rules(lanescope)).map(({ fault }) => fault)).toEqual(['cut', { status: 503 }, { slow: 4 }]);
  await expect(page.getByRole('group', { name: /^Spell \d$/ })).toHaveCount(2);
  await page.getByRole('group', { name: 'Spell 1', exact: true }).getByRole('button', { name: 'Remove this spell' }).click();
  await wrong.selectOption('nothing');
  const left = await rules(lanescope);
  expect(left.map(times)).toEqual([[20, 30]]);
});

test('a real server is not broken by hand', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment()));
  await expect(page.getByLabel('Break the server', { exact: true })).toBeVisible();
  await page.evaluate((hash) => { location.hash = hash; }, fragment(real()));
  await expect(lanescope.badge).toContainText('Real');
  await expect(page.getByLabel('Break the server', { exact: true })).toHaveCount(0);
});
