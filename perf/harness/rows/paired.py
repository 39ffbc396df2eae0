"""Wardline against testpmd on the same traffic, by turns on one core."""
import contextlib
import dataclasses

from .. import forwarders, row, statistics, turns, workloads

ABSENT_CAPTURES = "the captures that its traffic is made of are not on this machine"
REFERENCE_MPPS = 40  # what testpmd does where the figures in Mpps are meant

# What must not happen to flows that are settled while they are measured.
SETTLED = ("scans", "flows_created", "flows_expired", "flows_redecided")


@contextlib.contextmanager
def warmed_up(contestants):
    """All started and ready, one after the other since they share a core; each is stopped while the next one starts."""
    with contextlib.ExitStack() as stack:
        for contestant in contestants:
            stack.enter_context(contestant)
            contestant.warm_up()
            contestant.halt()
        yield contestants


def counters_of(wardlined):
    """Of a halted wardlined: it runs for as long as the answer takes."""
    wardlined.program.resume()
    counters = wardlined.status()["counters"]
    wardlined.program.halt()
    return counters


def difference(after, before):
    """Of counters and of the counters within them: what moved."""
    moved = {}
    for name, value in after.items():
        if isinstance(value, dict):
            value = difference(value, before.get(name, {}))
        else:
            value -= before.get(name, 0)
        if value:
            moved[name] = value
    return moved


def contest(session, workload, wardlined):
    """(rounds, what wardlined counted meanwhile)"""
    testpmd = forwarders.Testpmd("testpmd", session, workload)
    with warmed_up([testpmd, wardlined]):
        before = counters_of(wardlined)
        rounds = turns.take_turns([testpmd, wardlined], session)
        moved = difference(counters_of(wardlined), before)
    return rounds, moved


def complaints(moved, settled=False):
    """Why a figure would be one of something else, by what wardlined counted."""
    found = []
    for what in SETTLED if settled else ():
        if moved.get(what, 0) > 0.001 * moved.get("received", 1):
            found.append(f"{what} moved by {moved[what]:,}: not settled")
    if moved.get("dropped"):
        found.append("dropped: " + ", ".join(f"{count:,} {reason}" for reason, count in moved["dropped"].items()))
    for what in ("flow_records_lost", "observations_lost", "violations_lost"):
        if moved.get(what):
            found.append(f"{what} {moved[what]:,}")
    return found


# Frames that these befall are forwarded without the work that a row measures.
SPARED = ("buffer_pool_exhausted", "flow_table_full", "overload", "no_policy")


def spared(moved):
    """How wardlined was spared the work, by what it counted; empty where it did what the row measures."""
    some = 0.001 * moved.get("received", 1)
    return [f"{count:,} times {what}: not the load of this row" for what, count in moved.get("failures", {}).items()
            if what in SPARED and count > some]


def hold_against(outcome, moved):
    """No figure of another load passes for the row's."""
    if found := spared(moved):
        outcome.state = row.NOT_NOW
        outcome.note = "; ".join(filter(None, [outcome.note, *found]))


def board_complaints(rounds, name):
    """The same by what the generator saw."""
    said = {"no_buffers": "polls found no buffer", "compare_wrong": "frames came out altered"}
    sums = {what: sum(windows[name].counters[what] for windows in rounds.all) for what in said}
    return [f"{count:,} {said[what]}" for what, count in sums.items() if count]


def beside_testpmd(workload, policy, settings, judge):
    """A measure: what judge(spec, rounds, counted) makes of turns with testpmd on the same traffic. `workload` is one of workloads.py,
    `settings` are keys of wardlined.yaml."""

    def measure(session):
        spec = workload(session)
        if spec is None:
            return row.Outcome(state=row.ABSENT, note=ABSENT_CAPTURES)
        wardlined = forwarders.Wardlined(session, spec, policy(session.policies), **settings)
        rounds, moved = contest(session, spec, wardlined)
        return judge(spec, rounds, moved)

    return measure


def ratio(workload, policy=lambda policies: policies.shipped, settled=False, **settings):
    """A measure: the ratio to testpmd."""

    def judge(_, rounds, moved):
        outcome = turns.judge(rounds, "wardline", "testpmd")
        return explained(outcome, complaints(moved, settled) + board_complaints(rounds, "wardline"), moved)

    return beside_testpmd(workload, policy, settings, judge)


def explained(outcome, found, moved):
    outcome.details["wardline_counted"] = moved
    hold_against(outcome, moved)
    if outcome.details.get("rates"):
        mpps = {name: statistics.median(rates) / 1e6 for name, rates in outcome.details["rates"].items()}
        outcome.note = "; ".join(filter(None, [outcome.note, turns.of_the_core(outcome), *found, ", ".join(f"{name} {rate:.2f} Mpps" for name, rate in mpps.items())]))
    return outcome


def settled(flows, pick="uniform", scale=1):
    """A measure: the ratio to testpmd with settled flows, times `scale`, in a table of the default size, or for a quarter more flows. Rows
    and points of a curve that are of the same flows share one measurement of the run."""
    once = ratio(workloads.udp(flows, pick), settled=True, flows_v4=max(flows * 5 // 4, 262_144))

    def measure(session):
        outcome = session.once(("settled", flows, pick), lambda: once(session))
        if outcome.figure is None:
            return outcome
        return dataclasses.replace(outcome, figure=outcome.figure * scale, interval=tuple(bound * scale for bound in outcome.interval))

    return measure


def flows_at_reference(flows, pick="uniform"):
    """Settled flows, as Mpps where testpmd does 40 on the same traffic."""
    return settled(flows, pick, REFERENCE_MPPS)


def absolute(workload, rate, policy=lambda policies: policies.shipped, only_told=False, **settings):
    """A measure: a rate of Wardline's own, of a Window, with testpmd on the same traffic beside it. `only_told`: it is one of flows, and a
    flow whose record nobody got is not counted."""

    def judge(spec, rounds, moved):
        lost = moved.get("flow_records_lost", 0) if only_told else 0
        kept = 1 - min(lost / max(moved.get("flows_created", 0), 1), 1)
        rates = lambda windows: [rate(turn["wardline"]) * kept for turn in windows]
        judged, counted = turns.judge(rounds, "wardline", "testpmd"), rates(rounds.compared)
        outcome = row.Outcome(statistics.median(counted), statistics.interval(counted), pairs=judged.pairs, details=judged.details)
        outcome.details["over_all_time"] = f"{statistics.median(rates(rounds.all)):.2f}"
        found = complaints(moved) + board_complaints(rounds, "wardline")
        return explained(outcome, [*found, workloads.described(spec)], moved)

    return beside_testpmd(workload, policy, settings, judge)
