// Joins the page's style sheets, which pack better as one. Their names hold hashes, and so does that of the whole.
//
//     node one-sheet.mjs <folder of the page>
import { createHash } from 'node:crypto';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const page = join(folder, 'index.html');
const html = readFileSync(page, 'utf8');
const links = html.match(/<link[^>]*rel="?stylesheet"?[^>]*>/g);
const files = links.map((link) => join(folder, /href="?([^\s">]+)/.exec(link)[1]));
const style = files.map((file) => readFileSync(file, 'utf8')).join('');
const name = `style-${createHash('sha256').update(style).digest('hex').slice(0, 16)}.css`;
writeFileSync(join(folder, name), style);
files.forEach((file) => unlinkSync(file));
const [first, ...others] = links;
const joined = html.replace(first, `<link rel="stylesheet" href="./${name}">`);
writeFileSync(page, others.reduce((text, link) => text.replace(link, ''), joined));
