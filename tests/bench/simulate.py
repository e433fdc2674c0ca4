"""The same items through the same permits by simpy: `simulate.py ITEMS burst|poisson` prints one JSON object."""
import json
import sys
import time
from random import expovariate

import simpy

PERMITS, MEAN_MILLIS, LOAD = 50, 100, 0.9


def item(env, permits):
    with permits.request() as permit:
        yield permit
        yield env.timeout(expovariate(1 / MEAN_MILLIS))


def arrivals(env, permits, items, kind):
    for _ in range(items):
        if kind == "poisson":
            yield env.timeout(expovariate(PERMITS * LOAD / MEAN_MILLIS))
        env.process(item(env, permits))
    yield env.timeout(0)


items, kind = int(sys.argv[1]), sys.argv[2]
began = time.perf_counter()
env = simpy.Environment()
env.process(arrivals(env, simpy.Resource(env, capacity=PERMITS), items, kind))
env.run()
print(json.dumps({"millis": (time.perf_counter() - began) * 1000, "ended": env.now}))
