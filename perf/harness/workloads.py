"""Workload files: sessions made once by a seed, replayed for ever with fresh addresses or ports."""
import subprocess

from .session import CACHE, ROOT

CAPTURES = "captures"


def shared_captures():
    """The folder of test captures, which is no part of the repository; None where there is none."""
    import os
    from pathlib import Path
    folder = Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / CAPTURES
    return folder if folder.is_dir() else None


def file(kind):
    """A maker of the workload of this kind; gives its path, or None where what it is made of is missing."""

    def make(session):
        if kind == "hostile" and shared_captures() is None:
            return None
        path = CACHE / "workloads" / f"{kind}.wl"
        maker = ROOT / "perf/generator/make_workload"
        if not path.exists() or path.stat().st_mtime < maker.stat().st_mtime:
            session.say(f"making the workload {kind}")
            path.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([maker, kind, "--out", path, "--pcap", pcap_of(path)], check=True)
        return str(path)

    return make


def pcap_of(path):
    """One pass of it, for raw Hyperscan and for people."""
    return f"{path}.pcap"
