// Experiments as the page writes them, and links to them.
import { deflateRawSync, inflateRawSync } from 'node:zlib';

/** One lane; what is left out is the page's default. */
export const sequential = (lane = {}) => ({ name: 'Sequential', strategy: 'sequential', ...lane });
export const concurrent = (limit, lane = {}) => ({ name: 'Concurrent', strategy: 'gather', limit, ...lane });

/** An experiment of `requests` calls. The server is simulated unless `server` says "gemini". */
export function experiment({ requests = 6, prompts = ['Why do some birds migrate?'], settings = {}, seed = 1, server = { simulated: {} }, lanes = [sequential(), concurrent(4)], ...rest } = {}) {
  return { version: 1, seed, workload: { calls: { prompts, requests, settings } }, server, lanes, ...rest };
}

/** The same against a real server. */
export const real = (parts) => experiment({ server: 'gemini', ...parts });

/** The fragment of a link to `value`, which may be anything that JSON can hold. */
export const fragment = (value, version = '1') => `#x=${version}${deflateRawSync(JSON.stringify(value)).toString('base64url')}`;

/** What a link holds. */
export const opened = (link) => JSON.parse(inflateRawSync(Buffer.from(/#x=1(.*)$/.exec(link)[1], 'base64url')).toString());
