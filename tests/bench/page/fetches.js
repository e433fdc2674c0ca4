// The same calls behind every limit that people use.
import { mapLimit } from 'async';
import { Effect } from 'effect';
import pLimit from 'p-limit';
import PQueue from 'p-queue';

/** Each is given something to ask, how often, and how many may be in flight. */
const LIMITS = {
  'hand-written semaphore': (ask, calls, limit) => {
    let free = limit;
    const waiting = [];
    const one = async () => {
      if (free > 0) free -= 1;
      else await new Promise((granted) => waiting.push(granted));
      try {
        await ask();
      } finally {
        if (waiting.length > 0) waiting.shift()();
        else free += 1;
      }
    };
    return Promise.all(Array.from({ length: calls }, one));
  },

  'p-limit 7': (ask, calls, limit) => {
    const limited = pLimit(limit);
    return Promise.all(Array.from({ length: calls }, () => limited(ask)));
  },

  'async 3 mapLimit': (ask, calls, limit) => mapLimit(Array.from({ length: calls }, (_, call) => call), limit, async () => ask()),

  'p-queue 10': (ask, calls, limit) => new PQueue({ concurrency: limit }).addAll(Array.from({ length: calls }, () => ask)),

  'Effect 4 forEach': (ask, calls, limit) => (
    Effect.runPromise(Effect.forEach(Array.from({ length: calls }), () => Effect.promise(ask), { concurrency: limit }))),
};

export const names = Object.keys(LIMITS);

/** Milliseconds from the first call to the last answer. */
export async function makespan(name, baseUrl, calls, limit) {
  const url = `${baseUrl}/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse`;
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'Why do some birds migrate?' }] }], generationConfig: { temperature: 0.7, maxOutputTokens: 2048 } });
  const headers = { 'content-type': 'application/json', 'x-goog-api-key': 'bench' };
  const ask = async () => {
    const response = await fetch(url, { method: 'POST', headers, body, cache: 'no-store', credentials: 'omit' });
    const text = await response.text();
    if (!text.includes('STOP')) throw new Error('no answer');
  };
  const began = performance.now();
  await LIMITS[name](ask, calls, limit);
  return performance.now() - began;
}
