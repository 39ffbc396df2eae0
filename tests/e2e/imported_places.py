#!/usr/bin/python3
"""A running daemon takes the places of a switch's table of MACs: devices have their switch and port, over a restart too, an uplink
is nobody's place, and the report on switches has them."""
# test: {me}
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts/lab.d"))
sys.path.insert(0, str(ROOT / "tests/cases"))
import frames  # noqa: E402
import told  # noqa: E402

BUILD = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build")) / "controlplane"
DEVICES = [frames.Host(f"58:46:e1:00:00:{n:02x}", f"10.20.0.{n}") for n in range(1, 4)]
GATEWAY = frames.Host("02:00:00:00:ff:01", "10.20.0.254")
SETTINGS = """
name: places
control_socket: "{0}/wardlined.sock"
state: "{0}/state"
slots: "{0}/places.slots"
policy: "{1}/policies"
bundles:
  - {{name: main, pairs: [{{device: {{vdev: "net_pcap0,rx_pcap={0}/ward.pcap,infinite_rx=1,tx_pcap={0}/out.pcap"}}, core: {{vdev: net_null0}}}}]}}
"""
tell = told.Teller()


def write_inputs(folder):
    wire = frames.Wire()
    for device in DEVICES:
        wire.arp(device, GATEWAY)
    frames.write_pcap(folder / "ward.pcap", wire.frames)
    (folder / "wardlined.yaml").write_text(SETTINGS.format(folder, ROOT))
    (folder / "state").mkdir()
    (folder / "map.yaml").write_text('columns: {mac: "Mac Address", switch: Switch, port: Port}\n')
    lines = ["Mac Address,Switch,Port", f"{DEVICES[0].mac.upper()},sw-4b-1,Gi1/0/1", f"{DEVICES[1].mac},sw-4b-1,Gi1/0/2",
             "58:46:e1:00:00:99,sw-4b-1,Gi1/0/9"]
    others = [f"02:00:00:00:01:{n:02x}" for n in range(10)]
    lines += [f"{mac},sw-core,Te1/1" for mac in [device.mac for device in DEVICES] + others]
    (folder / "macs.csv").write_text("\n".join(lines) + "\n")


class Daemon:
    """wardlined on a capture that begins anew for ever."""

    def __init__(self, folder):
        self.folder = folder
        self.log = open(folder / "log", "ab")
        self.process = subprocess.Popen([BUILD / "daemon/wardlined", "run", "--config", folder / "wardlined.yaml"], stdout=self.log,
                                        stderr=self.log, stdin=subprocess.DEVNULL)

    def ask(self, *words):
        return subprocess.run([BUILD / "cli/wardline", "--socket", self.folder / "wardlined.sock", *words], capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL)

    def locations(self):
        listed = [json.loads(line) for line in self.ask("device", "list", "--json").stdout.splitlines()]
        return {record["interfaces"][0]["mac"]: record["location"] for record in listed if record["interfaces"]}

    def sees_all(self, seconds=120):
        """True once it has all devices of the capture."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            if {device.mac for device in DEVICES} <= self.locations().keys():
                return True
            time.sleep(0.5)
        return False

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None
        finally:
            self.log.close()


def placed(locations):
    return [(locations.get(device.mac) or "").split("/", 1)[-1] for device in DEVICES]


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_inputs(folder)
        daemon = Daemon(folder)
        try:
            tell(daemon.sees_all(), "the daemon sees the devices of the capture", (folder / "log").read_text())
            done = daemon.ask("place", "import", folder / "macs.csv", "--kind", "switch-table", "--map", folder / "map.yaml", "--json")
            answer = json.loads(done.stdout) if done.returncode == 0 else {}
            tell((answer.get("placed"), answer.get("unknown"), answer.get("uplinks")) == (2, 1, 1),
                 "two of its devices are placed, one MAC was never seen, one port is an uplink", done.stdout + done.stderr)
            tell(placed(daemon.locations()) == ["sw-4b-1/Gi1/0/1", "sw-4b-1/Gi1/0/2", "-/-"], "records have switch and port",
                 daemon.locations())
            tell(daemon.stop() == 0, "it stops cleanly", (folder / "log").read_text())
            daemon = Daemon(folder)
            tell(daemon.sees_all() and placed(daemon.locations()) == ["sw-4b-1/Gi1/0/1", "sw-4b-1/Gi1/0/2", "-/-"],
                 "after a restart they are where they were", daemon.locations())
        finally:
            daemon.stop()
        report = daemon.ask("report", "switches", "--db", folder / "state/inventory.db", "--policy", ROOT / "policies", "--json")
        rows = [json.loads(line) for line in report.stdout.splitlines()]
        devices = {row["switch"]: row["devices"] for row in rows if row.get("table") == "switches"}
        tell(devices.get("sw-4b-1") == 2 and "sw-core" not in devices, "the report on switches has them", report.stdout + report.stderr)
    return 1 if tell.failed else 0


sys.exit(main())
