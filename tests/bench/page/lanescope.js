// Lanescope's own side: examples/bench_web.rs, built with a profile of Cargo.toml.

/** What the example exports under this name, or null if it is not built or has none. */
export async function exported(profile, name) {
  const address = new URL(`${profile}/lanescope.js`, import.meta.url);
  if (!(await fetch(address, { method: 'HEAD' })).ok) return null;
  const module = await import(address);
  await module.default();
  return module[name] ?? null;
}
