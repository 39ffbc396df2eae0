#!/usr/bin/python3
"""What the cables of the appliance show: the speed of a link, its change, and the switch at its other end.

Legs are taps of a network namespace of its own, since their speed can be set; nothing is left behind. Needs root.
"""
# test: {me}
import fcntl
import json
import os
import pathlib
import signal
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests/cases"))
import frames  # noqa: E402
import payloads  # noqa: E402
import told  # noqa: E402

BUILD = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane"
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
LLDP, BRIDGE = "01:80:c2:00:00:0e", 0x04
DEVICE, GATEWAY = frames.Host("58:46:e1:00:00:01", "10.20.0.1"), frames.Host("02:00:00:00:ff:01", "10.20.0.254")
SETTINGS = """
name: legs
control_socket: "{0}/wardlined.sock"
state: "{0}/state"
slots: "{0}/legs.slots"
policy: "{1}/policies"
bundles:
  - {{name: main, pairs: [{{device: {{interface: wl-device, driver: af_packet}}, core: {{interface: wl-core, driver: af_packet}}}}]}}
"""
tell = told.Teller()


def run(*words):
    subprocess.run(words, check=True)


class Tap:
    """A cable of which this program is the other end."""

    def __init__(self, name):
        self.name = name
        self.file = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
        self.set_speed(1000, "full")
        run("sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1")
        self.set_link("up")

    def set_speed(self, megabits, duplex):
        run("ethtool", "-s", self.name, "speed", str(megabits), "duplex", duplex)

    def set_link(self, state):
        run("ip", "link", "set", self.name, state)

    def send(self, wire):
        for _, frame, *_ in wire.frames:
            os.write(self.file, frame)


class Daemon:
    def __init__(self, folder):
        self.folder = folder
        (folder / "state").mkdir()
        (folder / "wardlined.yaml").write_text(SETTINGS.format(folder, ROOT))
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen([BUILD / "daemon/wardlined", "run", "--config", folder / "wardlined.yaml"], stdout=self.log,
                                        stderr=self.log, stdin=subprocess.DEVNULL)

    def ask(self, *words):
        done = subprocess.run([BUILD / "cli/wardline", "--socket", self.folder / "wardlined.sock", *words, "--json"],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def port(self, side):
        status = self.ask("status")
        return next((port for port in status[0]["ports"] if port["side"] == side), {}) if status else {}

    def has_policy(self):
        status = self.ask("status")
        return bool(status) and status[0]["policy"] is not None

    def speed(self, side):
        port = self.port(side)
        return port.get("speed_mbps"), port.get("duplex")

    def changes(self, *more):
        return self.ask("finding", "list", "--kind", "link_speed_changed", *more)

    def device(self):
        return next(iter(self.ask("device", "show", DEVICE.mac)), {})


def holds(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.2)
    return False


def speeds(daemon, device, log):
    tell(holds(lambda: daemon.speed("device") == (1000, "full")), "status tells what a link runs at", daemon.port("device"))
    device.set_link("down")
    holds(lambda: daemon.port("device")["link"] == "down")
    device.set_link("up")
    holds(lambda: daemon.port("device")["link"] == "up")
    time.sleep(3)
    tell(daemon.changes() == [], "a link that went and came back as it was is no finding", daemon.changes())
    device.set_speed(100, "half")
    tell(holds(daemon.changes), "one that comes up slower is a finding", log.read_text())
    found = (daemon.changes() or [{}])[0]
    tell((found.get("subject"), found.get("evidence"), found.get("severity")) ==
         ("main-1/device (wl-device)", ["1 Gb/s full duplex", "100 Mb/s half duplex"], "low"), "it names the leg and both speeds", found)
    tell(daemon.speed("device") == (100, "half") and daemon.speed("core") == (1000, "full"), "status tells each leg's own",
         (daemon.speed("device"), daemon.speed("core")))
    device.set_speed(1000, "full")
    tell(holds(lambda: daemon.changes() == []), "it is over when the former speed is back", daemon.changes())


def hello(mac, name, port):
    """What a switch says in LLDP."""
    wire = frames.Wire()
    unit = payloads.lldp(mac, port, (5, name.encode()), payloads.lldp_capabilities(BRIDGE))
    wire.ethernet(frames.Host(mac), LLDP, 0x88CC, unit)
    return wire


def neighbours(daemon, device, core):
    device.send(hello("02:00:00:00:aa:01", "sw-4b-1", "Gi1/0/24"))
    core.send(hello("02:00:00:00:aa:02", "core-1", "Te1/1"))

    def named(side):
        return [(each["name"], each["port"], each["is_uplink"]) for each in daemon.port(side).get("neighbours", [])]

    tell(holds(lambda: named("device") == [("sw-4b-1", "Gi1/0/24", True)] and named("core") == [("core-1", "Te1/1", False)]),
         "status names the switches at both legs", (named("device"), named("core")))
    wire = frames.Wire()
    wire.arp(DEVICE, GATEWAY)
    wire.frames.pop()  # the gateway's answer comes by the other leg
    device.send(wire)
    tell(holds(lambda: daemon.device().get("place_source") == "uplink"), "a device of the leg stands behind its switch", daemon.device())
    place = daemon.device()
    tell((place.get("switch"), place.get("port")) == ("sw-4b-1", "Gi1/0/24"), "at the port that the switch names", place)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        device, core = Tap("wl-device"), Tap("wl-core")
        daemon = Daemon(folder)
        try:
            if tell(holds(daemon.has_policy, 120), "wardlined runs on two taps", (folder / "log").read_text()):
                speeds(daemon, device, folder / "log")
                neighbours(daemon, device, core)
        finally:
            daemon.process.send_signal(signal.SIGTERM)
            try:
                tell(daemon.process.wait(30) == 0, "it stops cleanly", (folder / "log").read_text())
            except subprocess.TimeoutExpired:
                daemon.process.kill()
                tell(False, "it stops cleanly", (folder / "log").read_text())
    return 1 if tell.failed else 0


if sys.argv[1:] == ["--inside"]:
    sys.exit(main())
if os.geteuid() != 0 or not os.path.exists("/dev/net/tun"):
    print("skip - taps need root and /dev/net/tun")
    sys.exit(0)
sys.exit(subprocess.call(["unshare", "--net", sys.executable, os.path.abspath(__file__), "--inside"]))
