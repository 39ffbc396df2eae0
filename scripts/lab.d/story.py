#!/usr/bin/python3
"""A morning on the ward, told once: every device does its work through Wardline, one misbehaves and is cut back.

Run inside scripts/lab. Prints a line for each statement; exits 1 if anything was not as told.
"""
import json
import sys
import time

import machines
import wardline
from told import Teller

INTERNET_PAGE = f"http://{machines.INTERNET}/"
LIBRARY = f"http://{machines.WEB}/library.bin"


def chapter(title):
    print(f"\n{title}", flush=True)


def leases(tell, ward):
    chapter("The devices ask for their addresses")
    for device in ward.values():
        ok, said = device.lease()
        tell(ok, f"{device.name} leases {device.address} as '{device.vendor_class}'", said)


def clinical_work(tell, ward, number):
    chapter("The devices do their work")
    store_image(tell, ward["modality"], number, "the CT stores an image of 787 kB at the PACS (DICOM), byte for byte")
    for name in ("pump", "monitor", "analyser", "bed"):
        send_hl7(tell, ward[name], f"{name}-{number}", f"the {name}'s HL7 message arrives at the gateway, its acknowledgement comes back")
    tell(*fetches(ward["pump"], f"{machines.PUMP_SERVER}/library.bin", "the pump fetches its drug library from the pump server by HTTPS"))
    address = ward["pump"].look_up("pacs.hospital.lab")
    tell(address == machines.PACS, "the pump looks up a name (DNS)", f"found '{address}'")
    ok, said = ward["monitor"].ask_time()
    tell(ok, "the monitor asks the time (NTP)", said)


def store_image(tell, modality, number, sentence):
    image = machines.make_image(modality.folder, number)
    ok, said = modality.store_image(image)
    digest = machines.hashlib.sha256(machines.dataset(image)).digest()
    arrived = wardline.wait_for(lambda: digest in machines.images_at_pacs(), 3)
    tell(ok and arrived, sentence, said)


def send_hl7(tell, device, control_id, sentence):
    ok, said = device.send_hl7(device.name, control_id)
    arrived = any(f"|{control_id}|" in record["message"] for record in machines.hl7_received())
    tell(ok and arrived, sentence, said)


def fetches(device, url, sentence, wanted=True):
    ok, size, said = device.fetch(url)
    return ok == wanted, sentence, f"{size} bytes came. {said}"


def classes(tell, ward):
    chapter("Wardline knows them")
    for name, wanted in {"pump": "infusion-pump", "monitor": "patient-monitor", "modality": "imaging-modality",
                         "camera": "ip-camera", "tv": "smart-tv"}.items():
        found = wardline.wait_for(lambda: (record := wardline.record_of(ward[name])) and record["class"] == wanted and record, 5)
        tell(found, f"the {name} is of class {wanted}", json.dumps(wardline.record_of(ward[name])))


def television(tell, ward):
    chapter("The television tries the internet")
    tell(*fetches(ward["tv"], INTERNET_PAGE, "the TV's attempt gets no answer", wanted=False))
    tv = wardline.record_of(ward["tv"])

    def blocks():
        return [v for v in wardline.records("violation", "list")
                if tv and v["device_id"] == tv["device_id"] and v.get("server_ip", machines.INTERNET) == machines.INTERNET]
    found = wardline.wait_for(blocks, 5)
    tell(found and found[0]["verdict"] == "block" and found[0]["applied"] == "dropped" and found[0]["reason"],
         "a violation is on record, with its reason", found or tv)
    explain(tell, ward["tv"], "`wardline explain` tells why")


def explain(tell, device, sentence):
    record = wardline.record_of(device)
    code, out, err = wardline.cli("explain", record["device_id"]) if record else (1, "", "the device is not in the inventory")
    tell(code == 0 and len(out.split()) > 10, sentence, out + err)
    for line in out.strip().splitlines():
        print(f"      {line}", flush=True)


