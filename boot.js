// The page's own start, in a file of its own because a strict content policy allows no inline script.
const { js, wasm } = Object.fromEntries(new URL(import.meta.url).searchParams);
const { default: init } = await import(new URL(js, document.baseURI));
await init({ module_or_path: new URL(wasm, document.baseURI) });
