#!/usr/bin/python3
"""A file of 200 rules of many kinds is carried over or refused with a reason, and each signature that came out alerts on its
own example, sent through the worker, under the number that its rule had."""
# test: {me}
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests/cases"))
import frames  # noqa: E402
import told  # noqa: E402

WARDLINE = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane/cli/wardline"
RULES = pathlib.Path(__file__).parent / "rules/many_kinds.rules"
DEVICE = frames.Host("02:00:00:00:00:01", "10.0.0.1")
PEER = frames.Host("02:00:00:00:00:02", "10.0.1.1")
# An example of these is the application's own message; of others it is a mere text, which the worker does not take for one.
WHOLE_MESSAGES = {"http", "dns", "tls"}

tell = told.Teller()


def wardline(*words):
    return subprocess.run([WARDLINE, *words], capture_output=True, text=True, timeout=170, stdin=subprocess.DEVNULL)


def payload_of(example):
    out = b""
    for word in example["payload"].removeprefix("hex: ").split():
        digits, _, times = word.partition("*")
        out += bytes.fromhex(digits) + bytes.fromhex(digits)[-1:] * (int(times or 1) - 1)
    return out


def imported(folder):
    out = folder / "many_kinds.yaml"
    done = wardline("signature", "import", RULES, "--out", out, "--json")
    tell(done.returncode == 0, "the file is imported", done.stderr)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    rules, summary = records[:-1], records[-1]
    refused = [rule for rule in rules if not rule["carried"]]
    written = [line for line in RULES.read_text().splitlines() if line and line[0] not in "# "]
    tell(len(rules) == len(written) >= 200, "every rule has an outcome", f"{len(rules)} of {len(written)}")
    tell(all(rule["reason"] for rule in refused), "what is refused has a reason")
    tell(all(" refused " in f" {rule['title']} " or not rule["sid"] or rule["title"] == "LAB twice" for rule in refused),
         "nothing is refused but what cannot be carried over",
         "\n".join(f"{rule['sid']} {rule['title']}: {rule['reason']}" for rule in refused if "refused" not in rule["title"]))
    tell(not [rule for rule in rules if rule["carried"] and "refused" in rule["title"]], "what cannot be carried over is refused",
         [rule["title"] for rule in rules if rule["carried"] and "refused" in rule["title"]])
    tell(summary["carried"] >= 160 and summary["disabled"] == 2, "and the sums tell it", summary)
    return out


def replayed(folder, signature):
    """The numbers that a replay of the signature's example raises."""
    example = signature["examples"]["match"][0]
    wire = frames.Wire()
    wire.arp(DEVICE, PEER)
    port = signature.get("ports", [50_000])[0]
    if "udp" in signature["transport"]:
        client, server = (PEER, DEVICE) if signature["side"] == "server" else (DEVICE, PEER)
        wire.udp(client, server, 40_000, port, payload_of(example))
    else:
        talk = wire.tcp(DEVICE, PEER, port)
        if signature["side"] == "server":
            talk.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            talk.answer(payload_of(example))
        else:
            talk.send(payload_of(example))
        talk.close()
    capture = folder / "example.pcap"
    frames.write_pcap(capture, wire.frames)
    done = wardline("replay", "--policy", folder / "policy", "--device-side", DEVICE.mac, "--cache", folder / "cache", "--json",
                    capture)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return {record["signature"] for record in records if record["type"] == "detection"}


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        out = imported(folder)
        if not out.exists():
            return 1
        shutil.copytree(ROOT / "policies", folder / "policy")
        shutil.copy(out, folder / "policy/signatures/threats/imported.yaml")
        check = wardline("policy", "check", folder / "policy")
        tell(check.returncode == 0, "beside the shipped signatures every example holds", check.stdout + check.stderr)
        signatures = yaml.safe_load(out.read_text())["signatures"]
        chosen = [each for each in signatures if set(each.get("within", ["http"])) & WHOLE_MESSAGES][::4]
        silent = [each["id"] for each in chosen if each["id"] not in replayed(folder, each)]
        tell(len(chosen) >= 30 and not silent, f"{len(chosen)} of them alert in the worker under their own numbers", silent)
    return 1 if tell.failed else 0


sys.exit(main())
