#!/usr/bin/python3
"""An export of 200 devices goes into a copy of the shipped policy's register, which passes its check; against the inventory of a
replayed capture `asset diff` tells both ways what fits, with the figures that SQL finds in the database; a replaced device keeps
its line."""
# test: {me}
import csv
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests/cases"))
import frames  # noqa: E402
import told  # noqa: E402

WARDLINE = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane/cli/wardline"
LISTED, SEEN_OF_THEM, STRANGERS = 200, 40, 10
MAP = """
columns:
  id: "Asset tag"
  macs: [MAC, "MAC 2"]
  class: Type
  serial: Serial
  owner: Department
values:
  class: {"Infusionspumpe": infusion-pump, "Monitor": patient-monitor, "Sonstiges": ""}
defaults: {ward: "4B"}
skip: {Status: [ausgemustert]}
"""
REGISTER = """# Kept by hand.
devices:
  - id: inv-0003        # the one at the door
    macs: ["58:46:e1:00:00:03"]
    title: "Pump at the door"
    exceptions:
      - {name: library by FTP, opens_to: pump-servers, app: [ftp], port: [21], reason: "firmware 6.05", until: "UNTIL"}
  # Not in the export.
  - {id: old-monitor, class: patient-monitor, serial: "0815"}
"""

tell = told.Teller()


def wardline(*words):
    return subprocess.run([WARDLINE, *words], capture_output=True, text=True, timeout=170, stdin=subprocess.DEVNULL)


