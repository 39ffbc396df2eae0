#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import GATEWAY, PUMP

wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.ethernet(PUMP, GATEWAY.mac, 0x88F7, bytes(44))
wire.ethernet(PUMP, "01:80:c2:00:00:0e", 0x88CC, bytes.fromhex("0207040200000001010403077000060200780000"))
with wire.dropped():
    wire.ethernet(PUMP, GATEWAY.mac, 0x8892, bytes(44))
    wire.ethernet(PUMP, GATEWAY.mac, 0x88B5, b"\x01" * 44)
    wire.ethernet(GATEWAY, PUMP.mac, 0x88B5, b"\x02" * 44)

wire.save(__file__)
