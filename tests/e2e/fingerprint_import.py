#!/usr/bin/python3
"""A database of each format is carried over or refused entry by entry, the files that come of them pass the policy's check beside
the shipped ones, and a device that shows what they look for is told by them."""
# test: {me}
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests/cases"))
import frames  # noqa: E402
import payloads  # noqa: E402
import told  # noqa: E402

WARDLINE = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane/cli/wardline"
DATABASES = pathlib.Path(__file__).parent / "fingerprints"
# File, its format, and how many entries of it are carried over as how many fingerprints.
FILES = [("dhcp.xml", "satori", 5, 4), ("lab_ssh.xml", "recog", 2, 2), ("lab.fp", "p0f", 4, 4)]
DEVICE = frames.Host("02:00:00:00:00:01", "10.0.0.1")
PEER = frames.Host("02:00:00:00:00:02", "10.0.1.1")

tell = told.Teller()


def wardline(*words):
    return subprocess.run([WARDLINE, *words], capture_output=True, text=True, timeout=170, stdin=subprocess.DEVNULL)


def imported(name, form, carried, fingerprints, out):
    done = wardline("fingerprint", "import", DATABASES / name, "--format", form, "--out", out, "--json")
    tell(done.returncode == 0, f"{name} is imported", done.stderr)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    entries, summary = records[:-1], records[-1]
    lines = (DATABASES / name).read_text().splitlines()
    places = [entry["line"] for entry in entries]
    marks = {"satori": "<test ", "recog": "<fingerprint ", "p0f": "sig "}
    told = [number for number, line in enumerate(lines, 1) if line.strip().startswith(marks[form])]
    tell(places == told, f"{name}: every entry has an outcome at its line", f"{places} of {told}")
    wrong = [entry for entry in entries if entry["carried"] == ("refused" in entry["title"])]
    tell(not wrong, f"{name}: what is refused is what cannot be carried over", wrong)
    tell(all(entry["reason"] for entry in entries if not entry["carried"]), f"{name}: what is refused has a reason")
    sums = (summary["format"], summary["carried"], summary["fingerprints"])
    tell(sums == (form, carried, fingerprints), f"{name}: and the sums tell it", summary)


def device_of(folder):
    """The record of a device that asks for an address, opens a connection and answers as an SSH server."""
    options = bytes([55, 5, 1, 3, 6, 201, 202, 60, 14]) + b"lab.phone (v2)"
    asked = payloads.dhcp(1, 1, DEVICE.mac)[:-1] + options + b"\xff"
    wire = frames.Wire()
    wire.arp(DEVICE, PEER)
    wire.udp(frames.Host(DEVICE.mac), frames.Host(frames.BROADCAST_MAC, "255.255.255.255"), 68, 67, asked)
    wire.syn(DEVICE, PEER, 443)
    talk = wire.tcp(PEER, DEVICE, 22)
    talk.answer(b"SSH-2.0-LabShell_2.2 on LX-8\r\n")
    talk.send(b"SSH-2.0-OpenSSH_9.6\r\n")
    talk.close()
    capture = folder / "device.pcap"
    frames.write_pcap(capture, wire.frames)
    done = wardline("replay", "--policy", folder / "policy", "--device-side", DEVICE.mac, "--cache", folder / "cache", "--json", capture)
    devices = [record for record in map(json.loads, done.stdout.splitlines()) if record["type"] == "device"]
    return devices[-1]["evidence"] if devices else []


def refusals(folder):
    nothing = folder / "nothing.fp"
    nothing.write_text("[mtu]\nlabel = a\nsig = 1500\n")
    tell(wardline("fingerprint", "import", nothing).returncode == 1, "where nothing can be carried over the answer is no")
    wrong = wardline("fingerprint", "import", DATABASES / "lab.fp", "--format", "recog")
    tell(wrong.returncode == 2 and "found the form of p0f" in wrong.stderr, "another format than the one asked for is bad input", wrong.stderr)
    tell(wardline("fingerprint", "import", folder / "absent").returncode == 2, "so is a file that is not there")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(ROOT / "policies", folder / "policy")
        for database, form, carried, fingerprints in FILES:
            imported(database, form, carried, fingerprints, folder / f"policy/fingerprints/imported-{form}.yaml")
        check = wardline("policy", "check", folder / "policy")
        tell(check.returncode == 0, "beside the shipped fingerprints every example holds", check.stdout + check.stderr)
        evidence = {(each["source"], each["attribute"], each["value"]) for each in device_of(folder)}
        for wanted in (("dhcp (satori-dhcp-lab-desk-phone)", "kind", "voip phone"),
                       ("ssh (recog-lab-ssh-lab-shell-on-a-switch)", "software", "LabShell 2.2"),
                       ("stack (p0f-lab-lab-5-x)", "os", "LAB 5.x")):
            tell(wanted in evidence, f"a device is told by {wanted[0]}", "\n".join(map(str, sorted(evidence))))
        refusals(folder)
    return 1 if tell.failed else 0


sys.exit(main())
