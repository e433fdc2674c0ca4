// A job is planned under the limits of an account, and what is planned meets no refusal.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.js';

test.beforeEach(async ({ page, lanescope }) => {
  await lanescope.open();
  await page.getByText('Plan a job under the limits of your account').click();
  await expect(page.getByText('What each limit alone would take')).toBeVisible();
});

const planner = (page) => page.locator('.planner');
const enter = async (page, label, value) => {
  const field = planner(page).getByLabel(label, { exact: true });
  await field.fill(String(value));
  await field.press('Tab');
};
const outcome = (page) => planner(page).getByRole('status');

test('what binds is named with its sum, and changes with the limits', async ({ page }) => {
  await enter(page, 'Requests', 1000);
  await enter(page, 'Time of a request, mean, s', 6);
  await enter(page, 'Requests a minute', 120);
  await expect(outcome(page)).toContainText('the quota of requests a minute');
  await expect(planner(page).getByRole('row', { name: /Requests a minute, what binds/ })).toContainText('(1 000 − 6) ÷ 112 a minute + 6 s');
  await enter(page, 'Requests a minute', '');
  await enter(page, 'Requests in flight', 5);
  await expect(outcome(page)).toContainText('how many can be in flight');
  await enter(page, 'Requests a day', 400);
  await expect(outcome(page)).toContainText('It takes 48 h');
  await enter(page, 'Budget, $', 0.01);
  await expect(outcome(page)).toContainText(/^\$0.01 pays for \d+ of 1 000 requests/);
  await enter(page, 'Requests in flight', 2000);
  await expect(planner(page).getByRole('alert')).toHaveText('The number in flight is out of bounds.');
  await expect(planner(page).getByRole('button', { name: 'Simulate the job' })).toBeDisabled();
});

test('the job is simulated in the lane that was advised, and nothing is refused', async ({ page, lanescope }) => {
  await enter(page, 'Requests', 300);
  await enter(page, 'Requests a minute', 100);
  await enter(page, 'Tokens a minute', 15000);
  await planner(page).getByRole('button', { name: 'Simulate the job' }).click();
  await lanescope.playback.getByRole('button', { name: 'To the end' }).click();
  await expect(lanescope.details.getByText('300 of 300')).toBeVisible();
  await expect(lanescope.cards).toHaveCount(0);
});

test('a click makes it a lane', async ({ page, lanescope }) => {
  await planner(page).getByRole('button', { name: 'Add as a lane and run' }).click();
  await expect(lanescope.results.getByRole('button', { name: 'Lane C' })).toBeVisible();
  await expect(lanescope.side.getByText('Planned').first()).toBeVisible();
});

test('nothing of it is hard to read', async ({ page }) => {
  const { violations } = await new AxeBuilder({ page }).include('.planner').analyze();
  expect(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))).toEqual([]);
});
