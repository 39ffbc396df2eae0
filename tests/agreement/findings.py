"""What is found of honest traffic must be true. Called with the replays of all captures: a finding of severity medium or above
is let pass where the capture itself shows it, and where findings.yaml beside this file says what does.
"""
import collections
import csv
import functools
import ipaddress
import os
import pathlib
import re
import subprocess

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HONEST = ("medical/", "building-and-ot/", "iot/", "it/", "identity/", "vlan/")
CAPTURES = pathlib.Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
REGISTRY = pathlib.Path("/usr/share/ieee-data/oui.csv")
SERIOUS = ("medium", "high", "critical")


def no_maker_gave(finding):
    mac = re.search(r"the MAC ((?:[0-9a-f]{2}:){5}[0-9a-f]{2})", finding["explanation"])
    return mac is not None and int(mac[1][:2], 16) & 2 != 0


def no_segment_has(finding):
    tag = re.search(r"with tag (\d+)", finding["explanation"])
    return tag is not None and int(tag[1]) not in {segment["vlan"] for segment in segments()}


def segment_expects_it_not(finding):
    found = re.search(r"in segment (\S+), which expects no (\S+)\.", finding["explanation"])
    expected = {segment["name"]: segment["expects"] for segment in segments()}
    return found is not None and found[2] not in expected[found[1]]


@functools.cache
def makers():
    with REGISTRY.open(newline="", encoding="utf-8", errors="replace") as file:
        return {row["Assignment"]: row["Organization Name"].strip() for row in csv.DictReader(file)}


def registry_has_the_maker(finding):
    return makers().get(finding["device_id"].removeprefix("dev-")[:6].upper()) == finding["subject"]


def serves(finding, capture):
    """Whether who is meant sends from the port of a server; where the finding names no address, its device's MAC is in its id."""
    service, _, address = finding["subject"].partition(" ")
    digits = (finding["device_id"] or "").removeprefix("dev-")
    who = f"host {address}" if address else "ether src " + ":".join(digits[i:i + 2] for i in range(0, 12, 2))
    port = {"dhcp": "udp src port 67", "dns": "src port 53"}.get(service)
    if port is None:
        return False
    asked = subprocess.run(["tcpdump", "-nr", CAPTURES / capture, "-c", "1", f"({port} and {who}) or (vlan and {port} and {who})"], capture_output=True)
    return asked.stdout.strip() != b""


@functools.cache
def site():
    return yaml.safe_load((ROOT / "policies/site.yaml").read_text())


def segments():
    return site()["segments"]


def site_knows_no_such_peer(finding):
    """What leaves in clear text for a stranger: an address that stands in no role and no zone."""
    peer = re.search(r"without encryption with (\S+),", finding["explanation"])
    networks = [network for names in ("roles", "zones") for list_of in site()[names].values() for network in list_of]
    return peer is not None and not any(ipaddress.ip_address(peer[1]) in ipaddress.ip_network(network, strict=False) for network in networks)


SHOWN_BY = {"locally_administered_mac": no_maker_gave, "unmapped_vlan": no_segment_has,
            "unexpected_segment": segment_expects_it_not, "unencrypted_phi": site_knows_no_such_peer,
            "rogue_hardware_vendor": registry_has_the_maker}
SHOWN_BY_PACKETS = {"rogue_server": serves}


def untrue(replay, known):
    for finding in replay.findings:
        kind = finding["kind"]
        if finding["severity"] not in SERIOUS or finding["state"] == "resolved":
            continue
        shown = ((kind, finding["subject"]) in known.get(replay.name, set()) or (kind in SHOWN_BY and SHOWN_BY[kind](finding)) or
                 (kind in SHOWN_BY_PACKETS and SHOWN_BY_PACKETS[kind](finding, replay.name)))
        if not shown:
            yield f"{replay.name}: {finding['severity']} {kind} ({finding['subject']}): {finding['explanation']}"


def check(replays, tell):
    entries = yaml.safe_load((HERE / "findings.yaml").read_text())
    known = {name: {(kind, subject) for kind, subjects in kinds.items() for subject in subjects} for name, kinds in entries.items()}
    honest = [replay for replay in replays if replay.code == 0 and replay.name.startswith(HONEST)]
    kinds = collections.Counter(finding["kind"] for replay in honest for finding in replay.findings if finding["state"] == "open")
    print("      found in honest captures: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    wrong = [line for replay in honest for line in untrue(replay, known)]
    tell(not wrong, "honest captures have no finding of severity medium or above but true ones", "\n".join(wrong))
    seen = {(replay.name, finding["kind"], finding["subject"]) for replay in honest for finding in replay.findings}
    stale = [f"{name}: {kind} {subject}" for name, pairs in known.items() for kind, subject in pairs if (name, kind, subject) not in seen]
    tell(not stale, "findings.yaml speaks of no finding that is not made", "\n".join(stale))
