// Tasks that return at once, through every scheduler: what a task costs beside its own work.
import { mapLimit } from 'async';
import { Effect } from 'effect';
import pLimit from 'p-limit';
import PQueue from 'p-queue';

/** Each is given the numbers of the tasks, a task by its number, and how many may be in flight. */
const SCHEDULERS = {
  'Promise.all, no limit': (numbers, task) => Promise.all(numbers.map(task)),

  'hand-written worker pool': async (numbers, task, limit) => {
    let next = 0;
    const results = new Array(numbers.length);
    const worker = async () => {
      while (next < numbers.length) {
        const number = next;
        next += 1;
        results[number] = await task(number);
      }
    };
    await Promise.all(Array.from({ length: limit }, worker));
    return results;
  },

  'hand-written semaphore': (numbers, task, limit) => {
    let free = limit;
    const waiting = [];
    let first = 0;
    const one = async (number) => {
      if (free > 0) free -= 1;
      else await new Promise((granted) => waiting.push(granted));
      try {
        return await task(number);
      } finally {
        if (first < waiting.length) {
          waiting[first]();
          first += 1;
        } else {
          free += 1;
        }
      }
    };
    return Promise.all(numbers.map(one));
  },

  'async 3 mapLimit': (numbers, task, limit) => mapLimit(numbers, limit, task),

  'Effect 4 forEach': (numbers, task, limit) => (
    Effect.runPromise(Effect.forEach(numbers, (number) => Effect.promise(() => task(number)), { concurrency: limit }))),

  'p-limit 7': (numbers, task, limit) => {
    const limited = pLimit(limit);
    return Promise.all(numbers.map((number) => limited(task, number)));
  },

  'p-queue 10': (numbers, task, limit) => {
    const queue = new PQueue({ concurrency: limit });
    return Promise.all(numbers.map((number) => queue.add(() => task(number))));
  },
};

export const names = Object.keys(SCHEDULERS);

/** Nanoseconds a task, over as many rounds as are asked for. */
export async function nanos(name, tasks, limit, rounds) {
  const numbers = Array.from({ length: tasks }, (_, number) => number);
  let done = 0;
  const task = async (number) => {
    done += 1;
    return number;
  };
  const began = performance.now();
  for (let round = 0; round < rounds; round += 1) await SCHEDULERS[name](numbers, task, limit);
  const millis = performance.now() - began;
  if (done !== tasks * rounds) throw new Error(`${name} ran ${done} of ${tasks * rounds} tasks`);
  return millis * 1e6 / done;
}
