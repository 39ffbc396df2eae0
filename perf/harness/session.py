"""One run: its pace, its folders, what was built."""
import contextlib
import dataclasses
import shutil
import tempfile
from pathlib import Path

from . import build, policies, turns

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "perf"


@dataclasses.dataclass(frozen=True)
class Pace:
    pairs: int
    most_turns: int   # that are tried until so many count
    window_s: float
    settle_s: float   # of who was stopped: its caches and the clock of its core
    warm_up_s: float  # of ever new sessions: until as many end as begin
    latency_s: float
    bisections: int
    largest_flows: int
    rounds: int       # of a micro-benchmark
    devices: int      # on the wire
    huge_mb: int      # buffers of those that take turns, and wardlined's tables


QUICK = Pace(pairs=5, most_turns=6, window_s=0.15, settle_s=0.1, warm_up_s=3, latency_s=2, bisections=6, largest_flows=1_000_000, rounds=5,
             devices=200, huge_mb=2048)
FULL = Pace(pairs=15, most_turns=30, window_s=0.3, settle_s=0.15, warm_up_s=12, latency_s=10, bisections=9, largest_flows=10_000_000, rounds=15,
            devices=1000, huge_mb=5120)


class Session:
    def __init__(self, pace, say):
        self.pace, self.say = pace, say
        self.stack = contextlib.ExitStack()
        self.numbers = {}
        self.kept = {}
        self.core = turns.Core()

    def __enter__(self):
        # On a tmpfs: boards and slots are mapped by threads that must not wait for a disk.
        self.folder = Path(tempfile.mkdtemp(prefix="wardline-perf-", dir="/dev/shm"))
        self.stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.signature_cache = CACHE / "signatures"
        self.signature_cache.mkdir(parents=True, exist_ok=True)
        self.build = build.Build(ROOT, self.say)
        self.policies = policies.Policies(ROOT, CACHE / "policies")
        return self

    def __exit__(self, *_):
        self.stack.close()

    def once(self, key, measure):
        """What `measure` gave when a row of this run first asked for `key`."""
        if key not in self.kept:
            self.kept[key] = measure()
        return self.kept[key]

    def folder_for(self, name):
        number = self.numbers[name] = self.numbers.get(name, 0) + 1
        folder = self.folder / f"{name}-{number}"
        folder.mkdir()
        return folder
