"""The main program of a Python engine process: prepares, samples and disposes what the runner asks for.

Requests and replies are lines of words parted by tabs (bench/runner/line-process.ts). Engines are modules of this
folder with a function prepare(case) that gives an object with run(), output() and facts(). Library output that goes
to standard output would mix with the replies, so replies get a descriptor of their own.
"""

import importlib
import os
import sys
import time
import traceback
import warnings

from case import Case, Unavailable

replies = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

warnings.simplefilter("ignore")  # of libraries, about features they call young
prepared = {}
# Seconds of a call, by engine: a slow one needs no call to warm up.
last_period = {}


def sample(name, calls):
    run = prepared[name].run
    if last_period.get(name, 0) < 0.05:
        run()
    start = time.perf_counter_ns()
    for _ in range(calls):
        run()
    period = (time.perf_counter_ns() - start) / 1e9 / calls
    last_period[name] = period
    return period


def answer(op, name, words):
    if op == "prepare":
        case = Case(dict(word.split("=", 1) for word in words))
        try:
            engine = importlib.import_module(name).prepare(case)
        except (Unavailable, ImportError) as error:
            return ["unavailable", f"{error}"]
        prepared[name] = engine
        engine.run()
        return ["output", case.write_output(name, engine.output())]
    if op == "sample":
        return ["seconds", repr(sample(name, int(words[0])))]
    if op == "facts":
        return ["facts", *(f"{key}={value}" for key, value in prepared[name].facts().items())]
    prepared.pop(name, None)
    last_period.pop(name, None)
    return ["done"]


for line in sys.stdin:
    op, name, *words = line.rstrip("\n").split("\t")
    try:
        reply = answer(op, name, words)
    except Exception:
        reply = ["error", traceback.format_exc()]
    print("\t".join(word.replace("\t", " ").replace("\n", " | ") for word in reply), file=replies)
