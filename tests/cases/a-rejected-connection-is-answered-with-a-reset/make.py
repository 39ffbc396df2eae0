#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import GATEWAY, PUMP_SERVER, WORKSTATION

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
with wire.dropped():
    wire.syn(WORKSTATION, PUMP_SERVER, 443)
    wire.udp(WORKSTATION, PUMP_SERVER, 45000, 5000, b"hello")
    wire.wait(2_000_000_000)
    for port in range(6000, 6020):
        wire.udp(WORKSTATION, PUMP_SERVER, 45001, port, b"hello")

wire.save(__file__)
