// The focus, as somebody without a pointer moves it.

/** What has the focus: its name, as a screen reader would say it, or its text. */
export const focused = (page) => page.evaluate(() => {
  const { activeElement: at } = document;
  const labels = at.labels ? [...at.labels].map((label) => label.textContent) : [];
  return (at.getAttribute('aria-label') ?? labels[0] ?? at.textContent).trim().replace(/\s+/g, ' ');
});

/** Presses Tab until something of this name has the focus. */
export async function tabTo(page, name, most = 60) {
  for (let presses = 1; presses <= most; presses += 1) {
    await page.keyboard.press('Tab');
    if (name.test(await focused(page))) return presses;
  }
  throw new Error(`Tab does not come to ${name} in ${most} presses.`);
}
