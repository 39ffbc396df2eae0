#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import GATEWAY, PUMP, PUMP_SERVER

wire = Wire()
wire.arp(PUMP, GATEWAY)
with wire.dropped():
    wire.syn(PUMP, PUMP_SERVER, 23, times=3)

wire.save(__file__)
