"""How many bytes of payload each endpoint of a flow sent in a capture: read here by itself, so that what is judged did not
come from what judges. TCP segments that were sent again count again; fragments after the first and tunnels are not read."""
import collections
import ipaddress
import struct

SECTION, INTERFACE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 3, 6
MAGICS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}
NULL, ETHERNET, LOOP, COOKED, COOKED2, RAW = 0, 1, 108, 113, 276, (12, 14, 101, 228, 229)
SYN = 2
TAGS = {0x8100, 0x88A8, 0x9100}


def frames(data):
    """(link type, bytes) of each frame of a pcap or pcapng file; ends where the file is cut."""
    if data[:4] in MAGICS:
        order = MAGICS[data[:4]]
        link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
        at = 24
        while at + 16 <= len(data):
            size = struct.unpack_from(order + "I", data, at + 8)[0]
            yield link, data[at + 16:at + 16 + size]
            at += 16 + size
        return
    at, order, links = 0, "<", []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order, links = ("<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"), []
        kind, size = struct.unpack_from(order + "II", data, at)
        if size < 12:
            return
        if kind == INTERFACE:
            links.append(struct.unpack_from(order + "H", data, at + 8)[0])
        elif kind == ENHANCED:
            number, _, _, kept = struct.unpack_from(order + "IIII", data, at + 8)
            if number < len(links):
                yield links[number], data[at + 28:at + 28 + kept]
        elif kind == SIMPLE and links:
            yield links[0], data[at + 12:at + size - 4]
        at += size


def packet_of(link, frame):
    """The IP packet in a frame, b"" where there is none."""
    if link in (NULL, LOOP):
        return frame[4:]
    if link in RAW:
        return frame
    at = {ETHERNET: 12, COOKED: 14, COOKED2: 0}.get(link)
    if at is None or len(frame) < at + 2:
        return b""
    kind, at = struct.unpack_from(">H", frame, at)[0], at + 2 if link != COOKED2 else 20
    while kind in TAGS and len(frame) >= at + 4:
        kind, at = struct.unpack_from(">H", frame, at + 2)[0], at + 4
    return frame[at:] if kind in (0x0800, 0x86DD) else b""


def segment_of(packet):
    """(transport, source, target, its bytes) of an IP packet; None for other protocols and for later fragments."""
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        at, size, number = (packet[0] & 15) * 4, struct.unpack_from(">H", packet, 2)[0], packet[9]
        if struct.unpack_from(">H", packet, 6)[0] & 0x1FFF:
            return None
        source, target = packet[12:16], packet[16:20]
        packet = packet[:size] if size else packet
    elif len(packet) >= 40 and packet[0] >> 4 == 6:
        at, number, source, target = 40, packet[6], packet[8:24], packet[24:40]
        packet = packet[:40 + struct.unpack_from(">H", packet, 4)[0]]
        while number in (0, 43, 60) and len(packet) >= at + 2:
            number, at = packet[at], at + 8 + packet[at + 1] * 8
    else:
        return None
    if number not in (6, 17):
        return None
    return ("tcp" if number == 6 else "udp"), ipaddress.ip_address(source), ipaddress.ip_address(target), packet[at:]


def end(address, port):
    return f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"


class Flow:
    """What one capture holds of a flow: how much payload each end sent, and whether a connection's opening is there."""

    def __init__(self):
        self.sent, self.opened = collections.Counter(), False

    def least_sent(self):
        return min(self.sent.values()) if len(self.sent) == 2 else 0


def flows_of(path):
    """{(transport, frozenset of both ends): Flow}"""
    flows = collections.defaultdict(Flow)
    for link, frame in frames(path.read_bytes()):
        segment = segment_of(packet_of(link, frame))
        if not segment or len(segment[3]) < 8:
            continue
        transport, source, target, data = segment
        ports = struct.unpack_from(">HH", data)
        ends = end(source, ports[0]), end(target, ports[1])
        flow = flows[transport, frozenset(ends)]
        header = 8
        if transport == "tcp":
            header = (data[12] >> 4) * 4 if len(data) >= 20 else len(data)
        flow.opened |= transport == "udp" or (len(data) >= 20 and data[13] & SYN != 0)
        flow.sent[ends[0]] += max(0, len(data) - header)
    return flows
