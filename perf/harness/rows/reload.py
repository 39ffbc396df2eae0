"""A policy is read, compiled and put in force while frames are due."""
import threading
import time

from .. import forwarders, row, statistics, workloads
from . import latency

STEP_S = 0.1
LONGEST_S = 90


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
    policy = session.policies.made(classes=2000, signatures=10000)
    with forwarders.Wardlined(session, workloads.udp(100000)(session), policy) as wardlined:
        wardlined.warm_up()
        began = time.monotonic()
        wardlined.ask(op="policy.reload", timeout=300)  # what can be cached is
        alone = time.monotonic() - began
        latency.rest(wardlined, latency.no_drop_rate(wardlined, session.pace) * latency.SHARE)
        took = {}

        def reload():
            began = time.monotonic()
            wardlined.ask(op="policy.reload", timeout=300)
            took["s"] = time.monotonic() - began

        thread = threading.Thread(target=reload)
        seconds = min(max(session.pace.latency_s, 1 + 1.5 * alone), LONGEST_S)
        without, missed_without = watch(wardlined, seconds)
        thread.start()
        within, missed_within = watch(wardlined, seconds)
        thread.join()
    more = missed_within - missed_without
    note = (f"missed {missed_within} with and {missed_without} without a reload of {took['s']:.1f} s; deepest dip of a 100 ms window "
            f"{dip(within):.1%} with, {dip(without):.1%} without")
    return row.Outcome(max(more, 0), note=note, details={"with": within, "without": without, "missed_with": missed_within,
                                                         "missed_without": missed_without, "reload_s": took["s"]})
