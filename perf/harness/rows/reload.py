"""A policy is read, compiled and put in force while frames are due."""
import concurrent.futures
import time

from .. import board, forwarders, machine, row, statistics, turns, workloads
from . import latency

STEP_S = 0.1
LONGEST_S = 90
TURNS, MOST_TURNS = 7, 12  # that count, that are tried


def dip(slices):
    """The deepest, of windows of STEP_S each, below the middle one."""
    at_once = round(STEP_S / turns.SLICE_S)
    rates = [board.joined(slices[at:at + at_once]).frames_per_second for at in range(0, len(slices) - at_once + 1, at_once)]
    return 1 - min(rates) / statistics.median(rates)


def missed(window):
    return window.counters["missed"] / window.seconds


def measure(session):
    """Frames missed in a second with a reload beyond those missed while a loop keeps the control core busy instead, for as long: where
    both cores are busy the machine itself takes more of each away. The median of turns, over the time in which the core was whole."""
    policy = session.policies.made(classes=2000, signatures=10000)
    with forwarders.Wardlined(session, workloads.udp(100000)(session), policy) as wardlined:
        wardlined.warm_up()
        began = time.monotonic()
        wardlined.ask(op="policy.reload", timeout=300)  # what can be cached is
        alone = time.monotonic() - began
        latency.rest(wardlined, latency.no_drop_rate(wardlined, session.pace) * latency.SHARE)
        seconds = min(0.5 + 1.2 * alone, LONGEST_S)
        reload = lambda: wardlined.ask(op="policy.reload", timeout=300)
        spin = lambda: latency.spin(session, alone, machine.CONTROL_CORE)
        taken = []
        while len(taken) < TURNS or (len(taken) < MOST_TURNS and not rounds.were_whole):
            taken.append({"with": beside(reload, wardlined, seconds, session.core), "without": beside(spin, wardlined, seconds, session.core)})
            rounds = turns.Rounds.of(taken, session.core, TURNS)
    return judged(rounds, taken, alone)


def beside(work, wardlined, seconds, core):
    """Slices of the time in which another thread does `work`; what it raises is raised."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        done = thread.submit(work)
        found = list(turns.slices(wardlined, seconds, core))
        done.result()
    return found


def judged(rounds, taken, reload_s):
    """`taken`: of each turn {"with": slices, "without": slices}."""
    with_it, without, all_with, all_without = ([missed(turn[name]) for turn in which] for which in (rounds.compared, rounds.all)
                                               for name in ("with", "without"))
    more = [one - other for one, other in zip(with_it, without)]
    dips = {name: statistics.median(dip(turn[name]) for turn in taken) for name in ("with", "without")}
    words = lambda values: "/".join(f"{value:,.0f}" for value in values)
    note = (f"{turns.share_in_words(rounds.were_whole, rounds.share_of_time())}: missed a second {words(with_it)} with a reload of {reload_s:.1f} s and {words(without)} beside a loop; over all of the time "
            f"{words(all_with)} and {words(all_without)}; deepest dip of a 100 ms window {dips['with']:.1%} and {dips['without']:.1%}")
    outcome = row.Outcome(max(statistics.median(more), 0), note=note, details={
        "with": with_it, "without": without, "over_all_time": {"with": all_with, "without": all_without}, "dips": dips})
    if outcome.figure > 0 and statistics.interval(more)[0] <= 0:
        outcome.state, outcome.note = row.NOT_NOW, f"the turns differ by more than that; {note}"
    return outcome
