// Items with an exponential latency through a number of permits, in virtual time.
import 'simjs';

// It exports nothing, and puts itself on the window.
const { Entity, Facility, Sim } = window.Sim;

const PERMITS = 50;
const MEAN_MILLIS = 100;
/** Of what the permits can serve. */
const LOAD = 0.9;

const exponential = (mean) => -Math.log(1 - Math.random()) * mean;
/** Milliseconds from one arrival to the next. */
const gap = (kind) => (kind === 'burst' ? 0 : exponential(MEAN_MILLIS / PERMITS / LOAD));

/** Each runs so many items and gives the virtual time at which the last one ended. */
const SIMULATORS = {
  // A loop over two kinds of events, the next arrival and the ends in a heap: the least that this takes.
  'hand-written loop': (items, kind) => {
    const ends = new Float64Array(PERMITS);
    let busy = 0;
    let arrival = gap(kind);
    let arrived = 0;
    let waiting = 0;
    let now = 0;
    const push = (end) => {
      let at = busy;
      busy += 1;
      while (at > 0 && ends[(at - 1) >> 1] > end) {
        ends[at] = ends[(at - 1) >> 1];
        at = (at - 1) >> 1;
      }
      ends[at] = end;
    };
    const pop = () => {
      busy -= 1;
      const last = ends[busy];
      let at = 0;
      for (let child = 1; child < busy; child = 2 * at + 1) {
        if (child + 1 < busy && ends[child + 1] < ends[child]) child += 1;
        if (ends[child] >= last) break;
        ends[at] = ends[child];
        at = child;
      }
      ends[at] = last;
    };
    while (arrived < items || busy > 0) {
      if (arrived < items && (busy === 0 || arrival <= ends[0])) {
        now = arrival;
        arrived += 1;
        waiting += 1;
        arrival = now + gap(kind);
      } else {
        now = ends[0];
        pop();
      }
      if (waiting > 0 && busy < PERMITS) {
        waiting -= 1;
        push(now + exponential(MEAN_MILLIS));
      }
    }
    return now;
  },

  'simjs 2': (items, kind) => {
    const sim = new Sim();
    const permits = new Facility('permits', Facility.FCFS, PERMITS);
    class Client extends Entity {
      start() {
        this.asked = 0;
        if (kind === 'burst') while (this.asked < items) this.ask();
        else this.wait();
      }

      wait() {
        this.setTimer(gap(kind)).done(() => {
          this.ask();
          if (this.asked < items) this.wait();
        });
      }

      ask() {
        this.asked += 1;
        this.useFacility(permits, exponential(MEAN_MILLIS)).done(() => {});
      }
    }
    sim.addEntity(Client);
    sim.simulate(Infinity);
    return sim.time();
  },
};

/** Milliseconds that a run took, and when it ended in its own time. */
export function millis(name, items, kind) {
  const began = performance.now();
  const ended = SIMULATORS[name](items, kind);
  return { millis: performance.now() - began, ended };
}
