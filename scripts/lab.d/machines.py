"""The machines of the lab, as Python objects: what the story and the end-to-end tests are written with.

Works only inside scripts/lab, which makes the machines and sets LAB_ROOT and LAB_WORK.
"""
import hashlib
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(os.environ["LAB_ROOT"])
WORK = pathlib.Path(os.environ["LAB_WORK"])
HERE = ROOT / "scripts/lab.d"
PACS, HL7, NAMES, WEB, CLOCK = "10.20.0.10", "10.20.0.11", "10.20.0.12", "10.20.0.13", "10.20.0.15"
PUMP_SERVER = f"https://{WEB}"
INTERNET = "203.0.113.10"


def _plan(table):
    text = subprocess.run(["bash", "-c", f'. "$0"; printf %s "${table}"', HERE / "plan.sh"], check=True, text=True,
                          capture_output=True).stdout
    return [[column.strip() for column in line.split("|")] for line in text.splitlines() if line.strip()]


class Machine:
    """A network namespace of the lab."""

    def __init__(self, name):
        self.name = name
        self.folder = WORK / "machines" / name

    def start(self, *command, **options):
        return subprocess.Popen([HERE / "at", self.name, *map(str, command)], text=True, stdin=subprocess.DEVNULL,
                                cwd=self.folder, **options)

    def run(self, *command, seconds=20):
        """Runs to the end, or to the time limit; (ok, what it printed)."""
        process = self.start(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return False, process.communicate()[0]
        return process.returncode == 0, said


class Device(Machine):
    """A device of the ward: takes a lease and does its work with the programs that such devices run."""

    def __init__(self, name, mac, address, host, vendor_class, parameters):
        super().__init__(name)
        self.mac, self.address, self.host = mac, address, host
        self.vendor_class, self.parameters = vendor_class, parameters

    def lease(self):
        """dhclient, once: a new lease, or the confirmation of the one it holds. Only dhclient keeps the order of option 55."""
        (self.folder / "dhclient.conf").write_text(
            (f'send host-name "{self.host}";\nsend vendor-class-identifier "{self.vendor_class}";\n' if self.vendor_class else "") +
            f"send dhcp-parameter-request-list {self.parameters};\ninitial-interval 1;\ntimeout 10;\n")
        leases = self.folder / "dhclient.leases"
        leases.touch()
        ok, said = self.run(WORK / "dhclient", "-1", "-v", "-4", "-cf", self.folder / "dhclient.conf", "-lf", leases, "-pf",
                            self.folder / "dhclient.pid", "-sf", HERE / "dhcp_script", "-e",
                            f"LAB_RESOLVER={self.folder}/resolv.conf", "eth0", seconds=20)
        self.run("sh", "-c", f"kill $(cat {self.folder}/dhclient.pid) 2>/dev/null")
        return ok and "DHCPACK" in said, said

    def fetch(self, url, seconds=5):
        """curl; (ok, length of what came)."""
        target = self.folder / "fetched"
        target.unlink(missing_ok=True)
        ok, said = self.run("curl", "--silent", "--show-error", "--insecure", "--fail", "--max-time", seconds, "--output",
                            target, url, seconds=seconds + 5)
        return ok, target.stat().st_size if target.exists() else 0, said

    def look_up(self, name):
        """The resolver of the machine; the address, or ''."""
        ok, said = self.run("getent", "ahostsv4", name)
        return said.split()[0] if ok and said else ""

    def client(self, *arguments, seconds=10):
        return self.run("/usr/bin/python3", HERE / "client.py", *arguments, seconds=seconds)

    def send_hl7(self, kind, control_id):
        """One HL7 message to the gateway; true when the acknowledgement names it."""
        ok, said = self.client("hl7", HL7, 2575, kind, control_id)
        return ok and f"MSA|AA|{control_id}" in said, said

    def ask_time(self):
        return self.client("ntp", CLOCK)

    def store_image(self, image):
        return self.run("storescu", "--verbose", "--timeout", 5, "--acse-timeout", 5, "--dimse-timeout", 10, "--aetitle",
                        "CT1", "--call", "PACS", PACS, 104, image, seconds=25)


def plug_in(name, mac):
    """A device that the plan does not have, on the ward's bridge; it says nothing of itself in DHCP."""
    subprocess.run(["bash", "-c", '. "$0/plan.sh"; . "$0/network.sh"; make_device "$1" "$2"', HERE, name, mac], check=True)
    return Device(name, mac, "", name, "", "1,3,6")


def devices():
    return {row[0]: Device(*row) for row in _plan("lab_devices")}


def servers():
    return {row[0]: Machine(row[0]) for row in _plan("lab_servers")}


def make_image(folder, uid_tail):
    """A DICOM file of 787 kB, made from a bitmap as a frame grabber would make it; a new instance for each `uid_tail`."""
    side = 512
    header = b"BM" + (54 + 3 * side * side).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    header += (40).to_bytes(4, "little") + side.to_bytes(4, "little") * 2 + b"\x01\0\x18\0" + bytes(24)
    noise = hashlib.shake_128(str(uid_tail).encode()).digest(3 * side * side)
    (folder / "image.bmp").write_bytes(header + noise)
    image = folder / f"image-{uid_tail}.dcm"
    keys = [f"SOPInstanceUID=1.2.826.0.1.3680043.10.1111.{uid_tail}", "PatientName=LAB^IMAGE", "PatientID=LAB-1"]
    subprocess.run(["img2dcm", "-i", "BMP", *[part for key in keys for part in ("-k", key)], folder / "image.bmp", image],
                   check=True, capture_output=True)
    return image


def dataset(path):
    """A DICOM file without its preamble and file header (group 0002), which every writer makes anew."""
    content = pathlib.Path(path).read_bytes()
    length_of_header = int.from_bytes(content[140:144], "little")  # value of (0002,0000), PS3.10 7.1
    return content[144 + length_of_header:]


def images_at_pacs():
    return {hashlib.sha256(dataset(path)).digest() for path in (WORK / "machines/pacs/store").iterdir()}


def hl7_received():
    path = WORK / "machines/hl7/messages.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def siem_received():
    return (WORK / "machines/siem/received.log").read_text(errors="replace").splitlines()
