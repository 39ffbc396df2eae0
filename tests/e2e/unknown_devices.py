#!/usr/bin/python3
"""What is not known is not cut off: a new device where pumps are expected, and a whole ward in an empty inventory."""
# test: scripts/lab {me}
import shutil
import subprocess

import lab  # noqa: F401
import machines
import told
import wardline

STRANGER_MAC = "02:00:5e:10:00:99"  # locally administered: no maker is known


def newcomer(tell):
    stranger = machines.plug_in("stranger", STRANGER_MAC)
    ok, said = stranger.lease()
    tell(ok, "a new device of no known maker gets its lease", said)
    ok, said = stranger.send_hl7("pump", "NEW")
    tell(ok, "it may send HL7 to the gateway, as a pump may", said)
    tell(stranger.fetch(f"{machines.PUMP_SERVER}/library.bin")[0], "and talk to the pump server")


def forget_everything():
    """A daemon that has never run here: no store, no slot words."""
    wardline.middle("stop")
    shutil.rmtree(machines.WORK / "state")
    wardline.middle("start")


def empty_inventory(tell, ward):
    for name in ("pump", "monitor", "modality", "analyser", "bed"):
        ward[name].lease()
    stream = ward["monitor"].start("/usr/bin/python3", machines.HERE / "client.py", "stream", machines.HL7, 2575, 12, stdout=subprocess.PIPE)
    forget_everything()
    ticks = [ward[name].start("/usr/bin/python3", machines.HERE / "client.py", "ticks", machines.CLOCK, 3, stdout=subprocess.PIPE)
             for name in ("pump", "bed")]
    for name in ("pump", "analyser", "bed"):
        ok, said = ward[name].send_hl7(name, f"EMPTY-{name}")
        tell(ok, f"with an empty inventory the {name}'s HL7 arrives", said)
    ok, said = ward["modality"].store_image(machines.make_image(ward["modality"].folder, 4711))
    tell(ok, "with an empty inventory the CT's image arrives", said)
    for process in ticks:
        sent, answered = map(int, process.communicate()[0].split())
        tell(sent == answered > 50, f"with an empty inventory no packet is lost: {sent} questions, each answered", f"{answered} of {sent}")
    said = stream.communicate()[0]
    tell(stream.returncode == 0, "a connection that began before the start goes on (its first bytes were never seen)", said)
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


def body(tell):
    newcomer(tell)
    empty_inventory(tell, machines.devices())


told.run(body)
