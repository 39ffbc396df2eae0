"""Open loop: frames are due at a rate whether anybody asks for them or not."""
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


def take_turns(wardlined, session, rate, load):
    """Rounds of the worker alone, until the core was whole in enough of them, and what a loop that spins was held up by after each, over
    all of its time."""
    pace = session.pace
    taken, spins = [], []
    for _ in range(pace.most_turns):
        wardlined.resume()
        rest(wardlined, rate)
        taken.append({wardlined.name: turns.watch(wardlined, pace.latency_s / pace.pairs, session.core, with_latency=True)})
        wardlined.halt()
        spins.append(held_up(spin(session, pace.latency_s / pace.pairs, machine.WORKER_CORE), load))
        if len(taken) >= pace.pairs and (rounds := turns.Rounds.of(taken, session.core, pace.pairs)).were_whole:
            break
    return rounds, spins


def middles(rounds):
    """Of each share the median of the windows, of the longest the longest; as words."""
    values = [statistics.median(each[share] for each in rounds) for share in SHARES[:-1]] + [max(each[1.0] for each in rounds)]
    return "/".join(f"{value:.1f}" for value in values)


def told(rounds, found, over_all, spins, highest):
    """`found` and `over_all`: quantiles of the rounds that count, and of all."""
    words = (f"p50/p99/p99.9/max {middles(found)} us in {len(found)} windows; a loop that spins after each, at the same load, {middles(spins)} us; "
             f"{highest * SHARE / 1e6:.2f} Mpps, 70 % of {highest / 1e6:.2f}")
    missed = sum(window.counters["missed"] for turn in rounds.all for window in turn.values())
    share = turns.share_in_words(rounds.were_whole, rounds.share_of_time())
    return f"{words}; {share}" + (f", over all of it {middles(over_all)} us" if rounds.were_whole else "") + f"; {missed} missed in all"


def added(workload, policy=lambda policies: policies.shipped, **settings):
    """A measure: p99 of the time from when a frame was due until it was sent, in microseconds, over the time in which the core was whole;
    the median of windows, as the machine is now and then stalled for milliseconds."""

    def measure(session):
        with forwarders.Wardlined(session, workload(session), policy(session.policies), **settings) as wardlined:
            wardlined.warm_up()
            highest = no_drop_rate(wardlined, session.pace)
            rounds, spins = take_turns(wardlined, session, highest * SHARE, SHARE)
        over_all, found = ([wardlined.board.quantiles_us(turn[wardlined.name].latency, SHARES) for turn in which]
                           for which in (rounds.all, rounds.compared))
        if not all(over_all):
            return row.Outcome(state=row.ABSENT, note="the generator measured no latency")
        tails = [each[0.99] for each in found]
        words = lambda quantiles: [{str(share): us for share, us in each.items()} for each in quantiles]
        return row.Outcome(statistics.median(tails), interval=statistics.interval(tails), note=told(rounds, found, over_all, spins, highest),
                           details={"wardline": words(found), "over_all_time": words(over_all), "spin": words(spins),
                                    "core_whole": rounds.were_whole, "no_drop_rate": highest})

    return measure
