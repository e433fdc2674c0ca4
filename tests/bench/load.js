// What somebody waits for who opens the page: bytes, a playing race, and no long task while it plays.
import { median } from './table.js';

const RUNS = 5;
const SLOWER = 4;
const WANTED = 'what is wanted';

export async function load({ browser, site, table }) {
  table.row('first load, brotli', 'kB', await weight(browser, site) / 1000, 240, WANTED, { most: 1 });
  const [playing, quick] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    playing.push(await untilPlaying(browser, site, SLOWER));
    quick.push(await untilPlaying(browser, site, 1));
  }
  const note = `${Math.round(median(quick))} ms at full speed`;
  table.row(`from the link to a playing race, CPU ${SLOWER} times slower`, 'ms', median(playing), 1_000, WANTED, { most: 1, note });
  const tasks = [];
  for (let run = 0; run < 3; run += 1) tasks.push(await longestTask(browser, site));
  table.row('longest task while the race plays', 'ms', median(tasks), 50, WANTED, { most: 1, note: `worst of 3 runs ${Math.round(Math.max(...tasks))}` });
}

/** A page in a browser that was never here. */
async function stranger(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  return { context, page: await context.newPage() };
}

/** Bytes on the wire, until nothing more is asked for. */
async function weight(browser, site) {
  const { context, page } = await stranger(browser);
  const fetched = [];
  page.on('requestfinished', (request) => fetched.push(request));
  await page.goto(site);
  await page.waitForLoadState('networkidle');
  const sizes = await Promise.all(fetched.map(async (request) => (await request.sizes()).responseBodySize));
  await context.close();
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Milliseconds from the navigation to the first frame in which the clock of the race has moved. */
async function untilPlaying(browser, site, slower) {
  const { context, page } = await stranger(browser);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: slower });
  await page.addInitScript(() => {
    window.playing = new Promise((done) => {
      const look = () => {
        const moved = parseFloat(document.querySelector('.clock')?.textContent) > 0;
        if (moved) done(performance.now());
        else requestAnimationFrame(look);
      };
      look();
    });
  });
  await page.goto(site);
  const millis = await page.evaluate(() => window.playing);
  await context.close();
  return millis;
}

/** Milliseconds of the longest task of the page's thread from the first move of the clock to its last. */
async function longestTask(browser, site) {
  const { context, page } = await stranger(browser);
  await page.goto(site);
  const clock = page.locator('.clock');
  await page.waitForFunction((node) => parseFloat(node.textContent) > 0, await clock.elementHandle());
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing', '__metadata'] });
  await page.waitForFunction((node) => /^(\S+ s) of \1$/.test(node.textContent), await clock.elementHandle(), { timeout: 15_000, polling: 200 });
  const { traceEvents } = JSON.parse(await browser.stopTracing());
  await context.close();
  const threads = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => ph === 'X' && name.endsWith('RunTask') && threads.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error('the trace holds no task of the page');
  return Math.max(...tasks.map(({ dur }) => dur)) / 1000;
}
