// The same run drawn by every timeline: requests of four coloured segments in 50 slots, painted whole,
// then panned and zoomed for three seconds by the same program.
import { scaleLinear } from 'd3-scale';
import { FlameChart } from 'flame-chart-js';
import uPlot from 'uplot';
import { DataSet, Timeline } from 'vis-timeline/standalone';
import 'uplot/dist/uPlot.min.css';
import 'vis-timeline/styles/vis-timeline-graph2d.min.css';
import './timeline.css';
import { lanescope } from './lanescope.js';

const WIDTH = 1200;
const HEIGHT = 600;
const SLOTS = 50;
const SEGMENTS = ['connecting', 'thinking', 'first byte', 'answering'];
const COLOURS = ['#8a8f98', '#b07aa1', '#edc948', '#4e79a7'];
const TRAVEL_MILLIS = 3_000;

/** `count` requests, each with its slot and the five times between which its segments lie, in ms. */
function requests(count) {
  let state = 1;
  const luck = () => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0;
    return state / 2 ** 32;
  };
  const free = new Array(SLOTS).fill(0);
  const made = Array.from({ length: count }, () => {
    const slot = free.indexOf(Math.min(...free));
    const times = [free[slot]];
    for (const mean of [50, 400, 200, 900]) times.push(times.at(-1) + mean * (0.5 + luck()));
    free[slot] = times[4] + 100 * luck();
    return { slot, times };
  });
  return { made: made.sort((a, b) => a.times[0] - b.times[0]), end: Math.max(...free) };
}

const canvas = (box) => {
  const made = document.createElement('canvas');
  made.width = WIDTH;
  made.height = HEIGHT;
  box.append(made);
  return made;
};

/** Each makes its own data, untimed, and gives what paints the whole and what moves to a window on time. */
const TIMELINES = {
  async Lanescope(box, count, profile) {
    const timeline = await lanescope(profile, 'bench_timeline');
    if (!timeline) return null;
    timeline.timeline_open(canvas(box), count);
    return { first: timeline.timeline_first, move: timeline.timeline_move };
  },

  'vis-timeline 8': (box, count) => {
    const { made, end } = requests(count);
    const groups = Array.from({ length: SLOTS }, (_, id) => ({ id, content: '' }));
    const items = made.flatMap(({ slot, times }, request) => COLOURS.map((_, part) => (
      { id: 4 * request + part, group: slot, start: times[part], end: times[part + 1], type: 'range', content: '', className: `part-${part}` })));
    const options = { stack: false, height: HEIGHT, width: `${WIDTH}px`, start: 0, end, margin: { axis: 0, item: 0 } };
    let timeline;
    return {
      first: () => { timeline = new Timeline(box, new DataSet(items), new DataSet(groups), options); },
      move: (from, to) => timeline.setWindow(from * end, to * end, { animation: false }),
    };
  },

  'flame-chart-js 3': (box, count) => {
    const { made, end } = requests(count);
    const items = made.map(({ times }, request) => ({
      name: `request ${request + 1}`,
      timing: { asked: times[0], ended: times[4] },
      intervals: SEGMENTS.map((name, part) => ({ name, color: COLOURS[part], type: 'block', start: times[part], end: times[part + 1] })),
    }));
    const at = canvas(box);
    // Three other parts of it stand above the requests.
    const settings = { styles: { waterfallPlugin: { defaultHeight: HEIGHT - 100 } } };
    let chart;
    return {
      first: () => { chart = new FlameChart({ canvas: at, waterfall: { items, intervals: {} }, settings }); },
      move: (from, to) => chart.setZoom(from * end, to * end),
    };
  },

  'uPlot 1.6': (box, count) => {
    const { made, end } = requests(count);
    const starts = made.map(({ times }) => times[0]);
    // One series for each kind of segment, whose paths are rectangles; uPlot says which requests are in sight.
    const part = (which) => ({
      paths: (plot, _, from, to) => {
        const row = plot.bbox.height / SLOTS;
        plot.ctx.fillStyle = COLOURS[which];
        // As many before the first in sight as can reach into it.
        for (let request = Math.max(0, from - SLOTS); request <= to; request += 1) {
          const { slot, times } = made[request];
          const left = plot.valToPos(times[which], 'x', true);
          plot.ctx.fillRect(left, plot.bbox.top + slot * row, plot.valToPos(times[which + 1], 'x', true) - left, row - 1);
        }
        return null;
      },
      points: { show: false },
    });
    const options = {
      width: WIDTH,
      height: HEIGHT,
      scales: { x: { time: false }, y: { range: [0, SLOTS] } },
      series: [{}, ...COLOURS.map((_, which) => part(which))],
      legend: { show: false },
      cursor: { show: false },
    };
    const data = [starts, ...COLOURS.map(() => made.map(({ slot }) => slot))];
    let plot;
    return {
      first: () => { plot = new uPlot(options, data, box); },
      move: (from, to) => plot.setScale('x', { min: from * end, max: to * end }),
    };
  },

  'SVG by d3-scale': (box, count) => {
    const { made, end } = requests(count);
    const x = scaleLinear([0, end], [0, WIDTH]);
    const y = scaleLinear([0, SLOTS], [0, HEIGHT]);
    const svg = (name, attributes) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
      return element;
    };
    const all = svg('g', {});
    return {
      first: () => {
        for (const { slot, times } of made) {
          COLOURS.forEach((fill, part) => {
            const left = x(times[part]);
            all.append(svg('rect', { x: left, y: y(slot), width: x(times[part + 1]) - left, height: y(1) - 1, fill }));
          });
        }
        const picture = svg('svg', { width: WIDTH, height: HEIGHT });
        picture.append(all);
        box.append(picture);
      },
      // The rectangles stay as they are: the quicker of the two ways to move them.
      move: (from, to) => all.setAttribute('transform', `scale(${1 / (to - from)} 1) translate(${-from * WIDTH} 0)`),
    };
  },
};

