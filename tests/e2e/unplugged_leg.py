#!/usr/bin/python3
"""With a cable out, Wardline starts, says which leg has no link, and works as soon as the cable is in."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
import subprocess

import lab  # noqa: F401
import machines
import told
import wardline


def core_cable(state):
    subprocess.run(["ip", "-n", "core", "link", "set", "uplink", state], check=True)


def body(tell):
    ward = machines.devices()
    tell(ward["pump"].lease()[0], "before: the pump gets its lease")
    wardline.middle("stop")
    core_cable("down")
    (wardline.WORK / "middle.log").write_text("")
    wardline.middle("start")
    tell(True, "wardlined starts with the core leg unplugged")
    lines = [line for line in wardline.daemon_log().splitlines() if "wire-core" in line and "link" in line.lower()]
    tell(lines, "it says which leg has no link", wardline.daemon_log())
    tell(not any("wire-dev" in line and "no link" in line for line in wardline.daemon_log().splitlines()), "and does not blame the other")
    tell(not ward["pump"].send_hl7("pump", "DOWN")[0], "nothing crosses while it is out")
    core_cable("up")
    tell(wardline.wait_for(lambda: ward["pump"].send_hl7("pump", "BACK")[0], 20), "the pump's HL7 crosses once the cable is in")
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
