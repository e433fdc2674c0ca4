// The page as a user meets it: its parts by their roles and names, and what can be done with them.
import { expect } from '@playwright/test';

export class Lanescope {
  /** `stirs`: whether whoever opens the page looks around at once; what the first seconds are not for comes with that. */
  constructor(page, { stirs = true } = {}) {
    this.page = page;
    this.stirs = stirs;
    const region = (name) => page.getByRole('region', { name, exact: true });
    const button = (name) => page.getByRole('button', { name, exact: true });

    this.result = region('Result');
    /** The headline, and the smaller line under it. */
    this.big = this.result.locator('.big');
    this.small = this.result.locator('.small');
    /** A bar and a figure for each lane. */
    this.totals = this.result.locator('.totals > b');
    this.bars = this.result.locator('.bar > i');
    this.countdown = this.result.locator('.countdown');
    this.startNow = button('Start now');

    this.badge = page.locator('header .pill');
    this.notice = page.getByRole('status').locator('.notice');
    this.chips = page.getByRole('navigation', { name: 'Exercises' }).getByRole('button');

    this.timeline = page.getByRole('group', { name: /^Timeline of / });
    this.canvas = this.timeline.locator('canvas');
    this.playback = page.getByRole('group', { name: 'Playback' });
    this.clock = this.playback.locator('.clock');
    this.speed = page.getByRole('combobox', { name: 'Speed' });
    this.playhead = page.getByRole('slider', { name: 'Playhead' });

    this.side = page.getByRole('complementary', { name: 'Experiment' });
    this.run = this.side.getByRole('button', { name: /^(Run|Stop)$/ });
    this.prompts = page.getByLabel('Prompts, one a line');
    this.more = page.getByText('More: retries, timeouts, server, seed');

    this.details = page.getByRole('complementary', { name: 'Details' });
    this.inspected = this.details.getByRole('heading', { name: /^Request \d+ · lane [A-H]$/ });
    this.why = this.details.locator('.why');

    /** The card of a lesson above the timeline, and the one below it. */
    this.lesson = region('Lesson');
    this.after = region('After the run');
    this.verdict = this.lesson.locator('.lesson-verdict');
    this.says = this.lesson.locator('.says');
    this.tour = region('What the race shows');

    this.results = region('Results');
    /** Those that are made: of a long table the ones in sight, and some around them. */
    this.rows = this.results.locator('tbody tr');
    this.grid = this.results.getByRole('grid');
    this.cards = page.locator('article.failure');
  }

  /** Opens the page, at an address' fragment if one is given. */
  async open(fragment = '', site = process.env.LANESCOPE_SITE) {
    await this.page.goto(site + fragment);
    // While a link is being read, nothing can be entered.
    await expect(this.page.locator('.app:not([inert])')).toBeVisible();
    await expect(this.page.locator('main.stage')).toBeVisible();
    if (this.stirs) await this.stir();
  }

  /** Moves, as whoever looks around does. */
  async stir() {
    await this.page.mouse.move(1, 1);
    await this.page.mouse.move(2, 1);
  }

