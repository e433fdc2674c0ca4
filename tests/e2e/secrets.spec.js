// The key: it goes into one header, to the one origin that it was typed for, and nowhere else.
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { expect, test } from './fixtures.js';
import { concurrent, fragment, opened, real, sequential } from './experiment.js';
import { StandIn } from './stand-in.js';

const KEY = 'AQ.e2e-Secret_7f3a91c4';
/** Encodings in which it could hide. */
const FORMS = [KEY, encodeURIComponent(KEY), btoa(KEY), Buffer.from(KEY).toString('base64url'), Buffer.from(KEY).toString('hex'), [...KEY].reverse().join('')];

const expectNoKey = (text, where) => {
  for (const form of FORMS) expect(String(text).includes(form), `the key is not in ${where}`).toBe(false);
};

/** Everything in the page where something could be read back, by name. */
const places = (page) => page.evaluate(async () => {
  const entries = (storage) => JSON.stringify(Object.entries({ ...storage }));
  const databases = await indexedDB.databases();
  const cached = await caches.keys();
  const walk = (value, depth, seen = new Set()) => {
    if (depth === 0 || value === null || !['object', 'function'].includes(typeof value)) return String(value);
    if (seen.has(value)) return '';
    seen.add(value);
    return Reflect.ownKeys(value).map((name) => {
      try {
        return `${String(name)}=${walk(value[name], depth - 1, seen)}`;
      } catch {
        return '';
      }
    }).join('\n') + String(value);
  };
  return {
    'the address': location.href,
    'the history': JSON.stringify(history.state),
    'local storage': entries(localStorage),
    'session storage': entries(sessionStorage),
    cookies: document.cookie,
    'a database': JSON.stringify(databases),
    'a cache': JSON.stringify(cached),
    'the name of the window': window.name,
    'the document': document.documentElement.outerHTML,
    'a field': JSON.stringify([...document.querySelectorAll('input, textarea, select')].map((field) => [field.value, field.defaultValue])),
    'the timings': JSON.stringify(performance.getEntries()),
    'the script interface': walk(window.lanescope, 4),
  };
});

/** Every request that the page makes: its address, its headers and its body. */
function watch(context) {
  const sent = [];
  context.on('request', (request) => sent.push(request));
  return sent;
}

const hostsOf = (requests) => [...new Set(requests.map((request) => new URL(request.url()).host))];

/** The host that the page came from. */
const own = () => new URL(process.env.LANESCOPE_SITE).host;

