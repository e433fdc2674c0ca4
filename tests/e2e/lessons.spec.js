// The course: lessons walked with the keyboard alone, the terms explained in place, and a talk.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.js';
import { focused, tabTo } from './keys.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Goes to something with Tab and presses it. */
async function press(page, name) {
  await tabTo(page, name, 90);
  await page.keyboard.press('Enter');
}

/** Opens the list of lessons, reads what it says of each that was done, and closes it again. */
async function progress(page, lanescope) {
  // While a lesson is being fetched, nothing takes the focus.
  await expect(page.locator('.app:not([inert])')).toBeVisible();
  await lanescope.button('Lessons').focus();
  await page.keyboard.press('Enter');
  const dialog = lanescope.dialog('Lessons');
  await expect(dialog).toBeVisible();
  const rows = await dialog.locator('li').evaluateAll((items) => items
    .map((item) => [item.querySelector('button').textContent, item.querySelector('.fine').textContent]));
  const said = await dialog.locator('.fine').first().textContent();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  return { done: Object.fromEntries(rows.filter(([, mark]) => mark !== '')), said };
}

const ANSWER = /^That is my answer: run it$/;

test('a finish line is put with the arrows: wrong, and then right', async ({ page, lanescope }) => {
  await lanescope.openLesson('five-in-a-loop');
  await expect(lanescope.lesson.getByRole('heading', { name: 'Five in a loop' })).toBeVisible();
  // Nothing is told before there is an answer.
  await expect(lanescope.clock).toHaveText(/^0\.0 s of/);
  await expect(lanescope.after).toBeHidden();
  const slider = page.getByRole('slider', { name: 'Finish line' });
  await tabTo(page, /^Finish line$/);
  await page.keyboard.press('ArrowRight');
  await expect(slider).toHaveAttribute('aria-valuetext', '20.4 s');
  await press(page, ANSWER);
  await expect(lanescope.verdict).toHaveText('You said 20.4 s. It is 8.5 s.');
  await expect(lanescope.after.locator('.claim')).toHaveText(/^✓ /);

  await test.step('the beats lead forward and back', async () => {
    const beats = page.getByRole('group', { name: 'What to see' });
    await expect(beats.getByText('3 things to see')).toBeVisible();
    await expect(lanescope.says, 'there is no empty box').toBeHidden();
    await press(page, /^Next ›$/);
    await expect(beats.getByText('1 of 3')).toBeVisible();
    await expect(lanescope.clock).toHaveText(/^4\.6 s of 32\.1 s$/);
    const first = await lanescope.says.textContent();
    await page.keyboard.press('Enter');
    await expect(lanescope.clock).toHaveText(/^8\.5 s of/);
    await expect(lanescope.says).not.toHaveText(first);
    await page.keyboard.press('Enter');
    await expect(beats.getByText('3 of 3')).toBeVisible();
    await expect(lanescope.button('Next ›')).toBeDisabled();
    await lanescope.button('‹ Back').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await expect(lanescope.says).toHaveText(first);
    await expect(lanescope.button('‹ Back')).toBeDisabled();
  });

  await test.step('a knob is turned', async () => {
    await tabTo(page, /^Requests$/, 90);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('2');
    await page.keyboard.press('Tab');
    await expect(lanescope.clock).toHaveText(/of 13\.4 s$/);
  });

  await test.step('the first answer is the one that counts', async () => {
    expect(await progress(page, lanescope)).toMatchObject({ done: { 'Five in a loop': 'done' } });
    await lanescope.button('Again').focus();
    await page.keyboard.press('Enter');
    await tabTo(page, /^Finish line$/);
    for (let steps = 0; steps < 29; steps += 1) await page.keyboard.press('ArrowLeft');
    await expect(slider).toHaveAttribute('aria-valuetext', '8.4 s');
    await press(page, ANSWER);
    await expect(lanescope.verdict).toHaveText('Right: you said 8.4 s, it is 8.5 s.');
    expect(await progress(page, lanescope)).toMatchObject({ done: { 'Five in a loop': 'done' } });
  });
});

