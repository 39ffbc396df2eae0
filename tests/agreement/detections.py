"""Does every capture of an attack raise what the catalogue calls for, and honest traffic nothing grave? Called with the
replays of all captures; prints what each capture of threats/ raised, and tells a statement for each thing that must hold.

threats.yaml beside this file says of each capture which signatures are called for, and why, or why nothing is; and which
captures of the honest folders are visits of scanners.
"""
import collections
import pathlib

import yaml

HERE = pathlib.Path(__file__).resolve().parent
HONEST = ("medical/", "building-and-ot/", "iot/", "it/", "identity/", "vlan/")
GRAVE = ("high", "critical")
DHCP_SERVER = "rogue-dhcp-server"


def table():
    return yaml.safe_load((HERE / "threats.yaml").read_text())


def device_sides():
    """Captures of which it matters, and of which the MACs do not tell, who is the device: their --device-side."""
    return {f"threats/{name}": entry["device_side"] for name, entry in table()["captures"].items() if "device_side" in entry}


def raised(replay):
    """(signature, severity) -> how often, and the notes that came with it."""
    counts, notes = collections.Counter(), collections.defaultdict(set)
    for record in replay.detections:
        what = (record["signature"], record["severity"])
        counts[what] += 1
        notes[what].add(record.get("note"))
    return counts, notes


def honest_dhcp_servers(fact):
    """A capture does not say on which leg its DHCP server stands, and no role of the shipped policy names it: the
    catalogue does."""
    return {server for client in fact["dhcp"].values() for server in client.get("server_id", [])} if fact else set()


def print_table(replays):
    print(f"      {'capture':<44} raised")
    for replay in replays:
        counts, _ = raised(replay)
        told = ", ".join(f"{severity} {name} {count}" for (name, severity), count in sorted(counts.items()))
        print(f"      {replay.name.removeprefix('threats/'):<44} {told or '-'}")


def missing_of(entry, counts):
    """What keeps the entry from holding; None: it holds."""
    names = {name for name, _ in counts}
    wanted = entry.get("any", [])
    if not wanted:
        return None if entry.get("nothing") else "the entry neither calls for a signature nor says why for none"
    if not set(wanted) & names:
        return f"none of {', '.join(wanted)} is raised, but {', '.join(sorted(names)) or 'nothing'}"
    return None


def grave_in_honest(replays, facts, scanners):
    found = []
    for replay in replays:
        if not replay.name.startswith(HONEST):
            continue
        counts, notes = raised(replay)
        servers = honest_dhcp_servers(facts.get(replay.name))
        for (name, severity), count in sorted(counts.items()):
            if severity not in GRAVE or (name == DHCP_SERVER and notes[name, severity] <= servers):
                continue
            if replay.name not in scanners:
                found.append(f"{replay.name}: {severity} {name} {count}, {', '.join(map(str, notes[name, severity]))}")
    return found


def check(facts, replays, tell):
    asked = table()
    done = [replay for replay in replays if replay.code == 0]
    attacks = [replay for replay in done if replay.name.startswith("threats/")]
    print_table(attacks)
    captures = asked["captures"]
    seen = {replay.name.removeprefix("threats/") for replay in replays if replay.name.startswith("threats/")}
    counts = {replay.name.removeprefix("threats/"): raised(replay)[0] for replay in attacks}
    wrong = [f"{name}: {said}" for name, entry in captures.items() if (said := missing_of(entry, counts.get(name, {})))]
    called = sum("any" in entry for entry in captures.values())
    tell(not wrong, f"each of the {called} captures of attacks raises what it calls for", "\n".join(wrong))
    tell(seen == set(captures), "threats.yaml speaks of every capture of threats/, and of no other", "\n".join(sorted(seen ^ set(captures))))
    unexplained = [name for name, entry in captures.items() if not entry.get("reason") and not entry.get("nothing")]
    tell(not unexplained, "every entry says why", "\n".join(unexplained))
    grave = grave_in_honest(done, facts, set(asked["scanners"]))
    tell(not grave, "honest captures raise nothing of severity high or above", "\n".join(grave))
