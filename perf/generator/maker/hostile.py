"""`hostile`: every whole frame up to 1522 bytes of a folder of captures, valid or not. What two hosts of a capture say to
each other keeps its order."""
import struct
import zlib

from .capture import frames_of
from .wire import CORE, DEVICE, Frame

LONGEST = 1522
SHORTEST = 14
TCP, UDP, ICMPV6, UDP_LITE = 6, 17, 58, 136
CHECKSUM_AT = {TCP: 16, UDP: 6, ICMPV6: 2, UDP_LITE: 6}


class Sides:
    """Which leg a MAC is behind: who speaks first in a capture is a device, whom it speaks to is beyond the core leg. A MAC
    keeps its side in all captures."""

    def __init__(self):
        self.of = {}

    def leg(self, frame):
        target, source = frame[:6], frame[6:12]
        if source not in self.of:
            self.of[source] = CORE if self.of.get(target) == DEVICE else DEVICE
        if not target[0] & 1 and target not in self.of:
            self.of[target] = 1 - self.of[source]
        return self.of[source]

    def device(self, frame):
        return zlib.crc32(frame[6:12] if self.of[frame[6:12]] == DEVICE else frame[:6]) & 0xFFFF


def ip_offset(data):
    """(offset of the IP header, whether it is IPv6), or None."""
    at = 12
    for _ in range(3):
        kind = data[at:at + 2]
        if kind in (b"\x81\x00", b"\x88\xa8", b"\x91\x00"):
            at += 4
        elif kind == b"\x08\x00" and len(data) >= at + 22:
            return at + 2, False
        elif kind == b"\x86\xdd" and len(data) >= at + 42:
            return at + 2, True
        else:
            return None
    return None


def transport4(data, ip):
    """(protocol, offset) of the transport header; None in a later fragment, which has none."""
    if struct.unpack_from(">H", data, ip + 6)[0] & 0x1FFF:
        return None
    return data[ip + 9], ip + (data[ip] & 15) * 4


def transport6(data, ip):
    kind, at = data[ip + 6], ip + 40
    for _ in range(8):
        if kind not in (0, 43, 44, 51, 60) or at + 8 > len(data):
            break
        if kind == 44 and struct.unpack_from(">H", data, at + 2)[0] & 0xFFF8:
            return None
        size = 8 if kind == 44 else (data[at + 1] + 2) * 4 if kind == 51 else (data[at + 1] + 1) * 8
        kind, at = data[at], at + size
    return kind, at


def describe(data, sides):
    frame = Frame(data, sides.leg(data), sides.device(data))
    found = ip_offset(data)
    if found is None:
        return frame
    frame.ip, frame.ipv6 = found
    transport = transport6(data, frame.ip) if frame.ipv6 else transport4(data, frame.ip)
    if transport and transport[0] in CHECKSUM_AT and (frame.ipv6 or transport[0] != ICMPV6):
        at = transport[1] + CHECKSUM_AT[transport[0]]
        if at + 2 <= len(data):
            frame.checksum = at
            frame.zero_is_none = transport[0] == UDP and not frame.ipv6
    return frame


def hosts(frame):
    """Both ends of a frame, whichever sent it."""
    if not frame.ip:
        return frozenset((frame.data[:6], frame.data[6:12]))
    first, size = (frame.ip + 8, 16) if frame.ipv6 else (frame.ip + 12, 4)
    return frozenset((frame.data[first:first + size], frame.data[first + size:first + 2 * size]))


def sessions(folder):
    """The longest first."""
    sides = Sides()
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".pcap", ".pcapng", ".cap")):
        conversations = {}
        for data in frames_of(path.read_bytes()):
            if SHORTEST <= len(data) <= LONGEST:
                frame = describe(data, sides)
                conversations.setdefault(hosts(frame), []).append(frame)
        found += conversations.values()
    for frames in found:
        frames[-1].ends_session = True
    return sorted(found, key=len, reverse=True)