test('rows are brought into order with their buttons, and keep the focus', async ({ page, lanescope }) => {
  await lanescope.openLesson('tasks');
  const order = () => page.getByRole('list', { name: /^The order of ending/ }).locator('li > span').allTextContents();
  expect(await order()).toEqual(['main', 'a', 'b']);
  await tabTo(page, /^main: later$/);
  await page.keyboard.press('Enter');
  expect(await focused(page)).toBe('main: later');
  await page.keyboard.press('Enter');
  expect(await order()).toEqual(['a', 'b', 'main']);
  await tabTo(page, /^b: earlier$/);
  await page.keyboard.press('Enter');
  expect(await focused(page), 'a row that moves keeps the focus').toBe('b: earlier');
  expect(await order()).toEqual(['b', 'a', 'main']);
  await press(page, ANSWER);
  await expect(lanescope.verdict).toHaveText('Right: b, a, main.');
  await expect(lanescope.after.locator('.claim')).toHaveText(/^✓ /);
  expect(await progress(page, lanescope)).toEqual({
    done: { [await lanescope.lesson.getByRole('heading').first().textContent()]: 'right at once' },
    said: '1 lesson done, 1 right at the first try. It stays in this browser.',
  });

  // The same program in another language.
  await lanescope.after.getByLabel('Language').focus();
  await page.keyboard.press('ArrowDown');
  await expect(lanescope.details.getByText(/await/).first()).toBeVisible();
});

test('refusals are counted, the way on is taken, and the progress forgotten', async ({ page, lanescope }) => {
  await lanescope.openLesson('hitting-the-wall');
  await expect(lanescope.button('That is my answer: run it')).toBeDisabled();
  await tabTo(page, /^Refusals$/);
  await page.keyboard.type('5');
  await press(page, ANSWER);
  await expect(lanescope.verdict).toHaveText('Right: 5 refusals.');
  await expect(lanescope.after.locator('.claim')).toHaveText(/^✓ /);
  expect((await progress(page, lanescope)).done).toEqual({ 'Hitting the wall': 'right at once' });

  await page.reload();
  expect((await progress(page, lanescope)).done, 'it is kept').toEqual({ 'Hitting the wall': 'right at once' });
  await lanescope.button('Lessons').click();
  await lanescope.button('Forget my progress').click();
  await expect(lanescope.button('Forget my progress')).toBeHidden();
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Close' })).toBeFocused();
  await page.keyboard.press('Escape');
  expect((await progress(page, lanescope)).done).toEqual({});

  await lanescope.button('Run it without an answer').click();
  await expect(lanescope.verdict, 'nothing was said').toHaveCount(0);
  expect((await progress(page, lanescope)).done, 'and nothing is counted').toEqual({});
  const next = lanescope.after.getByRole('button', { name: /^Next: / });
  const title = (await next.textContent()).replace('Next: ', '');
  await next.focus();
  await page.keyboard.press('Enter');
  await expect(lanescope.lesson.getByRole('heading', { name: title })).toBeVisible();
});

test('the better lane is chosen: the wrong one, and then the other', async ({ page, lanescope }) => {
  await lanescope.openLesson('who-holds-the-slot');
  const lanes = page.getByRole('radiogroup').getByRole('radio');
  await lanes.nth(0).focus();
  await page.keyboard.press('ArrowDown');
  await expect(lanes.nth(1)).toBeChecked();
  await press(page, ANSWER);
  await expect(lanescope.verdict).toHaveText('You said lane B. It is lane A.');
  await expect(lanescope.after.locator('.claim')).toHaveText(/^✓ /);
  await lanescope.button('Again').focus();
  await page.keyboard.press('Enter');
  await lanes.nth(0).focus();
  await page.keyboard.press('Space');
  await press(page, ANSWER);
  await expect(lanescope.verdict).toHaveText('Right: lane A.');
});

