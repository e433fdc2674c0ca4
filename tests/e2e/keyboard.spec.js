// The page without a pointer.
import { expect, test } from './fixtures.js';
import { tabTo } from './keys.js';

test('R runs and space plays and stops, wherever the focus is not in a field', async ({ page, lanescope }) => {
  await lanescope.open();
  await expect(lanescope.clock).toHaveText(/^[1-9]/);
  await page.keyboard.press('Space');
  await expect(lanescope.button('Play')).toBeVisible();
  const stood = await lanescope.clock.textContent();
  await page.waitForTimeout(300);
  await expect(lanescope.clock).toHaveText(stood);
  await page.keyboard.press('Space');
  await expect(lanescope.button('Pause')).toBeVisible();
  await expect(lanescope.clock).not.toHaveText(stood);
  await page.keyboard.press('Space');

  // R begins anew.
  const at = Number.parseFloat(await lanescope.clock.textContent());
  await page.keyboard.press('r');
  await expect(lanescope.button('Pause')).toBeVisible();
  expect(Number.parseFloat(await lanescope.clock.textContent())).toBeLessThan(at);

  // In a field, they are letters.
  await page.keyboard.press('Space');
  const still = await lanescope.clock.textContent();
  await lanescope.prompts.focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' r .,');
  await expect(lanescope.prompts).toHaveValue('Why do some birds migrate? r .,');
  await expect(lanescope.clock).toHaveText(still);
});

