"""Frames that came out, compared with what they must be, at full speed."""
from .. import forwarders, row

EVERY = 101  # prime, so that no pattern of bursts hides behind it


def altered(workload, policy=lambda policies: policies.shipped, **settings):
    """A measure: how many of the sampled frames were not, from byte 12 on, what went in."""

    def measure(session):
        with forwarders.Wardlined(session, workload(session), policy(session.policies), **settings) as wardlined:
            wardlined.warm_up()
            wardlined.board.order(tx_check=EVERY)
            counted = wardlined.window(session.pace.window_s * session.pace.pairs).counters
        compared = counted["compare_ok"] + counted["compare_wrong"]
        if not compared:
            return row.Outcome(state=row.ABSENT, note="no frame was compared")
        return row.Outcome(counted["compare_wrong"], note=f"{compared:,} of {counted['tx_frames']:,} frames compared", details=counted)

    return measure
