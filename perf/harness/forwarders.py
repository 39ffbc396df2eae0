"""The two that forward the same traffic: dpdk-testpmd, the reference, and wardlined. Each has a generator of its own."""
import json
import socket
import time
from pathlib import Path

from . import board, machine, processes


class Forwarder:
    """A program with generator legs and their board. States: running, or halted with its generator paused."""

    settle_s = 0  # that it needs once it runs again, where the pace's is too short
    patience = 1  # seconds for a clean stop: that of wardlined tells of each flow, and nobody reads what is told

    def __init__(self, name, session, workload):
        self.name, self.session, self.workload = name, session, workload
        self.folder = session.folder_for(name)
        self.board = board.Board(self.folder / "board")
        self.program = None

    def legs(self):
        common = f"board={self.board.path}"
        return (f"net_wlgen0,leg=device,workload={self.workload},{common}", f"net_wlgen1,leg=core,{common}")

    def __enter__(self):
        try:
            self.start()
            self.board.wait_ready(self.program.alive, 120)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.program:
            self.program.end(self.patience)

    def warm_up(self, rounds=3, timeout=300):
        """Every flow in turn, both ways, until it is what it stays; traffic of ever new sessions for a time instead."""
        if self.board.flows:
            self.board.order(run=board.WARM_UP)
            until = self.board.sample().counters["rounds"] + rounds
            done = lambda: self.board.sample().counters["rounds"] >= until
        else:
            self.board.order(run=board.MEASURED)
            end = time.monotonic() + self.session_warm_up_s()
            done = lambda: time.monotonic() >= end
        processes.wait_for(done, timeout, f"{self.name}: {rounds} rounds over {self.board.flows} flows", self.program.alive)
        self.board.order(run=board.MEASURED)

    def session_warm_up_s(self):
        return self.session.pace.warm_up_s

    def resume(self):
        self.program.resume()
        self.board.order(run=board.MEASURED)

    def halt(self):
        self.board.order(run=board.PAUSED)
        time.sleep(0.01)  # what was handed over is sent
        self.program.halt()

    def sample(self, with_latency=False):
        return self.board.sample(with_latency)

    def window(self, seconds, with_latency=False):
        before = self.board.sample(with_latency)
        time.sleep(seconds)
        after = self.board.sample(with_latency)
        self.program.alive()
        return after.since(before)


class Testpmd(Forwarder):
    def start(self):
        device, core = self.legs()
        command = ["dpdk-testpmd", "-l", f"{machine.CONTROL_CORE},{machine.WORKER_CORE}", "--main-lcore", machine.CONTROL_CORE, "--no-pci",
                   "--in-memory", "--no-telemetry", "-d", self.session.build.generator, "--vdev", device, "--vdev", core, "--",
                   "--forward-mode=mac", "--auto-start", "--nb-cores=1", "--total-num-mbufs=16384", "--no-mlockall"]
        self.program = processes.Program(self.name, command, self.folder / "log", input_pipe=True)  # it ends with its input

    def session_warm_up_s(self):
        return 0.5  # it keeps nothing of a session; its generator has to have been over its frames


class Wardlined(Forwarder):
    """`settings` are keys of wardlined.yaml. `settle_s`: where flows end, longer than their time-out; while it waits for its turn all of
    them fall due, and those that it opens then end only after that."""

    def __init__(self, session, workload, policy, name="wardline", workers=1, settle_s=0, **settings):
        super().__init__(name, session, workload)
        self.settle_s = settle_s
        self.policy, self.workers, self.waits_for_policy = policy, workers, True
        self.settings = {"flows_v4": 262144, "flows_v6": 65536, **settings}
        self.socket = self.folder / "socket"

    def configuration(self):
        device, core = self.legs()
        return self.written([{"device": {"vdev": device}, "core": {"vdev": core}}], drivers=[str(self.session.build.generator)])

    def written(self, pairs, **more):
        cores = [machine.WORKER_CORE, machine.CONTROL_CORE][:self.workers]
        lines = {"name": "perf", "policy": self.policy, "state": self.folder / "state", "slots": self.folder / "slots",
                 "control_socket": self.socket, "cores": cores, "idle": "spin",
                 "bundles": [{"name": "main", "workers": self.workers, "pairs": pairs}], **self.settings, **more}
        return "".join(f"{key}: {json.dumps(value, default=str)}\n" for key, value in lines.items())

    def start(self, in_namespace=None):
        (self.folder / "state").mkdir()
        # Compiled signatures are kept from run to run.
        (self.folder / "state" / "signatures").symlink_to(self.session.signature_cache)
        (self.folder / "wardlined.yaml").write_text(self.configuration())
        command = [self.session.build.wardlined, "run", "--config", self.folder / "wardlined.yaml"]
        self.program = processes.Program(self.name, command, self.folder / "log",
                                          in_namespace=in_namespace,
                                          core=f"{machine.CONTROL_CORE},{machine.WORKER_CORE}")  # it keeps its own threads off the packet cores
        if self.waits_for_policy:  # what it forwards before that, it forwards unjudged
            processes.wait_for(lambda: self.status()["policy"] is not None, 180, f"{self.name}: a policy in force",
                               self.program.alive)

    def connected(self):
        """A connection to the control socket, or None as long as nobody listens."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self.socket))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            return None
        return connection

    def ask(self, timeout=60, **request):
        """One request to the control socket. Only while it runs."""
        with processes.wait_for(self.connected, timeout, "the control socket", self.program.alive) as connection:
            connection.settimeout(timeout)
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                part = connection.recv(1 << 20)
                if not part:
                    raise RuntimeError("wardlined closed its control socket")
                answer += part
        answer = json.loads(answer)
        if not answer.get("ok"):
            raise RuntimeError(f"wardlined refused {request}: {answer.get('errors')}")
        return answer

    def warm_up(self, rounds=3, timeout=300):
        super().warm_up(rounds, timeout)
        if self.board.flows:
            self.wait_until_devices_are_known()

    def wait_until_devices_are_known(self, quiet_s=2, timeout=300):
        """A hundred new devices a second are taken, and flows of the others are decided again each second until theirs is."""
        end, seen = time.monotonic() + timeout, None
        while time.monotonic() < end:
            status = self.status()
            if (now := (status["slots"]["used"], status["counters"].get("flows_redecided", 0))) == seen:
                return
            seen = now
            time.sleep(quiet_s)
        raise RuntimeError(f"{self.name}: flows are still decided again after {timeout} s")

    def status(self):
        return self.ask(op="status")["status"]
