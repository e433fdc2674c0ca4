// Moving about in the timeline: keys, buttons, wheel, drags, the strip, marks, a range, the search and the commands.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment } from './experiment.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Which stretch of the run is seen, and where it ends, in seconds: what stands above the timeline. */
async function seen(page) {
  const said = await page.locator('.timeline-bar .seen').textContent();
  const [from, to, end] = [...said.matchAll(/([\d.]+) s/g)].map(([, figure]) => Number(figure));
  return { from, to, end, span: to - from };
}

/** Where the time axis lies on the page: it begins 40 pixels from the left and ends 66 from the right. */
async function axis(lanescope) {
  const { x, y, width, height } = await lanescope.canvas.boundingBox();
  return { left: x + 40, width: width - 106, y: y + 8, lanes: y + 100, bottom: y + height, at: (share) => x + 40 + (width - 106) * share };
}

/** Where the playhead is, in milliseconds. */
const playhead = async (lanescope) => Number(await lanescope.playhead.inputValue());

/** Drags from one point to another. */
async function drag(page, from, to, key) {
  if (key) await page.keyboard.down(key);
  await page.mouse.move(...from);
  await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
  await page.mouse.move(...to);
  await page.mouse.up();
  if (key) await page.keyboard.up(key);
}

/** Turns the wheel over a point. */
async function turn(page, x, y, across, down, key) {
  await page.mouse.move(x, y);
  if (key) await page.keyboard.down(key);
  await page.mouse.wheel(across, down);
  if (key) await page.keyboard.up(key);
}

/** Opens the race, finished. */
async function open(lanescope, address) {
  await lanescope.open(address);
  await expect(lanescope.big).toHaveText(/faster$/);
  const { from, to, end } = await seen(lanescope.page);
  expect([from, to]).toEqual([0, end]);
  return end;
}

const near = (figure, wanted, within = 0.11) => expect(Math.abs(figure - wanted), `${figure} is about ${wanted}`).toBeLessThanOrEqual(within);
const bar = (page, name) => page.locator('.timeline-bar').getByRole('button', { name, exact: true });
const finder = (page) => page.getByRole('search');
const strip = (page) => page.getByRole('img', { name: 'The whole run, with a window on what is seen' });
const range = (page) => page.getByRole('region', { name: 'Range', exact: true });

