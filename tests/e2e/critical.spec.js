// What a request waits for, pointed at: the arrow to the blocker, the critical path, what the pointer reads.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment } from './experiment.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Every call takes 2 s, half of it to the first byte. */
const even = { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 36 } } };
/** Six at once against a bucket: they go out at 0, 0, 2, 4, 6 and 8 s. */
const bucketed = experiment({ requests: 6, lanes: [concurrent(6, { request_bucket: { capacity: 2, per_minute: 30 } })], server: even });
/** Two at a time, of 2, 4, 2 and 2 s: the third gets the first one's slot at 2 s, and all is over at 6 s. */
const two = experiment({ requests: 4, lanes: [concurrent(2)], server: { simulated: { first_byte_millis: { listed: [1_000, 3_000, 1_000, 1_000] }, answer_tokens: { constant: 36 } } } });

/** The pixel of a moment: the axis begins 40 pixels from the left and ends 66 from the right. */
async function xOf(lanescope, secs, end) {
  const { width } = await lanescope.canvas.boundingBox();
  return 40 + (width - 106) * (secs / end);
}

/** The middle of a row of the first lane: below axis, band and title, with room for all of them. */
const yOf = (row) => 20 + 12 + 17 + row * 18 + 9;

/** A number for what a box of the canvas shows, or all of it, once it is painted. */
async function shown(lanescope, box) {
  await lanescope.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  return lanescope.canvas.evaluate((canvas, asked) => {
    const ratio = canvas.width / canvas.getBoundingClientRect().width;
    const part = asked ? [asked.x, asked.y, asked.width, asked.height].map((length) => Math.round(length * ratio)) : [0, 0, canvas.width, canvas.height];
    const { data } = canvas.getContext('2d', { willReadFrequently: true }).getImageData(...part);
    return data.reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7);
  }, box);
}

/** Moves the playhead to a share of the run. */
const seek = (lanescope, share) => lanescope.playhead.evaluate((slider, part) => {
  slider.value = String(Math.round(Number(slider.max) * part));
  slider.dispatchEvent(new Event('input', { bubbles: true }));
}, share);

test('the critical path is lit and put out, and said in a sentence', async ({ page, lanescope }) => {
  await lanescope.open(fragment(bucketed));
  const button = lanescope.button('Critical path');
  const sentence = lanescope.details.locator('.critical');
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await expect(sentence).toHaveCount(0);
  const dark = await shown(lanescope);

  await button.click();
  await expect(button).toHaveAttribute('aria-pressed', 'true');
  await expect(sentence).toHaveText('The 10.0 s of lane A: 8.0 s held by the bucket of requests, 2.0 s with the server, through requests 3, 4, 5 and 6.');
  await page.mouse.move(0, 0);
  const lit = await shown(lanescope);
  expect(lit).not.toBe(dark);

  // It is about the whole lane, and waits for its end.
  await seek(lanescope, 0.5);
  await expect(sentence).toHaveText('What the time of lane A is made of shows at its end.');
  await lanescope.button('To the end').click();
  expect(await shown(lanescope)).toBe(lit);

  await page.keyboard.press('c');
  await expect(button).toHaveAttribute('aria-pressed', 'false');
  await expect(sentence).toHaveCount(0);
  expect(await shown(lanescope)).toBe(dark);
});

test('nothing of the lit path is right of the playhead', async ({ lanescope }) => {
  await lanescope.open(fragment(bucketed));
  await seek(lanescope, 0.5);
  const { width, height } = await lanescope.canvas.boundingBox();
  const x = await xOf(lanescope, 5, 10) + 8;
  const right = { x, y: 0, width: width - x, height };
  const before = await shown(lanescope, right);
  await lanescope.button('Critical path').click();
  await expect(lanescope.button('Critical path')).toHaveAttribute('aria-pressed', 'true');
  expect(await shown(lanescope, right)).toBe(before);
});

test('an arrow leads from a request that waits to the one whose slot it gets', async ({ lanescope }) => {
  await lanescope.open(fragment(two));
  const choose = async (row) => {
    await lanescope.rows.nth(row).getByRole('button').click();
    await expect(lanescope.inspected).toHaveText(`Request ${row + 1} · lane A`);
  };
  /** In the second row, which is neither the one that waits nor the one that it waits for. */
  const between = async (secs) => ({ x: await xOf(lanescope, secs, 6) - 3, y: yOf(1) - 3, width: 6, height: 6 });

  // Done: where its wait ended.
  const atItsEnd = await between(2);
  await choose(0);
  const without = await shown(lanescope, atItsEnd);
  await choose(2);
  expect(await shown(lanescope, atItsEnd)).not.toBe(without);

  // In the middle of the wait: at the playhead.
  await seek(lanescope, 0.2);
  const atPlayhead = await between(1.2);
  const waiting = await shown(lanescope, atPlayhead);
  const nothingYet = await shown(lanescope, atItsEnd);
  await choose(0);
  expect(await shown(lanescope, atPlayhead)).not.toBe(waiting);
  expect(await shown(lanescope, atItsEnd), 'nothing later than the playhead is drawn').toBe(nothingYet);
});

test('the pointer reads a track and a bar, and nothing later than the playhead', async ({ page, lanescope }) => {
  await lanescope.open(fragment(bucketed));
  await expect(lanescope.rows).toHaveCount(6);
  const said = lanescope.timeline.locator('.reading');
  const hover = async (secs, y) => lanescope.canvas.hover({ position: { x: await xOf(lanescope, secs, 10), y } });
  await expect(said).toBeHidden();

  // Below six rows and the area of what is in flight.
  const track = yOf(6) - 9 + 4 + 38 + 10;
  await hover(1, track);
  await expect(said).toHaveText('Bucket of requests: 0 of 2 at 1.0 s');
  await hover(7, track);
  await expect(said).toHaveText('Bucket of requests: 0 of 2 at 7.0 s');

  await hover(0.5, yOf(0));
  await expect(said).toHaveText('Request 1, lane A. First byte, 0.0 s to 1.0 s. The request is with the server, and no byte has come back.');
  await hover(1, yOf(2));
  await expect(said).toHaveText(/^Request 3, lane A\. Bucket was empty, 0\.0 s to 2\.0 s\. It holds 2 requests and gains one every 2\.0 s/);
  const [words, frame] = [await said.boundingBox(), await lanescope.timeline.boundingBox()];
  expect(words.x).toBeGreaterThanOrEqual(frame.x);
  expect(words.x + words.width).toBeLessThanOrEqual(frame.x + frame.width);

  await hover(7, yOf(0));
  await expect(said, 'the first request is long done').toBeHidden();
  await seek(lanescope, 0.1);
  await hover(1.5, yOf(2));
  await expect(said).toBeHidden();
  await hover(0.5, yOf(2));
  await expect(said).toHaveText(/^Request 3, lane A\. Bucket was empty, since 0\.0 s\./);
  await page.mouse.move(0, 0);
  await expect(said).toBeHidden();
});
