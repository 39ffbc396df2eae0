"""The rows of the table, each in one place: traffic, policy, what it must reach and what it aims at. docs/performance.md is made of it."""
from .row import Row
from .rows import curves, latency, live, memory, micro, paired, reload, sampled, scanned, start, workers
from .workloads import file, formula, udp


def frames(window):
    return window.frames_per_second / 1e6


def sessions(window):
    return window.counters["sessions"] / window.seconds / 1e6


def gigabits(window):
    return window.bits_per_second / 1e9


NEW_UDP = formula("newudp")
# Room for them at their time-out of two seconds (more than two million begin in one now and then), and the time until as many end as begin.
TWO_SECONDS_OF_FLOWS = {"flows_v4": 6_291_456, "settle_s": 2.5}

ROWS = [
    # Settled flows. Reference: testpmd on the same frames.
    Row("settled-1k", "settled flows, 64 B, 1,000 flows", paired.settled(1_000), "x testpmd", 0.45, 0.55),
    Row("settled-1k-zipf", "the same, flows chosen by Zipf(1.0)", paired.settled(1_000, "zipf"), "x testpmd", quick=False),
    Row("settled-100k", "settled, 64 B, 100,000 flows", paired.settled(100_000), "x testpmd", 0.35, 0.45),
    Row("settled-100k-zipf", "the same, flows chosen by Zipf(1.0)", paired.settled(100_000, "zipf"), "x testpmd", quick=False),
    Row("settled-1m", "settled, 64 B, 1 M flows, where testpmd does 40 Mpps", paired.flows_at_reference(1_000_000), "Mpps", 8, 12),
    Row("settled-1m-zipf", "the same, flows chosen by Zipf(1.0)", paired.flows_at_reference(1_000_000, "zipf"), "Mpps", quick=False),
    Row("settled-10m", "settled, 64 B, 10 M flows, where testpmd does 40 Mpps", paired.flows_at_reference(10_000_000), "Mpps", 6, 9, quick=False),
    Row("per-message", "per-message flows (Modbus read-only), 64 B, 1,000 flows",
        paired.ratio(formula("modbus", flows=1000), lambda policies: policies.reading_controllers()), "x testpmd", 0.15, 0.25),
    # New flows.
    Row("new-udp", "new UDP flows: classified, decided, recorded, expired; table 6 M, time-out 2 s",
        paired.absolute(NEW_UDP, frames, lambda policies: policies.made(edits=[policies.TWO_SECONDS]), only_told=True,
                        **TWO_SECONDS_OF_FLOWS),
        "M/s", 1.5, 2),
    Row("new-tcp", "new TCP flows (SYN to FIN, 1 KiB each way, classified)",
        paired.absolute(file("tcp"), sessions, only_told=True, flows_v4=4_194_304), "M/s", 0.25, 0.5),
    # Scanned bytes.
    Row("scan-64", "everything scanned, 64 B UDP, 1,000 flows, 3,000 signatures",
        paired.ratio(formula("scan", flows=1000), lambda policies: policies.with_signatures(3000, edits=[policies.INSPECT_ALL])),
        "x testpmd", 1 / 6, 0.25),
    Row("hospital-classify", "hospital mix, classify only (2 KiB), 3,000 signatures",
        paired.absolute(file("hospital"), gigabits, lambda policies: policies.with_signatures(3000, edits=[policies.CLASSIFY_ONLY]),
                        **scanned.SESSIONS), "Gb/s", 10, 16),
    Row("hospital-growth", "the same: 3,000 signatures against 300",
        scanned.two_policies(file("hospital"), lambda policies: policies.with_signatures(3000, edits=[policies.CLASSIFY_ONLY]),
                             lambda policies: policies.made(edits=[policies.CLASSIFY_ONLY]), **scanned.SESSIONS), "x", 0.8, 1, quick=False),
    Row("hospital-inspect", "hospital mix, inspect 64 KiB, 3,000 signatures", scanned.against_raw(file("hospital"), **scanned.SESSIONS),
        "x raw Hyperscan", 0.5, 0.8),
    Row("hostile-classify", "hostile mix, classify only",
        paired.absolute(file("hostile"), gigabits, lambda policies: policies.made(edits=[policies.CLASSIFY_ONLY]), **scanned.SESSIONS),
        "Gb/s", 2.8, 6),
    Row("hostile-inspect", "hostile mix, inspect 64 KiB, 3,000 signatures", scanned.against_raw(file("hostile"), **scanned.SESSIONS),
        "x raw Hyperscan", 0.5, 0.8, quick=False),
    # Nothing is altered.
    Row("bytes-settled", "frames altered on their way, settled flows at full speed, one in 101 compared", sampled.altered(udp(100_000)),
        "frames", 0, 0, less_is_better=True),
    Row("bytes-hospital", "the same, hospital mix inspected", sampled.altered(file("hospital"), **scanned.SESSIONS), "frames", 0, 0,
        less_is_better=True, quick=False),
    # The kernel's drivers.
    Row("live-af_xdp", "live veth, af_xdp: busy cycles a packet at the same offered rate", live.busy_cycles("af_xdp"), "x testpmd", 1.25, 1.1,
        less_is_better=True, quick=False),
    Row("live-af_packet", "live veth, af_packet: the same", live.busy_cycles("af_packet"), "x testpmd", 1.25, 1.1, less_is_better=True,
        quick=False),
    # Waiting.
    Row("latency", "latency added, open loop, settled, 70 % of the no-drop rate: p99", latency.added(udp(100_000)), "us", 50, 10,
        less_is_better=True),
    Row("reload", "policy reload (2,000 classes, 10,000 signatures) at 70 %: more missed than without", reload.measure, "frames/s", 0, 0,
        less_is_better=True, quick=False),
    # Sizes.
    Row("two-workers", "two workers against one", workers.measure, "x", 1.7, 1.9),
    Row("memory", "memory of a settled IPv4 flow, buckets included", memory.settled, "B", 96, 88, less_is_better=True),
    Row("memory-undecided", "memory of an undecided flow besides", memory.undecided, "KiB", 4.2, 2.2, less_is_better=True),
    Row("start", "start to forwarding, 1 M flow table, signatures cached", start.measure, "s", 2, 0.7, less_is_better=True),
    Row("rules-settled", "class with 10,000 rules against 10: settled flows",
        scanned.two_policies(udp(1_000), lambda policies: policies.class_of_rules(10_000),
                             lambda policies: policies.class_of_rules(10), rate=lambda window: window.frames_per_second, unit=1e6),
        "x", 0.95, 1, quick=False),
    Row("rules-new", "class with 10,000 rules against 10: new flows",
        scanned.two_policies(NEW_UDP, lambda policies: policies.class_of_rules(10_000, edits=[policies.TWO_SECONDS]),
                             lambda policies: policies.class_of_rules(10, edits=[policies.TWO_SECONDS]),
                             rate=lambda window: window.frames_per_second, unit=1e6, **TWO_SECONDS_OF_FLOWS), "x", 0.5, 1),
    # What the gate compares, and what is plotted.
    Row("instructions", "instructions of a settled packet, by callgrind", micro.measure, "instructions", less_is_better=True),
    Row("curve-flows", "flows from 1,000 to 10 M: share of the rate that the steepest step keeps", curves.flows, "x", 0.5, None, quick=False),
    Row("curve-signatures", "threat signatures from 10 to 10,000: the same", curves.signatures, "x", 0.5, None, quick=False),
]
