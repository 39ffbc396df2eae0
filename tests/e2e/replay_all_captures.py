#!/usr/bin/python3
"""Every capture goes through the worker: none breaks it, its packets add up, applications are told as other decoders tell
them, attacks raise what they call for, and honest traffic nothing grave nor a finding that is not true (tests/agreement)."""
# test: {me}
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests"))
from agreement import agreement, capture_payload, detections, findings  # noqa: E402
import told  # noqa: E402

WARDLINE = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane/cli/wardline"
CAPTURES = pathlib.Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
SECONDS_FOR_ONE = 60

tell = told.Teller()


class Replayed:
    def __init__(self, name, cache, device_side="auto"):
        self.name, began = name, time.monotonic()
        try:
            done = subprocess.run([WARDLINE, "replay", "--policy", ROOT / "policies", "--device-side", device_side,
                                   "--json", "--cache", cache, CAPTURES / name], capture_output=True, timeout=SECONDS_FOR_ONE,
                                  stdin=subprocess.DEVNULL)
            self.code, self.err = done.returncode, done.stderr.decode(errors="replace")
            records = [json.loads(line) for line in done.stdout.splitlines()]
        except subprocess.TimeoutExpired:
            self.code, self.err, records = 124, f"not done in {SECONDS_FOR_ONE} s", []
        self.seconds = time.monotonic() - began
        self.summary = records[-1] if records and records[-1]["type"] == "summary" else None
        self.detections = [record for record in records if record["type"] == "detection"]
        self.findings = [record for record in records if record["type"] == "finding"]
        self.flows = {}  # (proto, ends) -> application; None: it stayed unknown
        for flow in (record for record in records if record["type"] == "flow"):
            ends = frozenset((capture_payload.end(flow["client_ip"] or "", flow["client_port"]),
                              capture_payload.end(flow["server_ip"] or "", flow["server_port"])))
            if not self.flows.get((flow["proto"], ends)):
                self.flows[flow["proto"], ends] = flow["app"] if flow["app"] != "unknown" else None


def packets_of(name):
    """How many capinfos counts; None where it is not installed or cannot read the file to its end."""
    if not shutil.which("capinfos"):
        return None
    done = subprocess.run(["capinfos", "-c", "-M", "-T", CAPTURES / name], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    return int(lines[1].split("\t")[1]) if done.returncode == 0 and len(lines) > 1 else None


def adds_up(summary):
    return summary["packets"] + summary["created"] == summary["forwarded"] + sum(summary["dropped"].values()) + summary["held"]


def main():
    if not CAPTURES.is_dir():
        print(f"skip - there are no captures in {CAPTURES}; WARDLINE_SHARED says where they are")
        return 0
    facts = {fact["file"]: fact for path in sorted((CAPTURES / "facts").glob("*.jsonl"))
             for fact in map(json.loads, path.read_text().splitlines())}
    names = sorted(str(path.relative_to(CAPTURES)) for path in CAPTURES.rglob("*") if path.suffix in (".pcap", ".pcapng"))
    with tempfile.TemporaryDirectory() as cache, concurrent.futures.ThreadPoolExecutor(2) as pool:
        Replayed(names[0], cache)  # fills the cache of compiled signatures, so that no two replays compile the same
        sides = detections.device_sides()
        replays = list(pool.map(lambda name: Replayed(name, cache, sides.get(name, "auto")), names))
        counted = list(pool.map(packets_of, names))
    print(f"{len(names)} captures; the longest took {max(replay.seconds for replay in replays):.1f} s")

    died = [f"{r.name}: exit {r.code}, {r.err.strip()[:300]}" for r in replays if r.code not in (0, 2)]
    tell(not died, "every capture ends with 0, or with 2", "\n".join(died))
    refused = [r for r in replays if r.code == 2]
    silent = [r.name for r in refused if not r.err.strip()]
    tell(not silent, "every capture that is refused is refused with a sentence", "\n".join(silent))
    readable = [f"{r.name}: {r.err.strip()}" for r, count in zip(replays, counted) if r.code == 2 and count and "link type" not in r.err]
    tell(not readable, "only what is no capture, or of another link type, is refused", "\n".join(readable))
    print("\n".join(f"      refused: {r.name}: {r.err.strip()}" for r in refused))

    done = [(r, count) for r, count in zip(replays, counted) if r.code == 0]
    tell(all(r.summary for r, _ in done), "every replay ends with a summary", "\n".join(r.name for r, _ in done if not r.summary))
    wrong = [f"{r.name}: {r.summary}" for r, _ in done if r.summary and not adds_up(r.summary)]
    tell(not wrong, "received + created = forwarded + dropped + held, everywhere", "\n".join(wrong))
    differ = [f"{r.name}: {r.summary['packets']}, capinfos {count}" for r, count in done if r.summary and count not in (None, r.summary["packets"])]
    if any(count is not None for count in counted):
        tell(not differ, "as many packets as capinfos counts", "\n".join(differ))
    else:
        print("skip - capinfos is not installed: packets are not counted a second time")
    agreement.check(facts, replays, CAPTURES, tell)
    detections.check(facts, replays, tell)
    findings.check(replays, tell)
    return 1 if tell.failed else 0


if __name__ == "__main__":
    sys.exit(main())
