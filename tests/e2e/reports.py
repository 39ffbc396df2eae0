#!/usr/bin/python3
"""All captures of honest traffic and of attacks become one inventory, as if an appliance had stood there for years; every report
answers from it, and its figures agree with SQL. Accuracy is asked of a register whose truth is known."""
# test: {me}
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests"))
from agreement import reports  # noqa: E402
import told  # noqa: E402

WARDLINE = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane/cli/wardline"
CAPTURES = pathlib.Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
FOLDERS = ("medical", "identity", "iot", "building-and-ot", "it", "vlan", "threats")
HALF_A_YEAR = 180 * 86_400
# Of two devices that are seen in the captures, and of one that is not.
REGISTER = """devices:
  - {id: scale, macs: ["00:24:e4:24:80:2a"]}
  - {id: insight, macs: ["94:10:3e:41:c2:05"]}
  - {id: never-seen, macs: ["00:12:21:99:88:77"]}
"""

tell = told.Teller()


def times_of(path):
    """First and last second, as capinfos has them; None where it cannot read the file to its end."""
    done = subprocess.run(["capinfos", "-aeTMS", path], capture_output=True, text=True)
    try:
        first, last = done.stdout.splitlines()[-1].split("\t")[1:3]
        return float(first), float(last)
    except (IndexError, ValueError):
        return None


def captures_in_order():
    """By their begin. Those that were merged from pieces of several years would push all that follow into another century."""
    found = [(times_of(path), path) for folder in FOLDERS for path in (CAPTURES / folder).rglob("*") if path.suffix in (".pcap", ".pcapng")]
    return [path for times, path in sorted((times, path) for times, path in found if times and times[1] - times[0] < HALF_A_YEAR)]


def make_policy(folder):
    shutil.copytree(ROOT / "policies", folder)
    (folder / "devices.yaml").write_text(REGISTER)
    return folder


def main():
    if not CAPTURES.is_dir() or not shutil.which("capinfos"):
        print(f"skip - there are no captures in {CAPTURES} (WARDLINE_SHARED says where they are), or no capinfos")
        return 0
    with tempfile.TemporaryDirectory() as work:
        policy, database = make_policy(pathlib.Path(work) / "policy"), f"{work}/inventory.db"
        captures = captures_in_order()
        done = subprocess.run([WARDLINE, "replay", "--policy", policy, "--device-side", "auto", "--cache", work, "--inventory", database,
                               *captures], capture_output=True, text=True, timeout=150)
        tell(done.returncode == 0, f"{len(captures)} captures become one inventory", done.stderr)
        empty = reports.check(WARDLINE, database, policy, tell)
        tell(set(empty) <= {"devices new within a year"}, "and none of the figures is of nothing", empty)
        asked = reports.Reports(WARDLINE, database, policy)
        figures = {row["what"]: row["count"] for row in asked.rows("accuracy")["figures"]}
        tell(figures["register seen on the wire"] == 2 and figures["wire found in the register"] == 2,
             "two of the register's three devices were seen, and are in it", figures)
        again = subprocess.run([WARDLINE, "replay", "--policy", policy, "--device-side", "auto", "--inventory", database, captures[0]],
                               capture_output=True, text=True)
        tell(again.returncode == 2 and "there is a file of this name" in again.stderr, "an inventory that is there is never added to", again.stderr)
    return 1 if tell.failed else 0


if __name__ == "__main__":
    sys.exit(main())