  /** Opens a lesson, which has none of the controls of the playground. */
  async openLesson(id, site = process.env.LANESCOPE_SITE) {
    await this.page.goto(`${site}#lesson=${id}`);
    await expect(this.lesson.locator('.about').first(), 'its words have come').not.toBeEmpty();
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  dialog(name) {
    return this.page.getByRole('dialog', { name, exact: true });
  }

  /** A field for a number, by its label. */
  number(name) {
    return this.page.getByRole('spinbutton', { name, exact: true });
  }

  /** Enters a number and leaves the field, which is when the page takes it. */
  async enter(name, figure) {
    await this.number(name).fill(String(figure));
    await this.number(name).blur();
  }

  /** Puts `text` into a field and leaves it. */
  async write(field, text) {
    await field.fill(text);
    await field.blur();
  }

  /** Moves the playhead to a share of the run. */
  async seek(share) {
    await this.playhead.evaluate((slider, part) => {
      slider.value = String(Math.round(Number(slider.max) * part));
      slider.dispatchEvent(new Event('input', { bubbles: true }));
    }, share);
    // The canvas is painted before the next frame.
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  /** Where the playhead is, and where the run ends, in seconds. */
  async time() {
    const [, at, end] = /^([\d.]+) s of ([\d.]+) s$/.exec(await this.clock.textContent());
    return { at: Number(at), end: Number(end) };
  }

  /** The card of an error. */
  card(kind) {
    return this.page.locator(`article.failure[data-kind="${kind}"]`);
  }

  /** The figure with this name in the list of figures, once they are unfolded. */
  figure(name) {
    return this.details.locator('dl').filter({ hasText: name }).locator(`dt:text-is("${name}") + dd`);
  }

  /** Opens the dialog of the key. */
  async openConnect() {
    await this.page.getByRole('button', { name: /^(Use my )?API key$/ }).click();
    await expect(this.connect).toBeVisible();
  }

  get connect() {
    return this.dialog('Use my API key');
  }

  get keyField() {
    return this.connect.getByLabel('Gemini API key', { exact: true });
  }

  get address() {
    return this.connect.getByLabel('Base address', { exact: true });
  }

  /** Fills the dialog of the key, and leaves it open. */
  async fillConnect(url, key, { keep, model } = {}) {
    await this.openConnect();
    if (!await this.address.isVisible()) await this.connect.getByText('Another address', { exact: true }).click();
    await this.write(this.address, url);
    await this.keyField.fill(key);
    if (model) await this.connect.getByLabel('Model', { exact: true }).fill(model);
    if (keep) await this.connect.getByRole('checkbox', { name: /^Keep the key/ }).check();
  }

  /** Connects to the server at `url` with `key`, in place of Google's. */
  async use(url, key = 'AQ.e2e', options = {}) {
    await this.fillConnect(url, key, options);
    await this.connect.getByRole('button', { name: 'Use this key', exact: true }).click();
    await expect(this.connect).toBeHidden();
    await expect(this.badge).toHaveText(`Real: ${new URL(url).host}`);
  }

  get preflight() {
    return this.dialog('Send real requests?');
  }

  /** Presses Run and agrees to what it will send. */
  async send() {
    await this.run.click();
    await this.preflight.getByRole('button', { name: /^Send \d+ requests?$/ }).click();
    // From here on the button says Stop, unless the run is over already.
    await expect(this.preflight).toBeHidden();
  }

  /** Waits until a real run is over. */
  async end(timeout = 15_000) {
    await expect(this.run).toHaveAccessibleName('Run', { timeout });
  }

  /** Waits until a real run of two lanes is over, without the minute between them. */
  async endWithoutWait(timeout = 15_000) {
    await this.startNow.click({ timeout });
    await this.end(timeout);
  }

  /** The whole table of results, a record a row, for the lane that it shows. */
  async table() {
    await this.stir();
    await expect(this.rows).not.toHaveCount(0);
    const cells = await this.grid.evaluate(async (grid) => {
      const scroller = grid.closest('.scroll');
      const from = scroller.scrollTop;
      const seen = new Map();
      const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      for (let top = 0; top === 0 || top < scroller.scrollHeight; top += 500) {
        scroller.scrollTop = top;
        if (scroller.scrollHeight > scroller.clientHeight) await frames();
        for (const row of grid.tBodies[0].rows) seen.set(row.ariaRowIndex ?? row.getAttribute('aria-rowindex'), [...row.cells].map((cell) => cell.textContent.trim()));
      }
      scroller.scrollTop = from;
      return [...seen].sort(([one], [other]) => one - other).map(([, row]) => row);
    });
    return cells.map(([asked, finished, state, waited, backedOff, service, tries, answer]) => (
      { asked, finished, state, waited, backedOff, service, tries: Number(tries), answer }));
  }

  /** Shows a lane in the table, by its letter. */
  async showLane(letter) {
    await this.results.getByRole('button', { name: `Lane ${letter}`, exact: true }).click();
  }

  /** Chooses a lane in the list of lanes, by its letter: what More then edits. */
  async chooseLane(letter) {
    await this.side.getByRole('button', { name: new RegExp(`^${letter} `) }).click();
  }

  /** Presses a button that saves a file, and gives its name and text. */
  async download(name) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.button(name).click()]);
    const chunks = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk);
    return { name: download.suggestedFilename(), text: Buffer.concat(chunks).toString() };
  }

  /** The run as it is saved. */
  async trace() {
    await this.stir();
    await expect(this.rows, 'there is a run to save').not.toHaveCount(0);
    return JSON.parse((await this.download('Save run')).text);
  }
}
