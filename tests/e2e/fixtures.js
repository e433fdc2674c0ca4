// What every test is given: the page in its browser, stand-in servers, and an eye on the console.
import { test as base, expect } from '@playwright/test';
import { Lanescope } from './page.js';
import { StandIn } from './stand-in.js';

const standIn = (...args) => [async ({}, use) => {
  const server = await StandIn.start(...args);
  await use(server);
  server.stop();
}, { scope: 'worker' }];

/** Lines that the browser itself writes when a request fails. No page can keep it from doing so. */
const BROWSERS_OWN = [
  /^Failed to load resource: /,
  /^Access to fetch at '[^']+' from origin '[^']+' has been blocked by CORS policy/,
];

export const test = base.extend({
  /** Whether requests may fail in this test, and the browser say so in its console. */
  requestsMayFail: [false, { option: true }],

  /** Whether the console must be quiet otherwise. */
  quiet: [true, { option: true }],

  /** Whether the browser has never been here: once the first race is over, a tour begins. */
  firstVisit: [false, { option: true }],

  context: async ({ context, firstVisit }, use) => {
    if (!firstVisit) await context.addInitScript(() => { if (location.protocol !== 'about:') localStorage.setItem('lanescope-tour', 'shown'); });
    await use(context);
  },

  /** A stand-in over TLS, where the browser speaks HTTP/2. */
  tls: standIn('--tls'),
  /** A stand-in over plain HTTP. */
  plain: standIn(),

  /** Everything that the console of the page says, and what it threw. */
  said: [async ({ context, requestsMayFail, quiet }, use) => {
    const said = [];
    context.on('console', (message) => said.push({ kind: message.type(), text: message.text() }));
    context.on('weberror', (error) => said.push({ kind: 'error', text: String(error.error()) }));
    await use(said);
    const isOwn = ({ text }) => requestsMayFail && BROWSERS_OWN.some((line) => line.test(text));
    const bad = said.filter((line) => ['error', 'assert'].includes(line.kind) && !isOwn(line));
    if (quiet) expect(bad, 'the console is quiet').toEqual([]);
  }, { auto: true }],

  /** Whether whoever opens the page moves at once; see page.js. */
  stirs: [true, { option: true }],

  lanescope: async ({ page, stirs }, use) => use(new Lanescope(page, { stirs })),
});

export { expect };
