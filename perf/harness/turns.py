"""Contestants on one core that take turns: who waits is stopped. The machine drifts, so only neighbours in time are compared."""
import time

from . import row, statistics

SELF_TOLERANCE = 0.05  # by so much the reference may differ from itself


def take_turns(contestants, pace, with_latency=False):
    """[{name: Window}], one for each pair; ABBA, so that a steady drift favours nobody. All contestants are started, warmed up and
    running; all are stopped when it begins and ends."""
    for contestant in contestants:
        contestant.halt()
    rounds = []
    for number in range(pace.pairs):
        windows = {}
        for contestant in contestants if number % 2 == 0 else reversed(contestants):
            contestant.resume()
            time.sleep(pace.settle_s)
            windows[contestant.name] = contestant.window(pace.window_s)
            contestant.halt()
        rounds.append(windows)
    return rounds


def ratios(rounds, over, under, rate=lambda window: window.frames_per_second):
    return [rate(windows[over]) / rate(windows[under]) for windows in rounds if rate(windows[under]) > 0]


def self_ratios(rounds, name, rate=lambda window: window.frames_per_second):
    """Of windows that follow each other: the last of one pair and the first of the next."""
    return [rate(later[name]) / rate(earlier[name]) for earlier, later in zip(rounds[1::2], rounds[2::2]) if rate(earlier[name]) > 0]


def judge(rounds, over, under, rate=lambda window: window.frames_per_second):
    """An Outcome with the median ratio, its interval, and whether the reference agreed with itself."""
    found = ratios(rounds, over, under, rate)
    if not found:
        return row.Outcome(state=row.ABSENT, note=f"{under} forwarded nothing")
    alike = self_ratios(rounds, under, rate)
    off = abs(statistics.median(alike) - 1) if alike else 0.0
    outcome = row.Outcome(figure=statistics.median(found), interval=statistics.interval(found), pairs=found)
    outcome.details = {"self": alike, "rates": {name: [rate(windows[name]) for windows in rounds] for name in rounds[0]}}
    if off > SELF_TOLERANCE:
        outcome.state = row.NOT_NOW
        outcome.note = f"{under} differed from itself by {off:.0%}"
    return outcome
