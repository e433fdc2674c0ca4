// What a teacher gives to a class: locked controls, a goal that the page checks, a note, and the line to hand in.
import { expect, test } from './fixtures.js';
import { Lanescope } from './page.js';
import { concurrent, experiment, fragment } from './experiment.js';

// Finished pictures: what is compared here is not how they are played.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** Every call takes 2 s: one to the first byte, and one to the last. */
const even = { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 36 } } };
const twelve = experiment({ requests: 12, lanes: [concurrent(2)], server: even });

/** The fragment of a teacher's link to `value`, which may be anything that JSON can hold. */
const given = (value, version = '1') => fragment(value, version).replace('#x=', '#t=');
const assignment = (parts) => ({ version: 1, what: { experiment: twelve }, ...parts });

const card = ({ page }) => page.getByRole('region', { name: 'From the link', exact: true });
const terms = (lanescope) => card(lanescope).getByRole('list', { name: 'Goal', exact: true }).getByRole('listitem');
const verdict = (lanescope) => card(lanescope).getByRole('status');

/** Makes a link by way of the dialog, which it leaves closed. */
async function assign(lanescope, { locked, seconds, note }) {
  await lanescope.button('Share').click();
  await lanescope.dialog('Share this experiment').getByRole('button', { name: 'For a class …', exact: true }).click();
  const dialog = lanescope.dialog('For a class');
  for (const name of locked) await dialog.getByRole('checkbox', { name, exact: true }).check();
  const enter = async (name, figure) => {
    const field = dialog.getByRole('spinbutton', { name, exact: true });
    await field.fill(String(figure));
    await field.blur();
  };
  await enter('Done in under, s', seconds);
  await enter('Refusals at most', 0);
  await enter('Calls at most', 12);
  await lanescope.write(dialog.getByLabel(/^Note to the class/), note);
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return link;
}

