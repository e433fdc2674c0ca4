// What the page forbids itself, and how much it weighs.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from './fixtures.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The text of every file in a folder whose name ends so. */
async function texts(folder, ending) {
  const entries = await readdir(here(folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && ending.test(entry.name)).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
}

test.describe('the content policy', () => {
  test('is the one that was agreed on', async ({ page, lanescope }) => {
    await lanescope.open();
    const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
    const rules = Object.fromEntries(policy.split(';').map((rule) => rule.trim().split(/ (.*)/)).map(([name, value]) => [name, value]));
    expect(rules).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self' 'wasm-unsafe-eval'",
      'style-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
    });
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toContain("'unsafe-eval'");
    // It stands before anything that it is to govern.
    const earlier = await page.evaluate(() => document.querySelectorAll('script, link, style').length > 0
      && [...document.querySelectorAll('script, link, style')].every((element) => (
        document.querySelector('meta[http-equiv]').compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)));
    expect(earlier).toBeTruthy();
  });

  test.describe('when something breaks it', () => {
    // The browser reports each of them in its console.
    test.use({ quiet: false });

    test('runs no inline script, no eval, no foreign script, and takes no inline style', async ({ page, lanescope, plain }) => {
      await lanescope.open();
      const broken = await page.evaluate(async (elsewhere) => {
        const reports = [];
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => reports.push(effectiveDirective));
        const inline = document.createElement('script');
        inline.textContent = 'window.ran = "inline"';
        document.body.append(inline);
        const foreign = document.createElement('script');
        foreign.src = `${elsewhere}/x.js`;
        document.body.append(foreign);
        document.body.insertAdjacentHTML('beforeend', '<p id="styled" style="color: rgb(1, 2, 3)">x</p><img src="x:" onerror="window.ran = 1">');
        // Not in the call from outside, which the policy does not govern.
        setTimeout(() => {
          try {
            (0, eval)('window.ran = "eval"');
          } catch {
            reports.push('eval threw');
          }
        });
        await new Promise((done) => setTimeout(done, 300));
        return { ran: window.ran, colour: getComputedStyle(document.querySelector('#styled')).color, reports };
      }, plain.url);
      expect(broken.ran).toBeUndefined();
      expect(broken.colour).not.toBe('rgb(1, 2, 3)');
      expect(broken.reports).toEqual(expect.arrayContaining(['script-src-elem', 'style-src-attr', 'script-src-attr', 'eval threw']));
    });
  });

  test('is never broken by the page itself, whatever is opened and run', async ({ page, lanescope, tls }) => {
    await page.addInitScript(() => {
      window.broken = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => (
        window.broken.push([effectiveDirective, blockedURI, sourceFile, lineNumber].join(' '))));
    });
    await tls.reset();
    await lanescope.open();
    for (const chip of await lanescope.chips.all()) await chip.click();
    await lanescope.more.click();
    await lanescope.details.getByText('All figures').click();
    await lanescope.button('Rust').click();
    await lanescope.button('Dark theme').click();
    await lanescope.button('Share').click();
    await page.keyboard.press('Escape');
    await lanescope.download('Save run');
    await page.evaluate(() => window.lanescope.schema());
    await lanescope.use(tls.url);
    await lanescope.enter('Requests', 3);
    await lanescope.send();
    await lanescope.endWithoutWait();
    expect(await page.evaluate(() => window.broken)).toEqual([]);
  });
});

test('no style attribute is written anywhere', async () => {
  const places = [
    ...await texts('../../dist/', /\.(html|js|css|svg|wasm)$/),
    ...await texts('../../src/', /\.rs$/),
    ...await texts('../../style/', /\.(css|svg)$/),
    { file: 'index.html', text: await readFile(here('../../index.html'), 'utf8') },
  ];
  expect(places.length).toBeGreaterThan(50);
  const found = places.flatMap(({ file, text }) => (text.match(/(?<![\w:-])style\s*=\s*\\?["'{].{0,40}|set_attribute\("style".{0,40}/g) ?? []).map((line) => `${file}: ${line}`));
  expect(found).toEqual([]);
});

test('no markup is made of text', async () => {
  // What a server says is shown as text, never as markup.
  const found = (await texts('../../src/', /\.rs$/)).flatMap(({ file, text }) => (text.match(/inner_html|set_outer_html|insert_adjacent_html|document\.write/g) ?? []).map((word) => `${file}: ${word}`));
  expect(found).toEqual([]);
});

test.describe('before anybody moves', () => {
  test.use({ stirs: false });

  test('the first load weighs at most 240 kB', async ({ page, lanescope }) => {
    const fetched = [];
    page.on('requestfinished', (request) => fetched.push(request));
    await lanescope.open();
    await page.waitForLoadState('networkidle');
    const weights = await Promise.all(fetched.map(async (request) => {
      const { responseBodySize } = await request.sizes();
      return [new URL(request.url()).pathname, responseBodySize];
    }));
    expect(weights.length).toBeGreaterThan(3);
    expect(weights.some(([path, bytes]) => path.endsWith('.wasm') && bytes > 10_000)).toBe(true);
    const sum = weights.reduce((total, [, bytes]) => total + bytes, 0);
    expect(sum, weights.map(([path, bytes]) => `${path} ${bytes}`).join('\n')).toBeLessThanOrEqual(240_000);
  });
});

test('everything is fetched once, from the page\'s own folder', async ({ page, lanescope }) => {
  const fetched = [];
  page.on('request', (request) => fetched.push(request.url()));
  page.on('response', (response) => expect(response.status(), response.url()).toBe(200));
  await lanescope.open('', process.env.LANESCOPE_SITE_IN_FOLDER);
  await expect(lanescope.big).toHaveText(/^B /);
  await page.waitForLoadState('networkidle');
  expect(fetched.filter((url) => !url.startsWith(process.env.LANESCOPE_SITE_IN_FOLDER))).toEqual([]);
  expect(fetched.filter((url, place) => fetched.indexOf(url) !== place)).toEqual([]);
  expect(fetched.some((url) => url.endsWith('.wasm'))).toBe(true);
});

test.describe('a part that comes later', () => {
  test.use({ quiet: false });

  test('says so when it can not be fetched, and comes with the next press', async ({ page, lanescope }) => {
    await lanescope.open();
    await page.route(/_split_tools\.wasm$/, (route) => route.abort());
    await lanescope.button('Share').click();
    await expect(lanescope.notice).toContainText('A part of the page could not be fetched.');
    await page.unroute(/_split_tools\.wasm$/);
    await lanescope.button('Share').click();
    await expect(page.getByRole('textbox', { name: 'Link' })).toBeVisible();
  });
});

test('a browser without JavaScript is told what is missing', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(process.env.LANESCOPE_SITE);
  expect(await page.evaluate(() => document.body.innerText)).toContain('needs JavaScript and WebAssembly');
  await context.close();
});