def records_of(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def mac_of(number):
    return f"58:46:e1:00:{number // 256:02x}:{number % 256:02x}"


def write_export(path, spoil=None):
    """A CMDB's way: capitals, semicolons, a byte order mark, MACs with hyphens."""
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(["Asset tag", "MAC", "MAC 2", "Type", "Serial", "Department", "Status", "Notes"])
        for n in range(1, LISTED + 1):
            row = [f"INV {n:04}", mac_of(n).upper().replace(":", "-"), "", ["Infusionspumpe", "Monitor", "Sonstiges"][n % 3],
                   f"S-{n:05}", "Medizintechnik; Süd", "aktiv", 'two\nlines, "quoted"']
            rows.writerow(spoil(n, row) if spoil else row)
        rows.writerow(["INV 0001", "no MAC at all", "", "", "", "", "ausgemustert", ""])


def write_capture(path):
    wire = frames.Wire()
    gateway = frames.Host("02:00:00:00:ff:01", "10.20.0.1")
    numbers = list(range(1, SEEN_OF_THEM + 1)) + list(range(1001, 1001 + STRANGERS))
    for n in numbers:
        wire.arp(frames.Host(mac_of(n), f"10.20.{n // 200}.{n % 200 + 10}"), gateway)
    frames.write_pcap(path, wire.frames)
    return ",".join(mac_of(n) for n in numbers)


def imports(folder):
    policy, export, mapping = folder / "policy", folder / "cmdb.csv", folder / "map.yaml"
    register = policy / "devices.yaml"
    before = register.read_text()
    mapping.write_text(MAP)

    def spoil(n, row):
        row[1] = {7: "58:46", 9: mac_of(8)}.get(n, row[1])
        row[3] = "infusion-pmup" if n == 12 else row[3]
        return row
    write_export(export, spoil)
    done = wardline("asset", "import", export, "--map", mapping, "--into", register, "--json")
    where = [record["where"] for record in records_of(done) if record["type"] == "problem"]
    tell(done.returncode == 1 and where == ["cmdb.csv:14:10", "cmdb.csv:18:10", "cmdb.csv:24:29"], "each bad line is told at its place",
         done.stdout[-2000:] + done.stderr)
    tell(register.read_text() == before, "and nothing is written while there is one")

    def share(n, row):
        row[4] = "0815" if n == 7 else row[4]
        return row
    conflicts(folder, share)

    write_export(export)
    done = wardline("asset", "import", export, "--map", mapping, "--into", register, "--dry-run")
    tell(done.returncode == 0 and "199 added, 1 changed, 0 left as they are, 0 problems; 1 of the register" in done.stdout,
         "a dry run counts", done.stdout[-2000:] + done.stderr)
    tell(register.read_text() == before, "and writes nothing")
    done = wardline("asset", "import", export, "--map", mapping, "--into", register, "--json")
    tell(done.returncode == 0 and records_of(done)[-1]["written"], "the export is imported", done.stdout[-2000:] + done.stderr)
    text = register.read_text()
    kept = [line for line in before.splitlines() if line not in text.splitlines()]
    tell(not kept, "no line that a person wrote is lost", kept)
    done = wardline("asset", "import", export, "--map", mapping, "--into", register)
    tell("0 added, 0 changed, 200 left" in done.stdout and register.read_text() == text, "a second time changes nothing",
         done.stdout[-2000:] + done.stderr)
    check = wardline("policy", "check", policy)
    tell(check.returncode == 0, "the policy passes its check", check.stdout + check.stderr)


def conflicts(folder, share):
    """One line of the export has the serial number of a monitor by another MAC."""
    copy, export, mapping = folder / "copy", folder / "cmdb.csv", folder / "map.yaml"
    shutil.copytree(folder / "policy", copy)
    register = copy / "devices.yaml"
    before = register.read_text()
    register.write_text(before.replace('serial: "0815"', 'serial: "0815", macs: ["58:46:e1:00:ff:01"]'))
    before = register.read_text()
    write_export(export, share)
    command = ("asset", "import", export, "--map", mapping, "--into", register)
    done = wardline(*command)
    tell(done.returncode == 1 and "refused cmdb.csv:14:1: 'inv-0007' has the serial number '0815' of old-monitor" in done.stdout
         and register.read_text() == before, "a line that may be another's entry stops an import", done.stdout[-2000:] + done.stderr)
    done = wardline(*command, "--skip-conflicts", "--dry-run")
    tell(done.returncode == 0 and "left out cmdb.csv:14:1" in done.stdout and "1 in conflict and left out" in done.stdout
         and register.read_text() == before, "a dry run shows what --skip-conflicts would leave out", done.stdout[-2000:] + done.stderr)
    done = wardline(*command, "--skip-conflicts", "--json")
    summary = records_of(done)[-1]
    text = register.read_text()
    tell(done.returncode == 0 and (summary["conflicts"], summary["problems"], summary["added"]) == (1, 0, 198) and
         "inv-0006" in text and "inv-0007" not in text and "58:46:e1:00:ff:01" in text,
         "with it that line alone is left out", done.stdout[-2000:] + done.stderr)


def differences(folder):
    policy, database = folder / "policy", folder / "inventory.db"
    devices = write_capture(folder / "ward.pcap")
    done = wardline("replay", "--policy", policy, "--device-side", devices, "--inventory", database, "--cache", folder / "cache",
                    folder / "ward.pcap")
    tell(done.returncode == 0, "a capture gives an inventory", done.stdout + done.stderr)
    done = wardline("asset", "diff", policy, "--db", database, "--json")
    tell(done.returncode == 1, "the register and the wire differ", done.stdout[-2000:] + done.stderr)
    rows = {}
    for record in records_of(done):
        rows.setdefault(record.get("table"), []).append(record)
    figures = {row["what"]: (row["count"], row["of"]) for row in rows["figures"]}

    # The same from the tables alone, by the MACs that the capture and the export have.
    inventory = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    seen = {row[0] for row in inventory.execute("SELECT DISTINCT mac FROM interface")}
    total, = inventory.execute("SELECT count(*) FROM device").fetchone()
    listed = {mac_of(n) for n in range(1, LISTED + 1)}
    by_sql, = inventory.execute("SELECT count(DISTINCT device_id) FROM interface WHERE mac IN (%s)" % ",".join("?" * len(listed)),
                                sorted(listed)).fetchone()
    tell(figures["register seen on the wire"] == (len(seen & listed), LISTED + 1) == (SEEN_OF_THEM, LISTED + 1),
         "how much of the register was seen is what SQL finds", figures)
    tell(figures["wire found in the register"] == (by_sql, total) == (SEEN_OF_THEM, SEEN_OF_THEM + STRANGERS),
         "how many devices seen are in the register, too", (figures, by_sql, total))
    tell(len(rows["not_seen"]) == LISTED + 1 - SEEN_OF_THEM and len(rows["not_in_register"]) == STRANGERS,
         "both lists are as long as the figures say", {name: len(list) for name, list in rows.items()})
    report = wardline("report", "accuracy", "--db", database, "--policy", policy, "--json")
    same = {row["what"]: (row["count"], row["of"]) for row in records_of(report) if row.get("table") == "figures"}
    tell(same == figures, "`report accuracy` has the same figures", same)
    classes = dict(inventory.execute("SELECT class, count(*) FROM device WHERE registered GROUP BY class"))
    tell(classes.get("infusion-pump") == len([n for n in range(1, SEEN_OF_THEM + 1) if n % 3 == 0]),
         "and the pumps have the class of their lines", classes)
    inventory.close()


def replacement(folder):
    register = folder / "policy/devices.yaml"
    before = register.read_text()
    words = ["asset", "replace", "inv-0003", "58-46-E1-00-77-77", folder / "policy", "--ticket", "CHG 4711"]
    done = wardline(*words, "--dry-run")
    tell(done.returncode == 0 and '-    macs: ["58:46:e1:00:00:03"]' in done.stdout and register.read_text() == before,
         "a replacement is shown and not written by a dry run", done.stdout + done.stderr)
    done = wardline(*words)
    after = register.read_text()
    gone = [line for line in before.splitlines() if line not in after.splitlines()]
    tell(done.returncode == 0 and gone == ['    macs: ["58:46:e1:00:00:03"]'] and "ticket CHG 4711: 58:46:e1:00:00:03 replaced by" in after,
         "then its line has the new MAC, a note, and all else as before", done.stdout + done.stderr)
    tell("serial" in done.stderr, "that the serial number is still the old one's is told", done.stderr)
    done = wardline(*words)
    tell(done.returncode == 1 and register.read_text() == after, "a second time is refused", done.stdout)
    check = wardline("policy", "check", folder / "policy")
    tell(check.returncode == 0, "the policy passes its check", check.stdout + check.stderr)


def after_replacement(folder):
    """The export still has the old device, with its MAC and its serial number."""
    register = folder / "policy/devices.yaml"
    before = register.read_text()
    done = wardline("asset", "import", folder / "cmdb.csv", "--map", folder / "map.yaml", "--into", register, "--json")
    notices = [record["notices"] for record in records_of(done) if record.get("id") == "inv-0003"]
    tell(done.returncode == 0 and register.read_text() == before, "an import does not undo a replacement", done.stdout[-900:] + done.stderr)
    tell(len(notices) == 1 and "was replaced" in notices[0][0], "and tells that the export has the old device", notices)


def failures(folder):
    """However an import ends: problems, then a summary."""
    register = folder / "policy/devices.yaml"
    export, mapping, before = folder / "cmdb.csv", folder / "map.yaml", register.read_text()
    other_map = folder / "other.yaml"
    other_map.write_text("columns: {id: Nothing}\n")
    cases = {"an export that is missing": ["absent.csv", "--map", mapping, "--into", register],
             "a map that is missing": [export, "--map", folder / "absent.yaml", "--into", register],
             "a map that does not fit": [export, "--map", other_map, "--into", register],
             "a file that is there": [export, "--map", mapping, "--out", register]}
    for sentence, words in cases.items():
        done = wardline("asset", "import", *words, "--json")
        types = [record["type"] for record in records_of(done)]
        tell(done.returncode == 2 and types == ["problem", "summary"], f"{sentence} is bad input", done.stdout + done.stderr)
    tell(register.read_text() == before, "and the register stays", "")
    done = wardline("asset", "import", export, "--map", mapping)
    tell(done.returncode == 0 and "name --into or --out" in done.stdout, "without a target nothing is written", done.stdout[-300:] + done.stderr)
    done = wardline("asset", "replace", "inv-0004", "58:46", folder / "policy", "--ticket", "1")
    tell(done.returncode == 2, "a MAC that is none is bad usage", done.stdout + done.stderr)
    done = wardline("place", "import", folder / "absent.csv", "--kind", "radius", "--map", mapping)
    tell(done.returncode == 2, "places from a file that is missing are bad input", done.stdout + done.stderr)
    other_map.write_text("columns: {mac: MAC, switch: Department, port: Type}\n")
    done = wardline("place", "import", export, "--kind", "radius", "--map", other_map, "--dry-run", "--json")
    tell(done.returncode == 1, "a line without a MAC is refused", done.stdout + done.stderr)
    (folder / "places.csv").write_text("MAC,Department,Type\n58:46:e1:00:00:01,sw-1,Gi1\n")
    done = wardline("place", "import", folder / "places.csv", "--kind", "radius", "--map", other_map, "--dry-run", "--json")
    tell(done.returncode == 0 and records_of(done)[0]["placed"] is None, "a dry run of places does not know how many are placed",
         done.stdout + done.stderr)


def failed_replay(folder):
    database, policy = folder / "twice.db", folder / "bad-policy"
    shutil.copytree(ROOT / "policies", policy)
    with open(policy / "site.yaml", "a") as site:
        site.write("frobnicate: 1\n")
    done = wardline("replay", "--policy", policy, "--device-side", "auto", "--inventory", database, "--cache", folder / "cache",
                    folder / "ward.pcap")
    tell(done.returncode == 2 and not list(folder.glob("twice.db*")), "a replay that fails leaves no inventory",
         done.stdout + done.stderr)


def unusual_form(folder):
    """A register in brackets has no place for a line of its own."""
    other = folder / "unusual"
    other.mkdir()
    register = other / "devices.yaml"
    register.write_text('devices: [{id: inv-0001, serial: "1"}]\n')
    words = ["asset", "import", folder / "cmdb.csv", "--map", folder / "map.yaml", "--into", register]
    done = wardline(*words, "--dry-run", "--json")
    records = records_of(done)
    tell(done.returncode == 1 and records[-2]["code"] == "register.form" and records[-1] | {"written": None, "problems": 1} == records[-1],
         "a dry run tells it as the real one does", done.stdout[-900:] + done.stderr)
    done = wardline(*words)
    tell(done.returncode == 1 and register.read_text() == 'devices: [{id: inv-0001, serial: "1"}]\n' and "written in [ ]" in done.stdout,
         "a register that cannot be changed safely stays as it is, and that is told", done.stdout[-500:] + done.stderr)
    apart = other / "devices.yaml.imported"
    tell(apart.exists() and apart.read_text().count("- id: inv-") == LISTED, "and the export's devices are in a file beside it")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(ROOT / "policies", folder / "policy")
        # As far ahead as an exception may end.
        until = subprocess.run(["date", "-u", "-d", "+30 days", "+%F"], capture_output=True, text=True, check=True).stdout.strip()
        (folder / "policy/devices.yaml").write_text(REGISTER.replace("UNTIL", until))
        imports(folder)
        differences(folder)
        replacement(folder)
        after_replacement(folder)
        failures(folder)
        failed_replay(folder)
        unusual_form(folder)
    return 1 if tell.failed else 0


sys.exit(main())
