"""The generator's board (perf/generator/board.h): orders go in, counters come out. Nothing is ever reset: a window is the
difference of two samples."""
import dataclasses
import mmap
import struct
import time

from . import processes

MAGIC, VERSION, BYTES = 0x314442474E45474C, 2, 4096 + 16 * 16384
PAUSED, WARM_UP, MEASURED = 0, 1, 2
ORDERS_AT = 128  # run, rate, tx_check
LEG = ("rx_frames", "rx_bytes", "tx_frames", "tx_bytes", "missed", "no_buffers", "waiting", "spare")
PROGRESS = ("rounds", "passes", "sessions", "compare_ok", "compare_wrong", "latency_count", "latency_sum", "latency_max")
CORE = ("probes", "probe_cycles")


@dataclasses.dataclass(frozen=True)
class Sample:
    """Sums over queues and legs; `rounds` is that of the slowest queue. `time` is in seconds."""
    time: float
    counters: dict
    latency: tuple

    def since(self, before):
        return Window(self.time - before.time, {name: self.counters[name] - before.counters[name] for name in self.counters},
                      [now - then for now, then in zip(self.latency, before.latency)])


@dataclasses.dataclass(frozen=True)
class Window:
    seconds: float
    counters: dict
    latency: list  # frames by bucket

    @property
    def frames_per_second(self):
        return self.counters["tx_frames"] / self.seconds

    @property
    def probe_cycles(self):
        """That a probe of the core took (perf/generator/core_width.h)."""
        return self.counters["probe_cycles"] / self.counters["probes"]

    @property
    def bits_per_second(self):
        return self.counters["tx_bytes"] * 8 / self.seconds


def joined(windows):
    """One window of several, that need not follow each other."""
    names = windows[0].counters if windows else ()
    return Window(sum(window.seconds for window in windows), {name: sum(window.counters[name] for window in windows) for name in names},
                  [sum(counts) for counts in zip(*(window.latency for window in windows))])


class Board:
    """Made by the harness before the program starts, so that both map the same file."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.truncate(BYTES)
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), BYTES)

    def ready(self):
        return struct.unpack_from("<Q", self.map, 0)[0] == MAGIC

    def wait_ready(self, alive, timeout):
        """Until the driver has written its facts. `alive()` raises when the program ended."""
        processes.wait_for(self.ready, timeout, "the generator's start", alive)
        (version, self.queues, self.queue_at, self.stride, self.tsc_hz, self.histogram_at, self.buckets, self.steps,
         self.flows) = struct.unpack_from("<9Q", self.map, 8)
        if version != VERSION:
            raise RuntimeError(f"{self.path} has version {version}, expected {VERSION}: build perf/generator anew")

    def order(self, run=None, rate=None, tx_check=None):
        for at, value in ((0, run), (8, rate), (16, tx_check)):
            if value is not None:
                struct.pack_into("<Q", self.map, ORDERS_AT + at, int(value))

    def sample(self, with_latency=False):
        counters = dict.fromkeys(LEG[:-1] + PROGRESS + CORE, 0)
        rounds, latency = [], [0] * self.buckets if with_latency else []
        now = time.monotonic()
        for queue in range(self.queues):
            at = self.queue_at + queue * self.stride
            for leg in (0, 1):
                for name, value in zip(LEG[:-1], struct.unpack_from("<7Q", self.map, at + 64 * leg)):
                    counters[name] += value
            values = dict(zip(PROGRESS, struct.unpack_from("<8Q", self.map, at + 128)))
            rounds.append(values["rounds"])
            for name, value in values.items():
                counters[name] = max(counters[name], value) if name == "latency_max" else counters[name] + value
            for name, value in zip(CORE, struct.unpack_from("<2Q", self.map, at + 192)):
                counters[name] += value
            if with_latency:
                found = struct.unpack_from(f"<{self.buckets}Q", self.map, at + self.histogram_at)
                latency = [one + other for one, other in zip(latency, found)]
        counters["rounds"] = min(rounds)
        return Sample(now, counters, tuple(latency))

    def bucket_us(self, bucket):
        """The largest latency that falls into a bucket, in microseconds (perf/generator/latency.h)."""
        low = lambda b: b if b < 2 * self.steps else (self.steps + b % self.steps) << (b // self.steps - 1)
        return low(bucket + 1) / self.tsc_hz * 1e6

    def quantiles_us(self, latency, shares=(0.5, 0.99, 0.999, 1.0)):
        total, found, passed = sum(latency), {}, 0
        wanted = list(shares)
        for bucket, count in enumerate(latency):
            passed += count
            while total and wanted and count and passed >= wanted[0] * total:
                found[wanted.pop(0)] = self.bucket_us(bucket)
        return found
