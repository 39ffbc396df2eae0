"""Frames for test cases: hosts that talk over a wire, written as a capture.

A make.py tells a story, frame by frame, and says which part of it must not arrive:

    wire = Wire()
    wire.arp(PUMP, GATEWAY)                      # makes the device known
    talk = wire.tcp(PUMP, SERVER, 443)           # the handshake
    talk.send(client_hello())
    with wire.dropped():                         # what Wardline must not forward
        wire.syn(PUMP, SERVER, 23)
    wire.save(__file__)                          # writes in.pcap, and allowed-only.pcap if anything is dropped

Nothing is random: the same make.py always writes the same bytes. Time begins at BEGIN and moves on by a millisecond a frame.
"""
import contextlib
import dataclasses
import ipaddress
import pathlib
import struct
import sys

BEGIN = 1_790_000_000 * 1_000_000_000  # nanoseconds since 1970: in September 2026
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
BROADCAST_MAC = "ff:ff:ff:ff:ff:ff"
FIN, SYN, RST, PSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58


@dataclasses.dataclass(frozen=True)
class Host:
    mac: str
    ip: str = "0.0.0.0"


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def ip_bytes(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def is_v6(ip):
    return ":" in ip


def with_checksum(segment, at, source, target, proto):
    """The segment with its checksum at byte `at`, over the pseudo header (RFC 9293 3.1, RFC 8200 8.1)."""
    if is_v6(source):
        pseudo = struct.pack(">IHBB", len(segment), 0, 0, proto)
    else:
        pseudo = struct.pack(">BBH", 0, proto, len(segment))
    pseudo = ip_bytes(source) + ip_bytes(target) + pseudo
    value = checksum(pseudo + segment)
    if proto == UDP and value == 0:
        value = 0xFFFF  # 0 says that there is none (RFC 768)
    return segment[:at] + struct.pack(">H", value) + segment[at + 2:]


# Options of a SYN as systems order them (RFC 9293 3.1, RFC 7323, RFC 2018).
LINUX_OPTIONS = bytes.fromhex("020405b4 0402 080a0000000900000000 01 030307".replace(" ", ""))
WINDOWS_OPTIONS = bytes.fromhex("020405b4 01 030308 01 01 0402".replace(" ", ""))


def tcp_segment(source, target, source_port, target_port, sequence, acknowledgement, flags, payload=b"", options=b""):
    """`options` fill whole words of four bytes."""
    head = struct.pack(">HHIIBBHHH", source_port, target_port, sequence & 0xFFFFFFFF, acknowledgement & 0xFFFFFFFF,
                       (5 + len(options) // 4) << 4, flags, 0xFFFF, 0, 0)
    return with_checksum(head + options + payload, 16, source, target, TCP)


def udp_datagram(source, target, source_port, target_port, payload):
    return with_checksum(struct.pack(">HHHH", source_port, target_port, 8 + len(payload), 0) + payload, 6, source, target, UDP)


def icmp_message(kind, code, rest, body=b""):
    message = struct.pack(">BBHI", kind, code, 0, rest) + body
    return message[:2] + struct.pack(">H", checksum(message)) + message[4:]


def icmp6_message(source, target, kind, code, body):
    return with_checksum(struct.pack(">BBH", kind, code, 0) + body, 2, source, target, ICMP6)


def ip_packet(source, target, proto, content, hop_limit=64):
    if is_v6(source):
        return struct.pack(">IHBB", 0x60000000, len(content), proto, hop_limit) + ip_bytes(source) + ip_bytes(target) + content
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(content), 1, 0x4000, hop_limit, proto, 0) + ip_bytes(source) + ip_bytes(target)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + content


def ip_fragment(source, target, proto, piece, offset, more, number, hop_limit=64):
    """A piece of what a datagram carries, at `offset` (RFC 791 3.1, RFC 8200 4.5)."""
    if is_v6(source):
        header = struct.pack(">BBHI", proto, 0, offset | more, number)
        return ip_packet(source, target, 44, header + piece, hop_limit)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(piece), number & 0xFFFF, offset // 8 | more << 13, hop_limit, proto, 0)
    head += ip_bytes(source) + ip_bytes(target)
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + piece


def ethernet(source_mac, target_mac, ethertype, content, tags=()):
    """A frame, padded to 60 bytes. A tag is a VLAN or (TPID, VLAN and priority bits)."""
    head = mac_bytes(target_mac) + mac_bytes(source_mac)
    for tag in tags:
        head += struct.pack(">HH", *(tag if isinstance(tag, tuple) else (0x8100, tag)))
    frame = head + struct.pack(">H", ethertype) + content
    return frame + b"\0" * (60 - len(frame))


class Talk:
    """One TCP connection. Sequence numbers go on also where a frame is dropped: it says what the hosts sent."""

    def __init__(self, wire, client, server, client_port, server_port, midstream=False):
        self.wire, self.client, self.server = wire, client, server
        self.ports = (client_port, server_port)
        self.next = [1000, 50_000]  # what the client, the server sends next
        if not midstream:
            self.frame(True, SYN)
            self.frame(False, SYN | ACK)
            self.frame(True, ACK)

    def frame(self, from_client, flags, payload=b"", sequence=None):
        """One segment; `sequence` as another than the next is told as a number relative to the first byte of data."""
        me = 0 if from_client else 1
        at = self.next[me] if sequence is None else (1001, 50_001)[me] + sequence
        source, target = (self.client, self.server) if from_client else (self.server, self.client)
        acknowledgement = self.next[1 - me] if flags & ACK else 0
        self.wire.ip(source, target, TCP, tcp_segment(source.ip, target.ip, self.ports[me], self.ports[1 - me], at,
                                                      acknowledgement, flags, payload))
        if sequence is None:
            self.next[me] += len(payload) + bool(flags & SYN) + bool(flags & FIN)

    def send(self, payload, **given):
        self.frame(True, PSH | ACK, payload, **given)

    def answer(self, payload, **given):
        self.frame(False, PSH | ACK, payload, **given)

    def close(self):
        self.frame(True, FIN | ACK)
        self.frame(False, FIN | ACK)
        self.frame(True, ACK)


class Wire:
    def __init__(self, tags=()):
        self.tags = tags
        self.now = BEGIN
        self.frames = []  # (time, bytes, length on the wire, forwarded?, leg)
        self._passes = True
        self._bundle, self._core = None, ()
        self._port = 40_000
        self._cut = None
        self._number = 1  # of the last datagram that was cut

    @contextlib.contextmanager
    def dropped(self):
        """What is put on the wire in here must not be forwarded."""
        former, self._passes = self._passes, False
        yield
        self._passes = former

    @contextlib.contextmanager
    def bundle(self, name, core):
        """What is put on the wire in here crosses this bundle; it comes from the core where one of the MACs `core` sends it."""
        former, self._bundle, self._core = (self._bundle, self._core), name, core
        yield
        self._bundle, self._core = former

    @contextlib.contextmanager
    def tagged(self, *tags):
        former, self.tags = self.tags, tags
        yield
        self.tags = former

    @contextlib.contextmanager
    def cut(self, each, arrange=list):
        """IP packets in here go as fragments of `each` bytes. `arrange` gets the list of (offset, bytes, more) and gives what is sent."""
        former, self._cut = self._cut, (each, arrange)
        yield
        self._cut = former

    def wait(self, nanoseconds):
        self.now += nanoseconds

    def raw(self, frame, wire_length=None):
        leg = self._bundle and f"{self._bundle}-{'core' if frame[6:12] in map(mac_bytes, self._core) else 'device'}"
        self.frames.append((self.now, frame, wire_length or len(frame), self._passes, leg))
        self.now += MILLISECOND

    def ethernet(self, source, target_mac, ethertype, content):
        self.raw(ethernet(source.mac, target_mac, ethertype, content, self.tags))

    def ip(self, source, target, proto, content, hop_limit=64):
        ethertype = 0x86DD if is_v6(source.ip) else 0x0800
        if self._cut is None:
            self.ethernet(source, target.mac, ethertype, ip_packet(source.ip, target.ip, proto, content, hop_limit))
            return
        each, arrange = self._cut
        self._number += 1
        pieces = [(at, content[at:at + each], at + each < len(content)) for at in range(0, len(content), each)]
        for at, piece, more in arrange(pieces):
            packet = ip_fragment(source.ip, target.ip, proto, piece, at, more, self._number, hop_limit)
            self.ethernet(source, target.mac, ethertype, packet)

    def arp(self, asker, asked):
        """The question to all, and the answer."""
        head = struct.pack(">HHBB", 1, 0x0800, 6, 4)
        ask = head + struct.pack(">H", 1) + mac_bytes(asker.mac) + ip_bytes(asker.ip) + bytes(6) + ip_bytes(asked.ip)
        tell = head + struct.pack(">H", 2) + mac_bytes(asked.mac) + ip_bytes(asked.ip) + mac_bytes(asker.mac) + ip_bytes(asker.ip)
        self.ethernet(asker, BROADCAST_MAC, 0x0806, ask)
        self.ethernet(asked, asker.mac, 0x0806, tell)

    def client_port(self):
        self._port += 1
        return self._port

    def tcp(self, client, server, port, client_port=None):
        """Opens a connection with its handshake."""
        return Talk(self, client, server, client_port or self.client_port(), port)

    def tcp_midstream(self, client, server, port, client_port=None):
        """A connection whose beginning crossed before the capture."""
        return Talk(self, client, server, client_port or self.client_port(), port, midstream=True)

    def syn(self, client, server, port, times=1):
        """An attempt that nobody answers, sent `times` times."""
        talk = Talk(self, client, server, self.client_port(), port, midstream=True)
        for _ in range(times):
            talk.next[0] = 1000
            talk.frame(True, SYN)
            self.wait(SECOND)

    def opening(self, client, server, port, options, hop_limit):
        """A SYN of the stack that has these options, with so many hops left; nobody answers it."""
        segment = tcp_segment(client.ip, server.ip, self.client_port(), port, 1000, 0, SYN, options=options)
        self.ip(client, server, TCP, segment, hop_limit)

    def udp(self, source, target, source_port, target_port, payload):
        self.ip(source, target, UDP, udp_datagram(source.ip, target.ip, source_port, target_port, payload))

    def icmp(self, source, target, kind, code, rest=0, body=b""):
        self.ip(source, target, ICMP, icmp_message(kind, code, rest, body))

    def icmp6(self, source, target, kind, code, body, hop_limit=255):
        self.ip(source, target, ICMP6, icmp6_message(source.ip, target.ip, kind, code, body), hop_limit)

    def save(self, make_file):
        """Writes the captures beside make.py, or into the folder that its command line names."""
        folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else make_file).resolve()
        folder = folder if folder.is_dir() else folder.parent
        legs = {frame[4] for frame in self.frames}
        for leg in legs:
            write_pcap(folder / f"{leg or 'in'}.pcap", [frame for frame in self.frames if frame[4] == leg])
        allowed = [frame for frame in self.frames if frame[3]]
        if len(allowed) != len(self.frames) or len(legs) > 1:
            write_pcap(folder / "allowed-only.pcap", allowed)


def write_pcap(path, frames):
    """A pcap file with nanoseconds, link type Ethernet. `frames`: (time, bytes, length on the wire, ...)."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262_144, 1))
        for time, frame, length, *_ in frames:
            out.write(struct.pack("<IIII", time // SECOND, time % SECOND, len(frame), length) + frame)


def read_pcap(path):
    """The frames of a pcap file as bytes, whatever its byte order and resolution."""
    data = pathlib.Path(path).read_bytes()
    magic = data[:4]
    order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    if magic not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        raise ValueError(f"{path}: expected a pcap file, found one that begins with {magic.hex()}")
    frames, at = [], 24
    while at + 16 <= len(data):
        stored = struct.unpack_from(order + "I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + stored])
        at += 16 + stored
    return frames