test.describe('on a picture that stands still', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('Tab comes to Run, and Enter presses it', async ({ page, lanescope }) => {
    await lanescope.open();
    await tabTo(page, /^Requests$/);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('3');
    await tabTo(page, /^Run R?$/);
    await expect(lanescope.run).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(lanescope.rows).toHaveCount(3);
    await expect(lanescope.small).not.toContainText('changed since');
  });

  test('everything that takes the focus shows it', async ({ page, lanescope }) => {
    await lanescope.open();
    const seen = new Set();
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      const mark = await page.evaluate(() => {
        const at = document.activeElement;
        if (at === document.body) return undefined;
        const { outlineStyle, outlineWidth } = getComputedStyle(at);
        const { width, height } = at.getBoundingClientRect();
        return { name: `${at.tagName} ${at.getAttribute('aria-label') ?? at.textContent.trim()}`, shown: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2 && width > 0 && height > 0 };
      });
      if (!mark) break;
      expect(mark, `the focus on ${mark.name} is to be seen`).toMatchObject({ shown: true });
      seen.add(mark.name);
    }
    expect(seen.size).toBeGreaterThan(25);
  });

  test('on the slider an arrow is a hundredth of the run and a page a tenth', async ({ page, lanescope }) => {
    await lanescope.open();
    await expect(lanescope.big).toHaveText(/faster$/);
    const at = async () => Number(await lanescope.playhead.inputValue());
    const end = await at();
    await lanescope.playhead.focus();
    for (const [key, share] of [['ArrowLeft', 0.99], ['ArrowDown', 0.98], ['PageDown', 0.88], ['ArrowRight', 0.89], ['PageUp', 0.99], ['Home', 0], ['End', 1]]) {
      await page.keyboard.press(key);
      expect(Math.abs(await at() - share * end), `${key}`).toBeLessThanOrEqual(2);
    }
    await expect(lanescope.big, 'its last place is the very end').toHaveText(/faster$/);
  });

  test('what is chosen in the timeline and stepped to is said without a switch', async ({ page, lanescope }) => {
    await lanescope.open();
    await expect(lanescope.rows).toHaveCount(12);
    const said = page.locator('[role=status].chosen');
    await expect(said, 'nobody has chosen anything').toBeEmpty();
    await tabTo(page, /^Timeline of 24 requests$/);
    await page.keyboard.press('ArrowDown');
    await expect(said).toHaveText(/^Request 8, lane B, waited \d+\.\d s, answered$/);
    await page.keyboard.press('ArrowUp');
    await expect(said).toHaveText(/^Request 7, lane B, waited \d+\.\d s, backed off [\d.]+ m?s, answered$/);
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await expect(said).toHaveText(/^\d+\.\d s: .*Request \d+ of lane [AB] /);
    // In the table the row itself is read.
    const before = await said.textContent();
    await lanescope.grid.focus();
    await page.keyboard.press('ArrowDown');
    await expect(lanescope.inspected).toHaveText('Request 8 · lane B');
    await expect(said).toHaveText(before);
    // Where events are told, they are not told twice.
    await page.getByLabel('Speak events', { exact: true }).check();
    await page.keyboard.press('.');
    await expect(page.getByRole('log', { name: 'Events' })).not.toBeEmpty();
    await expect(said).toHaveText(before);
  });

  test('in the timeline the arrows step through events and requests', async ({ page, lanescope }) => {
    await lanescope.open();
    await tabTo(page, /^Timeline of 24 requests$/);
    await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
    await page.keyboard.press('ArrowDown');
    await expect(lanescope.inspected).toHaveText('Request 8 · lane B');
    for (let rows = 0; rows < 8; rows += 1) await page.keyboard.press('ArrowUp');
    // Above the first request of a lane is the last one of the lane before.
    await expect(lanescope.inspected).toHaveText('Request 12 · lane A');
    await expect(lanescope.rows.filter({ has: page.locator('button:text-is("12th")') })).toHaveClass(/\bon\b/);

    await page.keyboard.press('Home');
    await expect(lanescope.clock).toHaveText(/^0\.0 s of/);
    await expect(lanescope.big).toHaveText('B 0 of 12, A 0 of 12');
    await page.keyboard.press('ArrowRight');
    const first = await lanescope.clock.textContent();
    expect(Number.parseFloat(first)).toBeGreaterThan(0);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await expect(lanescope.clock).toHaveText(first);
    await page.keyboard.press('End');
    await expect(lanescope.big).toHaveText(/faster$/);
  });

  test('the sliders are worked with the arrows', async ({ page, lanescope }) => {
    await lanescope.open();
    await tabTo(page, /^Playhead$/);
    await page.keyboard.press('Home');
    await expect(lanescope.clock).toHaveText(/^0\.0 s of/);
    const slider = page.getByRole('slider', { name: 'At most in flight' });
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    await expect(lanescope.number('At most in flight')).toHaveValue('5');
    await expect(lanescope.small).toContainText('changed since: press Run');
  });

  test('the table is sorted and a request chosen from it', async ({ page, lanescope }) => {
    await lanescope.open();
    await expect(lanescope.rows).toHaveCount(12);
    const places = () => lanescope.rows.evaluateAll((rows) => rows.map((row) => [...row.cells].slice(0, 2).map((cell) => Number.parseInt(cell.textContent, 10))));
    const inOrder = [...Array(12).keys()].map((place) => place + 1);
    expect((await places()).map(([asked]) => asked)).toEqual(inOrder);
    await tabTo(page, /^Finished$/, 90);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('columnheader', { name: 'Finished' })).toHaveAttribute('aria-sort', 'ascending');
    await expect(page.getByRole('columnheader', { name: 'Asked' })).toHaveAttribute('aria-sort', 'none');
    const sorted = await places();
    expect(sorted.map(([, finished]) => finished)).toEqual(inOrder);
    expect(sorted.map(([asked]) => asked)).not.toEqual(inOrder);

    // Before the heads is the table itself, whose rows are one stop together.
    for (let stops = 0; stops < 2; stops += 1) await page.keyboard.press('Shift+Tab');
    await expect(lanescope.grid).toBeFocused();
    await page.keyboard.press('Home');
    await expect(lanescope.inspected).toHaveText(`Request ${sorted[0][0]} · lane B`);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect((await places()).map(([asked]) => asked)).toEqual(inOrder);
  });

  for (const [opener, title] of [['Use my API key', 'Use my API key'], ['Share', 'Share this experiment']]) {
    test(`the dialog "${title}" opens with Enter, keeps the focus, closes with Escape and gives the focus back`, async ({ page, lanescope }) => {
      await lanescope.open();
      await tabTo(page, new RegExp(`^${opener}$`));
      await page.keyboard.press('Enter');
      const dialog = lanescope.dialog(title);
      await expect(dialog).toBeVisible();
      for (let presses = 0; presses < 12; presses += 1) {
        await page.keyboard.press('Tab');
        const outside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement.closest('dialog'));
        expect(outside, 'the focus is in the dialog, or with the browser').toBe(false);
      }
      // The keys of the page are asleep.
      const before = await lanescope.clock.textContent();
      await page.keyboard.press('ArrowLeft');
      await expect(lanescope.clock).toHaveText(before);
      await page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
      await expect(lanescope.button(opener)).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(dialog, 'it opens again').toBeVisible();
    });
  }

  test('a key is typed, a real run agreed to and stopped', async ({ page, lanescope, tls }) => {
    await tls.reset({ first_byte_millis: { constant: 3_000 } });
    await lanescope.open();
    await tabTo(page, /^Use my API key$/);
    await page.keyboard.press('Enter');
    // Its code comes with the first press; a Tab before that would move the focus outside.
    await expect(lanescope.connect).toBeVisible();
    await tabTo(page, /^Another address$/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Base address$/);
    await page.keyboard.press('Control+A');
    await page.keyboard.type(tls.url);
    await tabTo(page, /^Gemini API key$/);
    await page.keyboard.type('AQ.keyboard');
    await tabTo(page, /^Use this key$/);
    await page.keyboard.press('Enter');
    await expect(lanescope.badge).toHaveText(`Real: ${tls.host}`);
    await page.keyboard.press('r');
    await expect(lanescope.preflight).toBeVisible();
    await tabTo(page, /^Send 10 requests$/);
    await page.keyboard.press('Enter');
    await expect(lanescope.run).toHaveAccessibleName('Stop');
    await page.keyboard.press('r');
    await expect(lanescope.run).toHaveAccessibleName('Run');
    await expect(lanescope.notice).toContainText('may still be billed');
  });
});
