"""Conversations as frames: Ethernet, IPv4, TCP and UDP with right numbers and checksums."""
import struct
from dataclasses import dataclass, field

DEVICE, CORE = 0, 1
FIRST_DEVICE = 0x0A140100  # 10.20.1.0, as in addresses.h
ROUTER_MAC = bytes.fromhex("02574d000001")
SYN, FIN, PUSH, ACK = 0x02, 0x01, 0x08, 0x10
SEGMENT = 1460  # payload of a full segment: MTU 1500
SHORTEST = 60  # an Ethernet frame without FCS


def checksum(data):
    """RFC 1071: the sum in ones' complement is the number modulo 65535."""
    if len(data) % 2:
        data += b"\0"
    value = int.from_bytes(data, "big")
    return 0xFFFF - (value % 0xFFFF or (0xFFFF if value else 0))


def address(text):
    a, b, c, d = (int(part) for part in text.split("."))
    return a << 24 | b << 16 | c << 8 | d


@dataclass
class Frame:
    """A frame and what a replay must know of it; offsets as in workload_file.h."""
    data: bytes
    leg: int
    device: int
    ip: int = 0
    checksum: int = 0
    client_port: int = 0
    port_step: int = 0
    ipv6: bool = False
    zero_is_none: bool = False
    ends_session: bool = False


@dataclass
class Ends:
    """Who speaks with whom. The client is on one leg, the server on the other."""
    device: int
    peer: int
    client_port: int
    server_port: int
    client_leg: int = DEVICE
    port_step: int = 1


@dataclass
class Session:
    """One conversation as a list of frames, built by what each side says in turn."""
    ends: Ends
    random: object
    frames: list = field(default_factory=list)
    payload: int = 0

    def finish(self):
        self.frames[-1].ends_session = True
        return self.frames

    def _add(self, from_client, proto, transport, at_checksum):
        ends = self.ends
        leg = ends.client_leg if from_client else 1 - ends.client_leg
        device = FIRST_DEVICE + ends.device
        source, target = (device, ends.peer) if leg == DEVICE else (ends.peer, device)
        mac = b"\x02\x57\x4c" + ends.device.to_bytes(3, "big")
        macs = ROUTER_MAC + mac if leg == DEVICE else mac + ROUTER_MAC
        header = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(transport), 0, 0x4000, 64, proto, 0, source, target)
        header = header[:10] + checksum(header).to_bytes(2, "big") + header[12:]
        pseudo = struct.pack(">IIBBH", source, target, 0, proto, len(transport))
        total = checksum(pseudo + transport) or (0xFFFF if proto == 17 else 0)
        transport = transport[:at_checksum] + total.to_bytes(2, "big") + transport[at_checksum + 2:]
        data = macs + b"\x08\x00" + header + transport
        self.frames.append(Frame(data + bytes(max(0, SHORTEST - len(data))), leg, ends.device, ip=14,
                                 checksum=34 + at_checksum, client_port=34 if from_client else 36,
                                 port_step=ends.port_step, zero_is_none=proto == 17))

    def _ports(self, from_client):
        ends = self.ends
        return (ends.client_port, ends.server_port) if from_client else (ends.server_port, ends.client_port)


class TcpSession(Session):
    """SYN to FIN. A side acknowledges every second full segment, and the last one of what the other side says."""

    def __init__(self, ends, random):
        super().__init__(ends, random)
        self.next = [self.random.getrandbits(32), self.random.getrandbits(32)]  # of client and server
        mss = struct.pack(">BBH", 2, 4, SEGMENT)
        self._segment(True, SYN, options=mss)
        self._segment(False, SYN | ACK, options=mss)
        self._segment(True, ACK)

    def _segment(self, from_client, flags, data=b"", options=b""):
        mine, theirs = (0, 1) if from_client else (1, 0)
        acknowledged = self.next[theirs] if flags & ACK else 0
        words = (20 + len(options)) // 4
        header = struct.pack(">HHIIBBHHH", *self._ports(from_client), self.next[mine], acknowledged, words << 4, flags,
                             65535, 0, 0)
        self._add(from_client, 6, header + options + data, 16)
        self.next[mine] = (self.next[mine] + len(data) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        self.payload += len(data)

    def say(self, from_client, data, acknowledged=True):
        """`acknowledged`: false where the answer follows at once and acknowledges."""
        starts = range(0, len(data), SEGMENT)
        for number, start in enumerate(starts):
            last = number + 1 == len(starts)
            self._segment(from_client, ACK | (PUSH if last else 0), data[start:start + SEGMENT])
            if number % 2 == 1 and not last or last and acknowledged:
                self._segment(not from_client, ACK)

    def close(self):
        self._segment(True, FIN | ACK)
        self._segment(False, FIN | ACK)
        self._segment(True, ACK)
        return self.finish()


class UdpSession(Session):
    def say(self, from_client, data):
        self._add(from_client, 17, struct.pack(">HHHH", *self._ports(from_client), 8 + len(data), 0) + data, 6)
        self.payload += len(data)
