// What somebody sees who opens the page for the first time and touches nothing.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures.js';

// Nobody moves.
test.use({ stirs: false });

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Writes down what the page says, from its first moment on, each change with its time. */
async function listen(page) {
  await page.addInitScript(() => {
    const text = (selector) => document.querySelector(selector)?.textContent ?? '';
    const seen = [];
    window.seen = seen;
    setInterval(() => {
      const [, at, end] = /^([\d.]+) s of ([\d.]+) s$/.exec(text('.clock')) ?? [];
      const now = {
        big: text('.big'),
        small: text('.small'),
        badge: text('header .pill'),
        totals: [...document.querySelectorAll('.totals > b')].map((figure) => figure.textContent).join(' '),
        faster: /faster/i.test(document.body?.textContent ?? ''),
        atEnd: at === end,
        moving: Number(at) > 0,
      };
      const known = seen.at(-1);
      if (!known || Object.keys(now).some((name) => known[name] !== now[name])) seen.push({ millis: performance.now(), ...now });
    }, 20);
  });
  return () => page.evaluate(() => window.seen);
}

/** Waits until the page was loaded so many milliseconds ago. */
const loaded = (page, millis) => page.waitForFunction(
  (passed) => performance.now() - performance.getEntriesByType('navigation')[0].loadEventEnd >= passed, millis, { polling: 20 });

test.describe('on a small laptop', () => {
  test.use({ viewport: { width: 1366, height: 657 } });

  test('a simulated race plays by itself within a second', async ({ page, lanescope }) => {
    const heard = await listen(page);
    await lanescope.open();
    await expect(lanescope.badge).toContainText('Simulated');
    await expect(lanescope.clock).not.toHaveText(/^0\.0 s /);
    const seen = await heard();
    const begun = seen.find((moment) => moment.moving);
    expect(begun.millis, 'from the first click on the link').toBeLessThan(1_000);
    expect(begun.badge).toMatch(/^Simulated/);
  });

  test('the headline belongs to the playhead and names the winner at its end only', async ({ page, lanescope }) => {
    await mkdir(here('./shots'), { recursive: true });
    const heard = await listen(page);
    await lanescope.open();
    const picture = async (secs) => {
      await loaded(page, secs * 1_000);
      await page.screenshot({ path: here(`./shots/after-${secs}-s.png`), caret: 'initial' });
    };

    await picture(0.5);
    await picture(2);
    await expect(lanescope.big).toHaveText(/^B \d+ of 12, A \d+ of 12$/);

    await loaded(page, 5_000);
    const atFive = await heard().then((seen) => seen.at(-1));
    await picture(5);
    expect(atFive.big).toBe('B is done in 20.5 s');
    const [, ofA, left] = /^(\d+)\/12 12\/12 A has (\d+) to go$/.exec(`${atFive.totals} ${atFive.small}`);
    expect(Math.abs(Number(ofA) - 7), `A has done about 7 of 12, not ${ofA}`).toBeLessThanOrEqual(1);
    expect(Number(ofA) + Number(left)).toBe(12);

    await picture(8);
    await expect(lanescope.big).toHaveText(/^\d\.\d× faster$/);
    await expect(lanescope.small).toHaveText(/^\d+ % of the best possible with 4 in flight$/);

    // The listener looks every 20 ms: the end is heard a moment after it is seen.
    await expect.poll(async () => (await heard()).at(-1).faster).toBe(true);
    const seen = await heard();
    const begun = seen.find((moment) => moment.moving);
    const over = seen.find((moment) => moment.atEnd && moment.moving);
    expect(over.millis - begun.millis, 'the play takes 8 s').toBeGreaterThan(7_500);
    expect(over.millis - begun.millis, 'the play takes 8 s').toBeLessThan(8_800);
    expect(seen.filter((moment) => moment.faster && !moment.atEnd), 'no winner before the end').toEqual([]);
  });

  test('everything that matters is in sight without scrolling', async ({ page, lanescope }) => {
    await lanescope.open();
    await expect(lanescope.badge).toContainText('Simulated');
    for (const part of [lanescope.badge, lanescope.big, lanescope.canvas, lanescope.playback, lanescope.run]) {
      await expect(part).toBeInViewport({ ratio: 1 });
    }
    const hidden = await lanescope.timeline.evaluate((box) => box.scrollHeight - box.clientHeight);
    expect(hidden, 'both lanes fit into the timeline').toBeLessThanOrEqual(0);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(sideways).toBeLessThanOrEqual(0);
  });
});

test('the true rate of the first play stands beside it', async ({ lanescope }) => {
  await lanescope.open();
  const [, end] = /of ([\d.]+) s$/.exec(await lanescope.clock.textContent());
  const rate = Math.round(Number(end) / 8);
  await expect(lanescope.speed.locator('option:checked')).toHaveText(`${rate}× real time`);
});

test('only prompts, requests, in flight, the lanes and Run are open', async ({ page, lanescope }) => {
  await lanescope.open();
  const side = page.getByRole('complementary', { name: 'Experiment' });
  await expect(lanescope.prompts).toBeVisible();
  await expect(side.getByRole('spinbutton')).toHaveCount(2);
  await expect(lanescope.number('Requests')).toHaveValue('12');
  await expect(lanescope.number('At most in flight')).toHaveValue('4');
  await expect(side.getByRole('combobox')).toHaveCount(1);
  await expect(side.getByRole('combobox', { name: 'Add a lane' })).toBeVisible();
  await lanescope.more.click();
  await expect(lanescope.number('Attempt timeout, s')).toBeVisible();
  expect(await side.getByRole('combobox').count()).toBeGreaterThan(1);
});

test.describe('for those who like less motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('the picture is finished at once, stands still, and can be stepped through', async ({ page, lanescope }) => {
    const heard = await listen(page);
    await lanescope.open();
    await expect(lanescope.big).toHaveText(/faster$/);
    const before = await lanescope.clock.textContent();
    expect(before).toMatch(/^(\S+ s) of \1$/);
    await page.waitForTimeout(700);
    expect(await lanescope.clock.textContent()).toBe(before);
    const heads = (await heard()).map((moment) => moment.big).filter((big) => big !== '');
    expect(new Set(heads), 'nothing was played').toEqual(new Set([await lanescope.big.textContent()]));
    await lanescope.playback.getByRole('button', { name: 'Previous event' }).click();
    await expect(lanescope.big).toHaveText('B is done in 20.5 s');
    await expect(lanescope.clock).not.toHaveText(before);
  });
});

test('the picture of the README is the finished race', async ({ page, lanescope }) => {
  await mkdir(here('../../docs'), { recursive: true });
  await lanescope.open();
  await expect(lanescope.big).toHaveText('3.6× faster', { timeout: 12_000 });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  const picture = await page.screenshot({ path: here('../../docs/screenshot.png'), caret: 'initial' });
  expect(picture.readUInt32BE(16), 'its width').toBe(1440);
  expect(picture.readUInt32BE(20), 'its height').toBe(900);
});
