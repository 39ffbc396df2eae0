#!/usr/bin/python3
"""With a cable out, Wardline starts, says which leg has no link, and works as soon as the cable is in."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
import subprocess

import lab  # noqa: F401
import machines
import told
import wardline

PRINTER, PRINTER_MAC = "10.20.0.51", "02:c0:00:00:00:51"  # of the role print-servers; nobody has this address


def core_cable(state):
    subprocess.run(["ip", "-n", "core", "link", "set", "uplink", state], check=True)


def lost_on_its_way_out(tell, nurse):
    """The workstation may print, and the frames pass: but they cannot leave."""
    nurse.run("ip", "neigh", "replace", PRINTER, "lladdr", PRINTER_MAC, "dev", "eth0", "nud", "permanent")
    nurse.run("curl", "--silent", "--max-time", 3, f"http://{PRINTER}:631/", seconds=6)

    def trace():
        return wardline.records("trace", nurse.address, PRINTER, "631")[0]
    found = wardline.wait_for(lambda: (told := trace())["outcome"] == "may_be_lost" and told, 10, 0.5)
    tell(found and found["conclusion"].startswith("perhaps lost here: let through "), "trace does not say that it left", trace())
    losses = found["flows"][0]["lost"] if found else []
    tell(any("wire-core" in loss["leg"] and loss["lost_out"] > 0 for loss in losses), "but which leg lost frames meanwhile", losses)
    port = next(port for port in wardline.records("status")[0]["ports"] if port["side"] == "core")
    tell(port["not_sent"] > 0, "and status counts them at that leg", port)


def body(tell):
    ward = machines.devices()
    for name in ("pump", "workstation"):
        tell(ward[name].lease()[0], f"before: the {name} gets its lease")
    wardline.middle("stop")
    core_cable("down")
    (wardline.WORK / "middle.log").write_text("")
    wardline.middle("start")
    tell(True, "wardlined starts with the core leg unplugged")
    lines = [line for line in wardline.daemon_log().splitlines() if "wire-core" in line and "link" in line.lower()]
    tell(lines, "it says which leg has no link", wardline.daemon_log())
    tell(not any("wire-dev" in line and "no link" in line for line in wardline.daemon_log().splitlines()), "and does not blame the other")
    tell(not ward["pump"].send_hl7("pump", "DOWN")[0], "nothing crosses while it is out")
    lost_on_its_way_out(tell, ward["workstation"])
    core_cable("up")
    tell(wardline.wait_for(lambda: ward["pump"].send_hl7("pump", "BACK")[0], 20), "the pump's HL7 crosses once the cable is in")
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
