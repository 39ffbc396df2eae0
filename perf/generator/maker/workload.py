"""The file: frames of many conversations, interleaved and written as workload_file.h says."""
import struct
from collections import deque

from .wire import CORE

MAGIC = int.from_bytes(b"WLGENWL1", "little")
VERSION = 1
PORTS, ADDRESSES = 0, 1
HEADER = struct.Struct("<QQQQQQQ72x")
ENTRY = struct.Struct("<QIHHHHHBx")
BURST = 32
LINE = 64


def interleave(sessions, open_at_once, random, run):
    """Frames in blocks of up to BURST of one leg, so that a poll of this leg brings a full burst. `sessions` are lists of
    frames; `open_at_once` of them go on at a time, and each gives up to `run` frames in a row."""
    waiting = deque(sessions)
    ready = ([], [])
    leg = 0

    def file(frames):
        if frames:
            ready[frames[0].leg].append(frames)

    for _ in range(min(open_at_once, len(waiting))):
        file(deque(waiting.popleft()))
    while ready[0] or ready[1]:
        if not ready[leg]:
            leg = 1 - leg
        block = 0
        while block < BURST and ready[leg]:
            # Of a few at random the longest, so that long ones do not stay behind alone.
            chosen = max((random.randrange(len(ready[leg])) for _ in range(4)), key=lambda at: len(ready[leg][at]))
            ready[leg][chosen], ready[leg][-1] = ready[leg][-1], ready[leg][chosen]
            frames = ready[leg].pop()
            for _ in range(run):
                yield frames.popleft()
                block += 1
                if block == BURST or not frames or frames[0].leg != leg:
                    break
            file(frames if frames else deque(waiting.popleft()) if waiting else None)
        leg = 1 - leg


def flags_of(frame):
    return (1 if frame.leg == CORE else 0) | frame.ends_session << 1 | frame.ipv6 << 2 | frame.zero_is_none << 3


def write(path, frames, rewrite, sessions):
    data_offset = -(-(HEADER.size + ENTRY.size * len(frames)) // LINE) * LINE
    entries, places, offset = [], [], data_offset
    for frame in frames:
        entries.append(ENTRY.pack(offset, frame.device, len(frame.data), frame.ip, frame.checksum, frame.client_port,
                                  frame.port_step, flags_of(frame)))
        places.append(frame.data + bytes(-len(frame.data) % LINE))
        offset += len(places[-1])
    total = sum(len(frame.data) for frame in frames)
    head = HEADER.pack(MAGIC, VERSION, rewrite, len(frames), sessions, total, data_offset) + b"".join(entries)
    with open(path, "wb") as out:
        out.write(head + bytes(data_offset - len(head)))
        out.writelines(places)


def write_pcap(path, frames):
    """One pass, a frame every ten microseconds."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            seconds, ticks = divmod(number, 100_000)
            out.write(struct.pack("<IIII", seconds, ticks * 10, len(frame.data), len(frame.data)) + frame.data)
