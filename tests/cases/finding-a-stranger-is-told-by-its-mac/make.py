#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Host, Wire
from ward import GATEWAY, PUMP, STRANGER

HOBBY_COMPUTER = Host("b8:27:eb:10:20:30", "10.20.1.80")  # Raspberry Pi Foundation
WORKSTATION_OF_SOMEBODY = Host("00:1b:21:10:20:30", "10.20.1.81")  # Intel

wire = Wire()
for device in (PUMP, STRANGER, HOBBY_COMPUTER, WORKSTATION_OF_SOMEBODY):
    wire.arp(device, GATEWAY)
wire.save(__file__)
