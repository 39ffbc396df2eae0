#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import struct

from frames import Wire, ip_bytes, mac_bytes
from ward import GATEWAY, PUMP, STRANGER

wire = Wire()
wire.arp(PUMP, GATEWAY)
claim = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + mac_bytes(STRANGER.mac) + ip_bytes(GATEWAY.ip) + mac_bytes(PUMP.mac) + \
    ip_bytes(PUMP.ip)
for _ in range(5):
    wire.ethernet(STRANGER, PUMP.mac, 0x0806, claim)
    wire.wait(1_000_000_000)
    wire.arp(PUMP, GATEWAY)
wire.save(__file__)