test.describe('keys', () => {
  test('W and + come closer, S and - go back, A and D move, 0 shows all', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    for (const [closer, wider] of [['w', 's'], ['+', '-']]) {
      await page.keyboard.press(closer);
      near((await seen(page)).span, end / 1.5);
      await page.keyboard.press(closer);
      near((await seen(page)).span, end / 2.25);
      await page.keyboard.press(wider);
      near((await seen(page)).span, end / 1.5);
      await page.keyboard.press(wider);
      near((await seen(page)).span, end);
    }
    await page.keyboard.press('w');
    const before = await seen(page);
    await page.keyboard.press('d');
    near((await seen(page)).from, before.from + 0.15 * before.span);
    await page.keyboard.press('a');
    near((await seen(page)).from, before.from);
    for (let presses = 0; presses < 9; presses += 1) await page.keyboard.press('a');
    expect((await seen(page)).from, 'the run begins there').toBe(0);
    await page.keyboard.press('0');
    near((await seen(page)).span, end);
  });

  test('the left hand goes by place, whatever the keys write', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const press = (code, key) => page.evaluate(([of, written]) => {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { code: of, key: written, bubbles: true, cancelable: true }));
    }, [code, key]);
    await press('KeyW', 'z');
    near((await seen(page)).span, end / 1.5);
    await press('KeyA', 'q');
    const { from } = await seen(page);
    await press('KeyZ', 'w');
    expect((await seen(page)).from).toBe(from);
  });

  test('what is under the pointer stays there', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const { at, lanes } = await axis(lanescope);
    await page.mouse.move(at(0.25), lanes);
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('w');
    const { from, span } = await seen(page);
    near(from + span / 4, end / 4);
  });

  test('F shows the selected request, or the range', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('f');
    const { from, to } = await seen(page);
    expect(from).toBe(0);
    near(to, 12.2, 0.4);
    await page.keyboard.press('0');
    const { at, y } = await axis(lanescope);
    await drag(page, [at(0.2), y], [at(0.4), y]);
    await page.keyboard.press('f');
    const { from: first, to: last, end } = await seen(page);
    near(first, 0.2 * end);
    near(last, 0.4 * end);
  });

  test('M marks a moment, [ and ] go from mark to mark, a press on a flag goes there', async ({ page, lanescope }) => {
    await open(lanescope);
    const marks = [];
    for (const share of [0.2, 0.6]) {
      await lanescope.seek(share);
      await page.keyboard.press('m');
      await expect(bar(page, 'Mark')).toHaveAttribute('aria-pressed', 'true');
      marks.push(await playhead(lanescope));
    }
    await page.keyboard.press('[');
    expect(await playhead(lanescope)).toBe(marks[0]);
    await page.keyboard.press('[');
    expect(await playhead(lanescope), 'there is none before').toBe(marks[0]);
    await page.keyboard.press(']');
    expect(await playhead(lanescope)).toBe(marks[1]);
    const { at, y } = await axis(lanescope);
    await page.mouse.click(at(0.2) + 4, y);
    expect(await playhead(lanescope), 'its flag is right of it').toBe(marks[0]);
    await page.keyboard.press('m');
    await expect(bar(page, 'Mark')).toHaveAttribute('aria-pressed', 'false');
    await page.keyboard.press('[');
    expect(await playhead(lanescope)).toBe(marks[0]);
  });

  test('a step of the playhead is seen', async ({ page, lanescope }) => {
    await open(lanescope);
    await lanescope.button('To the start').click();
    await page.keyboard.press('w');
    await page.keyboard.press('w');
    for (let presses = 0; presses < 12; presses += 1) await page.keyboard.press('d');
    expect((await seen(page)).from).toBeGreaterThan(30);
    for (const key of ['.', 'ArrowRight']) {
      const before = await playhead(lanescope);
      await page.keyboard.press(key);
      expect(await playhead(lanescope)).toBeGreaterThan(before);
      expect((await seen(page)).from).toBeLessThan(10);
    }
    const before = await playhead(lanescope);
    await page.keyboard.press(',');
    await page.keyboard.press('ArrowLeft');
    expect(await playhead(lanescope)).toBeLessThan(before);
  });

  test('the playhead is followed while it plays, unless one looks elsewhere', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    for (let presses = 0; presses < 6; presses += 1) await page.keyboard.press('w');
    await page.keyboard.press('Home');
    for (let presses = 0; presses < 80; presses += 1) await page.keyboard.press('a');
    expect((await seen(page)).from).toBe(0);
    await page.keyboard.press('Space');
    await expect.poll(async () => (await seen(page)).from, 'it plays out of what is seen').toBeGreaterThan(0);
    await page.keyboard.press('Space');
    await page.keyboard.press('Home');
    for (let presses = 0; presses < 80; presses += 1) await page.keyboard.press('d');
    const before = await seen(page);
    expect(before.to).toBe(end);
    await page.keyboard.press('Space');
    await page.waitForTimeout(500);
    expect(await playhead(lanescope)).toBeGreaterThan(0);
    expect(await seen(page)).toEqual(before);
  });

  test('? shows the keys, and Escape puts them away', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('?');
    const dialog = lanescope.dialog('Keys');
    await expect(dialog).toBeVisible();
    await expect(dialog.getByText('Zoom in and out, at the pointer')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await bar(page, 'Keys').click();
    await expect(dialog).toBeVisible();
  });

  test('nothing acts while a field has the focus', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const typed = 'wsad+-0fm[].,/?nNrc';
    await lanescope.prompts.focus();
    await page.keyboard.press('Control+A');
    await page.keyboard.type(typed);
    for (const key of ['Home', 'End', 'ArrowLeft', 'ArrowDown', 'Control+k']) await page.keyboard.press(key);
    await expect(lanescope.prompts).toHaveValue(typed);
    expect(await seen(page)).toEqual({ from: 0, to: end, end, span: end });
    expect(await playhead(lanescope)).toBe(Number(await lanescope.playhead.getAttribute('max')));
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(finder(page)).toHaveCount(0);
    await expect(bar(page, 'Mark')).toHaveAttribute('aria-pressed', 'false');
  });

  test("the browser's own keys are the browser's", async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const taken = await page.evaluate(() => {
      const combos = [
        ...['f', '0', '+', '-', 'w', 's', 'a', 'd', 'r', 'n', 'm', 'c'].map((key) => ({ key, code: `Key${key.toUpperCase()}`, ctrlKey: true })),
        { key: 'ArrowLeft', code: 'ArrowLeft', altKey: true },
        { key: 'd', code: 'KeyD', altKey: true },
        { key: 'w', code: 'KeyW', metaKey: true },
        { key: 'F3', code: 'F3' },
        { key: 'K', code: 'KeyK', ctrlKey: true, shiftKey: true },
      ];
      return combos.filter((combo) => !document.body.dispatchEvent(new KeyboardEvent('keydown', { ...combo, bubbles: true, cancelable: true })));
    });
    expect(taken).toEqual([]);
    expect((await seen(page)).span).toBe(end);
  });
});

