// What can be taken away and brought back: links, saved runs, answers.
import { expect, test } from './fixtures.js';
import { Lanescope } from './page.js';
import { concurrent, experiment, fragment, opened, real, sequential } from './experiment.js';

// Finished pictures: what is compared here is not how they are played.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

const PROMPT = 'Why is the sky over Jena blue?';

/** The link that the page offers. */
async function share(lanescope, { prompts = false } = {}) {
  await lanescope.button('Share').click();
  const dialog = lanescope.dialog('Share this experiment');
  await dialog.getByRole('checkbox').setChecked(prompts);
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return link;
}

/** Opens a link as somebody else would: in a browser that has never seen the page. */
async function asStranger(browser, link) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ignoreHTTPSErrors: true });
  const page = await context.newPage();
  await page.goto(link);
  const theirs = new Lanescope(page);
  await expect(theirs.run).toBeVisible();
  return { theirs, context };
}

/** Gives `file` to "Open run". */
async function openRun(lanescope, name, text) {
  const [chooser] = await Promise.all([lanescope.page.waitForEvent('filechooser'), lanescope.button('Open run').click()]);
  await chooser.setFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
}

/** Makes an experiment of one's own by way of the page. */
async function arrange(lanescope) {
  await lanescope.open();
  await lanescope.write(lanescope.prompts, PROMPT);
  await lanescope.enter('Requests', 7);
  await lanescope.enter('At most in flight', 3);
  await lanescope.more.click();
  await lanescope.write(lanescope.page.getByRole('textbox', { name: 'System instruction' }), 'Answer as a physicist.');
  await lanescope.enter('Tries in all', 2);
  await lanescope.enter('First byte, median, s', 2.5);
  await lanescope.enter('Seed', 1234);
  await lanescope.run.click();
  await expect(lanescope.small).not.toContainText('changed since');
}

test('a link restores the experiment to the microsecond, with the prompts if they were ticked', async ({ browser, lanescope }) => {
  await arrange(lanescope);
  const link = await share(lanescope, { prompts: true });
  expect(link.startsWith(`${process.env.LANESCOPE_SITE}#x=1`)).toBe(true);
  expect(opened(link)).toMatchObject({
    version: 1,
    seed: 1234,
    workload: { calls: { prompts: [PROMPT], requests: 7, settings: { system: 'Answer as a physicist.' } } },
    lanes: [{ strategy: 'sequential' }, { limit: 3, tries: 2 }],
  });
  const { theirs, context } = await asStranger(browser, link);
  await expect(theirs.prompts).toHaveValue(PROMPT);
  await expect(theirs.number('Requests')).toHaveValue('7');
  await expect(theirs.number('At most in flight')).toHaveValue('3');
  await expect(theirs.big).toHaveText(await lanescope.big.textContent());
  expect(await theirs.trace()).toEqual(await lanescope.trace());
  await context.close();
});

test('a link holds no prompt and no instruction unless they are ticked', async ({ browser, lanescope }) => {
  await arrange(lanescope);
  const link = await share(lanescope);
  const text = JSON.stringify(opened(link));
  expect(text).not.toContain('Jena');
  expect(text).not.toContain('physicist');
  const { theirs, context } = await asStranger(browser, link);
  await expect(theirs.prompts).not.toHaveValue(/Jena/);
  await expect(theirs.number('Requests')).toHaveValue('7');
  await expect(theirs.big).toHaveText(await lanescope.big.textContent());
  await expect(theirs.totals).toHaveText(await lanescope.totals.allTextContents());
  await context.close();
});

