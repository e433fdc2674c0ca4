// The fields under More that change who is asked what, when and how often: each of them changes what runs.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment } from './experiment.js';

// Finished pictures: what is compared here is not how they are played.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Every call takes 2 s: one to the first byte, and one to the last. */
const even = { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 36 } } };

/** Opens one lane against an even server, with the further fields. */
async function open(lanescope, limit, requests, lane = {}) {
  await lanescope.open(fragment(experiment({ requests, lanes: [concurrent(limit, lane)], server: even })));
  await lanescope.more.click();
  await expect(lanescope.number('Attempt timeout, s')).toBeVisible();
}

/** Runs what was entered, and gives the events of its lane. */
async function run(lanescope) {
  await lanescope.run.click();
  await expect(lanescope.page.locator('.edited')).toBeHidden();
  const { lanes: [{ events }] } = await lanescope.trace();
  return events;
}

const labelled = ({ page }, name) => page.getByLabel(name, { exact: true });
const ticked = ({ page }, name) => page.getByRole('checkbox', { name, exact: true });
const steps = ({ page }) => page.getByLabel(/^Steps, one a line/);
const priorities = ({ page }) => page.getByLabel(/^Priorities, in turn/);
const tenants = ({ page }) => page.getByLabel(/^Tenants' requests/);
const firstBytes = ({ page }) => page.getByLabel(/^First byte by model/);
const problem = (lanescope) => lanescope.side.getByRole('alert');

/** What happened of one kind, in order. */
const of = (events, wanted) => events.filter(({ kind }) => kind === wanted);
/** The items that were sent, in order. */
const order = (events) => of(events, 'sent').map(({ item }) => item);
/** What was sent at once. */
const atOnce = (events) => of(events, 'sent').filter(({ at }) => at === 0);

test('a worker pool asks for what its workers and its queue hold, and no more', async ({ lanescope }) => {
  await open(lanescope, 2, 8);
  await expect(lanescope.number('Queue, requests')).toBeHidden();
  expect(of(await run(lanescope), 'asked').filter(({ at }) => at === 0)).toHaveLength(8);
  await labelled(lanescope, 'Start').selectOption('a worker pool');
  await lanescope.enter('Queue, requests', 1);
  expect(of(await run(lanescope), 'asked').filter(({ at }) => at === 0)).toHaveLength(3);
  await expect(lanescope.side.locator('.lane-head .how')).toHaveText('a worker pool with a queue of 1, 2 in flight');
  await expect(lanescope.details.locator('.code pre')).toContainText('asyncio.Queue(maxsize=1)');
});

test('the higher priority goes first, and a low one that ages goes before', async ({ lanescope }) => {
  await open(lanescope, 1, 6);
  await lanescope.write(priorities(lanescope), 'low, high normal');
  expect(order(await run(lanescope)), 'who came first').toEqual([0, 1, 2, 3, 4, 5]);
  await expect(priorities(lanescope)).toHaveValue('low high normal');
  await labelled(lanescope, 'Who goes first').selectOption('the higher priority');
  expect(order(await run(lanescope))).toEqual([0, 1, 4, 2, 5, 3]);
  await lanescope.enter('A class higher after, s (empty: never)', 1);
  expect(order(await run(lanescope))).toEqual([0, 1, 2, 3, 4, 5]);
});

test('a priority that is none is told below its field, and changes nothing', async ({ lanescope }) => {
  await open(lanescope, 2, 4);
  await lanescope.write(priorities(lanescope), 'low urgent');
  await expect(problem(lanescope)).toHaveText('“urgent” is no priority: write high, normal or low.');
  await expect(priorities(lanescope)).toHaveValue('low urgent');
  await lanescope.write(priorities(lanescope), 'low high');
  await expect(problem(lanescope)).toHaveCount(0);
  await lanescope.write(tenants(lanescope), '3 few');
  await expect(problem(lanescope)).toHaveText('“few” is no number of requests.');
  // What is edited elsewhere shows the field as it is.
  await lanescope.enter('Attempt timeout, s', 9);
  await expect(problem(lanescope)).toHaveCount(0);
  await expect(tenants(lanescope)).toHaveValue('');
});

test('tenants take turns', async ({ lanescope }) => {
  await open(lanescope, 1, 6);
  await lanescope.write(tenants(lanescope), '4 2');
  await labelled(lanescope, 'Who goes first').selectOption('tenants in turn');
  expect(order(await run(lanescope))).toEqual([0, 4, 1, 5, 2, 3]);
});

test('requests are asked one after the other in time', async ({ lanescope }) => {
  await open(lanescope, 4, 4);
  await lanescope.enter('One every, s', 1.5);
  expect(of(await run(lanescope), 'asked').map(({ at }) => at / 1e6)).toEqual([0, 1.5, 3, 4.5]);
});

test('a chain of three has three steps, and one of six can not be run', async ({ lanescope }) => {
  await open(lanescope, 2, 3);
  await lanescope.write(steps(lanescope), 'Research this:\n\nWrite about it:\nCheck it:');
  expect(of(await run(lanescope), 'sent')).toHaveLength(9);
  await lanescope.rows.first().getByRole('button').click();
  for (const step of [1, 2, 3]) await expect(lanescope.details.locator('.spans')).toContainText(`Step ${step}: `);
  await expect(lanescope.details.locator('.code pre')).toContainText('async def chain(prompt):');
  await lanescope.write(steps(lanescope), 'a\nb\nc\nd\ne\nf');
  await expect(problem(lanescope)).toHaveText('Workload: a chain has at most 5 steps.');
  await expect(lanescope.run).toBeDisabled();
});

test('models side by side are asked the same, each with its own first byte', async ({ lanescope }) => {
  await open(lanescope, 4, 4);
  await lanescope.write(lanescope.prompts, 'One?\nTwo?');
  await lanescope.write(labelled(lanescope, 'Models side by side, one a line'), 'fast\nslow');
  await expect(lanescope.number('Requests')).toHaveValue('4');
  await lanescope.write(firstBytes(lanescope), 'fast 0.5\nslow 2.5');
  await run(lanescope);
  expect((await lanescope.table()).map(({ service }) => service)).toEqual(['1.5 s', '3.5 s', '1.5 s', '3.5 s']);
  await lanescope.write(firstBytes(lanescope), 'fast soon');
  await expect(problem(lanescope)).toContainText('“fast soon” is no model with its seconds');
});

test('each process has slots of its own', async ({ lanescope }) => {
  await open(lanescope, 1, 6);
  expect(atOnce(await run(lanescope))).toHaveLength(1);
  await lanescope.enter('Processes, each with its own slots', 3);
  expect(atOnce(await run(lanescope))).toHaveLength(3);
  await labelled(lanescope, 'Start').selectOption('one at a time');
  await expect(lanescope.number('Processes, each with its own slots')).toBeHidden();
});

test('a limit that learns takes the place of the one that stays', async ({ lanescope }) => {
  await open(lanescope, 5, 12);
  await ticked(lanescope, 'A limit that learns').check();
  await expect(lanescope.number('At most in flight')).toBeHidden();
  await lanescope.enter('In flight, from', 2);
  await lanescope.enter('In flight, at most', 3);
  const events = await run(lanescope);
  expect(atOnce(events)).toHaveLength(2);
  const limits = of(events, 'gauge').filter(({ gate }) => gate === 'semaphore').map(({ value }) => value);
  expect([limits[0], limits.at(-1)]).toEqual([2, 3]);
});

test('rates can stand before the slot', async ({ lanescope }) => {
  await open(lanescope, 1, 3);
  const first = ticked(lanescope, 'Rates before the slot');
  await expect(first).toBeHidden();
  await ticked(lanescope, 'Bucket of requests').check();
  const gates = async () => new Set(of(await run(lanescope), 'waiting').map(({ gate }) => gate));
  expect([...await gates()]).toEqual(['semaphore']);
  await first.check();
  expect(await gates()).toContain('rate');
});

test('a slow call has a copy', async ({ lanescope }) => {
  await open(lanescope, 2, 2);
  await labelled(lanescope, 'Copy of a slow call').selectOption('past a percentile');
  await expect(lanescope.number('Copy past the percentile')).toHaveValue('95');
  await labelled(lanescope, 'Copy of a slow call').selectOption('after so many seconds');
  await lanescope.enter('Copy after, s', 0.5);
  const opened = of(await run(lanescope), 'branch-opened');
  expect(opened.map(({ at, opened: why }) => [at, why])).toEqual([[5e5, 'hedge'], [5e5, 'hedge']]);
  await lanescope.rows.first().getByRole('button').click();
  await expect(lanescope.details.locator('.spans')).toContainText('Copy: ');
});

test('another model is asked when the first fails, and at last a fixed text stands in', async ({ lanescope }) => {
  await open(lanescope, 2, 2);
  await labelled(lanescope, 'What goes wrong').selectOption('503, overloaded');
  await lanescope.enter('For so many tries, %', 100);
  await labelled(lanescope, 'If refused').selectOption('give up');
  await ticked(lanescope, 'Other models').check();
  await lanescope.write(labelled(lanescope, 'Models, one a line'), 'second\nthird');
  await lanescope.write(labelled(lanescope, 'At last this text (empty: none)'), 'Please try later.');
  await run(lanescope);
  for (const { state, answer, tries } of await lanescope.table()) {
    expect([state, answer, tries]).toEqual(['stood in for', 'Please try later. A fixed text, not from a model.', 3]);
  }
  await lanescope.rows.first().getByRole('button').click();
  await expect(lanescope.details.locator('.spans')).toContainText('Model 3: ');
  await lanescope.write(labelled(lanescope, 'At last this text (empty: none)'), '');
  await run(lanescope);
  expect((await lanescope.table()).map(({ state }) => state)).toEqual(['failed', 'failed']);
});

test('models are asked at once with the first', async ({ lanescope }) => {
  await open(lanescope, 1, 1);
  await ticked(lanescope, 'Other models').check();
  await expect(ticked(lanescope, 'At once with the first')).toBeHidden();
  await labelled(lanescope, 'How').selectOption('the first success of all');
  await ticked(lanescope, 'At once with the first').check();
  expect(atOnce(await run(lanescope))).toHaveLength(2);
  await expect(lanescope.side.locator('.lane-head .how')).toContainText('gemini-flash-lite-latest at once, first success');
});

test('models without a name and without a text are none', async ({ lanescope }) => {
  await open(lanescope, 1, 1);
  await ticked(lanescope, 'Other models').check();
  await lanescope.write(labelled(lanescope, 'Models, one a line'), ' ');
  await expect(problem(lanescope)).toHaveText('Lane A: a fallback has 1 to 7 models with names, or a text.');
  await expect(lanescope.run).toBeDisabled();
});

test('a slider reaches as far as the number beside it', async ({ lanescope }) => {
  await open(lanescope, 2, 4);
  const slider = lanescope.page.getByRole('slider', { name: 'Requests', exact: true });
  await expect(slider).toHaveAttribute('max', '50');
  await lanescope.enter('Requests', 1_000);
  await expect(slider).toHaveJSProperty('value', '1000');
  await slider.press('ArrowLeft');
  await expect(lanescope.number('Requests')).toHaveValue('999');
  // No number at all is the far end.
  const limit = lanescope.page.getByRole('slider', { name: 'At most in flight', exact: true });
  await lanescope.enter('At most in flight', '');
  await expect(limit).toHaveJSProperty('value', await limit.getAttribute('max'));
});
