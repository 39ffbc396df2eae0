"""The kernel's drivers over veth, in network namespaces of their own: what a packet costs the one in the middle.

A testpmd at both ends takes frames from the generator at a set rate, sends them into the middle's one leg and gives what comes out of the
other back to the generator, which so counts what was delivered. It shares the control core with the kernel's part of the work."""
import contextlib
import re
import subprocess
import time

from .. import board, forwarders, machine, processes, row, statistics, workloads

RATE = 120_000          # frames a second over both ways: what the ends can offer with room to spare
TOLERATED_LOSS = 0.001  # by which the two may differ
ENDS, MIDDLE = "wl-perf-ends", "wl-perf-middle"
SIDES = ("device", "core")


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@contextlib.contextmanager
def namespaces():
    """`end-SIDE` in one namespace, `mid-SIDE` in the other; one queue each, as AF_XDP serves no more on a veth."""
    with contextlib.ExitStack() as stack:
        for name in (ENDS, MIDDLE):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)  # of a run that was killed
            ip("netns", "add", name)
            stack.callback(ip, "netns", "del", name)
            for scope in ("all", "default"):
                ip("netns", "exec", name, "sysctl", "-qw", f"net.ipv6.conf.{scope}.disable_ipv6=1")
        for side in SIDES:
            queues = ["numtxqueues", "1", "numrxqueues", "1"]
            ip("link", "add", f"end-{side}", "netns", ENDS, *queues, "type", "veth", "peer", "name", f"mid-{side}", "netns", MIDDLE, *queues)
            for name, end in ((ENDS, "end"), (MIDDLE, "mid")):
                ip("netns", "exec", name, "ethtool", "-K", f"{end}-{side}", "txvlan", "off", "rx", "off", "tx", "off")
                ip("-n", name, "link", "set", f"{end}-{side}", "up")
        yield


class Ends(forwarders.Testpmd):
    """Generator legs and interfaces in pairs: what is due goes out by the interface, what comes in by it counts as sent."""

    def start(self):
        device, core = self.legs()
        interface = lambda number, side: f"net_af_packet{number},iface=end-{side},blocksz=4096,framesz=2048,framecnt=4096,qdisc_bypass=1"
        vdevs = [device, interface(0, "device"), core, interface(1, "core")]
        command = ["dpdk-testpmd", "--lcores", f"0@{machine.CONTROL_CORE},1@{machine.CONTROL_CORE}", "--no-pci", "--in-memory", "--no-telemetry", "--file-prefix", "ends",
                   "-d", self.session.build.generator, *(word for vdev in vdevs for word in ("--vdev", vdev)), "--",
                   "--forward-mode=io", "--auto-start", "--total-num-mbufs=65536"]
        self.program = processes.Program(self.name, command, self.folder / "log", input_pipe=True, in_namespace=ENDS)


class MiddleTestpmd:
    name = "testpmd"

    def __init__(self, session, driver):
        self.folder = session.folder_for("middle-testpmd")
        device = lambda number, side: {"af_packet": f"net_af_packet{number},iface=mid-{side},blocksz=4096,framesz=2048,framecnt=4096",
                                       "af_xdp": f"net_af_xdp{number},iface=mid-{side}"}[driver]
        self.command = ["stdbuf", "-oL", "dpdk-testpmd", "-l", f"{machine.CONTROL_CORE},{machine.WORKER_CORE}", "--main-lcore", machine.CONTROL_CORE, "--no-pci",
                        "--in-memory", "--no-telemetry", "--vdev", device(0, "device"), "--vdev", device(1, "core"), "--", "-i",
                        "--forward-mode=mac", "--nb-cores=1", "--total-num-mbufs=65536", "--record-core-cycles"]

    def __enter__(self):
        self.program = processes.Program(self.name, self.command, self.folder / "log", input_pipe=True, in_namespace=MIDDLE)
        self.program.type("start\n")
        return self

    def __exit__(self, *_):
        self.program.end()

    def clear(self):
        self.program.type("clear fwd stats all\n")

    def cycles_per_packet(self):
        self.program.type("show fwd stats all\n")
        said = lambda: re.findall(r"CPU cycles/packet=([\d.]+)", (self.folder / "log").read_text(errors="replace"))
        return float(processes.wait_for(said, 5, "testpmd's cycles a packet", self.program.alive)[-1])


class MiddleWardlined(forwarders.Wardlined):
    patience = 20  # one that is killed leaves its XDP program on the interface

    def __init__(self, session, driver):
        super().__init__(session, None, session.policies.shipped)
        self.driver = driver

    def configuration(self):
        legs = {side: {"interface": f"mid-{side}", "driver": self.driver} for side in SIDES}
        return self.written([legs])

    def __enter__(self):
        self.start(in_namespace=MIDDLE)
        self.status()
        return self

    def sums(self):
        status = self.status()
        return sum(lane["busy_cycles"] for lane in status["lanes"]), sum(port["rx_frames"] for port in status["ports"])

    def clear(self):
        self.before = self.sums()

    def cycles_per_packet(self):
        cycles, frames = (now - then for now, then in zip(self.sums(), self.before))
        return cycles / max(frames, 1)


def once(session, middle, ends):
    """(cycles a packet, share that was lost)"""
    with middle:
        time.sleep(1)
        ends.board.order(run=board.MEASURED, rate=RATE)
        time.sleep(1 + session.pace.settle_s)
        middle.clear()
        window = ends.window(session.pace.window_s * 5)
        cycles = middle.cycles_per_packet()
        ends.board.order(run=board.PAUSED)
        return cycles, 1 - window.counters["tx_frames"] / max(window.counters["rx_frames"], 1)


def busy_cycles(driver):
    def measure(session):
        found = {"testpmd": [], "wardline": []}
        with namespaces(), Ends("ends", session, workloads.udp(1000)(session)) as ends:
            for _ in range(max(session.pace.pairs // 3, 2)):
                for middle in (MiddleTestpmd(session, driver), MiddleWardlined(session, driver)):
                    session.say(f"{middle.name} in the middle")
                    found[middle.name].append(once(session, middle, ends))
        ratios = [ours[0] / theirs[0] for ours, theirs in zip(found["wardline"], found["testpmd"])]
        middle = {name: [statistics.median(column) for column in zip(*values)] for name, values in found.items()}
        outcome = row.Outcome(statistics.median(ratios), statistics.interval(ratios), pairs=ratios, details=found)
        outcome.note = (f"cycles: wardline {middle['wardline'][0]:.0f}, testpmd {middle['testpmd'][0]:.0f} at {RATE / 1000:.0f} kpps; lost: wardline "
                        f"{middle['wardline'][1]:.2%}, testpmd {middle['testpmd'][1]:.2%}")
        if middle["wardline"][1] > middle["testpmd"][1] + TOLERATED_LOSS:
            outcome.state = row.BELOW
        return outcome

    return measure
