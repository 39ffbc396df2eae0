"""The gate: is a newer run worse than an older one? What may not grow is what two runs on one machine agree on.

Instructions of a case say the same in every run of the same build, so a few percent are a finding. Rates drift by half on a machine
that others use; what is compared is the ratio of windows that followed each other, and only where its 95 % intervals lie apart."""
import dataclasses

from . import row, statistics

INSTRUCTIONS_TOLERANCE = 0.02
RATIO_TOLERANCE = 0.05
SIZE_TOLERANCE = 0.02  # of what is no time: memory

SAME, BETTER, WORSE, SKIPPED = "same", "better", "worse", "skipped"
SIZES = ("memory", "memory-undecided")


@dataclasses.dataclass
class Finding:
    name: str
    unit: str
    old: float | None
    new: float | None
    state: str
    why: str = ""

    @property
    def change(self):
        return self.new / self.old - 1 if self.old and self.new is not None else None


def judged_change(change, tolerance, less_is_better):
    worsening = change if less_is_better else -change
    return WORSE if worsening > tolerance else BETTER if worsening < -tolerance else SAME


def cases(run):
    return {case["name"]: case["instructions"] for one in run["rows"] for case in one["details"].get("cases", [])
            if case.get("instructions") is not None}


def compare_instructions(old, new, tolerance):
    older, newer = cases(old), cases(new)
    for name in sorted(older | newer):
        if name not in newer:
            yield Finding(name, "instructions", older[name], None, WORSE, "the newer run lacks it")
        elif name not in older:
            yield Finding(name, "instructions", None, newer[name], SKIPPED, "the older run lacks it")
        else:
            change = newer[name] / older[name] - 1
            yield Finding(name, "instructions", older[name], newer[name], judged_change(change, tolerance, less_is_better=True))


def compare_ratio(name, older, newer, tolerance):
    """Of rows that were measured by turns: apart are those of which even the nearest ends of their intervals are, by more than the
    tolerance. Medians alone are not enough: on a machine that others use both move by up to a tenth from one run to the next."""
    (new_low, new_high), (old_low, old_high) = statistics.interval(newer["pairs"]), statistics.interval(older["pairs"])
    finding = Finding(name, "ratio", statistics.median(older["pairs"]), statistics.median(newer["pairs"]), SAME)
    if new_low <= old_high and old_low <= new_high:
        finding.why = "the intervals overlap"
        return finding
    apart = new_low / old_high - 1 if new_low > old_high else new_high / old_low - 1
    finding.state = judged_change(apart, tolerance, newer["less_is_better"])
    finding.why = f"{old_low:.3f} to {old_high:.3f}, now {new_low:.3f} to {new_high:.3f}"
    return finding


def compare_row(name, older, newer, tolerance):
    if older["state"] in (row.NOT_NOW, row.ABSENT):
        return Finding(name, older["unit"], None, None, SKIPPED, f"the older run: {older['state']}")
    if newer is None or newer["state"] in (row.NOT_NOW, row.ABSENT):
        return Finding(name, older["unit"], None, None, SKIPPED, "the newer run: " + (newer["state"] if newer else "lacks it"))
    if older["pairs"] and newer["pairs"]:
        if older["details"].get("core_whole") != newer["details"].get("core_whole"):
            return Finding(name, "ratio", None, None, SKIPPED, "the core was whole in one run and shared in the other")
        return compare_ratio(name, older, newer, tolerance)
    if name in SIZES:
        change = newer["figure"] / older["figure"] - 1
        return Finding(name, older["unit"], older["figure"], newer["figure"], judged_change(change, SIZE_TOLERANCE, newer["less_is_better"]))
    return None


def compare(old, new, instructions_tolerance=INSTRUCTIONS_TOLERANCE, ratio_tolerance=RATIO_TOLERANCE):
    newer = {one["name"]: one for one in new["rows"]}
    findings = list(compare_instructions(old, new, instructions_tolerance))
    findings += filter(None, (compare_row(one["name"], one, newer.get(one["name"]), ratio_tolerance) for one in old["rows"]))
    return findings


def table(findings):
    number = lambda value: "-" if value is None else f"{value:,.3f}" if abs(value) < 100 else f"{value:,.0f}"
    lines = [["WHAT", "UNIT", "OLD", "NEW", "CHANGE", "STATE", ""]]
    for finding in findings:
        change = "-" if finding.change is None else f"{finding.change:+.1%}"
        lines.append([finding.name, finding.unit, number(finding.old), number(finding.new), change, finding.state, finding.why])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    left = (0, 1, 5, 6)
    return "\n".join("  ".join(word.ljust(width) if column in left else word.rjust(width)
                               for column, (word, width) in enumerate(zip(line, widths))).rstrip() for line in lines)
