"""Huge pages for the length of a run."""
import contextlib
from pathlib import Path

PAGES = Path("/proc/sys/vm/nr_hugepages")
PAGE_MB = 2
SHARE_OF_MEMORY = 0.5  # what a run takes at most


def memory_mb():
    fields = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    return {key: int(fields[key].split()[0]) // 1024 for key in ("MemTotal", "MemAvailable")}


def reserved_mb():
    return int(PAGES.read_text()) * PAGE_MB


@contextlib.contextmanager
def at_least(wanted_mb):
    """Gives the MB there are while the run lasts, then puts back what was. Never takes any away from others."""
    before = int(PAGES.read_text())
    most_mb = int(memory_mb()["MemTotal"] * SHARE_OF_MEMORY)
    pages = max(before, min(wanted_mb, most_mb) // PAGE_MB)
    try:
        if pages != before:
            PAGES.write_text(f"{pages}\n")
        yield reserved_mb()
    finally:
        if int(PAGES.read_text()) == pages != before:  # nobody changed it since
            PAGES.write_text(f"{before}\n")
