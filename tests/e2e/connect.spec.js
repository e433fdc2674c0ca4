// The user's own key: checked, used, changed and forgotten.
import { expect, test } from './fixtures.js';
import { fragment, real, sequential } from './experiment.js';

const MODELS = ['gemini-3.8-flash', 'gemini-flash-latest', 'gemini-4-argon'];

test('checking a key lists the models, costs no call, and offers them to choose from', async ({ lanescope, tls }) => {
  await tls.reset({ key: 'AQ.right' });
  await lanescope.open();
  await lanescope.fillConnect(tls.url, 'AQ.right');
  await lanescope.connect.getByRole('button', { name: 'Check key' }).click();
  await expect(lanescope.connect.getByRole('status')).toHaveText('The key works: 3 models.');
  expect(await lanescope.connect.locator('datalist option').evaluateAll((options) => options.map(({ value }) => value))).toEqual(MODELS);
  const { requests } = await tls.log();
  expect(requests.every(({ method, path }) => method === 'GET' && path === '/v1beta/models')).toBe(true);
  expect(await tls.calls()).toEqual([]);

  await lanescope.connect.getByLabel('Model', { exact: true }).fill('gemini-4-argon');
  await lanescope.connect.getByRole('button', { name: 'Use this key' }).click();
  await lanescope.run.click();
  await expect(lanescope.preflight.locator('dt:text-is("Model") + dd')).toHaveText('gemini-4-argon');
});

test.describe(() => {
  test.use({ requestsMayFail: true });

  test('a key that is refused is answered in the words of the server', async ({ lanescope, tls }) => {
    await tls.reset({ key: 'AQ.right' });
    await lanescope.open();
    await lanescope.fillConnect(tls.url, 'AIza-wrong');
    await lanescope.connect.getByRole('button', { name: 'Check key' }).click();
    const said = lanescope.connect.getByRole('status');
    await expect(said).toContainText('The key was not accepted.');
    await expect(said).toContainText('API key not valid. Please pass a valid API key.');
    // What was said of one key does not stand beside another.
    await lanescope.keyField.fill('AQ.right');
    await expect(said).toHaveText('');
    await lanescope.connect.getByRole('button', { name: 'Check key' }).click();
    await expect(said).toHaveText('The key works: 3 models.');
  });

  test('a server that allows no page is told from a key that is wrong', async ({ lanescope, tls }) => {
    await tls.reset({ cors: false });
    await lanescope.open();
    await lanescope.fillConnect(tls.url, 'AQ.right');
    await lanescope.connect.getByRole('button', { name: 'Check key' }).click();
    await expect(lanescope.connect.getByRole('status')).toContainText('Failed to fetch');
  });
});

for (const [name, pasted] of Object.entries({
  'blanks around it': '  \tAQ.pasted_1-x \t ',
  'quotes around it': '"AQ.pasted_1-x"',
  'typographic quotes': '\u201cAQ.pasted_1-x\u201d',
  'invisible characters': '\ufeffAQ.\u200bpasted_1-x\u2060',
})) {
  test(`a key that was pasted with ${name} works`, async ({ lanescope, tls }) => {
    await tls.reset({ key: 'AQ.pasted_1-x' });
    await lanescope.open();
    await lanescope.fillConnect(tls.url, pasted);
    await lanescope.connect.getByRole('button', { name: 'Check key' }).click();
    await expect(lanescope.connect.getByRole('status')).toContainText('The key works');
  });
}

for (const [name, key] of Object.entries({ old: 'AIzaSyA-0123456789', new: 'AQ.Ab8RN6', 'of no known kind': 'sk-whatever' })) {
  test(`a key that looks ${name} is not judged by its looks`, async ({ lanescope, tls }) => {
    await tls.reset({ key });
    await lanescope.open(fragment(real({ requests: 1, lanes: [sequential()] })));
    await lanescope.use(tls.url, key);
    await lanescope.send();
    await lanescope.end();
    await expect(lanescope.big).toHaveText(/^1 of 1 in/);
  });
}

