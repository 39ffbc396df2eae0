"""What is found of honest traffic must be true. Called with the replays of all captures: a finding of severity medium or above
is let pass where the capture itself shows it, and where findings.yaml beside this file says what does.
"""
import collections
import csv
import functools
import pathlib
import re

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
HONEST = ("medical/", "building-and-ot/", "iot/", "it/", "identity/", "vlan/")
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


@functools.cache
def segments():
    return yaml.safe_load((ROOT / "policies/site.yaml").read_text())["segments"]


SHOWN_BY = {"locally_administered_mac": no_maker_gave, "unmapped_vlan": no_segment_has,
            "unexpected_segment": segment_expects_it_not, "rogue_hardware_vendor": registry_has_the_maker}


def untrue(replay, known):
    for finding in replay.findings:
        kind = finding["kind"]
        if finding["severity"] not in SERIOUS or finding["state"] == "resolved":
            continue
        shown = SHOWN_BY[kind](finding) if kind in SHOWN_BY else (kind, finding["subject"]) in known.get(replay.name, set())
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
