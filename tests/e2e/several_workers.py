#!/usr/bin/python3
"""Two workers on ports that cannot spread frames: the story's flows work or are cut as with one, and the books balance."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
import lab  # noqa: F401
import machines
import told
import wardline

PAGE = f"http://{machines.WEB}/library.bin"


def two_workers():
    wardline.middle("stop")
    settings = wardline.SETTINGS.read_text()
    wardline.SETTINGS.write_text(settings.replace("{name: ward, pairs:", "{name: ward, workers: 2, pairs:"))
    (wardline.WORK / "middle.log").write_text("")
    wardline.middle("start")


def body(tell):
    ward = machines.devices()
    two_workers()
    log = wardline.daemon_log()
    tell("worker 0 polls its ports and hands frames to the others by the device's address" in log, "a notice says who distributes", log)
    for name in ("pump", "monitor", "tv", "camera"):
        tell(ward[name].lease()[0], f"the {name} gets its lease")
    for name in ("pump", "monitor"):
        tell(ward[name].send_hl7(name, "FIRST")[0], f"the {name}'s HL7 is acknowledged")
    tell(ward["pump"].fetch(PAGE)[0], "the pump may fetch a page")
    television = ward["tv"].start("curl", "--silent", "--max-time", 2, "--output", "none", "http://203.0.113.10/")
    tell(television.wait() != 0, "the TV's attempt at the internet gets no answer")
    television = wardline.wait_for(lambda: wardline.record_of(ward["tv"]))
    tell(wardline.wait_for(lambda: wardline.records("violation", "list", "--device", television["device_id"])), "and is on record")
    lanes = wardline.status()["lanes"]
    tell(len(lanes) == 2 and all(lane["busy_turns"] > 0 for lane in lanes), "both workers had frames", lanes)
    pump = wardline.record_of(ward["pump"])["device_id"]
    code, out, err = wardline.cli("quarantine", "add", pump, "--profile", "contain", "--reason", "test")
    tell(code == 0 and wardline.wait_for(lambda: wardline.quarantines_of(pump)), "the pump is contained", out + err)
    tell(not ward["pump"].fetch(PAGE, seconds=2)[0], "its other traffic is cut")
    tell(ward["pump"].send_hl7("pump", "KEPT")[0], "its HL7 goes on")
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")
    dropped = wardline.status()["counters"]["dropped"]
    tell(dropped.get("distribution_full", 0) == 0, "no queue between workers was full", dropped)


told.run(body)