test('a card is true or false, and never true', async ({ page, lanescope }) => {
  await lanescope.openLesson('card-ten-users');
  await expect(lanescope.lesson.getByText('a card', { exact: false }).first()).toBeVisible();
  await tabTo(page, /^True$/);
  await page.keyboard.press('Space');
  await press(page, ANSWER);
  await expect(lanescope.verdict).toHaveText('You said true. It is false.');
  await expect(lanescope.after.locator('.claim')).toHaveText(/^✓ /);
});

test('an unknown lesson says so and leaves the page in use', async ({ lanescope }) => {
  await lanescope.open('#lesson=no-such-lesson');
  await expect(lanescope.notice).toContainText('There is no lesson of that name. This is the default experiment instead.');
  await expect(lanescope.big).toHaveText(/faster$/);
});

test.describe('a term of the glossary', () => {
  test('is explained in place with the keyboard, and put away with Escape', async ({ page, lanescope }) => {
    await lanescope.openLesson('semaphore');
    const term = lanescope.lesson.getByRole('button', { name: 'semaphore', exact: true });
    await expect(term).toHaveCount(1);
    await expect(term).toHaveAttribute('aria-expanded', 'false');
    const text = await lanescope.lesson.locator('.about').textContent();
    await tabTo(page, /^semaphore$/);
    await page.keyboard.press('Enter');
    await expect(term).toHaveAttribute('aria-expanded', 'true');
    const note = lanescope.lesson.getByRole('note');
    await expect(note).toHaveText(/^ ?A counter of permits/);
    await expect(note.locator('xpath=..'), 'it is spoken').toHaveAttribute('aria-live', 'polite');
    await page.keyboard.press('Escape');
    await expect(note).toHaveCount(0);
    await expect(term).toBeFocused();
    await expect(lanescope.lesson.locator('.about')).toHaveText(text);
  });

  test('moves no line when the glossary comes', async ({ page, lanescope }) => {
    let come = () => {};
    await page.route('**/glossary.md', async (route) => {
      await new Promise((resolve) => { come = resolve; });
      await route.continue();
    });
    await lanescope.openLesson('semaphore');
    const lines = () => lanescope.lesson.locator('p:visible').evaluateAll((all) => all.map((p) => [p.textContent, p.getBoundingClientRect().height]));
    await expect(lanescope.lesson.locator('.question')).not.toBeEmpty();
    const before = await lines();
    await expect(lanescope.lesson.locator('button.term')).toHaveCount(0);
    come();
    await expect(lanescope.lesson.locator('button.term').first()).toBeVisible();
    expect(await lines()).toEqual(before);
  });

  test('has its place in the list of all terms', async ({ lanescope }) => {
    await lanescope.open();
    await lanescope.button('Lessons').click();
    const dialog = lanescope.dialog('Lessons');
    await dialog.getByText('Words', { exact: true }).click();
    await expect(dialog.locator('dt')).not.toHaveCount(0);
    expect(await dialog.locator('dt').count()).toBe(await dialog.locator('dd').count());
    await expect(dialog.locator('dt', { hasText: /^semaphore$/ }).locator('+ dd')).toHaveText(/^A counter of permits/);
  });

  test.describe('that does not come', () => {
    test.use({ requestsMayFail: true });

    test('leaves a lesson that can be read', async ({ page, lanescope }) => {
      await page.route('**/glossary.md', (route) => route.fulfill({ status: 404 }));
      await lanescope.openLesson('semaphore');
      await expect(lanescope.lesson.locator('.about')).toContainText('semaphore');
      await expect(lanescope.lesson.locator('button.term')).toHaveCount(0);
      await expect(lanescope.notice).toHaveCount(0);
    });
  });
});

