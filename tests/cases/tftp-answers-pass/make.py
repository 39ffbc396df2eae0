#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import BUILDING_SERVER, FILE_SERVER, GATEWAY, WORKSTATION

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
wire.udp(WORKSTATION, FILE_SERVER, 45000, 69, b"\0\x01pxelinux.0\0octet\0")
for block in (1, 2):
    wire.udp(FILE_SERVER, WORKSTATION, 51234, 45000, bytes([0, 3, 0, block]) + bytes(512))
    wire.udp(WORKSTATION, FILE_SERVER, 45000, 51234, bytes([0, 4, 0, block]))
with wire.dropped():
    wire.udp(BUILDING_SERVER, WORKSTATION, 51234, 45000, bytes([0, 3, 0, 3]) + bytes(512))
    wire.udp(FILE_SERVER, WORKSTATION, 51235, 45001, bytes([0, 3, 0, 3]) + bytes(512))
    wire.udp(WORKSTATION, FILE_SERVER, 45002, 51236, bytes([0, 4, 0, 3]))

wire.save(__file__)
