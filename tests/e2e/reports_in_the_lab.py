#!/usr/bin/python3
"""After a ward has worked, every report answers from the daemon's own inventory, while it runs and after it has stopped, and the
figures are those that SQL gives."""
# test: scripts/lab --driver af_packet {me}
import pathlib
import sys
import time

import yaml

import lab  # noqa: F401: makes the lab's modules importable
import machines
import story
import told
import wardline

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from agreement import reports  # noqa: E402


def body(tell):
    ward = machines.devices()
    story.leases(tell, ward)
    story.clinical_work(tell, ward, int(time.time()))
    grave = [record["explanation"] for record in wardline.records("finding", "list") if record["severity"] in ("high", "critical")]
    tell(not grave, "no device that does its work has a finding of severity high", "\n".join(grave))
    story.television(tell, ward)
    command = wardline.BUILD / "controlplane/cli/wardline"
    database = pathlib.Path(yaml.safe_load(wardline.SETTINGS.read_text())["state"]) / "inventory.db"
    living = reports.Reports(command, database, wardline.POLICY)
    wrong = [f"{question}: {done.stderr}" for question in reports.QUESTIONS if (done := living.ask(question)).returncode != 0]
    tell(not wrong, "every report answers beside the daemon", "\n".join(wrong))
    wardline.middle("stop")
    reports.check(command, database, wardline.POLICY, tell)
    connected = living.rows("connected")["devices"]
    tell({row["class"] for row in connected} >= {"infusion-pump", "ip-camera", "smart-tv"}, "the ward's devices are connected, by class", connected)
    refused = {row["class"] for row in living.rows("behaviour")["devices"] if row["blocked"]}
    tell("smart-tv" in refused, "the television stands among those that do what they may not", refused)


told.run(body)
