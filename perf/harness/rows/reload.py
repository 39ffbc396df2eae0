"""A policy is read, compiled and put in force while frames are due."""
import threading
import time

from .. import forwarders, row, statistics, workloads
from . import latency

STEP_S = 0.1
LONGEST_S = 90
TURNS = 5


def watch(wardlined, seconds):
    """(frames sent in each step, frames missed in all)"""
    samples = [wardlined.board.sample()]
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(STEP_S, left))
        samples.append(wardlined.board.sample())
    windows = [later.since(earlier) for earlier, later in zip(samples, samples[1:]) if later.time - earlier.time > STEP_S / 2]
    return [window.frames_per_second for window in windows], samples[-1].since(samples[0]).counters["missed"]


def dip(rates):
    return 1 - min(rates) / statistics.median(rates)


def measure(session):
    """Frames missed with a reload beyond those missed without: the median of turns, as the machine loses frames of its own."""
    policy = session.policies.made(classes=2000, signatures=10000)
    with forwarders.Wardlined(session, workloads.udp(100000)(session), policy) as wardlined:
        wardlined.warm_up()
        began = time.monotonic()
        wardlined.ask(op="policy.reload", timeout=300)  # what can be cached is
        alone = time.monotonic() - began
        latency.rest(wardlined, latency.no_drop_rate(wardlined, session.pace) * latency.SHARE)
        seconds = min(1 + 1.5 * alone, LONGEST_S)
        turns = [one_turn(wardlined, seconds) for _ in range(TURNS)]
    missed = lambda name: [turn[name]["missed"] for turn in turns]
    more = [with_it - without for with_it, without in zip(missed("with"), missed("without"))]
    dips = lambda name: f"{statistics.median(dip(turn[name]['rates']) for turn in turns):.1%}"
    note = (f"missed {missed('with')} with and {missed('without')} without a reload of "
            f"{statistics.median(turn['reload_s'] for turn in turns):.1f} s; deepest dip of a 100 ms window {dips('with')} with, "
            f"{dips('without')} without")
    return row.Outcome(max(statistics.median(more), 0), note=note, details={"turns": turns})


def one_turn(wardlined, seconds):
    took = {}

    def reload():
        began = time.monotonic()
        wardlined.ask(op="policy.reload", timeout=300)
        took["s"] = time.monotonic() - began

    thread = threading.Thread(target=reload)
    without, missed_without = watch(wardlined, seconds)
    thread.start()
    within, missed_within = watch(wardlined, seconds)
    thread.join()
    return {"with": {"rates": within, "missed": missed_within}, "without": {"rates": without, "missed": missed_without},
            "reload_s": took["s"]}
