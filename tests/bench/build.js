// What the browser is given: the peers in a bundle for each subject, and Lanescope's own side in two
// builds, as quick as it can be and as the page has it. Served below `bench/` of the page.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = (path) => `${process.env.CARGO_TARGET_DIR ?? here('../../target')}/${path}`;

/** Where the site is put. */
export const SITE = target('bench/site/');
/** A program that cargo built natively. */
export const example = (name) => target(`release/examples/${name}`);
/** Where the table is put. */
export const TABLE = target('bench/table.json');

/** What browsers have had for years, and the compiler uses. */
const FEATURES = ['bulk-memory', 'mutable-globals', 'multivalue', 'nontrapping-float-to-int', 'reference-types', 'sign-ext'];

export async function build() {
  rmSync(SITE, { recursive: true, force: true });
  mkdirSync(SITE, { recursive: true });
  copyFileSync(here('page/index.html'), `${SITE}index.html`);
  // The timeline's colours.
  copyFileSync(here('../../style/tokens.css'), `${SITE}tokens.css`);
  const subjects = ['schedule', 'simulate', 'timeline', 'fetches', 'lanescope'];
  await bundle({
    entryPoints: subjects.map((name) => here(`page/${name}.js`)),
    outdir: SITE,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'esnext',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  for (const profile of ['release', 'page']) for (const name of ['bench_web', 'bench_timeline']) lanescope(profile, name);
}

/** Nothing, if the example is not built: the table then says so. */
function lanescope(profile, name) {
  const program = target(`wasm32-unknown-unknown/${profile}/examples/${name}.wasm`);
  if (!existsSync(program)) return;
  const folder = `${SITE}${profile}/`;
  execFileSync('wasm-bindgen', [program, '--target', 'web', '--no-typescript', '--out-dir', folder, '--out-name', name]);
  if (profile !== 'page') return;
  // Made small as tools/split.sh makes the page.
  const wasm = `${folder}${name}_bg.wasm`;
  execFileSync('wasm-opt', ['-Oz', '--converge', ...FEATURES.map((feature) => `--enable-${feature}`), wasm, '-o', wasm]);
}
