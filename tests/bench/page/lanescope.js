// Lanescope's own side: an example of examples/, built with a profile of Cargo.toml.

/** What the example exports, or null if it is not built. */
export async function lanescope(profile, example) {
  const address = new URL(`${profile}/${example}.js`, import.meta.url);
  if (!(await fetch(address, { method: 'HEAD' })).ok) return null;
  const module = await import(address);
  await module.default();
  return module;
}