test('each button does what its key does', async ({ page, lanescope }) => {
  const end = await open(lanescope);
  for (const name of ['Earlier', 'Later', 'Fit', 'Mark before', 'Next mark']) await expect(bar(page, name)).toBeDisabled();
  await bar(page, 'Zoom in').click();
  near((await seen(page)).span, end / 1.5);
  const { from } = await seen(page);
  await bar(page, 'Later').click();
  expect((await seen(page)).from).toBeGreaterThan(from);
  await bar(page, 'Earlier').click();
  near((await seen(page)).from, from);
  await bar(page, 'Zoom out').click();
  near((await seen(page)).span, end);
  await bar(page, 'Fit selection').click();
  near((await seen(page)).to, 12.2, 0.4);
  await bar(page, 'Fit').click();
  near((await seen(page)).span, end);
  await lanescope.seek(0.3);
  await bar(page, 'Mark').click();
  const marked = await playhead(lanescope);
  await lanescope.seek(0.7);
  await bar(page, 'Mark before').click();
  expect(await playhead(lanescope)).toBe(marked);
  await lanescope.seek(0.1);
  await bar(page, 'Next mark').click();
  expect(await playhead(lanescope)).toBe(marked);
  await bar(page, 'Search').click();
  await expect(page.getByRole('searchbox', { name: 'Search requests' })).toBeFocused();
  await bar(page, 'Commands').click();
  await expect(lanescope.dialog('Commands')).toBeVisible();
});

