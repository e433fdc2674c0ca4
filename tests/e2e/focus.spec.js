// Whoever presses keys stays where they are: the focus never falls to the page's body.
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment } from './experiment.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('a button that has come to rest keeps the focus, and its press does nothing', async ({ page, lanescope }) => {
  await lanescope.open();
  const bar = (name) => page.locator('.timeline-bar').getByRole('button', { name, exact: true });
  await bar('Zoom in').focus();
  await page.keyboard.press('Enter');
  await bar('Fit').focus();
  await page.keyboard.press('Enter');
  await expect(bar('Fit')).toBeDisabled();
  await expect(bar('Fit')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(bar('Fit')).toBeFocused();
  await expect(bar('Fit'), 'it looks like it').toHaveCSS('opacity', '0.5');

  await page.getByText('View', { exact: true }).click();
  const higher = page.getByRole('button', { name: 'Higher rows', exact: true });
  await higher.focus();
  const height = () => page.locator('.timeline-whole').evaluate((element) => element.offsetHeight);
  for (let presses = 0; presses < 9; presses += 1) await page.keyboard.press('Enter');
  await expect(higher).toBeDisabled();
  await expect(higher).toBeFocused();
  const tallest = await height();
  await page.keyboard.press('Enter');
  expect(await height()).toBe(tallest);
});

test('the focus goes with a lane that is copied or moved, and to the next one where it is taken away', async ({ page, lanescope }) => {
  await lanescope.open(fragment(experiment({ lanes: [concurrent(2, { name: 'Two' }), concurrent(3, { name: 'Three' })] })));
  const press = async (name) => {
    await page.getByRole('button', { name, exact: true }).focus();
    await page.keyboard.press('Enter');
  };
  const head = (letter, name) => lanescope.side.getByRole('button', { name: new RegExp(`^${letter} ?${name}`) });
  await head('B', 'Three').click();
  await press('Move up');
  await expect(head('A', 'Three')).toBeFocused();
  await press('Duplicate');
  await expect(head('B', 'Three')).toBeFocused();
  await press('Remove');
  await expect(head('B', 'Two')).toBeFocused();
  await press('Remove');
  await expect(head('A', 'Three')).toBeFocused();
});

test('whoever clears the range is on the timeline then', async ({ page, lanescope }) => {
  await lanescope.open();
  await page.getByText('View', { exact: true }).click();
  await page.getByRole('button', { name: 'Select what is seen' }).click();
  await page.getByRole('region', { name: 'Range', exact: true }).getByRole('button', { name: 'Clear', exact: true }).click();
  await expect(lanescope.timeline).toBeFocused();
});

test.describe('keys that are pressed while what they are for is on its way', () => {
  /** Opens it, types, and only then lets its code come. Nothing but it may hear the keys. */
  const typeEarly = async ({ page, lanescope }, opened, ...keys) => {
    await lanescope.open();
    const bar = page.locator('.timeline-bar');
    const before = await bar.textContent();
    let come;
    const coming = new Promise((done) => { come = done; });
    await page.route(/_split_lens\.wasm$/, async (route) => {
      await coming;
      await route.continue();
    });
    await Promise.all([page.waitForRequest(/_split_lens\.wasm$/), page.keyboard.press(opened)]);
    for (const key of keys) await page.keyboard.press(key);
    come();
    return async () => expect(await bar.textContent()).toBe(before);
  };

  test('begin the search', async ({ page, lanescope }) => {
    const nothingElse = await typeEarly({ page, lanescope }, '/', 'w', 'd', 'Backspace', 'Backspace', 'b', '1', '1', 'ArrowLeft');
    const field = page.getByRole('searchbox', { name: 'Search requests' });
    await expect(field).toBeFocused();
    await expect(field).toHaveValue('b11');
    await expect(lanescope.inspected).toHaveText('Request 11 · lane B');
    await nothingElse();
  });

  test('do nothing behind a dialog', async ({ page, lanescope }) => {
    const nothingElse = await typeEarly({ page, lanescope }, 'Control+k', 'w');
    await expect(lanescope.dialog('Commands').getByRole('combobox')).toBeFocused();
    await nothingElse();
  });
});

test.describe('a search that does not come', () => {
  test.use({ quiet: false });

  test('leaves the keys alone', async ({ page, lanescope }) => {
    await lanescope.open();
    await page.route(/_split_lens\.wasm$/, (route) => route.abort());
    await page.keyboard.press('/');
    await expect(lanescope.notice).not.toBeEmpty();
    const bar = page.locator('.timeline-bar');
    const before = await bar.textContent();
    await page.keyboard.press('w');
    await expect(bar).not.toHaveText(before);
  });
});

test('the words of a dialog may be clicked, and Tab goes on from there', async ({ page, lanescope }) => {
  await lanescope.open();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading').first().click();
  await page.keyboard.press('Tab');
  await expect(dialog.locator(':focus')).toHaveCount(1);
});
