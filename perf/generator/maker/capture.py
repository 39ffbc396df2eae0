"""Reads pcap and pcapng files: the whole Ethernet frames in them."""
import struct

ETHERNET = 1


def frames_of(data):
    """Untruncated frames of Ethernet interfaces, in their order. What cannot be read ends the file."""
    if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return _pcap(data, "<")
    if data[:4] in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d"):
        return _pcap(data, ">")
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        return _pcapng(data)
    return []


def _pcap(data, order):
    link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    found, at = [], 24
    while link == ETHERNET and at + 16 <= len(data):
        stored, whole = struct.unpack_from(order + "II", data, at + 8)
        if stored == whole and at + 16 + stored <= len(data):
            found.append(data[at + 16:at + 16 + stored])
        at += 16 + stored
    return found


def _pcapng(data):
    found, links, at, order = [], [], 0, "<"
    while at + 12 <= len(data):
        kind = struct.unpack_from(order + "I", data, at)[0]
        if kind == 0x0A0D0D0A:
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            links = []
        length = struct.unpack_from(order + "I", data, at + 4)[0]
        if length < 12 or at + length > len(data):
            break
        if kind == 1:
            links.append(struct.unpack_from(order + "H", data, at + 8)[0])
        elif kind == 6:
            interface, _, _, stored, whole = struct.unpack_from(order + "IIIII", data, at + 8)
            if interface < len(links) and links[interface] == ETHERNET and stored == whole and stored <= length - 32:
                found.append(data[at + 28:at + 28 + stored])
        at += length
    return found
