"""What a flow takes: the worker's own account of it, and what the kernel counts."""
from .. import forwarders, row, workloads

FLOWS = 1_000_000


def grown(after, before):
    return sum(after.get(name, 0) - before.get(name, 0) for name in ("VmRSS", "HugetlbPages")) * 2**20


def settled(session):
    """Bytes of a settled IPv4 flow: record, its share of the buckets, its place in the expiry wheel."""
    spec = workloads.udp(FLOWS)(session)
    with forwarders.Wardlined(session, spec, session.policies.shipped, flows_v4=FLOWS, flows_v6=1024) as wardlined:
        before = wardlined.program.resident_mb()
        wardlined.warm_up()
        after = wardlined.program.resident_mb()
        terms = terms_of(wardlined)
    table, wheel = terms["flows_v4"], terms["flow_expiry"]
    figure = table["bytes"] / table["count"] + wheel["bytes"] / wheel["count"]
    note = (f"buckets and record {table['bytes'] / table['count']:.1f} B, expiry {wheel['bytes'] / wheel['count']:.1f} B by its own "
            f"account; the process grew by {grown(after, before) / FLOWS:.0f} B a flow while {FLOWS:,} came")
    return row.Outcome(figure, note=note, details={"terms": list(terms.values()), "resident_before_mb": before, "resident_after_mb": after})


def undecided(session):
    """KiB that a flow takes besides while it is undecided."""
    with forwarders.Wardlined(session, workloads.udp(1000)(session), session.policies.shipped) as wardlined:
        term = terms_of(wardlined)["undecided_flows"]
    return row.Outcome(term["bytes"] / term["count"] / 1024, note=f"{term['count']:,} places", details={"term": term})


def terms_of(wardlined):
    return {term["name"]: term for term in wardlined.status()["memory_of_a_worker"]}
