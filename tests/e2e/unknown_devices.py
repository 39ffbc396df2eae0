#!/usr/bin/python3
"""What is not known is not cut off: a new device where pumps are expected, and a whole ward in an empty inventory."""
# test: scripts/lab {me}
import shutil
import subprocess
import time

import lab  # noqa: F401
import machines
import told
import wardline

STRANGER_MAC = "02:00:5e:10:00:99"  # locally administered: no maker is known


def enforce_on_the_unidentified():
    """In monitor mode everything passes; only where the unidentified are enforced on does probation decide."""
    site = wardline.POLICY / "site.yaml"
    site.write_text(site.read_text().replace("    mode: enforce\n", "    mode: enforce\n    unidentified: enforce\n"))
    return wardline.cli("policy", "reload")


def newcomer(tell, ward):
    for name in ("pump", "monitor", "modality", "analyser", "bed", "camera", "tv"):  # a ward that is mostly known
        ward[name].lease()
        ward[name].look_up("pacs.hospital.lab")
    code, out, err = enforce_on_the_unidentified()
    tell(code == 0, "the ward enforces on unidentified devices too", out + err)
    stranger = machines.plug_in("stranger", STRANGER_MAC)
    ok, said = stranger.lease()
    tell(ok, "a new device of no known maker gets its lease", said)
    ok, said = stranger.send_hl7("pump", "NEW")
    tell(ok, "it may send HL7 to the gateway, as a pump may", said)
    tell(stranger.fetch(f"{machines.PUMP_SERVER}/library.bin")[0], "and talk to the pump server")
    tell(not stranger.fetch(f"http://{machines.INTERNET}/", 3)[0], "but what no expected class may do is blocked")


def forget_everything():
    """A daemon that has never run here: no store, no slot words."""
    wardline.middle("stop")
    shutil.rmtree(machines.WORK / "state")
    wardline.middle("start")


def empty_inventory(tell, ward):
    for name in ("pump", "monitor", "modality", "analyser", "bed"):
        ward[name].lease()
    stream = ward["monitor"].start("/usr/bin/python3", machines.HERE / "client.py", "stream", machines.HL7, 2575, 12, stdout=subprocess.PIPE)
    time.sleep(1)  # its connection stands before the daemon stops
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
    ward = machines.devices()
    newcomer(tell, ward)
    empty_inventory(tell, ward)


told.run(body)
