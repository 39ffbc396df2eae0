"""perf/run --peer suricata: the distribution's Suricata in DPDK mode, on the same frames and the same literals, by turns with testpmd
and Wardline.

IDS mode with one port (it receives, inspects and frees; it sends nothing), so it gets the frames of the device leg alone: two ports would
need a core each. testpmd and Wardline send as well, which favours Suricata. Its rules are the made literals of Wardline's policy; the
shipped signatures beside them have no equivalent, which favours it, too."""
import re
import shutil
import sys
import time
from pathlib import Path

from . import board, build, forwarders, huge_pages, machine, processes, report, statistics, turns, workloads
from .rows import paired
from .session import ROOT, Session

INSTALL = "apt-get install -t bookworm-backports suricata    # bookworm-backports must be among the package sources"
FOLDERS = Path("/etc/suricata")

SETTLED_POLICY = lambda policies: policies.made(signatures=300)

# name: (what, traffic, policy, keys of wardlined.yaml). Of flows whose application Suricata cannot tell either.
WORK = {
    "scan-64": ("everything scanned, 64 B UDP, 1,000 flows, 3,000 signatures", workloads.formula("scan", flows=1000),
                lambda policies: policies.with_signatures(3000, edits=[policies.INSPECT_ALL]), {}),
    "settled-1k": ("64 B UDP, 1,000 flows, 300 made signatures beside the shipped ones", workloads.udp(1_000), SETTLED_POLICY, {}),
    "settled-100k": ("64 B UDP, 100,000 flows, the same", workloads.udp(100_000), SETTLED_POLICY, {}),
    "settled-1m": ("64 B UDP, 1 M flows, the same", workloads.udp(1_000_000), SETTLED_POLICY, {"flows_v4": 1_250_000}),
}

SETTINGS = """%YAML 1.1
---
vars:
  address-groups: {{HOME_NET: "any", EXTERNAL_NET: "any"}}
  port-groups: {{HTTP_PORTS: "80"}}
default-log-dir: {folder}
default-rule-path: {folder}
rule-files: [made.rules]
classification-file: {etc}/classification.config
reference-config-file: {etc}/reference.config
stats: {{enabled: no}}
outputs: []
logging: {{default-log-level: warning, outputs: [{{console: {{enabled: yes}}}}]}}
flow: {{memcap: 2gb, hash-size: 1048576, prealloc: 1000000, emergency-recovery: 30}}
stream: {{memcap: 2gb, checksum-validation: no, reassembly: {{memcap: 2gb}}}}
mpm-algo: hs
spm-algo: hs
detect: {{profile: high, sgh-mpm-context: auto}}
threading:
  set-cpu-affinity: yes
  cpu-affinity:
    - management-cpu-set: {{cpu: [{control}]}}
    - receive-cpu-set: {{cpu: [{control}]}}
    - worker-cpu-set: {{cpu: [{worker}], mode: exclusive}}
dpdk:
  eal-params: {{proc-type: primary, no-pci: "", in-memory: "", no-telemetry: "", d: "{driver}", vdev: "{vdev}"}}
  interfaces:
    - {{interface: net_wlgen0, threads: 1, promisc: false, multicast: false, checksum-checks: false, checksum-checks-offload: false, mtu: 1500,
       mempool-size: 16383, mempool-cache-size: 257, rx-descriptors: 1024, tx-descriptors: 1024, copy-mode: none, copy-iface: none}}
"""


class Suricata(forwarders.Forwarder):
    def __init__(self, session, workload, policy):
        super().__init__("suricata", session, workload)
        self.policy = policy

    def start(self):
        write_rules(self.policy, self.folder / "made.rules")
        vdev = self.legs()[0]
        settings = SETTINGS.format(folder=self.folder, etc=FOLDERS, control=machine.CONTROL_CORE, worker=machine.WORKER_CORE,
                                   driver=self.session.build.generator, vdev=vdev)
        (self.folder / "suricata.yaml").write_text(settings)
        command = ["suricata", "-c", self.folder / "suricata.yaml", "--dpdk", "-k", "none", "-l", self.folder, "--runmode", "workers"]
        self.program = processes.Program(self.name, command, self.folder / "log", core=f"{machine.CONTROL_CORE},{machine.WORKER_CORE}")

    def warm_up(self):
        """Half of the frames are on the other leg, which nobody asks: there are no rounds."""
        self.board.order(run=board.MEASURED)
        processes.wait_for(lambda: self.board.sample().counters["rx_frames"], 120, "suricata's first frame", self.program.alive)
        time.sleep(self.session.pace.warm_up_s + self.board.flows / 200_000)


def write_rules(policy, path):
    """The made literals of a policy, as rules without ports: every payload of their transport is searched."""
    entries = re.findall(r"- id: made-(\d+).*?transport: \[(\w+)\].*?literal: 'hex: ([0-9a-f]+)'",
                         "\n".join(part.read_text() for part in sorted((policy / "signatures/made").glob("*.yaml"))), re.DOTALL)
    lines = [f'alert {transport} any any -> any any (msg:"made-{number}"; content:"|{" ".join(re.findall("..", hexes))}|"; sid:{int(number)};)'
             for number, transport, hexes in entries]
    path.write_text("\n".join(lines) + "\n")


def received(window):
    """Frames a second taken in: what Suricata has in common with the others."""
    return window.counters["rx_frames"] / window.seconds


def measure(session, name):
    what, workload, policy, settings = WORK[name]
    spec, made = workload(session), policy(session.policies)
    contestants = [forwarders.Testpmd("testpmd", session, spec), Suricata(session, spec, made), forwarders.Wardlined(session, spec, made, **settings)]
    with paired.warmed_up(contestants):
        rounds = turns.take_turns(contestants, session)
    rate = {one.name: statistics.median([received(windows[one.name]) for windows in rounds.compared]) / 1e6 for one in contestants}
    print(f"{name}: {what}\n    testpmd {rate['testpmd']:.2f}, suricata {rate['suricata']:.2f}, wardline {rate['wardline']:.2f} Mpps")
    for over, under in (("suricata", "testpmd"), ("wardline", "testpmd"), ("wardline", "suricata")):
        found = turns.ratios(rounds.compared, over, under, received)
        low, high = statistics.interval(found)
        print(f"    {over} = {statistics.median(found):.3f} x {under} ({low:.3f} to {high:.3f})")


def run(names, pace):
    if shutil.which("suricata") is None:
        print(f"perf/run: suricata is not installed. Install it with:\n  {INSTALL}", file=sys.stderr)
        return 2
    strangers = [name for name in names if name not in WORK]
    if strangers:
        print(f"perf/run: --peer measures {', '.join(WORK)}; found {', '.join(strangers)}", file=sys.stderr)
        return 2
    progress = report.Progress()
    if missing := build.missing_packages(ROOT):
        build.install(missing)
    with huge_pages.at_least(pace.huge_mb), Session(pace, progress.say) as session:
        machine.run_apart()
        for name in names or WORK:
            progress.begin(name)
            try:
                measure(session, name)
            except (RuntimeError, TimeoutError) as fault:
                print(f"{name}: not measured: {fault}")
    progress.end()
    return 0
