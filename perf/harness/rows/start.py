"""From exec to the first frame that was forwarded."""
import time

from .. import board, forwarders, processes, row, statistics, workloads


def once(session, flows, judged=False):
    wardlined = forwarders.Wardlined(session, workloads.udp(1000)(session), session.policies.shipped, flows_v4=flows)
    wardlined.waits_for_policy = judged
    wardlined.board.order(run=board.MEASURED)
    began = time.monotonic()
    try:
        wardlined.start()
        wardlined.board.wait_ready(wardlined.program.alive, 60)
        processes.wait_for(lambda: wardlined.board.sample().counters["tx_frames"], 60, "the first frame", wardlined.program.alive, step=0.002)
        return time.monotonic() - began
    finally:
        wardlined.program.end()


def measure(session):
    once(session, 1_000_000, judged=True)  # compiles the signatures, if nobody has
    found = [once(session, 1_000_000) for _ in range(max(session.pace.pairs // 3, 3))]
    return row.Outcome(statistics.median(found), statistics.interval(found), details={"seconds": found})
