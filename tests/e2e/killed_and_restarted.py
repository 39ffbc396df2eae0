#!/usr/bin/python3
"""After kill -9 and a restart traffic flows again, and who was in quarantine still is, from the first packet on."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
import time

import lab  # noqa: F401
import machines
import told
import wardline

PAGE = f"http://{machines.WEB}/library.bin"


def quarantine(tell, device, profile):
    record = wardline.wait_for(lambda: wardline.record_of(device))
    code, out, err = wardline.cli("quarantine", "add", record["device_id"], "--profile", profile, "--reason", "test")
    tell(code == 0 and wardline.wait_for(lambda: wardline.quarantines_of(record["device_id"])),
         f"the {device.name} is in quarantine ({profile})", out + err)
    return record["device_id"]


def back_after(verb, tell, ward, ids):
    wardline.middle(verb)
    began = time.monotonic()
    wardline.middle("start")
    # The TV is cut off: its first packet after the restart must not cross, whatever Wardline has learnt by then.
    television = ward["tv"].start("curl", "--silent", "--max-time", 2, "--output", "first", PAGE)
    ok, said = wardline.wait_for(lambda: (got := ward["monitor"].send_hl7("monitor", "AGAIN"))[0] and got, 20) or (False, "no answer in 20 s")
    tell(ok, f"after {verb}: the monitor's HL7 flows again, {time.monotonic() - began:.1f} s after the start", said)
    tell(television.wait() != 0, f"after {verb}: the TV is cut off from its first packet on")
    for name, ident in ids.items():
        tell(wardline.quarantines_of(ident), f"after {verb}: the quarantine of the {name} is on record", wardline.records("quarantine", "list"))
    tell(not ward["pump"].fetch(PAGE, seconds=2)[0], f"after {verb}: the contained pump's other traffic is still cut")
    tell(ward["pump"].send_hl7("pump", f"KEPT-{verb}")[0], f"after {verb}: its essential HL7 still works")


def body(tell):
    ward = machines.devices()
    for name in ("pump", "monitor", "tv"):
        ward[name].lease()
    tell(ward["pump"].send_hl7("pump", "FIRST")[0] and ward["monitor"].send_hl7("monitor", "FIRST")[0], "before: pump and monitor work")
    tell(ward["pump"].fetch(PAGE)[0], "before: the pump may fetch a page")
    ids = {"pump": quarantine(tell, ward["pump"], "contain"), "tv": quarantine(tell, ward["tv"], "cut-off")}
    time.sleep(1.5)  # the store follows the slot words within 1 s
    back_after("kill", tell, ward, ids)
    back_after("stop", tell, ward, ids)
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
