"""Two workers against one: a core each, and the generator's queues."""
import os

from .. import forwarders, row, statistics, turns, workloads
from . import paired


def measure(session):
    if os.cpu_count() < 2:
        return row.Outcome(state=row.ABSENT, note="needs two cores")
    spec = workloads.udp(100000)(session)
    contestants = [forwarders.Wardlined(session, spec, session.policies.shipped, name=f"workers-{count}", workers=count)
                   for count in (1, 2)]
    with paired.warmed_up(contestants):
        rounds = turns.take_turns(contestants, session)
    outcome = turns.judge(rounds, "workers-2", "workers-1")
    rates = {name: statistics.median(found) / 1e6 for name, found in outcome.details["rates"].items()}
    outcome.note = "; ".join(filter(None, [outcome.note, turns.of_the_core(outcome), f"{rates['workers-2']:.2f} and {rates['workers-1']:.2f} Mpps; the second "
                                                         "worker shares its core with everything else on this machine"]))
    return outcome
