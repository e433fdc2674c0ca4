// For everybody: what axe finds, in both themes and in every state of the page; and narrow screens.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures.js';
import { concurrent, experiment, fragment, sequential } from './experiment.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** What axe calls serious or critical, as lines to read. */
async function findings(page) {
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  expect(passes.length, 'axe did look').toBeGreaterThan(15);
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

/** Each state of the page that a user can be in for long, and how to come there. */
const STATES = {
  'the race as it opens': async (lanescope) => {
    await lanescope.open();
    await expect(lanescope.big).toHaveText(/faster$/);
  },
  'everything unfolded': async (lanescope) => {
    await lanescope.open();
    await lanescope.more.click();
    await lanescope.page.getByLabel('What goes wrong', { exact: true }).selectOption('cut in the middle');
    await lanescope.details.getByText('All figures').click();
    await lanescope.button('JavaScript').click();
    await lanescope.showLane('A');
  },
  'the dialog of the key': async (lanescope) => {
    await lanescope.open();
    await lanescope.openConnect();
    await lanescope.connect.getByText('Another address', { exact: true }).click();
    await lanescope.connect.getByRole('button', { name: 'Use this key', exact: true }).click();
    await expect(lanescope.connect.getByRole('alert')).toBeVisible();
  },
  'the dialog of the link': async (lanescope) => {
    await lanescope.open();
    await lanescope.button('Share').click();
    await expect(lanescope.dialog('Share this experiment')).toBeVisible();
  },
  'the dialog of the link for a class': async (lanescope) => {
    await lanescope.open();
    await lanescope.button('Share').click();
    await lanescope.button('For a class …').click();
    await expect(lanescope.dialog('For a class')).toBeVisible();
  },
  'what a teacher gave, all of it locked': async (lanescope) => {
    const locked = ['requests', 'lanes', 'retries', 'rates', 'server', 'seed'];
    const given = { version: 1, what: { experiment: experiment() }, locked, goal: { most_calls: 1 }, note: 'A note.' };
    await lanescope.open(fragment(given).replace('#x=', '#t='));
    await lanescope.more.click();
    await expect(lanescope.button('Copy the result')).toBeVisible();
    await expect(lanescope.number('Seed')).toBeDisabled();
  },
  'the preflight': async (lanescope, plain) => {
    await lanescope.open();
    await lanescope.use(plain.url);
    await lanescope.run.click();
    await expect(lanescope.preflight).toBeVisible();
  },
  'a real run under way': async (lanescope, plain) => {
    await plain.reset();
    await lanescope.open();
    await lanescope.use(plain.url);
    await lanescope.send();
    await expect(lanescope.startNow).toBeVisible();
  },
  'cards of errors, one unfolded': async (lanescope) => {
    const faults = ['stall', 'cut', 'network', { status: 429 }, { status: 503 }, { status: 400 }]
      .map((fault, place) => ({ when: { items: [place] }, fault }));
    await lanescope.open(fragment(experiment({ requests: 8, lanes: [sequential({ tries: 1 }), concurrent(4, { tries: 1 })], server: { simulated: { faults } } })));
    await expect(lanescope.cards).toHaveCount(6);
    await lanescope.card('overloaded').getByText("The server's own words").click();
    await expect(lanescope.card('overloaded').locator('pre')).toBeVisible();
  },
  'a lesson before its run': async (lanescope) => {
    await lanescope.openLesson('five-in-a-loop');
    await expect(lanescope.lesson.locator('button.term').first()).toBeVisible();
  },
  'a lesson after its run, a term explained': async (lanescope) => {
    await lanescope.openLesson('semaphore');
    await lanescope.page.getByRole('slider', { name: 'Finish line' }).press('ArrowRight');
    await lanescope.button('That is my answer: run it').click();
    await lanescope.button('Next ›').click();
    await lanescope.page.locator('button.term:visible').first().click();
    await expect(lanescope.page.getByRole('note')).toBeVisible();
  },
  'a script lesson': async (lanescope) => {
    await lanescope.openLesson('tasks');
    await lanescope.button('Run it without an answer').click();
    await expect(lanescope.after).toBeVisible();
  },
  'a talk': async (lanescope) => {
    await lanescope.open();
    await lanescope.button('Present').click();
    await lanescope.button('Next ›').click();
  },
  'the list of lessons, its words unfolded': async (lanescope) => {
    await lanescope.open();
    await lanescope.button('Lessons').click();
    const dialog = lanescope.dialog('Lessons');
    await dialog.getByText('Words', { exact: true }).click();
    await expect(dialog.getByText('semaphore', { exact: true })).toBeVisible();
  },
  'a notice and an experiment that can not be run': async (lanescope) => {
    await lanescope.open('#x=1damaged');
    await lanescope.enter('At most in flight', 0);
    await expect(lanescope.side.getByRole('alert')).toBeVisible();
    await expect(lanescope.run).toBeDisabled();
  },
};

for (const theme of ['light', 'dark']) {
  test.describe(`in the ${theme} theme`, () => {
    test.use({ colorScheme: theme });

    for (const [name, come] of Object.entries(STATES)) {
      test(`axe finds nothing serious in ${name}`, async ({ page, lanescope, plain }) => {
        await come(lanescope, plain);
        await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
        expect(await findings(page)).toEqual([]);
      });
    }
  });
}

test('axe would find something if there were something', async ({ page, lanescope }) => {
  await lanescope.open();
  await page.evaluate(() => {
    const image = document.createElement('img');
    image.src = 'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    document.querySelector('main').append(image, document.createElement('button'));
  });
  expect((await findings(page)).map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['image-alt', 'button-name']));
});