for (const [name, [url, key, words]] of Object.entries({
  'no key': ['https://example.com', '', 'The key is empty.'],
  'a key in two parts': ['https://example.com', 'AQ.x AQ.y', /^The key holds a blank/],
  'no scheme': ['example.com', 'AQ.x', 'The address must begin with http:// or https://.'],
  'a user name in the address': ['https://google.com@example.com', 'AQ.x', /^The address must be a host/],
})) {
  test(`${name} is refused at once, and nothing is sent`, async ({ page, lanescope }) => {
    const sent = [];
    await lanescope.open();
    page.on('request', (request) => { if (!request.url().startsWith(process.env.LANESCOPE_SITE)) sent.push(request.url()); });
    await lanescope.fillConnect(url, key);
    for (const button of ['Check key', 'Use this key']) {
      await lanescope.connect.getByRole('button', { name: button }).click();
      await expect(lanescope.connect.getByRole('alert')).toHaveText(words);
    }
    await expect(lanescope.connect).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(lanescope.badge).toContainText('Simulated');
    expect(sent).toEqual([]);
  });
}

test('a first real experiment is small: five requests a lane', async ({ lanescope, tls }) => {
  await lanescope.open();
  await expect(lanescope.number('Requests')).toHaveValue('12');
  await lanescope.use(tls.url);
  await expect(lanescope.number('Requests')).toHaveValue('5');
});

test('forgetting the key goes back to the simulation', async ({ lanescope, tls }) => {
  await lanescope.open();
  await lanescope.use(tls.url);
  await lanescope.openConnect();
  await lanescope.connect.getByRole('button', { name: 'Forget the key' }).click();
  await expect(lanescope.connect.getByLabel('Gemini API key')).toBeFocused();
  await lanescope.connect.getByRole('button', { name: 'Close' }).click();
  await expect(lanescope.badge).toHaveText('Simulated, no key needed');
  await expect(lanescope.button('Use my API key')).toBeVisible();
  await lanescope.run.click();
  await expect(lanescope.preflight).toBeHidden();
  await expect(lanescope.big).toHaveText(/^B \d of 5, A \d of 5$/);
});

test('"Simulate instead" goes back as well', async ({ lanescope, tls }) => {
  await tls.reset();
  await lanescope.open();
  await lanescope.use(tls.url);
  await lanescope.button('Simulate instead').click();
  await expect(lanescope.badge).toHaveText('Simulated, no key needed');
  await lanescope.run.click();
  await expect(lanescope.big).toHaveText(/^B \d of 5, A \d of 5$/);
  expect((await tls.log()).requests).toEqual([]);
});

test('what goes with every request is what the fields say', async ({ page, lanescope, tls }) => {
  await tls.reset();
  const bodies = [];
  page.on('request', (request) => { if (request.method() === 'POST') bodies.push({ url: request.url(), body: JSON.parse(request.postData()) }); });
  await lanescope.open(fragment(real({ requests: 2, prompts: ['First?', 'Second?'], lanes: [sequential()] })));
  await lanescope.use(tls.url, 'AQ.e2e', { model: 'gemini-3.8-flash' });
  await lanescope.more.click();
  await lanescope.enter('Output tokens at most', 99);
  await lanescope.enter('Temperature', 1.3);
  await lanescope.write(page.getByRole('textbox', { name: 'System instruction' }), 'Be brief.');
  await lanescope.send();
  await lanescope.end();
  expect(bodies.map(({ url }) => url)).toEqual(Array(2).fill(`${tls.url}/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse`));
  expect(bodies.map(({ body }) => body.contents[0].parts[0].text)).toEqual(['First?', 'Second?']);
  for (const { body } of bodies) {
    expect(body.generationConfig).toMatchObject({ maxOutputTokens: 99, temperature: 1.3 });
    expect(JSON.stringify(body.systemInstruction)).toContain('Be brief.');
  }
});