export const names = Object.keys(TIMELINES).filter((name) => name !== 'Lanescope');

const frame = () => new Promise(requestAnimationFrame);
let painter;

/** Comes after the frame that is being made is painted. */
const painted = () => new Promise((done) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  port2.postMessage(null);
});

/**
 * Makes the data and paints all of it, or gives null if there is no such timeline. Milliseconds: `seen`
 * until the frame after has begun, two frames at the least; `work` what the page's thread was busy.
 */
export async function paint(name, count, profile) {
  painter = await TIMELINES[name](document.querySelector('#box'), count, profile);
  if (!painter) return null;
  // Every one begins at the same place of a frame, and not before the data is settled.
  for (let wait = 0; wait < 10; wait += 1) await frame();
  await painted();
  const began = performance.now();
  painter.first();
  const called = performance.now() - began;
  const drawn = await frame();
  await painted();
  // A frame that was due while the call went on says that it began then.
  const work = called + performance.now() - Math.max(drawn, began + called);
  await frame();
  return { seen: performance.now() - began, work };
}

/** The window at a share of the travel: from the whole into a fiftieth of it and out twice, from side to side. */
function sight(share) {
  const width = 50 ** -(Math.sin(2 * Math.PI * share) ** 2);
  const from = (1 - width) * (0.5 - 0.5 * Math.cos(3 * Math.PI * share));
  return [from, from + width];
}

/** Pans and zooms; whole milliseconds between frames, the 95th of a hundred and the worst. */
export async function travel() {
  const began = await frame();
  const frames = [];
  for (let last = began; last - began < TRAVEL_MILLIS;) {
    painter.move(...sight((last - began) / TRAVEL_MILLIS));
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  frames.sort((a, b) => a - b);
  return { p95: Math.round(frames[Math.ceil(0.95 * frames.length) - 1]), worst: Math.round(frames.at(-1)) };
}
