"""What the figures were measured on, and who runs on which core."""
import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

CONTROL_CORE, WORKER_CORE = 0, 1


def facts(root):
    cpu = Path("/proc/cpuinfo").read_text()
    field = lambda name: (re.search(rf"^{name}\s*: (.*)$", cpu, re.MULTILINE) or ["", "unknown"])[1]
    return {"processor": field("model name"), "family": field("cpu family"), "model": field("model"),
            "cores": os.cpu_count(), "cache": field("cache size"), "kernel": platform.release(),
            "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
            "packages": versions("dpdk", "libhyperscan5", "g++-12"), "commit": commit_of(root),
            "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}


def versions(*packages):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages], capture_output=True, text=True)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def commit_of(root):
    git = lambda *words: subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True).stdout.strip()
    head = git("rev-parse", "HEAD")
    return head + ("-dirty" if git("status", "--porcelain", "--untracked-files=no") else "") if head else None


def enough_cores():
    return {CONTROL_CORE, WORKER_CORE} <= os.sched_getaffinity(0)


def run_apart():
    """The harness keeps to the control core. It only wakes to look at counters, then at once, whatever else runs there."""
    os.sched_setaffinity(0, {CONTROL_CORE})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except PermissionError:
        pass
