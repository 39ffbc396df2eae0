"""Contestants on one core that take turns: who waits is stopped. The machine drifts, so only neighbours in time are compared; and
other programs use its cores, so what is compared is the time in which the core did as much as it can."""
import dataclasses
import time

from . import board, row, statistics

SELF_TOLERANCE = 0.05  # by so much the reference may differ from itself
SLICE_S = 0.01         # in which the core is either whole or not
WHOLE = 1.06           # probes of a whole core take at most so many times the shortest
LEAST_WHOLE_S = 0.03   # of a window that counts
PATIENCE = 3           # a window that lacks whole time lasts so many times as long
SHARED = "the core was shared with others"


class Core:
    """What probes of the core (perf/generator/core_width.h) said in a run. The shortest are those of a core that nobody shares."""

    def __init__(self):
        self.shortest = float("inf")

    def see(self, window):
        if window.counters["probes"] >= 20:
            self.shortest = min(self.shortest, window.probe_cycles)

    def was_whole(self, window):
        return window.counters["probes"] > 0 and window.probe_cycles <= WHOLE * self.shortest


@dataclasses.dataclass
class Rounds:
    """Of each turn {name: Window}: over all its time, and over that alone in which the core was whole, or None where some contestant
    had too little of that."""
    all: list
    whole: list
    pairs: int  # that a figure needs

    @classmethod
    def of(cls, taken, core, pairs):
        """`taken`: of each turn {name: [Window]}."""
        over_all = [{name: board.joined(found) for name, found in turn.items()} for turn in taken]
        whole = [{name: board.joined([one for one in found if core.was_whole(one)]) for name, found in turn.items()} for turn in taken]
        return cls(over_all, [turn if all(window.seconds >= LEAST_WHOLE_S for window in turn.values()) else None for turn in whole], pairs)

    @property
    def were_whole(self):
        """Whether there are as many turns of a whole core as a figure needs."""
        return sum(turn is not None for turn in self.whole) >= self.pairs

    @property
    def told(self):
        """Those that count; None in the place of others."""
        return self.whole if self.were_whole else self.all

    @property
    def compared(self):
        return [turn for turn in self.told if turn]

    def share_of_time(self):
        """That the compared windows are of the time that the contestants ran."""
        seconds = lambda turns: sum(window.seconds for turn in turns for window in turn.values())
        return seconds(self.compared) / seconds(self.all)


def take_turns(contestants, session):
    """Rounds, ABBA, so that a steady drift favours nobody. All contestants are started, warmed up and running; all are stopped when it
    begins and ends."""
    pace = session.pace
    for contestant in contestants:
        contestant.halt()
    taken = []
    for number in range(pace.most_turns):
        taken.append(one_turn(contestants if number % 2 == 0 else contestants[::-1], session))
        if len(taken) >= pace.pairs and (rounds := Rounds.of(taken, session.core, pace.pairs)).were_whole:
            break
    return rounds


def one_turn(contestants, session):
    found = {}
    for contestant in contestants:
        contestant.resume()
        time.sleep(max(session.pace.settle_s, contestant.settle_s))
        found[contestant.name] = watch(contestant, session.pace.window_s, session.core)
        contestant.halt()
    return found


def slices(contestant, seconds, core, **what):
    """Windows of SLICE_S that follow each other, for so long."""
    before = contestant.sample(**what)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(SLICE_S)
        after = contestant.sample(**what)
        window = after.since(before)
        before = after
        core.see(window)
        yield window


def watch(contestant, seconds, core, **what):
    """Slices of a contestant, until the core was whole for `seconds` of them, and for longer where it was not."""
    found, whole_s = [], 0
    for window in slices(contestant, PATIENCE * seconds, core, **what):
        found.append(window)
        if core.was_whole(window):
            whole_s += window.seconds
        if whole_s >= seconds:
            break
    contestant.program.alive()
    return found


def ratios(turns, over, under, rate=lambda window: window.frames_per_second):
    return [rate(turn[over]) / rate(turn[under]) for turn in turns if rate(turn[under]) > 0]


def self_ratios(turns, name, rate=lambda window: window.frames_per_second):
    """Of windows that follow each other: the last of one turn and the first of the next."""
    neighbours = [(earlier, later) for earlier, later in zip(turns[1::2], turns[2::2]) if earlier and later]
    return [rate(later[name]) / rate(earlier[name]) for earlier, later in neighbours if rate(earlier[name]) > 0]


def judge(rounds, over, under, rate=lambda window: window.frames_per_second):
    """An Outcome with the median ratio, its interval, and whether the reference agreed with itself."""
    found = ratios(rounds.compared, over, under, rate)
    if not found:
        return row.Outcome(state=row.ABSENT, note=f"{under} forwarded nothing")
    alike = self_ratios(rounds.told, under, rate)
    off = abs(statistics.median(alike) - 1) if alike else 0.0
    outcome = row.Outcome(figure=statistics.median(found), interval=statistics.interval(found), pairs=found)
    outcome.details = {"self": alike, "rates": rates(rounds.compared, rate), "core_whole": rounds.were_whole,
                       "share_of_time": rounds.share_of_time(),
                       "over_all_time": f"{statistics.median(ratios(rounds.all, over, under, rate)):.2f} x {under}"}
    if off > SELF_TOLERANCE:
        outcome.state = row.NOT_NOW
        outcome.note = f"{under} differed from itself by {off:.0%}"
    return outcome


def rates(turns, rate):
    return {name: [rate(turn[name]) for turn in turns] for name in turns[0]}


def share_in_words(whole, share):
    return f"the core was whole for {share:.0%} of the time" if whole else SHARED


def of_the_core(outcome):
    """What a reader must know of the time that counts, or nothing."""
    details = outcome.details
    words = share_in_words(details["core_whole"], details["share_of_time"])
    if not details["core_whole"]:
        return words
    return "" if details["share_of_time"] > 0.95 else f"{words}, over all of it {details['over_all_time']}"
