#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import struct

from frames import Wire, ip_bytes
from ward import FILE_SERVER, GATEWAY, WORKSTATION

MEDIA = b"\x80\x08\x00\x01" + bytes(range(60))


def tpkt(content):
    return struct.pack(">BBH", 3, 0, 4 + len(content)) + content


def q931(kind, content):
    """With a call reference, a bearer capability and the user-user element (Q.931 section 4)."""
    return tpkt(b"\x08\x02\x12\x34" + bytes([kind]) + b"\x04\x03\x88\x90\xa5\x7e" + struct.pack(">HB", len(content) + 1, 5) + content)


def at(host, port):
    """A transport address in packed encoding: choice 0, four bytes, two bytes."""
    return b"\x00" + ip_bytes(host.ip) + struct.pack(">H", port)


wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
call = wire.tcp(WORKSTATION, FILE_SERVER, 1720)
call.send(q931(5, b"\x20\xb8\x06\x00\x08\x91\x4a\x00\x04" + bytes(20)))
call.answer(q931(7, b"\x22\xc0\x06\x00\x08\x91\x4a\x00\x04" + at(FILE_SERVER, 11000) + bytes(8)))
control = wire.tcp(WORKSTATION, FILE_SERVER, 11000)
control.send(tpkt(b"\x03\x00\x00\x02\x0c" + at(WORKSTATION, 21000) + at(WORKSTATION, 21001)))
control.answer(tpkt(b"\x22\x80\x00\x02\x0c" + at(FILE_SERVER, 22000) + at(FILE_SERVER, 22001)))
wire.udp(WORKSTATION, FILE_SERVER, 21000, 22000, MEDIA)
wire.udp(FILE_SERVER, WORKSTATION, 22000, 21000, MEDIA)
wire.udp(FILE_SERVER, WORKSTATION, 22001, 21001, b"\x80\xca\x00\x03" + bytes(12))
with wire.dropped():
    wire.syn(WORKSTATION, FILE_SERVER, 11002)
    wire.udp(WORKSTATION, FILE_SERVER, 21000, 22010, MEDIA)
    wire.udp(FILE_SERVER, WORKSTATION, 22000, 21010, MEDIA)

wire.save(__file__)