test.describe('wheel and pointer', () => {
  test('a wheel alone scrolls the page', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    await page.keyboard.press('w');
    const { at, lanes } = await axis(lanescope);
    const before = await seen(page);
    await turn(page, at(0.5), lanes, 0, 200);
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(100);
    expect(await seen(page)).toEqual(before);
    expect(before.span).toBeLessThan(end);
  });

  for (const key of ['Control', 'Meta']) {
    test(`with ${key} it zooms, and what is under the pointer stays there`, async ({ page, lanescope }) => {
      const end = await open(lanescope);
      const { at, y, width } = await axis(lanescope);
      const x = at(0.3);
      await page.mouse.click(x, y);
      const before = await playhead(lanescope);
      for (let turns = 0; turns < 5; turns += 1) await turn(page, x, y, 0, -100, key);
      await expect.poll(async () => (await seen(page)).span).toBeLessThan(end / 8);
      const { span } = await seen(page);
      await page.mouse.click(x, y);
      expect(Math.abs(await playhead(lanescope) - before), 'it is within a pixel').toBeLessThanOrEqual((span * 1_000) / width + 1);
      expect(await page.evaluate(() => window.scrollY)).toBe(0);
      for (let turns = 0; turns < 6; turns += 1) await turn(page, x, y, 0, 100, key);
      await expect.poll(async () => (await seen(page)).span).toBe(end);
    });
  }

  test('sideways, or with Shift, it moves', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('w');
    const { at, lanes, width } = await axis(lanescope);
    const { from, span } = await seen(page);
    await turn(page, at(0.5), lanes, 80, 0);
    await expect.poll(async () => (await seen(page)).from).toBeGreaterThan(from);
    near((await seen(page)).from, from + (80 / width) * span);
    await turn(page, at(0.5), lanes, 0, -80, 'Shift');
    await expect.poll(async () => (await seen(page)).from).toBeLessThan(from + 0.2);
  });

  test('a drag on the lanes takes them along, and chooses nothing', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('w');
    await page.keyboard.press('w');
    const { at, lanes, width } = await axis(lanescope);
    const { from, span } = await seen(page);
    await drag(page, [at(0.6), lanes], [at(0.4), lanes]);
    near((await seen(page)).from, from + 0.2 * span, span / width + 0.11);
    await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
    await page.mouse.click(at(0.4), lanes);
    await expect(lanescope.inspected).toHaveText(/lane A$/);
  });

  test('a drag on the axis, or with Shift, selects a range with its figures', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const { at, y, lanes } = await axis(lanescope);
    await drag(page, [at(0.5), y], [at(0), y]);
    await expect(range(page)).toBeVisible();
    expect(await playhead(lanescope), 'a drag moves no playhead').toBe(Number(await lanescope.playhead.getAttribute('max')));
    const row = (lane) => range(page).getByRole('row').filter({ has: page.locator(`th:text-is("${lane}")`) }).locator('td');
    const figures = async (lane) => (await row(lane).allTextContents()).map(Number);
    const [sent, answered, failed, refused, flying] = await figures('B');
    expect([sent, answered, failed, refused], 'all of lane B lies in it: twelve answers and one 503').toEqual([13, 12, 0, 1]);
    expect(flying).toBeGreaterThan(1);
    expect((await figures('A'))[4]).toBe(1);
    await drag(page, [at(0.5), lanes], [at(0.75), lanes], 'Shift');
    await expect(row('B').first()).toHaveText('0');
    near((await seen(page)).span, end);
    await range(page).getByRole('button', { name: 'Zoom to it' }).click();
    near((await seen(page)).from, end / 2, 0.15);
    await range(page).getByRole('button', { name: 'Clear' }).click();
    await expect(range(page)).toHaveCount(0);
    await page.keyboard.press('0');
    await drag(page, [at(0.1), y], [at(0.2), y]);
    await expect(range(page)).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(range(page)).toHaveCount(0);
  });

  test('of what is later than the playhead a range tells nothing', async ({ page, lanescope }) => {
    await open(lanescope);
    const { at, y } = await axis(lanescope);
    await drag(page, [at(0.5), y], [at(0.9), y]);
    const sent = range(page).getByRole('row').filter({ has: page.locator('th:text-is("A")') }).locator('td').first();
    await expect(sent).toHaveText('5');
    await lanescope.seek(0.4);
    await expect(sent).toHaveText('0');
  });

  test.describe('with fingers', () => {
    test.use({ hasTouch: true });

    test('two of them zoom', async ({ page, lanescope }) => {
      const end = await open(lanescope);
      const { at, lanes: y } = await axis(lanescope);
      const client = await page.context().newCDPSession(page);
      const touch = (type, ...xs) => client.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x, y, id })) });
      await touch('touchStart', at(0.45));
      await touch('touchStart', at(0.45), at(0.55));
      await touch('touchMove', at(0.4), at(0.6));
      await touch('touchMove', at(0.3), at(0.7));
      await touch('touchEnd');
      const { from, to } = await seen(page);
      near(to - from, end / 4, 1);
      near((from + to) / 2, end / 2, 1);
    });
  });
});

test.describe('the strip of the whole run', () => {
  test('its window is moved, stretched, drawn anew and centred', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    await expect(strip(page)).toHaveCount(0);
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('w');
    await expect(strip(page)).toBeVisible();
    const { x, y, width, height } = await strip(page).boundingBox();
    const [at, middle] = [(secs) => x + (width * secs) / end, y + height / 2];
    const within = (1.5 * end) / width;
    const { from, to, span } = await seen(page);
    await drag(page, [at((from + to) / 2), middle], [at((from + to) / 2 + 10), middle]);
    near((await seen(page)).from, from + 10, within);
    near((await seen(page)).span, span, 0.11);
    await drag(page, [at(to + 10), middle], [at(to + 15), middle]);
    near((await seen(page)).to, to + 15, within);
    await drag(page, [at(from + 10), middle], [at(from), middle]);
    near((await seen(page)).from, from, within);
    await drag(page, [at(2), middle], [at(12), middle]);
    near((await seen(page)).from, 2, within);
    near((await seen(page)).to, 12, within);
    await page.mouse.click(at(40), middle);
    near((await seen(page)).from, 35, within);
    await page.keyboard.press('0');
    await expect(strip(page)).toHaveCount(0);
  });

  test('it is there at once where there are many requests', async ({ page, lanescope }) => {
    await lanescope.open(fragment(experiment({ requests: 300, lanes: [concurrent(20)] })));
    await expect(strip(page)).toBeVisible();
  });
});

