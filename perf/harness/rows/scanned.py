"""Carried bits against raw Hyperscan on the same payload, and signatures against each other."""
import struct
import time

from .. import board, forwarders, machine, processes, row, statistics, turns, workloads
from . import paired


# Room for traffic of short connections: each leaves its record, and the window in which threats are looked for, for the ten
# seconds of `tcp_closing`.
SESSIONS = {"flows_v4": 4_194_304, "flows_v6": 1_048_576, "undecided_flows": 65_536, "inspected_flows": 262_144}


class RawScan:
    """perf/dataplane/classify/raw_scan.cpp as a contestant: it forwards nothing, so its bytes count as sent."""

    def __init__(self, session, workload, policy, depth):
        self.name, self.session, self.settle_s = "raw", session, 0
        self.folder = session.folder_for("raw")
        self.command = ["env", f"WARDLINE_CACHE={session.signature_cache}", session.build.bench("raw_scan"), policy, workloads.pcap_of(workload), self.folder / "tally", depth]

    def __enter__(self):
        self.program = processes.Program(self.name, self.command, self.folder / "log", core=machine.WORKER_CORE)
        return self

    def __exit__(self, *_):
        self.program.end()

    def warm_up(self):
        processes.wait_for(lambda: self.tally()[2] >= 1, 120, "raw_scan: a pass over the payload", self.program.alive)

    def tally(self):
        """(carried bytes, scanned bytes, passes, probes of the core, their cycles)"""
        try:
            data = (self.folder / "tally").read_bytes()
        except FileNotFoundError:
            data = b""
        return struct.unpack("<5Q", data) if len(data) == 40 else (0,) * 5

    def resume(self):
        self.program.resume()

    def halt(self):
        self.program.halt()

    def sample(self):
        carried, scanned, _, probes, cycles = self.tally()
        return board.Sample(time.monotonic(), {"tx_frames": 0, "tx_bytes": carried, "scanned_bytes": scanned, "probes": probes,
                                               "probe_cycles": cycles}, ())


def bits(window):
    return window.bits_per_second


def against_raw(workload, depth=65536, policy=lambda policies: policies.with_signatures(3000), **settings):
    """A measure: carried bits, as a share of what raw Hyperscan carries with the same patterns."""

    def measure(session):
        path = workload(session)
        if path is None:
            return row.Outcome(state=row.ABSENT, note=paired.ABSENT_CAPTURES)
        made = policy(session.policies)
        contestants = [RawScan(session, path, made, depth), forwarders.Wardlined(session, path, made, **settings)]
        with paired.warmed_up(contestants):
            before = paired.counters_of(contestants[1])
            rounds = turns.take_turns(contestants, session)
            moved = paired.difference(paired.counters_of(contestants[1]), before)
        outcome = turns.judge(rounds, "wardline", "raw", bits)
        outcome.details["wardline_counted"] = moved
        paired.hold_against(outcome, moved)
        gbps = {name: statistics.median(rates) / 1e9 for name, rates in outcome.details["rates"].items()}
        outcome.note = "; ".join(filter(None, [outcome.note, turns.of_the_core(outcome), *paired.complaints(moved),
                                               f"carried: wardline {gbps['wardline']:.2f}, raw {gbps['raw']:.2f} Gb/s",
                                               workloads.described(path)]))
        return outcome

    return measure


def two_policies(workload, large, small, rate=bits, unit=1e9, **settings):
    """A measure: wardlined under a large policy against wardlined under a small one, by turns."""

    def measure(session):
        spec = workload(session)
        if spec is None:
            return row.Outcome(state=row.ABSENT, note=paired.ABSENT_CAPTURES)
        contestants = [forwarders.Wardlined(session, spec, made(session.policies), name=name, **settings)
                       for name, made in (("small", small), ("large", large))]
        with paired.warmed_up(contestants):
            before = [paired.counters_of(each) for each in contestants]
            rounds = turns.take_turns(contestants, session)
            moved = [paired.difference(paired.counters_of(each), then) for each, then in zip(contestants, before)]
        outcome = turns.judge(rounds, "large", "small", rate)
        for counted in moved:
            paired.hold_against(outcome, counted)
        rates = {name: statistics.median(found) / unit for name, found in outcome.details["rates"].items()}
        outcome.note = "; ".join(filter(None, [outcome.note, turns.of_the_core(outcome), f"{rates['large']:.3g} against {rates['small']:.3g}"]))
        return outcome

    return measure
