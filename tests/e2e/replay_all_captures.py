#!/usr/bin/python3
"""Every capture goes through the worker: none breaks it, its packets add up, and applications are told as tshark tells them."""
# test: {me}
import collections
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
WARDLINE = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane/cli/wardline"
CAPTURES = pathlib.Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
SECONDS_FOR_ONE = 60

# tshark's names of the applications that the shipped policy knows. Where tshark guesses by port alone, what it says is
# no truth: these are the applications whose dissectors look at the payload, or whose port is theirs alone.
TSHARK = {"bacnet": "bacnet", "dhcp": "dhcp", "dicom": "dicom", "dns": "dns", "ftp": "ftp", "hl7": "hl7-mllp", "http": "http",
          "imap": "imap", "llmnr": "llmnr", "mdns": "mdns", "modbus": "modbus", "mqtt": "mqtt", "nbdgm": "netbios-dgm",
          "nbns": "netbios-ns", "ntp": "ntp", "pop": "pop3", "quic": "quic", "rdp": "rdp", "rtsp": "rtsp", "sip": "sip",
          "smb": "smb1", "smb2": "smb2", "smtp": "smtp", "snmp": "snmp", "ssdp": "ssdp", "ssh": "ssh", "syslog": "syslog",
          "telnet": "telnet", "tftp": "tftp", "tls": "tls", "vnc": "vnc", "dtls": "dtls"}
LEAST_AGREEMENT = 0.8   # per application with at least FEW flows
LEAST_OF = {"tftp": 0.4}  # transfers go on from new ports; where a capture lacks the request, nothing says what they are
LEAST_OVERALL = 0.9
FEW = 5

failed = 0


def tell(good, sentence, shown=""):
    global failed
    failed += not good
    print(f"{'ok' if good else 'not ok'} - {sentence}", flush=True)
    if not good and shown:
        print("\n".join(f"      {line}" for line in str(shown).splitlines()[:40]), flush=True)


class Replayed:
    def __init__(self, name, cache):
        self.name, began = name, time.monotonic()
        try:
            done = subprocess.run([WARDLINE, "replay", "--policy", ROOT / "policies", "--device-side", "auto", "--json",
                                   "--cache", cache, CAPTURES / name], capture_output=True, timeout=SECONDS_FOR_ONE,
                                  stdin=subprocess.DEVNULL)
            self.code, self.err = done.returncode, done.stderr.decode(errors="replace")
            records = [json.loads(line) for line in done.stdout.splitlines()]
        except subprocess.TimeoutExpired:
            self.code, self.err, records = 124, f"not done in {SECONDS_FOR_ONE} s", []
        self.seconds = time.monotonic() - began
        self.summary = records[-1] if records and records[-1]["type"] == "summary" else None
        self.apps = {}  # (proto, ends) -> application, or PARTIAL
        for flow in (record for record in records if record["type"] == "flow"):
            ends = frozenset((end(flow["client_ip"], flow["client_port"]), end(flow["server_ip"], flow["server_port"])))
            if flow["app"] not in (None, "unknown") or (flow["proto"], ends) not in self.apps:
                self.apps[flow["proto"], ends] = PARTIAL if is_partial(flow) else flow["app"] or "unknown"


PARTIAL = "partial"


def is_partial(flow):
    """TCP that is captured without its handshake: an inline appliance proves no application from the middle of a flow."""
    packets = flow["packets_from_device"] + flow["packets_to_device"]
    return flow["app"] is None and flow["proto"] == "tcp" and (flow["app_state"] == "midstream" or packets < 4)


def end(address, port):
    return f"[{address}]:{port}" if address and ":" in address else f"{address}:{port}"


def packets_of(name):
    """How many capinfos counts; None where it is not installed or cannot read the file to its end."""
    if not shutil.which("capinfos"):
        return None
    done = subprocess.run(["capinfos", "-c", "-M", "-T", CAPTURES / name], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    return int(lines[1].split("\t")[1]) if done.returncode == 0 and len(lines) > 1 else None


def adds_up(summary):
    return summary["packets"] + summary["created"] == summary["forwarded"] + sum(summary["dropped"].values()) + summary["held"]


def compare_apps(fact, replayed, table):
    """Flows of a capture whose application tshark knows and the policy has a name for: as tshark says, or otherwise?"""
    for flow in fact["flows"]:
        wanted = {TSHARK[name] for name in flow["app"] if name in TSHARK}
        key = flow["p"], frozenset((flow["src"], flow["dst"]))
        if not wanted or key not in replayed.apps:
            continue  # group traffic and cut packets have no flow record
        found = replayed.apps[key]
        for name in wanted & {found} or wanted:
            table[name][found] += 1


def whole(found):
    return sum(found.values()) - found[PARTIAL]


def print_table(table):
    print(f"{'application':<14} {'whole':>6} {'agree':>6} {'partial':>8}  otherwise told as")
    for name, found in sorted(table.items()):
        others = ", ".join(f"{other} {count}" for other, count in found.most_common() if other not in (name, PARTIAL))
        print(f"{name:<14} {whole(found):>6} {found[name]:>6} {found[PARTIAL]:>8}  {others}")


def check_apps(facts, replays):
    table = collections.defaultdict(collections.Counter)
    for replayed in replays:
        if replayed.name in facts and replayed.code == 0:
            compare_apps(facts[replayed.name], replayed, table)
    print_table(table)
    total, agreed = sum(whole(found) for found in table.values()), sum(found[name] for name, found in table.items())
    tell(total > 500 and agreed >= LEAST_OVERALL * total, f"{agreed} of {total} flows are told as tshark tells them")
    for name, found in sorted(table.items()):
        count = whole(found)
        if count >= FEW:
            tell(found[name] >= LEAST_OF.get(name, LEAST_AGREEMENT) * count, f"{name}: {found[name]} of {count} flows", dict(found))


def main():
    if not CAPTURES.is_dir():
        print(f"skip - there are no captures in {CAPTURES}; WARDLINE_SHARED says where they are")
        return 0
    facts = {fact["file"]: fact for path in sorted((CAPTURES / "facts").glob("*.jsonl"))
             for fact in map(json.loads, path.read_text().splitlines())}
    names = sorted(str(path.relative_to(CAPTURES)) for path in CAPTURES.rglob("*") if path.suffix in (".pcap", ".pcapng"))
    with tempfile.TemporaryDirectory() as cache, concurrent.futures.ThreadPoolExecutor(2) as pool:
        replays = list(pool.map(lambda name: Replayed(name, cache), names))
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
    check_apps(facts, replays)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
