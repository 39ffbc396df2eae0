"""Cost against the number of flows, and of signatures: the points of the plots."""
from .. import forwarders, row, statistics, turns
from . import paired, scanned

FLOWS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
THREATS = (10, 100, 1_000, 3_000, 10_000)
CLIFF = 0.5  # a step of ten in flows may not cost more than this share of the ratio


def flows(session):
    points = []
    for count in (count for count in FLOWS if count <= session.pace.largest_flows):
        session.say(f"{count:,} flows")
        outcome = paired.flows_at_reference(count)(session)
        rates = outcome.details.get("rates", {})
        points.append({"flows": count, "at_40_mpps": outcome.figure, "interval": outcome.interval, "state": outcome.state,
                       "mpps": {name: statistics.median(values) / 1e6 for name, values in rates.items()}})
    steepest = min(later["at_40_mpps"] / earlier["at_40_mpps"] for earlier, later in zip(points, points[1:]))
    return row.Outcome(steepest, note=f"the steepest step of ten keeps {steepest:.0%} of the rate", details={"points": points})


def signatures(session):
    """Threats alone are varied: the shipped ones are replaced by made literals, the applications stay."""
    workload = scanned.workloads.file("hospital")(session)
    points = []
    for count in THREATS:
        session.say(f"{count:,} threat signatures")
        policy = session.policies.threats(count)
        outcome = scanned.against_raw(lambda _: workload, policy=lambda _: policy, **scanned.SESSIONS)(session)
        points.append({"signatures": count, "of_raw": outcome.figure, "interval": outcome.interval, "state": outcome.state,
                       "gbps": {name: statistics.median(values) / 1e9 for name, values in outcome.details["rates"].items()}})
    steepest = min(later["gbps"]["wardline"] / earlier["gbps"]["wardline"] for earlier, later in zip(points, points[1:]))
    return row.Outcome(steepest, note=f"the steepest step keeps {steepest:.0%} of the rate", details={"points": points})