test.describe('the legend', () => {
  test('each name hides what it names, and shows it again', async ({ page, lanescope }) => {
    await open(lanescope);
    const legend = page.getByRole('group', { name: 'Show', exact: true });
    for (const name of ['waiting for a slot', 'first byte', 'streaming', 'backing off', 'failed']) {
      const entry = legend.getByRole('button', { name, exact: true });
      await expect(entry).toHaveAttribute('aria-pressed', 'true');
      await entry.click();
      await expect(entry).toHaveAttribute('aria-pressed', 'false');
      await entry.click();
      await expect(entry).toHaveAttribute('aria-pressed', 'true');
    }
    await expect(legend.getByRole('button', { name: 'thinking', exact: true }), 'this run has none').toHaveCount(0);
  });
});

test.describe('the menu', () => {
  test('rows, order, groups, heights and lanes', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const menu = page.getByRole('group', { name: 'View', exact: true });
    await page.getByText('View', { exact: true }).click();
    await menu.getByLabel('Rows', { exact: true }).selectOption('slots');
    const group = menu.getByLabel('Group under headings', { exact: true });
    await expect(group, 'moments make no groups').toHaveCount(0);
    await menu.getByLabel('Order', { exact: true }).selectOption('slot');
    await group.check();
    await menu.getByLabel('Order', { exact: true }).selectOption('when finished');
    await expect(group).toHaveCount(0);
    await menu.getByLabel('Fold lane A', { exact: true }).check();
    const [lower, higher] = ['Lower rows', 'Higher rows'].map((name) => menu.getByRole('button', { name, exact: true }));
    const whole = page.locator('.timeline-whole');
    const height = async () => (await whole.boundingBox()).height;
    do {
      const before = await height();
      await higher.click();
      expect(await height(), 'each press makes them higher').toBeGreaterThan(before);
    } while (await higher.isEnabled());
    await expect(higher).toBeDisabled();
    await lower.click();
    await expect(higher).toBeEnabled();
    await page.keyboard.press('Escape');
    await expect(menu).toBeHidden();
    await expect(page.locator('.menu summary')).toBeFocused();

    // What was chosen stays, and a press elsewhere closes it too.
    await page.keyboard.press('Enter');
    await expect(menu.getByLabel('Rows', { exact: true })).toHaveValue('1');
    await expect(menu.getByLabel('Order', { exact: true })).toHaveValue('2');
    await menu.getByRole('button', { name: 'Select what is seen' }).click();
    await expect(range(page)).toContainText(`0.0 s to ${end.toFixed(1)} s`);
    await menu.getByRole('button', { name: 'Clear range' }).click();
    await expect(range(page)).toHaveCount(0);
    await lanescope.result.click();
    await expect(menu).toBeHidden();
  });
});

test.describe('the search', () => {
  test('finds by number, by lane, by failure and by words, and goes from one to the next', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('/');
    const field = page.getByRole('searchbox', { name: 'Search requests' });
    const count = finder(page).getByRole('status');
    await expect(field).toBeFocused();
    await page.keyboard.type('3');
    await expect(count).toHaveText('1 of 2');
    await expect(lanescope.inspected).toHaveText('Request 3 · lane A');
    await page.keyboard.press('Enter');
    await expect(lanescope.inspected).toHaveText('Request 3 · lane B');
    await expect(count).toHaveText('2 of 2');
    await page.keyboard.press('Enter');
    await expect(lanescope.inspected).toHaveText('Request 3 · lane A');
    await page.keyboard.press('Shift+Enter');
    await expect(lanescope.inspected).toHaveText('Request 3 · lane B');
    await field.fill('b12');
    await expect(lanescope.inspected).toHaveText('Request 12 · lane B');
    for (const failure of ['503', 'overloaded']) {
      await field.fill(failure);
      await expect(count).toHaveText('1 of 1');
      await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
    }
    await field.fill('birds');
    await expect(count).toHaveText('19 of 24');
    await field.fill('no such words');
    await expect(count).toHaveText('nothing found');
    await field.fill('answered');
    await expect(count).toHaveText(/ of 24$/);

    // With the keys, once the field has lost the focus.
    await page.locator('.timeline').focus();
    await page.keyboard.press('n');
    await expect(lanescope.inspected).toHaveText('Request 8 · lane B');
    await page.keyboard.press('N');
    await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
    await finder(page).getByRole('button', { name: 'Next match' }).click();
    await expect(lanescope.inspected).toHaveText('Request 8 · lane B');
    await finder(page).getByRole('button', { name: 'Match before' }).click();
    await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
    await field.focus();
    await page.keyboard.press('Escape');
    await expect(finder(page)).toHaveCount(0);
    await expect(page.locator('.timeline')).toBeFocused();
  });

  test('what is found is seen', async ({ page, lanescope }) => {
    await open(lanescope);
    for (let presses = 0; presses < 4; presses += 1) await page.keyboard.press('w');
    await page.keyboard.press('/');
    await expect(finder(page).getByRole('searchbox')).toBeFocused();
    await page.keyboard.type('a12');
    await expect(lanescope.inspected).toHaveText('Request 12 · lane A');
    const { from, to } = await seen(page);
    expect(from).toBeLessThan(66.5);
    expect(to).toBeGreaterThan(66.5);
  });
});

