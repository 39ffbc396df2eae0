#!/usr/bin/python3
"""The lab at work: every device does its work in turn, and a live view of it stands on the terminal until Ctrl-C.

Run inside scripts/lab. Without a terminal it prints a view every few seconds, without moving the cursor.
"""
import shutil
import sys
import threading
import time

import machines
import wardline

SECONDS_BETWEEN_VIEWS = 2
FLOWS_COUNTED = 2000  # the newest: a scan makes more than the hundred that `flow list` shows by itself
MISBEHAVES_AFTER = 20  # seconds: time to see the camera as the quiet device it was


class Ward:
    """Does the devices' work in threads of its own; `doing` says what each did last."""

    def __init__(self):
        self.devices = machines.devices()
        self.doing = {name: "asks for an address" for name in self.devices}
        self.images = int(time.time())
        for device in self.devices.values():
            threading.Thread(target=self.live, args=(device,), daemon=True).start()

    def live(self, device):
        began, turn, leased = time.monotonic(), 0, False
        while True:
            if turn % 20 == 0 or not leased:
                leased = device.lease()[0]
                self.note(device, "DHCP lease", leased)
                if not leased:
                    continue
            if device.name == "camera" and time.monotonic() - began > MISBEHAVES_AFTER:
                self.note(device, "scans the servers", device.run("nmap", "-sS", "-n", "-Pn", "--max-retries", "0", "-p", "20-60",
                                                                  machines.PACS, machines.WEB, seconds=20)[0])
            else:
                self.work(device, turn)
            turn += 1
            time.sleep(2)

    def work(self, device, turn):
        if device.name == "modality":
            self.images += 1
            image = machines.make_image(device.folder, self.images)
            self.note(device, "DICOM store to the PACS", device.store_image(image)[0])
            image.unlink()
        elif device.name in ("pump", "monitor", "analyser", "bed"):
            self.note(device, "HL7 to the gateway", device.send_hl7(device.name, f"{device.name}-{turn}")[0])
        elif device.name == "tv":
            self.note(device, "a page of the internet", device.fetch(f"http://{machines.INTERNET}/", 3)[0])
        else:
            self.note(device, "looks up a name", bool(device.look_up("web.hospital.lab")))

    def note(self, device, what, worked):
        self.doing[device.name] = f"{what}: {'done' if worked else 'no answer'}"


def counts_by_device():
    """device id -> [flows allowed, flows blocked]; a flow that lasts is reported several times and counted once"""
    counts, last = {}, {}
    for flow in wardline.records("flow", "list", "--limit", FLOWS_COUNTED):
        last.setdefault(flow["id"], flow)  # newest first
    for flow in last.values():
        pair = counts.setdefault(flow["device_id"], [0, 0])
        pair[flow["verdict"] != "allow"] += 1
    return counts


def view(ward):
    """The lines of one view."""
    records, flows = wardline.device_records(), counts_by_device()
    held = {q["device_id"]: q for q in wardline.records("quarantine", "list") if q["state"] in ("active", "pending")}
    packets = wardline.status()["counters"]
    yield f"Wardline in the lab   {time.strftime('%H:%M:%S')}   received {packets['received']}   forwarded " \
          f"{packets['forwarded']}   dropped {sum(packets['dropped'].values())}"
    yield ""
    yield f"{'device':<12} {'class':<18} {'allowed':>8} {'blocked':>8}  {'quarantine':<12} last work"
    for name, device in ward.devices.items():
        record = records.get(device.mac)
        ident = record["device_id"] if record else None
        allowed, blocked = flows.get(ident, (0, 0))
        quarantine = held[ident]["profile"] if ident in held else "-"
        kind = record["class"] if record else "not seen yet"
        yield f"{name:<12} {kind or '-':<18} {allowed:>8} {blocked:>8}  {quarantine:<12} {ward.doing[name]}"
    yield ""
    for quarantine in held.values():
        yield f"quarantine {quarantine['profile']} of {quarantine['device_id']}: {quarantine['reason']}"
    yield "Ctrl-C ends the lab. To ask it something, in another terminal: sudo scripts/lab enter wardline device list"


def main():
    ward = Ward()
    terminal = sys.stdout.isatty()
    while True:
        width = shutil.get_terminal_size().columns
        try:
            lines = list(view(ward))
        except RuntimeError as problem:
            lines = [str(problem)]
        if terminal:
            sys.stdout.write("\x1b[H\x1b[J")
        print("\n".join(line[:width] if terminal else line for line in lines), flush=True)
        time.sleep(SECONDS_BETWEEN_VIEWS if terminal else 5)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nTaking the lab down.")
