#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Host, Wire
from ward import CONTROLLER, FILE_SERVER, GATEWAY, MONITOR, PUMP, STRANGER, WORKSTATION

TVS = [Host(f"02:00:00:00:02:{number:02x}", f"10.20.1.{100 + number}") for number in range(1, 11)]

wire = Wire()
for device in TVS + [PUMP, MONITOR, CONTROLLER, WORKSTATION, STRANGER]:
    wire.arp(device, GATEWAY)


def scans(tv):
    with wire.dropped():
        for port in (21, 22, 23, 25, 445, 3389):
            wire.syn(tv, FILE_SERVER, port)
    wire.wait(60 * SECOND)


for tv in TVS[:2]:
    scans(tv)
wire.wait(7200 * SECOND)
for tv in TVS[2:6]:
    scans(tv)
wire.save(__file__)
