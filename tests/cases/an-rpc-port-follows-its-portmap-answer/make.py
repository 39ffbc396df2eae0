#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import struct

from frames import Wire
from ward import FILE_SERVER, GATEWAY, WORKSTATION

MOUNT, NFS, UDP, TCP = 100005, 100003, 17, 6


def words(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def ask(number, program, proto):
    """GETPORT (RFC 1833 section 3)."""
    return words(number, 0, 2, 100000, 2, 3, 0, 0, 0, 0, program, 3, proto, 0)


def tell(number, port):
    return words(number, 1, 0, 0, 0, 0, port)


wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
wire.udp(WORKSTATION, FILE_SERVER, 40001, 111, ask(77, MOUNT, UDP))
with wire.dropped():
    wire.udp(WORKSTATION, FILE_SERVER, 40002, 892, words(1, 0, 2, MOUNT, 3, 0, 0, 0, 0, 0))  # before the answer
wire.udp(FILE_SERVER, WORKSTATION, 111, 40001, tell(77, 892))
wire.udp(WORKSTATION, FILE_SERVER, 40003, 892, words(1, 0, 2, MOUNT, 3, 0, 0, 0, 0, 0))
wire.udp(FILE_SERVER, WORKSTATION, 892, 40003, words(1, 1, 0, 0, 0, 0))
wire.udp(WORKSTATION, FILE_SERVER, 40001, 111, ask(78, NFS, TCP))
wire.udp(FILE_SERVER, WORKSTATION, 111, 40001, tell(78, 20049))
talk = wire.tcp(WORKSTATION, FILE_SERVER, 20049)
talk.send(words(0x80000028, 2, 0, 2, NFS, 3, 0, 0, 0, 0, 0))
talk.close()
# An answer that nobody asked for announces nothing, nor does one that names another service's port.
wire.udp(FILE_SERVER, WORKSTATION, 111, 40001, tell(99, 20050))
wire.udp(WORKSTATION, FILE_SERVER, 40001, 111, ask(79, NFS, TCP))
wire.udp(FILE_SERVER, WORKSTATION, 111, 40001, tell(79, 22))
with wire.dropped():
    wire.syn(WORKSTATION, FILE_SERVER, 20050)
    wire.syn(WORKSTATION, FILE_SERVER, 22)

wire.save(__file__)
