#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire
from ward import CONTROLLER, GATEWAY, MONITOR, PUMP, TV, WORKSTATION

wire = Wire()
for device in (PUMP, TV, MONITOR, CONTROLLER, WORKSTATION):
    wire.arp(device, GATEWAY)
wire.wait(70 * SECOND)
wire.arp(PUMP, GATEWAY)
wire.save(__file__)