test('a link holds no step and no fixed text unless they are ticked, but as many steps', async ({ browser, lanescope }) => {
  const fallback = { models: [], text: 'Ask in Jena.' };
  const link = experiment({ requests: 3, lanes: [concurrent(2, { fallback })] });
  link.workload.calls.steps = ['Think of Jena.', 'Write of Jena.'];
  await lanescope.open(fragment(link));
  await expect(lanescope.big).toHaveText(/^3 of 3 in /);
  const shared = await share(lanescope);
  expect(JSON.stringify(opened(shared))).not.toContain('Jena');
  const { theirs, context } = await asStranger(browser, shared);
  await expect(theirs.big).toHaveText(await lanescope.big.textContent());
  await context.close();
  expect(opened(await share(lanescope, { prompts: true }))).toMatchObject({ workload: link.workload, lanes: [{ fallback }] });
});

test('a link works from a folder of a host', async ({ browser, lanescope }) => {
  await lanescope.open('', process.env.LANESCOPE_SITE_IN_FOLDER);
  const link = await share(lanescope);
  expect(link.startsWith(`${process.env.LANESCOPE_SITE_IN_FOLDER}#x=1`)).toBe(true);
  const { theirs, context } = await asStranger(browser, link);
  await expect(theirs.big).toHaveText(await lanescope.big.textContent());
  await context.close();
});

test('a link is copied at the press of a button', async ({ context, page, lanescope }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lanescope.open();
  await lanescope.button('Share').click();
  const dialog = lanescope.dialog('Share this experiment');
  await dialog.getByRole('button', { name: 'Copy', exact: true }).click();
  await expect(dialog.getByRole('button', { name: 'Copied' })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await dialog.getByRole('textbox', { name: 'Link' }).inputValue());
});

test('an experiment that is too large for a link says so', async ({ lanescope }) => {
  await lanescope.open();
  const noise = Array.from({ length: 900 }, (_, place) => `${Math.sin(place)}${Math.cos(place)}`).join(' ');
  await lanescope.write(lanescope.prompts, noise);
  await lanescope.button('Share').click();
  const dialog = lanescope.dialog('Share this experiment');
  await expect(dialog.getByRole('textbox', { name: 'Link' }), 'without the prompts it fits').toBeVisible();
  await dialog.getByRole('checkbox').check();
  await expect(dialog.getByRole('alert')).toContainText('too large for a link; save it as a file');
  await expect(dialog.getByRole('textbox', { name: 'Link' })).toBeHidden();
});

