"""Traffic, as a specification for the generator. Every maker takes the session; None: what it is made of is not on this machine."""
import os
import subprocess
from pathlib import Path

from .session import CACHE, ROOT


def formula(kind, size=64, **keys):
    """Frames by formula. With fewer devices in a quick run: Wardline's control plane takes 100 new ones a second."""

    def make(session):
        given = {"size": size, "devices": session.pace.devices, **keys}
        return f"{kind}:" + ";".join(f"{key}={value}" for key, value in given.items())

    return make


def udp(flows, pick="uniform"):
    return formula("udp", flows=flows, pick=pick)


def shared_captures():
    """The folder of test captures, which is no part of the repository; None where there is none."""
    folder = Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
    return folder if folder.is_dir() else None


def file(kind):
    """Sessions made once by a seed, replayed for ever with fresh addresses or ports."""

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
