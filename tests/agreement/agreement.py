"""Do Wardline's applications agree with what other decoders say of the same captures? Called with the replays of all
captures; prints a table of theirs against ours, and tells a statement for each thing that must hold.

Two short lists beside this file excuse by name: unknown_reasons.yaml the flows that stay unknown, disagreements.yaml the
flows of which another decoder says something else. An entry that excuses nothing any more is a failure too.
"""
import collections
import pathlib

import yaml

from . import capture_payload, opinions

HERE = pathlib.Path(__file__).resolve().parent
LEAST_AGREEMENT = 0.97      # of the flows whose application both sides know
LEAST_TOLD = 0.9            # of the whole flows whose application the other side knows and Wardline has a name for
FOLDERS_ALL_KNOWN = ("it/", "medical/", "building-and-ot/")
PAYLOAD = 64                # bytes each way, from which on a flow must not stay unknown


def listed(name):
    return yaml.safe_load((HERE / name).read_text()) or []


def flow_text(capture, key):
    return f"{capture}: {key[0]} {' '.join(sorted(key[1]))}"


class Excuses:
    """Entries {capture, flows: [..] (all where absent), reason} with what they are asked for; remembers which were used."""

    def __init__(self, entries):
        self.entries, self.used = entries, set()

    def covers(self, capture, key, **asked):
        for number, entry in enumerate(self.entries):
            flows = entry.get("flows")
            if (entry.get("capture", capture) == capture and (flows is None or f"{key[0]} {' '.join(sorted(key[1]))}" in flows)
                    and all(entry.get(word, value) == value for word, value in asked.items())):
                self.used.add(number)
                return True
        return False

    def unused(self):
        return [str(entry) for number, entry in enumerate(self.entries) if number not in self.used]


class Comparison:
    def __init__(self, names):
        self.names = {who: {word: {ours} if isinstance(ours, str) else set(ours) for word, ours in table.items()}
                      for who, table in names.items()}
        self.table = collections.defaultdict(collections.Counter)    # (who, their word) -> our application -> flows
        self.agreed = self.differ = self.not_told = self.partial = 0
        self.unexcused = []

    def take(self, who, capture, key, words, app, whole, excuses):
        """One flow of which `who` says `words`, and we `app`; None where we say nothing."""
        known = [word for word in words if word in self.names[who]]
        if not known:
            return
        allowed = set().union(*(self.names[who][word] for word in known))
        word = next((word for word in known if app in self.names[who][word]), known[0])
        self.table[who, word][app or ("nothing" if whole else "partial")] += 1
        if app is None:
            self.partial, self.not_told = self.partial + (not whole), self.not_told + whole
        elif app in allowed:
            self.agreed += 1
        else:
            self.differ += 1
            if not excuses.covers(capture, key, theirs=word, ours=app):
                self.unexcused.append(f"{flow_text(capture, key)}: {who} says {'.'.join(words)}, we say {app}")

    def print_table(self):
        print(f"      {'decoder':<8} {'its word':<26} {'flows':>5}  told by us as")
        for (who, word), ours in sorted(self.table.items()):
            fits = self.names[who][word]
            told = ", ".join(f"{'' if app in fits or app in ('nothing', 'partial') else '! '}{app} {count}"
                             for app, count in ours.most_common())
            print(f"      {who:<8} {word:<26} {sum(ours.values()):>5}  {told}")


def compare(facts, replays, seen, results, excuses):
    comparison = Comparison(listed("names.yaml"))
    for replay in replays:
        fact = facts.get(replay.name)
        if fact is None or replay.name not in seen:
            continue
        for who, of in opinions.DECODERS.items():
            for key, words in of(fact, results).items():
                if key in replay.flows:      # else: group traffic and cut packets, which have no flow record
                    whole = key not in seen[replay.name] or seen[replay.name][key].opened
                    comparison.take(who, replay.name, key, list(dict.fromkeys(words)), replay.flows[key], whole, excuses)
    return comparison


def unknown_flows(replays, seen, excuses):
    """Flows of the folders in which everything should be known that are not, though both sides said enough. TCP without
    its opening is no such flow: Wardline proves nothing from the middle of a conversation."""
    unknown, midstream = [], 0
    for replay in replays:
        if replay.name not in seen or not replay.name.startswith(FOLDERS_ALL_KNOWN):
            continue
        for key, app in replay.flows.items():
            flow = seen[replay.name].get(key)
            if app is not None or flow is None or flow.least_sent() <= PAYLOAD:
                continue
            if not flow.opened:
                midstream += 1
            elif not excuses.covers(replay.name, key):
                unknown.append(f"{flow_text(replay.name, key)} ({', '.join(map(str, flow.sent.values()))} bytes)")
    return unknown, midstream


def check(facts, replays, captures, tell):
    differ, silent = Excuses(listed("disagreements.yaml")), Excuses(listed("unknown_reasons.yaml"))
    seen = {replay.name: capture_payload.flows_of(captures / replay.name) for replay in replays
            if replay.code == 0 and not replay.name.startswith("malformed/")}
    found = compare(facts, replays, seen, captures.parent / "data/peer-results", differ)
    found.print_table()
    both = found.agreed + found.differ
    told = both + found.not_told
    print(f"      {both} flows known to both, {found.agreed} alike, {found.differ} not; {found.not_told} known to the other side"
          f" alone, beside {found.partial} without their opening")
    tell(both > 500 and found.agreed >= LEAST_AGREEMENT * both,
         f"{found.agreed} of {both} flows ({100 * found.agreed / max(both, 1):.1f} %) are told as the other decoders tell them")
    tell(both >= LEAST_TOLD * told, f"{both} of {told} whole flows that others know are known")
    tell(not found.unexcused, "every flow told otherwise has its reason in disagreements.yaml", "\n".join(found.unexcused))
    unknown, midstream = unknown_flows(replays, seen, silent)
    print(f"      {midstream} flows of {', '.join(FOLDERS_ALL_KNOWN)} are without their opening")
    tell(not unknown, f"every flow with more than {PAYLOAD} bytes each way is known, or its reason is in unknown_reasons.yaml",
         "\n".join(unknown))
    idle = differ.unused() + silent.unused()
    tell(not idle, "every entry of the two lists still excuses something", "\n".join(idle))
