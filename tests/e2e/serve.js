// A static server such as any host has: content types, brotli for those who accept it, nothing else.
//
//     node serve.js [--root ../../dist] [--port 8080] [--under /some/folder/]
import { createServer } from 'node:http';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';

const compress = promisify(brotliCompress);

/** Where trunk puts the page. */
export const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** All files under `root`, by their address, each as it is and in brotli. */
export async function load(root = DIST) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const loaded = await Promise.all(files.map(async (path) => {
    const plain = await readFile(path);
    const brotli = await compress(plain, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } });
    return [relative(root, path).split(sep).join('/'), { plain, brotli, type: TYPES[extname(path)] ?? 'application/octet-stream' }];
  }));
  if (!loaded.some(([name]) => name === 'index.html')) throw new Error('There is no page in dist/: build it first.');
  return new Map(loaded);
}

/** Serves `files` under the folder `under`, and nothing outside of it, with `headers` more. Port 0 is any free one. */
export async function serve(files, { port = 0, under = '/', headers = {} } = {}) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://here');
    const name = pathname.startsWith(under) ? pathname.slice(under.length) || 'index.html' : undefined;
    const file = files.get(name);
    if (!file) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.');
      return;
    }
    const packed = /\bbr\b/.test(request.headers['accept-encoding'] ?? '') && file.brotli.length < file.plain.length;
    const body = packed ? file.brotli : file.plain;
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': body.length,
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      ...headers,
      ...(packed && { 'content-encoding': 'br' }),
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${server.address().port}${under}` };
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { parseArgs } = await import('node:util');
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: DIST },
      port: { type: 'string', default: '8080' },
      under: { type: 'string', default: '/' },
    },
  });
  const { url } = await serve(await load(values.root), { port: Number(values.port), under: values.under });
  console.log(`listening on ${url}`);
}
