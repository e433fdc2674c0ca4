// What the timeline looks like, in six states and both themes: pictures that are kept in pictures/, and that a person looks
// at before they are (npx playwright test pixels --update-snapshots). Faces differ from machine to machine, so a few of
// a hundred pixels may differ; bars do not.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment } from './experiment.js';

test.use({ contextOptions: { reducedMotion: 'reduce' }, viewport: { width: 1280, height: 800 } });

const faults = [{ when: { first_attempts: 1, probability: 0.03 }, fault: { status: 503 } }];
const many = (requests) => fragment(experiment({ requests, lanes: [concurrent(50)], server: { simulated: { first_byte_millis: { 'log-normal': { median: 800, p95: 2_000 } }, answer_tokens: { constant: 20 }, faults } } }));
const view = async (page, label, option) => {
  await page.getByText('View', { exact: true }).click();
  await page.getByRole('group', { name: 'View', exact: true }).getByLabel(label, { exact: true }).selectOption({ label: option });
  await page.keyboard.press('Escape');
};

/** Each state, and how to come there. */
const STATES = {
  race: async (lanescope) => lanescope.open(),
  'zoomed in': async (lanescope, page) => {
    await lanescope.open();
    await lanescope.end();
    for (const key of ['w', 'w', 'w', 'd']) await page.keyboard.press(key);
  },
  slots: async (lanescope, page) => {
    await lanescope.open();
    await view(page, 'Rows', 'slots');
  },
  'by finish': async (lanescope, page) => {
    await lanescope.open();
    await view(page, 'Order', 'when finished');
  },
  'two hundred requests': async (lanescope) => lanescope.open(many(200)),
  'five thousand requests': async (lanescope) => lanescope.open(many(5_000)),
};

for (const colorScheme of ['light', 'dark']) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const [name, come] of Object.entries(STATES)) {
      test(`shows ${name}`, async ({ page, lanescope }) => {
        await come(lanescope, page);
        await lanescope.playback.getByRole('button', { name: 'To the end' }).click();
        await expect(lanescope.canvas).toHaveScreenshot(`${name.replaceAll(' ', '-')}-${colorScheme}.png`, { maxDiffPixelRatio: 0.03 });
      });
    }
  });
}
