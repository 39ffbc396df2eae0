"""Open loop: frames are due at a rate whether anybody asks for them or not."""
import json
import subprocess
import time

from .. import board, forwarders, machine, row

SHARE = 0.7  # of the no-drop rate


def rest(wardlined, rate):
    wardlined.board.order(run=board.MEASURED, rate=rate)
    time.sleep(0.2)


def no_drop_rate(wardlined, pace):
    """Frames a second, by bisection: the highest rate found at which nothing was missed in a window."""
    wardlined.board.order(run=board.MEASURED, rate=0)
    time.sleep(0.2)
    high = wardlined.window(pace.window_s).counters["tx_frames"] / pace.window_s  # closed loop: no open one can be faster
    low = 0.0
    for _ in range(pace.bisections):
        middle = (low + high) / 2
        rest(wardlined, middle)
        if wardlined.window(pace.window_s).counters["missed"] == 0:
            low = middle
        else:
            high = middle
    return low


def spin(session, seconds):
    """What the machine itself adds on the worker's core: {share: microseconds}. A gap of g delays the frames due in it by up to g, so
    a worker of no cost at all would show at least this."""
    done = subprocess.run(["taskset", "-c", str(machine.WORKER_CORE), session.build.bench("spin"), str(seconds)], capture_output=True,
                          text=True, check=True)
    found = json.loads(done.stdout)
    later = lambda us: sum((gap - us) * count for gap, count in found["gaps"] if gap > us) / (found["seconds"] * 1e6)
    quantiles = {}
    for share in (0.5, 0.99, 0.999):
        candidates = [0.0, *(gap for gap, _ in found["gaps"])]
        quantiles[share] = next((us for us in candidates if later(us) <= 1 - share), candidates[-1])
    quantiles[1.0] = found["gaps"][-1][0] if found["gaps"] else 0.0
    return quantiles


def added(workload, policy=lambda policies: policies.shipped, **settings):
    """A measure: p99 of the time from when a frame was due until it was sent, in microseconds."""

    def measure(session):
        with forwarders.Wardlined(session, workload(session), policy(session.policies), **settings) as wardlined:
            wardlined.warm_up()
            highest = no_drop_rate(wardlined, session.pace)
            rest(wardlined, highest * SHARE)
            window = wardlined.window(session.pace.latency_s, with_latency=True)
            wardlined.halt()
            control = spin(session, session.pace.latency_s)
        found = wardlined.board.quantiles_us(window.latency)
        if not found:
            return row.Outcome(state=row.ABSENT, note="the generator measured no latency")
        words = lambda quantiles: "/".join(f"{quantiles[share]:.1f}" for share in (0.5, 0.99, 0.999, 1.0))
        note = (f"p50/p99/p99.9/max {words(found)} us; a spinning loop in the same minute {words(control)} us; "
                f"{highest * SHARE / 1e6:.2f} Mpps, 70 % of {highest / 1e6:.2f}; {window.counters['missed']} missed")
        return row.Outcome(found[0.99], note=note, details={"wardline": {str(k): v for k, v in found.items()},
                                                            "spin": {str(k): v for k, v in control.items()},
                                                            "no_drop_rate": highest, "missed": window.counters["missed"]})

    return measure
