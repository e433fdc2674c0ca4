// The field's own exercises, one press each; and the lane as a program.
import { expect, test } from './fixtures.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const chip = (lanescope, name) => lanescope.chips.filter({ hasText: name });

test('each exercise loads, runs, and is marked until it is changed', async ({ page, lanescope }) => {
  await lanescope.open();
  await expect(lanescope.chips.first()).toHaveAttribute('aria-pressed', 'true');
  const names = await lanescope.chips.allTextContents();
  expect(names.length).toBeGreaterThanOrEqual(4);
  for (const name of names) {
    await chip(lanescope, name).click();
    await expect(chip(lanescope, name)).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('navigation').locator('[aria-pressed="true"]')).toHaveCount(1);
    await expect(lanescope.big).toHaveText(/faster$|^A answered \d+, B \d+$|slower$/);
    await expect(lanescope.small).not.toContainText('changed since');
  }
  await lanescope.enter('Requests', 4);
  await expect(page.getByRole('navigation').locator('[aria-pressed="true"]')).toHaveCount(0);
});

test('five in a loop against five gathered: the sum against the longest', async ({ lanescope }) => {
  await lanescope.open();
  await chip(lanescope, 'Five in a loop').click();
  await expect(lanescope.number('Requests')).toHaveValue('5');
  // 7.1 + 6.3 + 8.5 + 4.6 + 5.6, and 8.5.
  await expect(lanescope.totals).toHaveText(['32.1 s', '8.5 s']);
  await expect(lanescope.big).toHaveText('3.8× faster');
});

test('ten with five at once', async ({ lanescope }) => {
  await lanescope.open();
  await chip(lanescope, 'Ten, five at once').click();
  await expect(lanescope.number('Requests')).toHaveValue('10');
  await expect(lanescope.number('At most in flight')).toHaveValue('5');
  await lanescope.details.getByText('All figures').click();
  await expect(lanescope.figure('Peak in flight')).toHaveText('5');
});

test('twenty against fifteen a minute hit the wall: no speed-up is named for different work', async ({ lanescope }) => {
  await lanescope.open();
  await chip(lanescope, 'Twenty: the wall').click();
  await expect(lanescope.number('Requests')).toHaveValue('20');
  await expect(lanescope.big).toHaveText(/^A answered \d+, B 15$/);
  await expect(lanescope.small).toContainText('no speed-up is named for different work');
  await expect(lanescope.card('rate-limit')).toContainText(/5 times|lane A and B/);
  const states = (await lanescope.table()).map(({ state }) => state);
  expect(states.filter((state) => state === 'failed')).toHaveLength(5);
  await expect(lanescope.button('Run the failed ones again')).toBeVisible();
});

test('with back-off all twenty are answered', async ({ lanescope }) => {
  await lanescope.open();
  await chip(lanescope, 'Back off').click();
  await expect(lanescope.number('Requests')).toHaveValue('20');
  await lanescope.showLane('B');
  const rows = await lanescope.table();
  expect(rows.map(({ state }) => state)).toEqual(Array(20).fill('answered'));
  expect(rows.filter(({ backedOff }) => backedOff !== '')).toHaveLength(5);
  await expect(lanescope.big).toHaveText(/faster$/);
});

test('the lane is shown as a program in three languages, with its own numbers and its line lit', async ({ lanescope }) => {
  await lanescope.open();
  const code = lanescope.details.locator('.code');
  await lanescope.enter('At most in flight', 6);
  await lanescope.run.click();
  for (const [language, words] of Object.entries({ Python: ['Semaphore(6)', 'asyncio.gather'], JavaScript: ['6', 'await', 'const'], Rust: ['Semaphore::new(6)', '.await'] })) {
    await lanescope.button(language).click();
    await expect(lanescope.button(language)).toHaveAttribute('aria-pressed', 'true');
    for (const word of words) await expect(code.locator('pre')).toContainText(word);
    await expect(code.locator('.lit'), 'an answered request is where it returns').toHaveCount(1);
    await expect(code.locator('.lit')).toContainText(/return|Ok\(/);
  }
  await lanescope.button('To the start').click();
  const atStart = await code.locator('.lit').textContent();
  await lanescope.rows.nth(9).getByRole('button').click();
  await lanescope.button('Next event').click();
  await expect(code.locator('.lit')).not.toContainText(/return|Ok\(/);
  expect(atStart).not.toMatch(/return|Ok\(/);
  // The language is kept. The program comes when somebody looks around.
  await lanescope.page.reload();
  await expect(lanescope.page.locator('main.stage')).toBeVisible();
  await lanescope.page.mouse.move(210, 210);
  await expect(lanescope.button('Rust')).toHaveAttribute('aria-pressed', 'true');
});

test('several prompts are each asked once, a single one as often as there are requests', async ({ lanescope }) => {
  await lanescope.open();
  await lanescope.write(lanescope.prompts, 'One?\n\n  Two?  \nThree?\n');
  await expect(lanescope.number('Requests')).toHaveValue('3');
  await lanescope.run.click();
  await expect(lanescope.rows).toHaveCount(3);
  const asked = (await lanescope.download('Answers (JSONL)')).text.trimEnd().split('\n').map((line) => JSON.parse(line).prompt);
  expect(asked).toEqual(['One?', 'Two?', 'Three?', 'One?', 'Two?', 'Three?']);
});

for (const [name, spoil, words] of [
  ['no prompt', (lanescope) => lanescope.write(lanescope.prompts, '  \n '), /prompt/],
  ['nothing in flight', (lanescope) => lanescope.enter('At most in flight', 0), /^Lane B: .*1/],
  ['more in flight than a browser holds', (lanescope) => lanescope.enter('At most in flight', 1_001), /^Lane B: .*1.?000/],
]) {
  test(`an experiment with ${name} can not be run, and the page says why`, async ({ page, lanescope }) => {
    await lanescope.open();
    await spoil(lanescope);
    await expect(lanescope.side.getByRole('alert')).toHaveText(words);
    await expect(lanescope.run).toBeDisabled();
    await page.keyboard.press('Escape');
    await lanescope.chips.first().click();
    await expect(lanescope.side.getByRole('alert')).toHaveCount(0);
    await expect(lanescope.run).toBeEnabled();
  });
}

test('a thousand requests at a thousand in flight are simulated and shown', async ({ lanescope }) => {
  await lanescope.open();
  await lanescope.enter('Requests', 1_000);
  await lanescope.enter('At most in flight', 1_000);
  const began = Date.now();
  await lanescope.run.click();
  await expect(lanescope.timeline).toHaveAccessibleName('Timeline of 2000 requests');
  await expect(lanescope.big).toHaveText(/faster$/);
  expect(Date.now() - began).toBeLessThan(3_000);
  await expect(lanescope.results).toContainText('1000 rows');
  expect(await lanescope.rows.count(), 'few of them are made').toBeLessThanOrEqual(40);
});
