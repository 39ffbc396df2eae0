"""Open loop: frames are due at a rate whether anybody asks for them or not."""
import json
import subprocess
import time

from .. import board, forwarders, machine, row, statistics

SHARE = 0.7  # of the no-drop rate
SHARES = (0.5, 0.99, 0.999, 1.0)  # of frames that are no later


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


def spin(session, seconds, load):
    """What the machine itself takes away on the worker's core, as latency: {share: microseconds}. A gap of g holds up the frames due in
    it by up to g, and those after it until a worker with so much `load` (of what it could do) has caught up."""
    done = subprocess.run(["taskset", "-c", str(machine.WORKER_CORE), session.build.bench("spin"), str(seconds)], capture_output=True,
                          text=True, check=True)
    found = json.loads(done.stdout)
    later = lambda us: sum((gap - us) * count for gap, count in found["gaps"] if gap > us) / (1 - load) / (found["seconds"] * 1e6)
    quantiles = {}
    for share in SHARES[:-1]:
        candidates = [0.0, *(gap for gap, _ in found["gaps"])]
        quantiles[share] = next((us for us in candidates if later(us) <= 1 - share), candidates[-1])
    quantiles[1.0] = found["gaps"][-1][0] if found["gaps"] else 0.0
    return quantiles


def take_turns(wardlined, session, rate, load):
    """([quantiles], [quantiles of the control], frames missed): windows of the worker and of a loop that spins, by turns."""
    pairs = session.pace.pairs
    seconds = session.pace.latency_s / pairs
    found, control, missed = [], [], 0
    for _ in range(pairs):
        wardlined.resume()
        rest(wardlined, rate)
        window = wardlined.window(seconds, with_latency=True)
        wardlined.halt()
        found.append(wardlined.board.quantiles_us(window.latency, SHARES))
        missed += window.counters["missed"]
        control.append(spin(session, seconds, load))
    return found, control, missed


def middles(rounds):
    """Of each share the median of the windows, of the longest the longest; as words."""
    values = [statistics.median(each[share] for each in rounds) for share in SHARES[:-1]] + [max(each[1.0] for each in rounds)]
    return "/".join(f"{value:.1f}" for value in values)


def added(workload, policy=lambda policies: policies.shipped, **settings):
    """A measure: p99 of the time from when a frame was due until it was sent, in microseconds; the median of windows, as the machine is
    now and then stalled for milliseconds."""

    def measure(session):
        with forwarders.Wardlined(session, workload(session), policy(session.policies), **settings) as wardlined:
            wardlined.warm_up()
            highest = no_drop_rate(wardlined, session.pace)
            rate = highest * SHARE
            found, control, missed = take_turns(wardlined, session, rate, SHARE)
        if not all(found):
            return row.Outcome(state=row.ABSENT, note="the generator measured no latency")
        tails = [each[0.99] for each in found]
        note = (f"p50/p99/p99.9/max {middles(found)} us in {len(found)} windows; a loop that spins between them, at the same load, "
                f"{middles(control)} us; {rate / 1e6:.2f} Mpps, 70 % of {highest / 1e6:.2f}; {missed} missed")
        words = lambda rounds: [{str(share): us for share, us in each.items()} for each in rounds]
        return row.Outcome(statistics.median(tails), interval=statistics.interval(tails), note=note,
                           details={"wardline": words(found), "spin": words(control), "no_drop_rate": highest, "missed": missed})

    return measure