test('a link made for a class locks what it names, checks its goal after each run, and gives the line to hand in', async ({ browser, lanescope }) => {
  await lanescope.open(fragment(twelve));
  const note = 'Be <b>quick</b>, but polite.';
  const link = await assign(lanescope, { locked: ['The requests', 'Rates', 'The server', 'The seed'], seconds: 5, note });
  expect(link.startsWith(`${process.env.LANESCOPE_SITE}#t=1`)).toBe(true);

  const context = await browser.newContext({ reducedMotion: 'reduce', ignoreHTTPSErrors: true });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  await page.goto(link);
  const theirs = new Lanescope(page);
  await expect(card(theirs)).toBeVisible();
  await expect(card(theirs).locator('.note'), 'a note is plain text').toHaveText(note);

  await expect(theirs.prompts).toBeDisabled();
  await expect(theirs.number('Requests')).toBeDisabled();
  await expect(theirs.number('At most in flight')).toBeEnabled();
  await expect(page.getByLabel('Add a lane', { exact: true }), 'rates are locked, and a lane brings its own').toBeDisabled();
  await expect(page.getByLabel('Break the server', { exact: true })).toBeDisabled();
  await theirs.more.click();
  await expect(theirs.number('Seed')).toBeDisabled();
  await expect(theirs.number('First byte, median, s')).toBeDisabled();
  await expect(page.getByRole('checkbox', { name: 'Bucket of requests', exact: true })).toBeDisabled();
  await expect(theirs.number('Tries in all')).toBeEnabled();
  await expect(theirs.side.getByRole('img', { name: 'Locked by the link' }).first()).toBeVisible();

  await expect(terms(theirs)).toHaveText(['✕ Done in under 5 s: 12.0 s', '✓ No refusals: 0 refusals', '✓ At most 12 calls: 12 calls']);
  await expect(verdict(theirs)).toHaveText('Goal missed; lane A came closest');

  await theirs.enter('At most in flight', 6);
  await expect(verdict(theirs), 'nothing has run yet').toHaveText('Goal missed; lane A came closest');
  await theirs.run.click();
  await expect(terms(theirs).first()).toHaveText('✓ Done in under 5 s: 4.0 s');
  await expect(verdict(theirs)).toHaveText('Goal met by lane A');
  await theirs.button('Copy the result').click();
  await expect(theirs.button('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText()))
    .toBe('Lanescope: goal met — 4.0 s (under 5 s), 0 refusals, 12 calls (at most 12), seed 1, lane A');

  await theirs.button('Start over').click();
  await expect(theirs.number('At most in flight')).toHaveValue('2');
  await expect(verdict(theirs)).toHaveText('Goal missed; lane A came closest');
  await theirs.button('Open in the playground').click();
  await expect(card(theirs)).toBeHidden();
  await expect(theirs.number('Requests')).toBeEnabled();
  await expect(theirs.number('Seed')).toBeEnabled();
  expect(new URL(page.url()).hash).toBe('');
  await context.close();
});

test('a link that names another lane than the best looks at that one alone', async ({ lanescope }) => {
  const what = { experiment: { ...twelve, lanes: [concurrent(2), concurrent(6)] } };
  await lanescope.open(given(assignment({ what, goal: { lane: 0, under_millis: 5_000 } })));
  await expect(terms(lanescope)).toHaveText(['✕ Done in under 5 s: 12.0 s']);
  await expect(verdict(lanescope)).toHaveText('Goal missed');
});

test('the goal does not tell how a run ends before it has been seen', async ({ page, lanescope }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await lanescope.open(given(assignment({ goal: { most_calls: 12 } })));
  await lanescope.button('To the start').click();
  await expect(terms(lanescope)).toHaveText(['○ At most 12 calls']);
  await expect(lanescope.button('Copy the result')).toBeHidden();
  await lanescope.seek(1);
  await expect(terms(lanescope)).toHaveText(['✓ At most 12 calls: 12 calls']);
  await lanescope.seek(0);
  await expect(terms(lanescope), 'what was found stays').toHaveText(['✓ At most 12 calls: 12 calls']);
});

test('a lesson is given with some of its knobs locked', async ({ page, lanescope }) => {
  const what = { lesson: 'hitting-the-wall' };
  await lanescope.open(given(assignment({ what, locked: ['server'], goal: { most_refusals: 0 } })));
  await expect(terms(lanescope), 'it is still to be predicted').toHaveText(['○ No refusals']);
  await page.getByRole('button', { name: 'Run it without an answer', exact: true }).click();
  await expect(terms(lanescope)).toHaveText(['✕ No refusals: 5 refusals']);
  await expect(lanescope.number("The server's quota")).toBeDisabled();
  await lanescope.enter('Requests', 15);
  await expect(terms(lanescope)).toHaveText(['✓ No refusals: 0 refusals']);
  await lanescope.button('Open in the playground').click();
  await expect(card(lanescope)).toBeHidden();
  await expect(lanescope.number('Requests')).toBeEnabled();
});

test('a link for an audience opens in the present mode', async ({ lanescope }) => {
  await lanescope.open(given(assignment({ presents: true, note: 'Watch the line.' })));
  await expect(lanescope.page.locator('.app')).toHaveClass(/\bpresenting\b/);
  await expect(card(lanescope)).toContainText('Watch the line.');
});

test('a link with a real server starts no run', async ({ lanescope }) => {
  await lanescope.open(given(assignment({ what: { experiment: { ...twelve, server: 'gemini' } }, goal: { most_calls: 12 } })));
  await expect(lanescope.big).toHaveText('Nothing has run yet');
  await expect(terms(lanescope)).toHaveText(['○ At most 12 calls']);
});

const whole = given(assignment({ goal: { most_calls: 12 } }));
const UNOPENED = {
  'that was cut': [whole.slice(0, -30), 'The link is damaged.'],
  'of a newer form': ['#t=2AAAA', 'The link was made by a newer version of Lanescope.'],
  'with a newer assignment': [given(assignment({ version: 2 })), 'The link was made by a newer version of Lanescope.'],
  'with a key in it': [given(assignment({ apiKey: 'AQ.secret' })), 'The link is damaged.'],
  'to a lesson that there is not': [given(assignment({ what: { lesson: 'nowhere' } })), "The link is to a lesson that isn't in the course."],
  'with a goal that asks for nothing': [given(assignment({ goal: {} })), /goal can't be checked/],
};
for (const [name, [link, words]] of Object.entries(UNOPENED)) {
  test(`a teacher's link ${name} says so and opens the default`, async ({ lanescope }) => {
    await lanescope.open(link);
    await expect(lanescope.notice).toContainText(words);
    await expect(lanescope.notice).toContainText('This is the default experiment instead.');
    await expect(lanescope.big).toHaveText('3.6× faster');
    await expect(card(lanescope)).toBeHidden();
    await expect(lanescope.number('Requests')).toBeEnabled();
  });
}