test.describe('before an audience', () => {
  test.use({ viewport: { width: 1280, height: 720 } });

  /** The smallest text that is to be seen, on the page and on the canvas, in pixels. */
  const smallest = (page) => page.evaluate(() => {
    const sizes = [];
    const texts = document.createTreeWalker(document.querySelector('.app'), NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement;
      if (!node.textContent.trim() || !element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen')) continue;
      sizes.push([Number.parseFloat(getComputedStyle(element).fontSize), node.textContent]);
    }
    const [size, text] = sizes.sort(([a], [b]) => a - b)[0];
    return { size, text, count: sizes.length };
  });

  /** Notes the size of every text that is painted, in CSS pixels. */
  const watchCanvas = (page) => page.addInitScript(() => {
    window.painted = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function noted(text, ...where) {
      const size = Number.parseFloat(/([\d.]+)px/.exec(this.font)[1]);
      window.painted.push({ size: size * this.getTransform().d / devicePixelRatio, text });
      return fillText.call(this, text, ...where);
    };
  });

  for (const id of ['five-in-a-loop', undefined]) {
    test(`${id ? 'a lesson' : 'a plain experiment'} can be read from the last row, and the arrows walk its beats`, async ({ page, lanescope }) => {
      await watchCanvas(page);
      if (id) {
        await lanescope.openLesson(id);
        await lanescope.button('Run it without an answer').click();
      } else {
        await lanescope.open();
      }
      await page.evaluate(() => { window.painted = []; });
      await lanescope.button('Present').click();
      await expect(lanescope.button('End the talk')).toBeVisible();
      const beats = page.getByRole('group', { name: 'What to see' });
      await expect(beats).toBeVisible();
      await page.keyboard.press('ArrowRight');
      await expect(beats.getByText(/^1 of \d+$/)).toBeVisible();
      const says = beats.getByRole('status');
      const first = await says.textContent();
      await page.keyboard.press('PageDown');
      await expect(beats.getByText(/^2 of \d+$/)).toBeVisible();
      await expect(says).not.toHaveText(first);
      await page.keyboard.press('ArrowLeft');
      await expect(says).toHaveText(first);

      const text = await smallest(page);
      expect(text.count).toBeGreaterThan(10);
      expect(text.size, `"${text.text}"`).toBeGreaterThanOrEqual(20);
      const painted = await page.evaluate(() => window.painted);
      expect(painted.length).toBeGreaterThan(10);
      for (const { size, text: words } of painted) expect(size, `"${words}" on the canvas`).toBeGreaterThanOrEqual(20);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);

      await page.keyboard.press('Escape');
      await expect(lanescope.button('Present')).toBeVisible();
    });
  }
});

