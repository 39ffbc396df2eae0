#!/usr/bin/python3
"""With every thread but the lanes stopped, a device that scans is quarantined all the same, and that is told afterwards."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
import ctypes
import os
import pathlib
import time

import lab  # noqa: F401
import machines
import told
import wardline

PAGE = f"http://{machines.WEB}/"
PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207  # linux/ptrace.h
WALL = 0x40000000  # __WALL: threads that are no processes of their own too
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request, tid):
    if LIBC.ptrace(request, tid, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of thread {tid}: {os.strerror(ctypes.get_errno())}")


def threads_of(pid):
    """Thread number -> name."""
    return {int(task.name): (task / "comm").read_text().strip() for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}


def is_lane(name):
    return name.startswith("wl-")


class Frozen:
    """All threads of a process but its lanes, stopped until the block ends."""

    def __init__(self, pid):
        self.threads = [tid for tid, name in threads_of(pid).items() if not is_lane(name)]

    def __enter__(self):
        self.held = []
        for tid in self.threads:
            ptrace(PTRACE_SEIZE, tid)
            self.held.append(tid)
            ptrace(PTRACE_INTERRUPT, tid)
            os.waitpid(tid, WALL)
        return self

    def __exit__(self, *_):
        for tid in self.held:
            ptrace(PTRACE_DETACH, tid)


def armed(device):
    """The camera has a class and so a slot; the class arms it (policies/classes/ip-camera.yaml)."""
    record = wardline.record_of(device)
    return record if record and record["class"] == "ip-camera" and record["mode"] == "enforce" else None


def body(tell):
    camera = machines.devices()["camera"]
    camera.lease()
    camera.fetch(PAGE)
    record = wardline.wait_for(lambda: armed(camera), 20)
    tell(record, "the camera is known, and judged in mode enforce", wardline.record_of(camera))
    tell(camera.fetch(PAGE)[0], "before: the camera fetches a page")
    ident = record["device_id"]
    tell(not wardline.quarantines_of(ident), "before: it is in no quarantine")

    pid = int((wardline.WORK / "middle.pid").read_text())
    names = threads_of(pid)
    tell(any(is_lane(name) for name in names.values()), "the daemon has lane threads", names)
    with Frozen(pid) as frozen:
        states = {tid: pathlib.Path(f"/proc/{pid}/task/{tid}/stat").read_text().rsplit(")", 1)[1].split()[0] for tid in frozen.threads}
        tell(set(states.values()) == {"t"}, f"all {len(states)} threads of the control plane are stopped", states)
        tell(camera.fetch(PAGE)[0], "stopped: the camera still fetches a page")
        camera.run("nmap", "-sS", "-n", "-Pn", "--max-retries", "0", "--max-rate", "200", "-p", "20-60",
                   machines.PACS, machines.HL7, machines.WEB, seconds=30)
        tell(not camera.fetch(PAGE, seconds=3)[0], "stopped: after its scan the page is cut, by the lanes alone")
        tell(machines.devices()["monitor"].lease()[0], "stopped: another device still gets its address")

    began = time.monotonic()
    held = wardline.wait_for(lambda: wardline.quarantines_of(ident), 5)
    tell(held, f"afterwards: the quarantine is on record, {time.monotonic() - began:.1f} s later", wardline.records("quarantine", "list"))
    if held:
        tell(held[0]["by"] == "automatic" and held[0]["profile"] == "isolate", "afterwards: as Wardline's own, profile isolate", held)
    tell(wardline.wait_for(lambda: [line for line in machines.siem_received() if "uarantine" in line and ident in line], 5),
         "afterwards: the SIEM was told", "\n".join(machines.siem_received()[-5:]))
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
