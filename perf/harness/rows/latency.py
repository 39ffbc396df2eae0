"""Open loop: frames are due at a rate whether anybody asks for them or not."""
import dataclasses
import json
import subprocess
import time

from .. import board, forwarders, machine, row, statistics, turns

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


def spin(session, seconds, core):
    """What a loop that spins there found (perf/spin): its JSON."""
    done = subprocess.run(["taskset", "-c", str(core), session.build.bench("spin"), str(seconds)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def held_up(found, load):
    """What the machine itself takes away on the worker's core, as latency: {share: microseconds}. A gap of g holds up the frames due in
    it by up to g, and those after it until a worker with so much `load` (of what it could do) has caught up."""
    later = lambda us: sum((gap - us) * count for gap, count in found["gaps"] if gap > us) / (1 - load) / (found["seconds"] * 1e6)
    quantiles = {}
    for share in SHARES[:-1]:
        candidates = [0.0, *(gap for gap, _ in found["gaps"])]
        quantiles[share] = next((us for us in candidates if later(us) <= 1 - share), candidates[-1])
    quantiles[1.0] = found["gaps"][-1][0] if found["gaps"] else 0.0
    return quantiles


@dataclasses.dataclass
class Turn:
    all: board.Window
    whole: board.Window  # that part in which the core was whole
    spin: dict           # {share: microseconds} of the control after it, over all of its time


def take_turns(wardlined, session, rate, load):
    """Turns of the worker and of a loop that spins, until the core was whole in enough of them."""
    pace, core = session.pace, session.core
    seconds = pace.latency_s / pace.pairs
    found, spins = [], []
    for _ in range(pace.most_turns):
        wardlined.resume()
        rest(wardlined, rate)
        found.append(turns.watch(wardlined, seconds, core, with_latency=True))
        wardlined.halt()
        spins.append(held_up(spin(session, seconds, machine.WORKER_CORE), load))
        whole = [board.joined([one for one in slices if core.was_whole(one)]) for slices in found]
        if sum(counts(window) for window in whole) >= pace.pairs:
            break
    return [Turn(board.joined(slices), part, control) for slices, part, control in zip(found, whole, spins)]


def counts(window):
    return window.seconds >= turns.LEAST_WHOLE_S


def middles(rounds):
    """Of each share the median of the windows, of the longest the longest; as words."""
    values = [statistics.median(each[share] for each in rounds) for share in SHARES[:-1]] + [max(each[1.0] for each in rounds)]
    return "/".join(f"{value:.1f}" for value in values)


def told(found, over_all, taken, highest):
    """`found` and `over_all`: quantiles of the windows that count, and of all turns `taken`."""
    words = (f"p50/p99/p99.9/max {middles(found)} us in {len(found)} windows; a loop that spins after each, at the same load, "
             f"{middles([turn.spin for turn in taken])} us; {highest * SHARE / 1e6:.2f} Mpps, 70 % of {highest / 1e6:.2f}")
    seconds = sum(turn.all.seconds for turn in taken)
    share = sum(turn.whole.seconds for turn in taken) / seconds
    missed = sum(turn.all.counters["missed"] for turn in taken)
    if found is over_all:
        return f"{turns.SHARED}; {words}; {missed} missed"
    return f"{words}; the core was whole for {share:.0%} of the time, over all of it {middles(over_all)} us, {missed} missed"


def added(workload, policy=lambda policies: policies.shipped, **settings):
    """A measure: p99 of the time from when a frame was due until it was sent, in microseconds, over the time in which the core was whole;
    the median of windows, as the machine is now and then stalled for milliseconds."""

    def measure(session):
        with forwarders.Wardlined(session, workload(session), policy(session.policies), **settings) as wardlined:
            wardlined.warm_up()
            highest = no_drop_rate(wardlined, session.pace)
            taken = take_turns(wardlined, session, highest * SHARE, SHARE)
        quantiles = lambda windows: [wardlined.board.quantiles_us(window.latency, SHARES) for window in windows]
        over_all, whole = quantiles(turn.all for turn in taken), quantiles(turn.whole for turn in taken if counts(turn.whole))
        if not all(over_all):
            return row.Outcome(state=row.ABSENT, note="the generator measured no latency")
        found = whole if len(whole) >= session.pace.pairs else over_all
        tails = [each[0.99] for each in found]
        words = lambda rounds: [{str(share): us for share, us in each.items()} for each in rounds]
        return row.Outcome(statistics.median(tails), interval=statistics.interval(tails), note=told(found, over_all, taken, highest),
                           details={"wardline": words(found), "over_all_time": words(over_all), "spin": words(turn.spin for turn in taken),
                                    "core_whole": found is whole, "no_drop_rate": highest})

    return measure