test.describe('on a first visit', () => {
  test.use({ firstVisit: true, contextOptions: { reducedMotion: 'no-preference' } });

  test('three steps follow the race, and never again', async ({ page, lanescope }) => {
    const fetched = [];
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await lanescope.open();
    await expect(lanescope.clock).toHaveText(/^[1-9]/);
    await page.waitForTimeout(1_000);
    expect(fetched.filter((path) => /tour|lessons/.test(path)), 'nothing before the race is over').toEqual([]);
    await lanescope.button('To the end').click();
    await expect(lanescope.tour).toBeVisible();
    expect(await focused(page), 'the focus stays').toBe('To the end');
    await expect(lanescope.tour).toContainText('1 of 3');
    const [withIt, without] = await lanescope.tour.evaluate((tour) => {
      const places = () => [...document.querySelectorAll('.verdict, .timeline, .playbar, .results')].map((part) => part.getBoundingClientRect().top);
      const { parentNode, nextSibling } = tour;
      const shown = places();
      tour.remove();
      const bare = places();
      parentNode.insertBefore(tour, nextSibling);
      return [shown, bare];
    });
    expect(withIt.length).toBe(4);
    expect(withIt, 'nothing moves').toEqual(without);
    const { violations, passes } = await new AxeBuilder({ page }).include('.tour').analyze();
    expect(passes.length, 'axe did look').toBeGreaterThan(3);
    expect(violations.map(({ id }) => id)).toEqual([]);
    await tabTo(page, /^Next$/);
    await page.keyboard.press('Enter');
    await expect(lanescope.tour).toContainText('2 of 3');
    await lanescope.tour.getByRole('button', { name: 'Next' }).click();
    await expect(lanescope.tour).toContainText('3 of 3');
    await expect(lanescope.tour.getByRole('button', { name: 'Next' })).toHaveCount(0);
    await expect(lanescope.button('Start with the first lesson')).toBeFocused();
    await page.reload();
    await lanescope.button('To the end').click();
    await page.waitForTimeout(500);
    await expect(lanescope.tour).toHaveCount(0);
  });

  test('it is skipped, and leads to the first lesson', async ({ page, lanescope, context }) => {
    await lanescope.open();
    await lanescope.button('To the end').click();
    await lanescope.tour.getByRole('button', { name: 'Skip' }).click();
    await expect(lanescope.tour).toHaveCount(0);
    await expect(lanescope.timeline).toBeFocused();
    await lanescope.button('To the start').click();
    await lanescope.button('To the end').click();
    await page.waitForTimeout(500);
    await expect(lanescope.tour).toHaveCount(0);

    await page.evaluate(() => localStorage.clear());
    await page.reload();
    await lanescope.button('To the end').click();
    for (let steps = 0; steps < 2; steps += 1) await lanescope.tour.getByRole('button', { name: 'Next' }).click();
    await lanescope.tour.getByRole('button', { name: 'Start with the first lesson' }).click();
    await expect(lanescope.lesson.getByRole('heading').first()).toBeVisible();
    await expect(lanescope.tour).toHaveCount(0);
    expect(context.pages()).toHaveLength(1);
  });

  test('on a narrow screen it fits, and Escape puts it away', async ({ page, lanescope }) => {
    await page.setViewportSize({ width: 390, height: 800 });
    await lanescope.open();
    await lanescope.button('To the end').click();
    await expect(lanescope.tour).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await lanescope.tour.getByRole('button', { name: 'Skip' }).focus();
    await page.keyboard.press('Escape');
    await expect(lanescope.tour).toHaveCount(0);
  });

  test('a link, a lesson or another experiment has none', async ({ page, lanescope }) => {
    await lanescope.openLesson('breakfast');
    await lanescope.button('Run it without an answer').click();
    await page.waitForTimeout(500);
    await expect(lanescope.tour).toHaveCount(0);
    await lanescope.open();
    await lanescope.chips.nth(1).click();
    await lanescope.button('To the end').click();
    await page.waitForTimeout(500);
    await expect(lanescope.tour).toHaveCount(0);
  });
});

test.describe('while a run plays', () => {
  test.use({ contextOptions: { reducedMotion: 'no-preference' } });

  test('a knob that is turned stays in hand, the script runs on, and what was said of the first run is not said of it', async ({ page, lanescope }) => {
    await lanescope.openLesson('breakfast');
    await lanescope.button('Run it without an answer').click();
    await lanescope.button('To the end').click();
    await expect(lanescope.after.locator('.claim')).toHaveText(/^✓ .*Checked on this run\.$/);
    const knob = page.getByRole('spinbutton', { name: 'eggs: takes, s', exact: true });
    await knob.fill('6');
    await knob.press('Enter');
    await expect(lanescope.clock).toHaveText(/of 11\.0 s$/);
    await expect(knob, 'it is still there').toBeFocused();
    await expect(lanescope.after.locator('.claim')).toHaveText(/That was the first run; this is another\.$/);
    await expect(lanescope.after.locator('.claim .mark')).toHaveText('');
    // It plays by itself, to its end.
    await expect(lanescope.clock).toHaveText(/^11\.0 s of/, { timeout: 12_000 });
  });
});
