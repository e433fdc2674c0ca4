// The playhead: what moves it, and that nothing later than it is shown.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, sequential } from './experiment.js';

/** Keeps the pixels of the timeline in the page, under a name. */
const keep = (lanescope, name) => lanescope.canvas.evaluate((canvas, as) => {
  const { data } = canvas.getContext('2d', { willReadFrequently: true }).getImageData(0, 0, canvas.width, canvas.height);
  window.kept = { ...window.kept, [as]: { pixels: new Uint32Array(data.buffer), width: canvas.width, height: canvas.height } };
}, name);

/** In how many columns of pixels, from one of the page's to another, two kept pictures differ. */
const differing = (lanescope, one, other, from, to = Infinity) => lanescope.canvas.evaluate((canvas, asked) => {
  const [left, right] = [window.kept[asked.one], window.kept[asked.other]];
  if (left.width !== right.width || left.height !== right.height) throw new Error('The pictures are of two sizes.');
  const ratio = left.width / canvas.getBoundingClientRect().width;
  let columns = 0;
  for (let x = Math.ceil(asked.from * ratio); x < Math.min(left.width, asked.to * ratio); x += 1) {
    for (let y = 0; y < left.height; y += 1) {
      if (left.pixels[y * left.width + x] !== right.pixels[y * left.width + x]) {
        columns += 1;
        break;
      }
    }
  }
  return columns;
}, { one, other, from, to: Math.min(to, 1e6) });

test('pause stands still, play goes on, and at the end it begins anew', async ({ page, lanescope }) => {
  await lanescope.open();
  await lanescope.button('Pause').click();
  const stood = await lanescope.time();
  await page.waitForTimeout(400);
  expect(await lanescope.time()).toEqual(stood);
  await lanescope.button('Play').click();
  await expect.poll(async () => (await lanescope.time()).at).toBeGreaterThan(stood.at + 1);
  await lanescope.button('To the end').click();
  await expect(lanescope.big).toHaveText(/faster$/);
  const { at, end } = await lanescope.time();
  expect(at).toBe(end);
  await lanescope.button('Play').click();
  await expect(lanescope.big).toHaveText(/^B \d+ of 12, A \d+ of 12$/);
  expect((await lanescope.time()).at).toBeLessThan(20);
});

test('the speed is what it says', async ({ page, lanescope }) => {
  await lanescope.open();
  await lanescope.button('To the start').click();
  for (const [name, rate] of [['1× real time', 1], ['20× real time', 20]]) {
    await lanescope.speed.selectOption(name);
    await lanescope.button('Play').click();
    const [from, began] = [(await lanescope.time()).at, Date.now()];
    await page.waitForTimeout(1_000);
    const [to, ended] = [(await lanescope.time()).at, Date.now()];
    await lanescope.button('Pause').click();
    const passed = (ended - began) / 1_000;
    expect((to - from) / rate, name).toBeGreaterThan(passed * 0.8);
    expect((to - from) / rate, name).toBeLessThan(passed * 1.2 + 0.1);
  }
});

test('at the highest speed a run of a minute takes a second, and in a loop it begins anew', async ({ page, lanescope }) => {
  await lanescope.open();
  await lanescope.button('To the start').click();
  await lanescope.speed.selectOption('Max, 100× real time');
  await lanescope.button('Play').click();
  await expect(lanescope.big).toHaveText(/faster$/, { timeout: 4_000 });
  await expect(lanescope.button('Play')).toBeVisible();
  await lanescope.button('Loop').click();
  await expect(lanescope.button('Loop')).toHaveAttribute('aria-pressed', 'true');
  await lanescope.button('Play').click();
  const seen = [];
  while (seen.length < 60) {
    seen.push((await lanescope.time()).at);
    await page.waitForTimeout(40);
  }
  expect(seen.filter((at, place) => place > 0 && at < seen[place - 1]).length, 'times that it began anew').toBeGreaterThan(1);
  await lanescope.button('Loop').click();
  await expect(lanescope.button('Play')).toBeVisible();
  expect(await lanescope.time()).toMatchObject({ at: (await lanescope.time()).end });
});

test('every speed from an eighth of real time can be chosen', async ({ lanescope }) => {
  await lanescope.open();
  await lanescope.button('To the start').click();
  const named = await lanescope.speed.locator('option').allTextContents();
  expect(named).toEqual(['9× real time', '1/8× real time', '1/4× real time', '1/2× real time', '1× real time', '2× real time', '5× real time', '20× real time', 'Max, 100× real time']);
  await lanescope.speed.selectOption('1/8× real time');
  await lanescope.button('Play').click();
  await lanescope.page.waitForTimeout(1_000);
  await lanescope.button('Pause').click();
  const { at } = await lanescope.time();
  expect(at).toBeGreaterThan(0);
  expect(at).toBeLessThan(0.4);
});

