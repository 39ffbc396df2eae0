#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import GATEWAY, PUMP, STRANGER

wire = Wire()
wire.arp(PUMP, GATEWAY)
with wire.tagged(17):
    wire.arp(STRANGER, GATEWAY)
wire.save(__file__)
