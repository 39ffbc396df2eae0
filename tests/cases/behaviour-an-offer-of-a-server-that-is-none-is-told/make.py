#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Host, Wire
from payloads import dhcp
from ward import GATEWAY, NAME_SERVER, PUMP, ROUTER, STRANGER

wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.arp(STRANGER, GATEWAY)
wire.udp(PUMP, NAME_SERVER, 68, 67, dhcp(1, 3, PUMP.mac, has=b"\x0a\x14\x01\x0b"))
wire.udp(NAME_SERVER, PUMP, 67, 68, dhcp(2, 5, PUMP.mac, given=b"\x0a\x14\x01\x0b"))
with wire.dropped():
    wire.udp(STRANGER, Host(ROUTER, "10.20.1.11"), 67, 68, dhcp(2, 2, PUMP.mac, given=b"\x0a\x14\x01\x63"))
    wire.udp(Host("02:00:00:00:00:77", "10.66.0.9"), PUMP, 67, 68, dhcp(2, 2, PUMP.mac, given=b"\x0a\x14\x01\x63"))
wire.save(__file__)