/** Presses a button of the playbar so often, and gives what every part of the page said before each press and after the last. */
const walk = (page, name, steps) => page.evaluate(async ([label, presses]) => {
  const button = [...document.querySelectorAll('.playbar button')].find((one) => one.getAttribute('aria-label') === label);
  const words = (part) => [...document.querySelectorAll(part)].map(({ textContent }) => textContent).join('|');
  const read = () => ['.verdict', '.inspector', '.code .lit', '.results', '.failures', '.clock'].map(words);
  const seen = [read()];
  for (let press = 0; press < presses; press += 1) {
    button.click();
    await new Promise((done) => setTimeout(done));
    seen.push(read());
  }
  return seen;
}, [name, steps]);

test.describe('standing still', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('nothing right of the playhead is drawn', async ({ lanescope }) => {
    await lanescope.open();
    await expect(lanescope.big).toHaveText(/faster$/);
    await keep(lanescope, 'finished');
    await lanescope.seek(0);
    await keep(lanescope, 'empty');
    // The axis begins 40 pixels from the left and ends 66 from the right; the handle is 8 wide.
    const { width } = await lanescope.canvas.boundingBox();
    const x = (share) => 40 + (width - 106) * share;
    expect(await differing(lanescope, 'finished', 'empty', x(0)), 'a finished picture is another than an empty one').toBeGreaterThan(400);
    for (const share of [0.1, 0.25, 0.4, 0.55, 0.62, 0.8, 0.95]) {
      await lanescope.seek(share);
      await keep(lanescope, 'now');
      expect(await differing(lanescope, 'now', 'empty', x(0) + 8, x(share) - 8), `columns left of the playhead at ${share * 100} %`).toBeGreaterThan(10);
      expect(await differing(lanescope, 'now', 'empty', x(share) + 8), `columns right of the playhead at ${share * 100} %`).toBe(0);
    }
  });

  test('nothing later than the playhead is said', async ({ lanescope }) => {
    await lanescope.open();
    await lanescope.details.getByText('All figures').click();
    await lanescope.seek(0.3);
    const { at } = await lanescope.time();
    await expect(lanescope.big).toHaveText('B is done in 20.5 s');
    await lanescope.showLane('A');
    const rows = await lanescope.table();
    const over = rows.filter(({ state }) => state === 'answered');
    expect(over.length).toBeGreaterThan(1);
    expect(over.length).toBeLessThan(5);
    for (const { state, answer, finished } of rows.slice(over.length + 1)) expect([state, answer, finished]).toEqual(['waiting for a slot', '', '']);
    await expect(lanescope.figure('Finished')).toHaveText(`${over.length} of 12`);
    await expect(lanescope.figure('Best possible total')).toHaveText('at the end');
    await expect(lanescope.figure('Total time')).toHaveText(`${at.toFixed(1)} s`);
    await expect(lanescope.figure('Share of the best')).toHaveText('–');
    await expect(lanescope.details.locator('dt:text-is("Speed-up against A")')).toHaveCount(0);
  });

  test('an answer grows from step to step', async ({ lanescope }) => {
    await lanescope.open(fragment(experiment({ requests: 1, lanes: [sequential()], server: { simulated: { answer_tokens: { constant: 80 } } } })));
    await lanescope.button('To the start').click();
    const answer = lanescope.rows.first().locator('td.answer');
    await expect(answer).toHaveText('');
    const lengths = [];
    for (let steps = 0; steps < 12; steps += 1) {
      await lanescope.button('Next event').click();
      lengths.push((await answer.textContent()).length);
    }
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
    expect(new Set(lengths).size).toBeGreaterThan(6);
    await expect(lanescope.rows.first()).toContainText('answered');
  });

  test('a press on the axis moves the playhead, one on a row chooses the request', async ({ lanescope }) => {
    await lanescope.open();
    const { width } = await lanescope.canvas.boundingBox();
    await lanescope.canvas.click({ position: { x: 40 + (width - 106) / 2, y: 8 } });
    const { at, end } = await lanescope.time();
    expect(Math.abs(at / end - 0.5)).toBeLessThan(0.02);
    await lanescope.canvas.click({ position: { x: 200, y: 20 + 12 + 17 + 9 } });
    await expect(lanescope.inspected).toHaveText('Request 1 · lane A');
  });

  test('stepped to the end and back it says at every event what it says when it is sent there', async ({ page, lanescope }) => {
    test.slow();
    await lanescope.open();
    await expect(lanescope.details.locator('.code .line').first()).toBeVisible({ timeout: 15_000 });
    const { lanes } = await lanescope.trace();
    const moments = [...new Set(lanes.flatMap(({ events }) => events.map(({ at }) => at)))].sort((one, other) => one - other);
    expect(moments.length).toBeGreaterThan(100);
    await lanescope.button('To the start').click();
    const there = await walk(page, 'Next event', moments.length - 1);
    const { at, end } = await lanescope.time();
    expect(at, 'there is an event at the end, and no other after it').toBe(end);
    const back = await walk(page, 'Previous event', moments.length - 1);
    expect(back.reverse()).toEqual(there);
    expect(new Set(there.map((said) => said.join())).size, 'it says many things').toBeGreaterThan(60);
    // The slider knows milliseconds: where one holds a single event, that is the next from its beginning.
    const millis = moments.map((moment) => Math.floor(moment / 1_000));
    const alone = moments.map((_, place) => place).filter((place) => place % 9 === 4 && moments[place] % 1_000 > 0 && millis.filter((one) => one === millis[place]).length === 1);
    expect(alone.length).toBeGreaterThan(5);
    for (const place of alone) {
      await lanescope.playhead.evaluate((slider, value) => {
        slider.value = String(value);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
      }, millis[place]);
      const [, said] = await walk(page, 'Next event', 1);
      expect(said, `at ${moments[place]} us`).toEqual(there[place]);
    }
  });

  test('the wait of a request is named with its reason: who holds the slot, and until when', async ({ lanescope }) => {
    await lanescope.open(fragment(experiment({ requests: 4, lanes: [concurrent(2)], server: { simulated: { first_byte_millis: { listed: [1_000, 3_000, 1_000, 1_000] }, answer_tokens: { constant: 36 } } } })));
    await lanescope.rows.nth(2).getByRole('button').click();
    await expect(lanescope.inspected).toHaveText('Request 3 · lane A');
    await lanescope.seek(0.1);
    await expect(lanescope.why).toHaveText('Waiting for a slot. All 2 slots are taken. It gets slot 1 when request 1 gives it up, at 2.0 s.');
    await lanescope.rows.nth(3).getByRole('button').click();
    await expect(lanescope.why).toContainText('1 request stood before it in the line.');
    await lanescope.rows.first().getByRole('button').click();
    await expect(lanescope.why).toContainText('It is not waiting for us.');
  });

  test('the wait after a refusal is named with its draw', async ({ lanescope }) => {
    await lanescope.open();
    await expect(lanescope.inspected).toHaveText('Request 7 · lane B');
    await lanescope.button('To the start').click();
    for (let steps = 0; steps < 120 && !/^Backing off/.test(await lanescope.why.textContent()); steps += 1) await lanescope.button('Next event').click();
    await expect(lanescope.why).toHaveText(/^Backing off\. The server answered 503\. It waits (0\.\d s|\d+ ms), drawn between 0 s and 1\.0 s \(full jitter, after try 1\)\. It keeps its slot, so one of the four does nothing\.$/);
    await expect(lanescope.details.locator('dl.spans dt')).toHaveText(['Waited for a slot', 'Attempt 1']);
    await lanescope.button('Next event').click();
    await expect(lanescope.details.locator('dl.spans dt').last()).toHaveText('Backed off');
  });

  test('eight lanes are drawn, and the ninth is refused', async ({ lanescope }) => {
    const lanes = [sequential(), ...[2, 3, 4, 5, 6, 7, 8].map((limit) => concurrent(limit))];
    await lanescope.open(fragment(experiment({ requests: 16, lanes })));
    await expect(lanescope.totals).toHaveCount(8);
    await expect(lanescope.bars).toHaveCount(8);
    await expect(lanescope.big).toHaveText(/× faster$/);
    await expect(lanescope.timeline).toHaveAccessibleName('Timeline of 128 requests');
    await lanescope.showLane('H');
    await expect(lanescope.rows).toHaveCount(16);
    // The same page, another link.
    await lanescope.page.evaluate((hash) => { location.hash = hash; }, fragment(experiment({ lanes: [...lanes, concurrent(9)] })));
    await expect(lanescope.notice).toContainText('an experiment has 1 to 8 lanes, not 9');
  });
});