test.describe(() => {
  test.use({ requestsMayFail: true });

  test('a key that was used is in its header and nowhere else', async ({ context, page, lanescope, said, tls }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await tls.reset({ key: KEY, faults: [{ when: { items: [1] }, fault: { status: 503 } }] });
    const sent = watch(context);
    await lanescope.open();
    await lanescope.fillConnect(tls.url, ` "${KEY}"\u200b `);
    // While it is typed, it is in the field and in no attribute.
    expectNoKey((await places(page))['the document'], 'the document while it is typed');
    await lanescope.connect.getByRole('button', { name: 'Check key', exact: true }).click();
    await expect(lanescope.connect).toContainText(/The key works: \d+ models\./);
    await lanescope.connect.getByRole('button', { name: 'Use this key', exact: true }).click();
    await lanescope.send();
    await lanescope.endWithoutWait();
    await lanescope.card('overloaded').getByText("The server's own words").click();

    // It is known by the header alone that it was used at all.
    const calls = sent.filter((request) => new URL(request.url()).host === tls.host);
    expect(calls.length).toBeGreaterThanOrEqual(11);
    for (const call of calls) {
      const { 'x-goog-api-key': key, ...others } = await call.allHeaders();
      expect(key).toBe(KEY);
      expectNoKey(JSON.stringify(others), 'another header');
      expectNoKey(call.url(), 'the address of a request');
      expectNoKey(call.postData(), 'the body of a request');
    }
    for (const request of sent.filter((each) => !calls.includes(each))) expectNoKey(JSON.stringify(await request.allHeaders()), 'a request to the page\'s own host');

    for (const [where, text] of Object.entries(await places(page))) expectNoKey(text, where);
    for (const button of ['Save run', 'Answers (JSONL)']) expectNoKey((await lanescope.download(button)).text, `what "${button}" saves`);
    await lanescope.button('Copy answers').click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('Simulated answer.');
    expectNoKey(await page.evaluate(() => navigator.clipboard.readText()), 'the clipboard');
    await lanescope.button('Share').click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    expectNoKey(link, 'a link');
    expectNoKey(JSON.stringify(opened(link)), 'what a link holds');
    expect(JSON.stringify(opened(link))).not.toContain(tls.host);
    expectNoKey(JSON.stringify(said), 'the console');
    expectNoKey(JSON.stringify(await tls.log()), 'the log of the server');
    expect((await tls.log()).requests.every(({ hadKey }) => hadKey)).toBe(true);
  });

  test('a key that was refused is not in what is said of it', async ({ page, lanescope, said, tls }) => {
    await tls.reset({ key: 'AQ.right' });
    await lanescope.open();
    await lanescope.use(tls.url, KEY);
    await lanescope.send();
    await lanescope.end();
    await lanescope.card('auth').getByText("The server's own words").click();
    for (const [where, text] of Object.entries(await places(page))) expectNoKey(text, where);
    expectNoKey((await lanescope.download('Save run')).text, 'the saved run');
    expectNoKey(JSON.stringify(said), 'the console');
  });
});