test.describe('the commands', () => {
  test('are found, gone through and done without a pointer', async ({ page, lanescope }) => {
    const end = await open(lanescope);
    const dialog = lanescope.dialog('Commands');
    const command = async (...typed) => {
      await page.keyboard.press('Control+k');
      await expect(dialog).toBeVisible();
      await expect(page.getByRole('combobox', { name: 'Command', exact: true })).toBeFocused();
      for (const keys of typed) await (keys.length > 1 && /^[A-Z]/.test(keys) ? page.keyboard.press(keys) : page.keyboard.type(keys));
      // It is done once the page is told that the dialog closed, and only then is there another.
      await page.evaluate(() => {
        window.told = new Promise((told) => document.addEventListener('close', () => told(), { once: true, capture: true }));
      });
      await page.keyboard.press('Enter');
      await page.evaluate(() => window.told);
      await expect(dialog).toBeHidden();
    };
    const spans = (wanted) => expect.poll(async () => Math.abs((await seen(page)).span - wanted)).toBeLessThanOrEqual(0.11);
    await command('zoom in');
    await spans(end / 1.5);
    await command('whole');
    await spans(end);
    await command('zoom', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowDown');
    await spans(end / 1.5);
    await command('select what');
    await expect(range(page)).toBeVisible();
    await command('clear the range');
    await expect(range(page)).toHaveCount(0);
    await command('dark theme');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await command('load: five');
    await expect(lanescope.rows).toHaveCount(5);
    await command('share');
    await expect(lanescope.dialog('Share this experiment')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(lanescope.dialog('Share this experiment')).toBeHidden();
    // The page hears of that a moment later.
    await page.waitForTimeout(300);
    await command('plan a job');
    await expect(page.getByText('Plan a job under the limits of your account')).toBeFocused();
    await expect(page.getByLabel('Requests a minute', { exact: true })).toBeVisible();
    await command('many runs');
    await expect(page.getByRole('button', { name: 'Other luck', exact: true })).toBeVisible();
    await command('search');
    await expect(page.getByRole('searchbox', { name: 'Search requests' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(finder(page)).toHaveCount(0);
    await command('rows slots');
    await command('order finished');
    await command('fold lane b');
    await page.locator('.menu summary').click();
    const menu = page.getByRole('group', { name: 'View', exact: true });
    await expect(menu.getByLabel('Rows', { exact: true })).toHaveValue('1');
    await expect(menu.getByLabel('Order', { exact: true })).toHaveValue('2');
    await expect(menu.getByLabel('Fold lane B', { exact: true })).toBeChecked();
  });

  test('Escape puts them away and gives the focus back; nothing fits is said', async ({ page, lanescope }) => {
    await open(lanescope);
    await bar(page, 'Fit selection').focus();
    await page.keyboard.press('Control+k');
    const dialog = lanescope.dialog('Commands');
    await expect(dialog.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.type('no such command');
    await expect(dialog.getByRole('option')).toHaveCount(0);
    await expect(dialog.getByText('No command of that name.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(bar(page, 'Fit selection')).toBeFocused();
    await page.keyboard.press('Control+k');
    await expect(dialog.getByRole('option').first(), 'it begins anew').toBeVisible();
  });

  test('are opened again before the page is told that they closed', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('Control+k');
    const dialog = lanescope.dialog('Commands');
    await expect(dialog.getByRole('option').first()).toBeVisible();
    const told = await dialog.evaluate(async (dialog) => {
      const order = [];
      dialog.addEventListener('close', () => order.push('told'));
      const press = (on, key, ctrlKey) =>
        on.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }));
      await new Promise((closed) => {
        new MutationObserver((_, observer) => {
          observer.disconnect();
          order.push('asked');
          press(document.body, 'k', true);
          closed();
        }).observe(dialog, { attributeFilter: ['open'] });
        press(dialog.querySelector('input'), 'Enter', false);
      });
      await new Promise((rest) => setTimeout(rest, 100));
      return order;
    });
    expect(told, 'it was asked for before').toEqual(['asked', 'told']);
    await expect(dialog.getByRole('option').first()).toBeVisible();
  });

  test('a run is saved', async ({ page, lanescope }) => {
    await open(lanescope);
    await page.keyboard.press('Control+k');
    await expect(lanescope.dialog('Commands')).toBeVisible();
    await page.keyboard.type('save');
    const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    expect(download.suggestedFilename()).toBe('lanescope-run.json');
  });
});

/** What is opened to move about, and how. */
const OPENED = {
  'a range, the search, the strip and the menu': async ({ page, lanescope }) => {
    const { at, y } = await axis(lanescope);
    await drag(page, [at(0.2), y], [at(0.4), y]);
    await page.keyboard.press('w');
    await page.keyboard.press('/');
    await page.keyboard.type('b');
    await page.locator('.menu summary').click();
    await expect(page.getByRole('group', { name: 'View', exact: true })).toBeVisible();
    await expect(strip(page)).toBeVisible();
  },
  'a phase that is hidden': async ({ page }) => page.locator('.legend button').first().click(),
  'the commands': async ({ page, lanescope }) => {
    await page.keyboard.press('Control+k');
    await expect(lanescope.dialog('Commands').getByRole('option').first()).toBeVisible();
  },
  'the keys': async ({ page, lanescope }) => {
    await page.keyboard.press('?');
    await expect(lanescope.dialog('Keys')).toBeVisible();
  },
};

for (const colorScheme of ['light', 'dark']) {
  test.describe(`for everybody, in ${colorScheme}`, () => {
    test.use({ colorScheme });

    for (const [what, act] of Object.entries(OPENED)) {
      test(`axe finds nothing in ${what}`, async ({ page, lanescope }) => {
        await open(lanescope);
        await act({ page, lanescope });
        const { violations, passes } = await new AxeBuilder({ page }).analyze();
        expect(passes.length, 'axe did look').toBeGreaterThan(15);
        const bad = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
        expect(bad.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
      });
    }
  });
}

test('on a narrow page nothing is wider than the page', async ({ page, lanescope }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(lanescope);
  await page.keyboard.press('w');
  await page.keyboard.press('/');
  await page.locator('.menu summary').click();
  await expect(page.getByRole('group', { name: 'View', exact: true })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expect(finder(page)).toBeVisible();
  await expect(strip(page)).toBeVisible();
});

test('rows that are in sight stay there when the window changes, and their heights with it', async ({ page, lanescope }) => {
  await page.setViewportSize({ width: 1366, height: 800 });
  await open(lanescope, fragment(experiment({ requests: 2_000, lanes: [concurrent(50), concurrent(100)] })));
  await page.keyboard.press('/');
  await page.keyboard.type('b1500');
  await expect(lanescope.inspected).toHaveText('Request 1500 · lane B');
  await page.keyboard.press('Escape');
  await page.keyboard.press('f');
  const read = () => lanescope.timeline.evaluate(({ scrollTop, scrollHeight }) => ({ scrollHeight, share: scrollTop / scrollHeight }));
  await expect.poll(async () => (await read()).share).toBeGreaterThan(0.5);
  const before = await read();
  await page.setViewportSize({ width: 1366, height: 657 });
  await expect.poll(async () => (await read()).scrollHeight, 'rows are lower').toBeLessThan(before.scrollHeight * 0.95);
  await expect.poll(async () => Math.abs((await read()).share - before.share)).toBeLessThan(0.001);
});
