// How the end-to-end tests run. Each spec file is about one thing that a user does.
//
// The page is served from ../../dist by setup.js; stand-in servers belong to a worker (fixtures.js),
// so that two tests never meet in one. One file alone: npx playwright test --no-deps errors
import { execFileSync } from 'node:child_process';
import { defineConfig } from '@playwright/test';

/** The browser: CHROME_PATH, or what the system has. */
function chromium() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  }
  throw new Error('No Chromium found: install it, or set CHROME_PATH.');
}

/** The files whose tests are about time as the user feels it. */
const ON_THE_CLOCK = ['**/first-five-seconds.spec.js', '**/playback.spec.js'];

export default defineConfig({
  testDir: '.',
  globalSetup: './setup.js',
  outputDir: './test-results',
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
  // A test that passes the second time has failed.
  retries: 0,
  workers: 2,
  projects: [
    // Two at a time, by file. Whatever comes of them, the others follow.
    { name: 'together', testIgnore: ON_THE_CLOCK, teardown: 'alone' },
    // These look at the clock, and on two cores they need the machine to themselves.
    { name: 'alone', testMatch: ON_THE_CLOCK, workers: 1 },
  ],
  forbidOnly: true,
  timeout: 30_000,
  expect: { timeout: 5_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 900 },
    // The stand-in signs its own certificate.
    ignoreHTTPSErrors: true,
    actionTimeout: 5_000,
    colorScheme: 'light',
    locale: 'en-GB',
    launchOptions: {
      executablePath: chromium(),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