test('a key that is kept for the tab is in its session storage alone, until it is forgotten', async ({ page, context, lanescope, tls }) => {
  await tls.reset({ key: KEY });
  await lanescope.open();
  await lanescope.use(tls.url, KEY, { keep: true });
  const { 'session storage': kept, ...others } = await places(page);
  expect(kept).toContain(KEY);
  for (const [where, text] of Object.entries(others)) expectNoKey(text, where);

  // It survives a reload; nothing is sent by that.
  await page.reload();
  await expect(lanescope.button('API key')).toBeVisible();
  expect((await tls.log()).requests).toEqual([]);
  // Another tab does not have it.
  const other = await context.newPage();
  await other.goto(page.url());
  expect(await other.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain(KEY);
  await other.close();

  await lanescope.button('API key').click();
  await lanescope.connect.getByRole('button', { name: 'Forget the key' }).click();
  for (const [where, text] of Object.entries(await places(page))) expectNoKey(text, where);
  await page.reload();
  await expect(lanescope.button('Use my API key')).toBeVisible();
});

test('a key that is not kept does not leave an earlier one behind', async ({ page, lanescope, tls }) => {
  await lanescope.open();
  await lanescope.use(tls.url, KEY, { keep: true });
  await lanescope.openConnect();
  await lanescope.keyField.fill('AQ.another');
  await lanescope.connect.getByRole('checkbox', { name: /^Keep the key/ }).uncheck();
  await lanescope.connect.getByRole('button', { name: 'Use this key', exact: true }).click();
  const { 'session storage': kept } = await places(page);
  expectNoKey(kept, 'session storage');
  expect(kept).not.toContain('AQ.another');
});

test('another address means typing the key again', async ({ page, lanescope, tls, plain }) => {
  await tls.reset();
  await plain.reset();
  await lanescope.open();
  await lanescope.use(tls.url, KEY);
  await lanescope.openConnect();
  await lanescope.keyField.fill(KEY);
  await lanescope.write(lanescope.address, plain.url);
  await expect(lanescope.keyField).toHaveValue('');
  await lanescope.connect.getByRole('button', { name: 'Check key', exact: true }).click();
  await expect(lanescope.connect.getByRole('alert')).toHaveText('The key is empty.');
  await lanescope.connect.getByRole('button', { name: 'Use this key', exact: true }).click();
  await expect(lanescope.connect).toBeVisible();
  await page.keyboard.press('Escape');
  await lanescope.run.click();
  await expect(lanescope.preflight).toContainText(tls.host);
  expect((await plain.log()).requests).toEqual([]);
});

test('nothing leaves the origin before the user runs against a server', async ({ context, page, lanescope, tls }) => {
  const sent = watch(context);
  await lanescope.open();
  await lanescope.run.click();
  await lanescope.chips.nth(2).click();
  await lanescope.button('Share').click();
  await page.keyboard.press('Escape');
  await lanescope.use(tls.url, KEY);
  await lanescope.run.click();
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(lanescope.run).toBeVisible();
  expect(hostsOf(sent)).toEqual([own()]);
  expect(sent.length).toBeGreaterThan(5);
});

test.describe('a server that sends the page on', () => {
  test.use({ requestsMayFail: true });

  test('to another host does not send the key there', async ({ page, lanescope }) => {
    // Both allow every page; the first answers each call with the address of the second.
    const seen = { first: [], second: [] };
    const server = async (name, answer) => {
      const running = createServer((request, response) => {
        seen[name].push({ method: request.method, key: request.headers['x-goog-api-key'] });
        response.setHeader('access-control-allow-origin', '*');
        response.setHeader('access-control-allow-headers', 'content-type, x-goog-api-key');
        if (request.method === 'OPTIONS') response.writeHead(204).end();
        else answer(response);
      });
      await new Promise((done) => running.listen(0, '127.0.0.1', done));
      return { url: `http://127.0.0.1:${running.address().port}`, close: () => { running.closeAllConnections(); running.close(); } };
    };
    const second = await server('second', (response) => response.writeHead(200).end('{}'));
    const first = await server('first', (response) => response.writeHead(307, { location: `${second.url}/v1beta/models` }).end());

    await lanescope.open(fragment(real({ requests: 2, lanes: [sequential({ tries: 1 })] })));
    await lanescope.fillConnect(first.url, KEY);
    await lanescope.connect.getByRole('button', { name: 'Check key', exact: true }).click();
    await expect(lanescope.connect.getByRole('status')).toContainText('Failed to fetch');
    await lanescope.connect.getByRole('button', { name: 'Use this key', exact: true }).click();
    await lanescope.send();
    await lanescope.end();
    await expect(lanescope.card('network')).toHaveCount(1);
    await page.waitForTimeout(300);
    expect(seen.first.filter(({ key }) => key === KEY), 'the check and two calls').toHaveLength(3);
    expect(seen.second).toEqual([]);
    first.close();
    second.close();
  });
});

test.describe('a link from a stranger', () => {
  let evil;
  test.beforeAll(async () => { evil = await StandIn.start(); });
  test.afterAll(() => evil.stop());

  /** What somebody could put into a link so that the key goes elsewhere. */
  const TAMPERED = {
    'an address beside the experiment': (url) => real({ baseUrl: url, base_url: url, host: url, connection: { base_url: url } }),
    'an address in the server': (url) => real({ server: { gemini: { base_url: url, baseUrl: url, host: url } } }),
    'an address in the settings': (url) => real({ settings: { base_url: url, baseUrl: url, host: url } }),
    'an address in a lane': (url) => real({ lanes: [concurrent(2, { base_url: url, baseUrl: url })] }),
    'an address in the workload': (url) => ({ ...real(), workload: { calls: { prompts: ['Why?'], requests: 2, base_url: url } } }),
    'a model that is an address': (url) => real({ settings: { model: url } }),
    'a model that climbs out of its path': (url) => real({ settings: { model: `../../../@${new URL(url).host}/x` } }),
    'a model that begins with slashes': (url) => real({ settings: { model: `//${new URL(url).host}/x?` } }),
  };

  test.use({ requestsMayFail: true });

  for (const [name, make] of Object.entries(TAMPERED)) {
    test(`with ${name} takes no key to another host`, async ({ context, lanescope, tls }) => {
      await tls.reset();
      await evil.reset();
      const sent = watch(context);
      await lanescope.open(fragment(make(evil.url)));
      await lanescope.use(tls.url, KEY);
      await lanescope.run.click();
      await expect(lanescope.preflight.locator('dt:text-is("To") + dd')).toHaveText(tls.host);
      await lanescope.preflight.getByRole('button', { name: /^Send / }).click();
      // A link that was refused has left the race of two lanes; one with a strange model stops at once.
      await expect(lanescope.startNow.or(lanescope.run.filter({ hasText: 'Run' }))).toBeVisible();
      if (await lanescope.startNow.isVisible()) await lanescope.endWithoutWait();
      expect((await tls.log()).requests.length, 'it did run').toBeGreaterThan(0);

      expect((await evil.log()).requests).toEqual([]);
      expect((await evil.log()).preflights).toBe(0);
      expect(hostsOf(sent).sort()).toEqual([own(), tls.host].sort());
      for (const request of sent) expectNoKey(request.url(), 'an address');
    });
  }

  test('that is opened beside a typed key starts nothing', async ({ context, page, lanescope, tls }) => {
    await tls.reset();
    await lanescope.open();
    await lanescope.use(tls.url, KEY);
    const sent = watch(context);
    await page.evaluate((hash) => { location.hash = hash; }, fragment(real({ requests: 3, prompts: ['Send me!'] })));
    await expect(lanescope.prompts).toHaveValue('Send me!');
    await page.waitForTimeout(500);
    expect(hostsOf(sent).filter((host) => host !== own())).toEqual([]);
    expect((await tls.log()).requests).toEqual([]);
  });
});

test.describe('the script interface', () => {
  test('can not use or read back a key that was typed into the page', async ({ context, page, lanescope, tls }) => {
    await tls.reset({ key: KEY });
    await lanescope.open();
    await lanescope.use(tls.url, KEY, { keep: true });
    const sent = watch(context);
    const ended = await page.evaluate(async ({ value, baseUrl }) => {
      const attempts = [{}, { baseUrl }, { baseUrl, apiKey: '' }, { baseUrl, apiKey: null }, { baseUrl, apiKey: undefined }];
      return Promise.all(attempts.map((options) => window.lanescope.run(value, options).then(() => 'ran', (error) => String(error))));
    }, { value: real({ requests: 1, lanes: [sequential({ tries: 1 })] }), baseUrl: tls.url });
    for (const end of ended) {
      expect(end).toMatch(/^Error: .*key/i);
      expectNoKey(end, 'what it says');
    }
    expect(hostsOf(sent).filter((host) => host !== own()), 'nothing was sent').toEqual([]);
    expect((await tls.log()).requests).toEqual([]);
    const all = await places(page);
    expect(all['the script interface']).toContain('simulate');
    expectNoKey(all['the script interface'], 'the script interface');
  });

  test('does not put the key that it is given into the trace', async ({ page, lanescope, tls }) => {
    await tls.reset({ key: KEY });
    await lanescope.open();
    const trace = await page.evaluate(({ value, apiKey, baseUrl }) => window.lanescope.run(value, { apiKey, baseUrl }), {
      value: real({ requests: 2, lanes: [concurrent(2)] }), apiKey: KEY, baseUrl: tls.url,
    });
    expect(trace.lanes[0].answers).toHaveLength(2);
    expectNoKey(JSON.stringify(trace), 'the trace');
    for (const [where, text] of Object.entries(await places(page))) expectNoKey(text, where);
  });
});

test('no file of the page holds anything that looks like a key', async () => {
  const dist = new URL('../../dist/', import.meta.url);
  const entries = await readdir(dist, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`);
  expect(files.some((file) => file.endsWith('index.html'))).toBe(true);
  expect(files.some((file) => file.endsWith('.md')), 'folders are looked into').toBe(true);
  for (const file of files) {
    expect(await readFile(file, 'latin1'), file).not.toMatch(/AIza[\w-]{35}|AQ\.[\w-]{20,}/);
  }
});
