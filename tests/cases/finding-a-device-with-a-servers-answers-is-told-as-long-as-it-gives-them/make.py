#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Host, Wire
from payloads import dhcp, dns_answer, dns_question
from ward import BUILDING_SERVER, GATEWAY, NAME_SERVER, PUMP, ROUTER, STRANGER, WORKSTATION

HOUR = 3600 * SECOND
wire = Wire()
for device in (PUMP, STRANGER, WORKSTATION):
    wire.arp(device, GATEWAY)
wire.udp(PUMP, NAME_SERVER, 68, 67, dhcp(1, 3, PUMP.mac, has=b"\x0a\x14\x01\x0b"))
wire.udp(NAME_SERVER, PUMP, 67, 68, dhcp(2, 5, PUMP.mac, given=b"\x0a\x14\x01\x0b"))
for _ in range(2):
    wire.udp(STRANGER, Host(ROUTER, "10.20.1.11"), 67, 68, dhcp(2, 2, PUMP.mac, given=b"\x0a\x14\x01\x63"))
    wire.udp(BUILDING_SERVER, WORKSTATION, 5353, 53, dns_question())
    wire.udp(WORKSTATION, BUILDING_SERVER, 53, 5353, dns_answer())
    wire.wait(HOUR)
for _ in range(26):  # both are quiet for a day
    wire.arp(PUMP, GATEWAY)
    wire.wait(HOUR)
wire.save(__file__)
