"""Traffic, as a specification for the generator. Every maker takes the session; None: what it is made of is not on this machine."""
import json
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
        captures = shared_captures()
        if kind == "hostile" and captures is None:
            return None
        path = CACHE / "workloads" / f"{kind}.wl"
        folder = ROOT / "perf/generator"
        makers = [folder / "make_workload", *(folder / "maker").glob("*.py")]
        if not path.exists() or path.stat().st_mtime < max(maker.stat().st_mtime for maker in makers):
            session.say(f"making the workload {kind}")
            more = ["--captures", captures] if kind == "hostile" else []
            done = subprocess.run([makers[0], kind, path, "--pcap", pcap_of(path), "--json", *more], check=True, capture_output=True, text=True)
            Path(f"{path}.json").write_text(done.stdout)
        return str(path)

    return make


def described(spec):
    """What a made workload is: sessions, bytes of one. Empty for frames by formula."""
    facts = Path(f"{spec}.json")
    if not facts.exists():
        return ""
    made = json.loads(facts.read_text())
    return f"{made['sessions']:,} sessions a pass of {made['bytes_per_session']:,} bytes, frames of {made['mean_frame']} bytes"


def pcap_of(path):
    """One pass of it, for raw Hyperscan and for people."""
    return f"{path}.pcap"