test('the theme follows the system until it is chosen, and the choice is kept', async ({ page, lanescope }) => {
  const root = page.locator('html');
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await lanescope.open();
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await lanescope.button('Light theme').click();
  await expect(root).toHaveAttribute('data-theme', 'light');
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(paper.match(/\d+/g).map(Number).every((part) => part > 200), `${paper} is light`).toBe(true);
  await page.reload();
  await expect(root).toHaveAttribute('data-theme', 'light');
  await expect(lanescope.button('Dark theme')).toBeVisible();
});

test('what is read first stands first', async ({ lanescope }) => {
  await lanescope.open();
  await lanescope.end();
  await expect(lanescope.page.getByText('What went wrong')).toBeVisible();
  const tops = await lanescope.page.locator('.stage > *:visible').evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().top));
  expect(tops.length).toBeGreaterThan(4);
  expect(tops).toEqual([...tops].sort((one, other) => one - other));
});

for (const width of [1440, 1024, 390]) {
  test.describe(`at ${width} pixels across`, () => {
    test.use({ viewport: { width, height: 800 } });

    for (const [name, come] of Object.entries(STATES)) {
      test(`nothing of ${name} runs out of the page sideways`, async ({ page, lanescope, plain }) => {
        await come(lanescope, plain);
        const { over, culprits } = await page.evaluate(() => {
          const root = document.documentElement;
          const scrolls = (element) => {
            for (let at = element; at && at !== document.body; at = at.parentElement) {
              if (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(at).overflowX) || getComputedStyle(at).clipPath !== 'none') return true;
            }
            return false;
          };
          const wide = [...document.querySelectorAll('body *')]
            .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(element.parentElement) && !scrolls(element));
          return { over: root.scrollWidth - root.clientWidth, culprits: wide.map((element) => element.outerHTML.slice(0, 80)) };
        });
        expect(culprits).toEqual([]);
        expect(over).toBeLessThanOrEqual(0);
      });
    }
  });
}

test('what a run came to is spoken once, and the counting before it is not', async ({ page, lanescope }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' });
  await lanescope.open();
  const spoken = lanescope.result.getByRole('status');
  await expect(lanescope.big).toHaveText(/^B [1-9]/);
  await expect(spoken).toHaveText('');
  await lanescope.button('To the end').click();
  await expect(spoken).toHaveText(/^3\.6× faster\. 88 % of the best possible/);
});

test('the table says in words and figures what the timeline draws', async ({ lanescope }) => {
  await lanescope.open(fragment(experiment({ requests: 8, lanes: [concurrent(2, { jitter: 'none' })], server: { simulated: { first_byte_millis: { constant: 1_000 }, answer_tokens: { constant: 36 }, faults: [{ when: { items: [3], first_attempts: 1 }, fault: { status: 503 } }] } } })));
  const [first, , third, fourth] = await lanescope.table();
  expect(first).toMatchObject({ asked: '1st', finished: '1st', state: 'answered', waited: '', backedOff: '', service: '2.0 s', tries: 1 });
  expect(third).toMatchObject({ state: 'answered', waited: '2.0 s', service: '2.0 s' });
  // Refused after 0.4 s, a wait of 1 s, then 2 s.
  expect(fourth).toMatchObject({ state: 'answered', waited: '2.0 s', backedOff: '1.0 s', service: '3.4 s', tries: 2 });
});

for (const width of [1280, 1366]) {
  test.describe(() => {
    test.use({ viewport: { width, height: 800 } });

    test(`the header is one row at ${width} pixels across`, async ({ lanescope }) => {
      await lanescope.open();
      expect((await lanescope.page.getByRole('banner').boundingBox()).height).toBeLessThan(60);
    });
  });
}