const whole = fragment(experiment({ requests: 5 }));
const UNOPENED = {
  'that was cut': [whole.slice(0, -30), 'The link is damaged.'],
  'that was changed': [whole.replace(/.{6}$/, 'AAAAAA'), 'The link is damaged.'],
  'that is nonsense': ['#x=%20%E2%98%83', 'The link is damaged.'],
  'that is empty': ['#x=', 'The link is damaged.'],
  'of a newer form': ['#x=2AAAA', 'The link was made by a newer version of Lanescope.'],
  'with a newer experiment': [fragment(experiment({ version: 2 })), 'The link was made by a newer version of Lanescope.'],
  'with an experiment that can not be run': [fragment(experiment({ lanes: [concurrent(0)] })), /can't be run: lane A/],
};
for (const [name, [link, words]] of Object.entries(UNOPENED)) {
  test(`a link ${name} says so and opens the default`, async ({ lanescope }) => {
    await lanescope.open(link);
    await expect(lanescope.notice).toContainText(words);
    await expect(lanescope.notice).toContainText('This is the default experiment instead.');
    await expect(lanescope.number('Requests')).toHaveValue('12');
    await expect(lanescope.big).toHaveText('3.6× faster');
    await lanescope.button('Put away').click();
    await expect(lanescope.notice).toBeHidden();
  });
}

test('while a link is being read nothing can be entered that it would take away', async ({ page, lanescope }) => {
  let letGo;
  const held = new Promise((resolve) => { letGo = resolve; });
  await page.route(/_split_link\.wasm$/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(process.env.LANESCOPE_SITE + whole);
  await expect(page.locator('.app')).toHaveAttribute('inert');
  await lanescope.number('Requests').focus();
  await expect(lanescope.number('Requests')).not.toBeFocused();
  letGo();
  await expect(lanescope.number('Requests')).toHaveValue('5');
  await lanescope.number('Requests').focus();
  await expect(lanescope.number('Requests')).toBeFocused();
});

test('a link that is pasted into the open page is opened, and a damaged one says truly what is there then', async ({ page, lanescope }) => {
  await lanescope.open(whole);
  await expect(lanescope.number('Requests')).toHaveValue('5');
  await page.evaluate((hash) => { location.hash = hash; }, fragment(experiment({ requests: 9 })));
  await expect(lanescope.number('Requests')).toHaveValue('9');
  await expect(lanescope.rows).toHaveCount(9);
  await page.evaluate(() => { location.hash = '#x=1damaged'; });
  await expect(lanescope.notice).toContainText('The link is damaged.');
  const said = await lanescope.notice.textContent();
  const requests = await lanescope.number('Requests').inputValue();
  expect({ '9': !said.includes('default'), '12': said.includes('default') }[requests], `${requests} requests are there, and the page says "${said}"`).toBe(true);
});

test('a link to a real experiment says that nothing has run yet, and Run asks for a key', async ({ lanescope }) => {
  await lanescope.open(fragment(real({ requests: 3, lanes: [concurrent(2)] })));
  await expect(lanescope.badge).toHaveText('Real server, no key yet');
  await lanescope.run.click();
  await expect(lanescope.connect).toBeVisible();
  await lanescope.connect.getByRole('button', { name: 'Close' }).click();
  await expect(lanescope.big).toHaveText('Nothing has run yet');
  await expect(lanescope.small).toContainText('Press Run');
});

test('a link with a single lane has that lane chosen', async ({ lanescope }) => {
  await lanescope.open(fragment(real({ requests: 3, lanes: [concurrent(2)] })));
  await expect(lanescope.inspected).toHaveText(/lane A$/);
  await lanescope.more.click();
  await expect(lanescope.side.getByRole('group', { name: 'Lane A', exact: true })).toBeVisible();
});

test('a run that was saved opens again as it was', async ({ browser, lanescope }) => {
  await arrange(lanescope);
  const saved = await lanescope.download('Save run');
  expect(saved.name).toBe('lanescope-run.json');
  expect(JSON.parse(saved.text)).toMatchObject({ version: 1, lanes: [{}, {}] });

  const { theirs, context } = await asStranger(browser, process.env.LANESCOPE_SITE);
  await openRun(theirs, saved.name, saved.text);
  await expect(theirs.big).toHaveText(await lanescope.big.textContent());
  await expect(theirs.small).toHaveText(await lanescope.small.textContent());
  await expect(theirs.totals).toHaveText(await lanescope.totals.allTextContents());
  await expect(theirs.prompts).toHaveValue(PROMPT);
  expect(await theirs.table()).toEqual(await lanescope.table());
  expect((await theirs.download('Save run')).text).toBe(saved.text);
  await context.close();
});

test('a real run that was saved opens without a key, and sends nothing', async ({ browser, lanescope, tls }) => {
  await tls.reset();
  await lanescope.open(fragment(real({ requests: 4, lanes: [concurrent(2)] })));
  await lanescope.use(tls.url);
  await lanescope.send();
  await lanescope.end();
  const saved = await lanescope.download('Save run');
  const seen = (await tls.log()).requests.length;

  const { theirs, context } = await asStranger(browser, process.env.LANESCOPE_SITE);
  await openRun(theirs, saved.name, saved.text);
  await expect(theirs.big).toHaveText(await lanescope.big.textContent());
  await expect(theirs.rows).toHaveCount(4);
  expect((await tls.log()).requests).toHaveLength(seen);
  await context.close();
});

const NOT_RUNS = {
  'no JSON': ['Hello', 'This is not a run that Lanescope saved.'],
  'other JSON': ['{"a": 1}', 'This is not a run that Lanescope saved.'],
  'a newer run': ['{"version": 99}', 'This run was saved by a newer version of Lanescope.'],
  'a run whose lanes do not fit': [JSON.stringify({ version: 1, experiment: experiment(), lanes: [{}] }), 'This is not a run that Lanescope saved.'],
  'a run that can not be': [JSON.stringify({ version: 1, experiment: experiment({ lanes: [concurrent(0)] }), lanes: [{}] }), /^This run can't be shown: lane A/],
};
for (const [name, [text, words]] of Object.entries(NOT_RUNS)) {
  test(`a file with ${name} is not opened, and the page says why`, async ({ lanescope }) => {
    await lanescope.open();
    await openRun(lanescope, 'run.json', text);
    await expect(lanescope.notice.locator('span')).toHaveText(words);
    await expect(lanescope.big).toHaveText('3.6× faster');
  });
}

const NONSENSE = {
  'of another order': ({ events }) => events.reverse(),
  'with texts that are not there': ({ events }) => events.filter(({ kind }) => kind === 'text').forEach((event) => Object.assign(event, { from: 9_000_000, to: 3 })),
  'with answers that are not there': ({ events }) => events.filter(({ kind }) => kind === 'answered').forEach((event) => { event.answer = 4_000_000; }),
  'of a request that there is not': ({ events }) => events.forEach((event) => { event.item += 1_000; }),
  'of a request beyond all counting': ({ events }) => events.forEach((event) => { event.item += 4_000_000_000; }),
  'of a moment beyond all counting': ({ events }) => { events.at(-1).at = Number.MAX_SAFE_INTEGER; },
};
for (const [name, spoil] of Object.entries(NONSENSE)) {
  test(`a run with events ${name} does not break the page`, async ({ page, lanescope }) => {
    await lanescope.open();
    const trace = await lanescope.trace();
    spoil(trace.lanes[0]);
    await openRun(lanescope, 'run.json', JSON.stringify(trace));
    await page.waitForTimeout(300);
    await lanescope.run.click();
    await expect(lanescope.small).toHaveText('88 % of the best possible with 4 in flight');
    await expect(lanescope.big).toHaveText('3.6× faster');
    await lanescope.enter('Requests', 5);
    await lanescope.run.click();
    await expect(lanescope.rows, 'it goes on').toHaveCount(5);
  });
}

test('answers are saved as JSON Lines, one a request and lane', async ({ lanescope }) => {
  await lanescope.open(fragment(experiment({
    requests: 4, prompts: ['One?', 'Two?', 'Three?', 'Four?'], lanes: [sequential({ tries: 1 }), concurrent(2, { tries: 1 })],
    server: { simulated: { faults: [{ when: { items: [2] }, fault: { status: 503 } }] } },
  })));
  const { name, text } = await lanescope.download('Answers (JSONL)');
  expect(name).toBe('lanescope-answers.jsonl');
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  expect(lines.map(({ lane, request, prompt, outcome }) => [lane, request, prompt, outcome])).toEqual(['A', 'B'].flatMap((lane) => [
    [lane, 1, 'One?', 'answered'], [lane, 2, 'Two?', 'answered'], [lane, 3, 'Three?', 'overloaded'], [lane, 4, 'Four?', 'answered'],
  ]));
  for (const line of lines) {
    expect(line.simulated).toBe(true);
    expect(line.attempts).toBe(1);
    if (line.outcome === 'answered') {
      expect(line.answer).toMatch(/^Simulated answer\./);
      expect(line.seconds).toBeGreaterThan(1);
      expect(line.output_tokens).toBeGreaterThan(0);
    } else {
      expect(line.answer).toBe('');
      expect(line.error).toContain('overloaded');
    }
  }
});

test('answers are copied in one press', async ({ context, page, lanescope }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await lanescope.open();
  await lanescope.button('Copy answers').click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('Simulated answer.');
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text.trimEnd().split('\n').length).toBeGreaterThanOrEqual(24);
});
