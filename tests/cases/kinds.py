"""Whether each kind of finding has a case that raises it, and a near-miss that does not: what is expected says so."""
import pathlib
import re
import subprocess

import yaml

HERE = pathlib.Path(__file__).resolve().parent
# What no capture shows, since it takes a person, a damaged file or a name that cannot be looked up; a unit test does.
BESIDE = {"quarantine_weakened", "alert_target_lost", "inventory_set_aside"}
SHOWN_BY = HERE.parent / "unit/controlplane/appliance/harm_test.cpp"


def of_the_program(wardline):
    page = subprocess.run([wardline, "finding", "docs"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)


def expected():
    """(kind, how many, the whole match) of each finding that a case tells of."""
    for path in HERE.glob("*/expect.yaml"):
        for entry in yaml.safe_load(path.read_text()).get("records", []):
            wanted = entry["match"]
            if wanted.get("type") == "finding" and isinstance(wanted.get("kind"), str):
                yield wanted["kind"], entry.get("count", 1), wanted


def missing(wardline):
    """What there is to say of kinds without a case, as sentences."""
    raised, bounded = set(), set()
    for kind, count, wanted in expected():
        if count != 0 and wanted.get("state") != "resolved":
            raised.add(kind)
        if count == 0 or (isinstance(count, int) and set(wanted) == {"type", "kind"}):
            bounded.add(kind)  # nobody else has it: that is what a near-miss asks for
    kinds = of_the_program(wardline)
    unit_test = SHOWN_BY.read_text()
    yield from (f"no case raises {kind}" for kind in kinds if kind not in raised | BESIDE)
    yield from (f"no case says who has no {kind}" for kind in kinds if kind not in bounded | BESIDE)
    yield from (f"{SHOWN_BY.name} does not show {kind}" for kind in BESIDE if f'"{kind}"' not in unit_test)
    yield from (f"{kind} is no kind of finding" for kind in sorted((raised | bounded | BESIDE) - set(kinds)))