def camera(tell, ward):
    chapter("The camera scans the servers")
    before, _, said = ward["camera"].fetch(f"http://{machines.WEB}/")
    scan = ward["camera"].start("nmap", "-sS", "-n", "-Pn", "--max-retries", "0", "--max-rate", "200", "-p", "20-60", machines.PACS,
                                machines.HL7, machines.WEB, stdout=wardline.subprocess.DEVNULL, stderr=wardline.subprocess.DEVNULL)
    record = wardline.record_of(ward["camera"])
    found = record and wardline.wait_for(lambda: wardline.quarantines_of(record["device_id"]), 20)
    scan.kill()
    scan.wait()
    tell(found, "the camera is quarantined without a person's help", record)
    if found:
        print(f"      profile {found[0]['profile']}, by {found[0]['by']}: {found[0]['reason']}", flush=True)
    ok, _, _ = ward["camera"].fetch(f"http://{machines.WEB}/", seconds=3)
    tell(not ok, "what it may do otherwise is now dropped", f"before: {before} {said}")
    explain(tell, ward["camera"], "`wardline explain` tells why")


def containment(tell, ward, number):
    chapter("A person contains the pump: it keeps what a patient depends on")
    pump = ward["pump"]
    tell(*fetches(pump, LIBRARY, "before, the pump may fetch a page by plain HTTP (allowed, not essential)"))
    record = wardline.record_of(pump)
    code, out, err = wardline.cli("quarantine", "add", record["device_id"], "--profile", "contain", "--reason", "story: suspicious firmware")
    tell(code == 0, "`wardline quarantine add … --profile contain` is accepted", out + err)
    tell(wardline.wait_for(lambda: wardline.quarantines_of(record["device_id"]), 5), "the quarantine is active")
    tell(*fetches(pump, LIBRARY, "the flow that is not essential is cut", wanted=False))
    send_hl7(tell, pump, f"contained-{number}", "its HL7 messages still arrive")
    tell(*fetches(pump, f"{machines.PUMP_SERVER}/library.bin", "the pump server still answers it"))
    ok, said = pump.lease()
    tell(ok, "its DHCP lease is renewed", said)
    tell(pump.look_up("pacs.hospital.lab") == machines.PACS, "its DNS look-ups are answered")
    store_image(tell, ward["modality"], number + 1, "the CT beside it works on")


def release(tell, ward):
    record = wardline.record_of(ward["pump"])
    code, out, err = wardline.cli("quarantine", "release", record["device_id"])
    tell(code == 0, "`wardline quarantine release` is accepted", out + err)
    tell(wardline.wait_for(lambda: ward["pump"].fetch(LIBRARY)[0], 8), "and everything the pump may do works again")


def books(tell):
    chapter("The books")
    wanted = ("CEF:0|", "violation", "quarantine")
    lines = wardline.wait_for(lambda: (got := machines.siem_received()) and all(any(w in line for line in got) for w in wanted) and got, 5)
    tell(lines, "the SIEM has the violations and the quarantines as CEF", "\n".join(machines.siem_received()[-5:]) or "nothing came")
    came, went = wardline.accounting()
    tell(came == went and came > 0, f"every packet is accounted for: received + created = forwarded + dropped + held ({came})",
         json.dumps(wardline.status()))


def tell_story(tell):
    ward = machines.devices()
    number = int(time.time())
    leases(tell, ward)
    clinical_work(tell, ward, number)
    classes(tell, ward)
    television(tell, ward)
    camera(tell, ward)
    containment(tell, ward, number)
    release(tell, ward)
    books(tell)


def main():
    tell = Teller("  as told", "  NOT AS TOLD")
    try:
        tell_story(tell)
    except Exception as problem:  # noqa: BLE001: the story ends here, and the reader must see that it did
        tell(False, "the story came to its end", f"{type(problem).__name__}: {problem}")
    print(f"\n{tell.told - tell.failed} of {tell.told} statements were as told.", flush=True)
    if tell.failed:
        print("The last lines of wardlined's log:", flush=True)
        tell.show(wardline.daemon_log())
    wardline.middle("stop")
    sys.exit(1 if tell.failed else 0)


if __name__ == "__main__":
    main()
