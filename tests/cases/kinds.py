"""Whether each kind of finding has a case that raises it, and a near-miss that does not: what is expected says so."""
import pathlib
import re
import subprocess

import yaml

HERE = pathlib.Path(__file__).resolve().parent
# What no capture shows, since it takes a person, a damaged file, a name that cannot be looked up or a cable; a unit test does.
TESTS = HERE.parent / "unit/controlplane/appliance"
BESIDE = {"quarantine_weakened": "harm_test.cpp", "alert_target_lost": "harm_test.cpp", "inventory_set_aside": "harm_test.cpp",
          "link_speed_changed": "links_test.cpp"}


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
    yield from (f"no case raises {kind}" for kind in kinds if kind not in raised | BESIDE.keys())
    yield from (f"no case says who has no {kind}" for kind in kinds if kind not in bounded | BESIDE.keys())
    yield from (f"{test} does not show {kind}" for kind, test in BESIDE.items() if kind not in (TESTS / test).read_text())
    yield from (f"{kind} is no kind of finding" for kind in sorted((raised | bounded | BESIDE.keys()) - set(kinds)))
