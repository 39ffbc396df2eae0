#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import client_hello, server_hello
from ward import GATEWAY, PUMP, PUMP_SERVER, STRANGER

wire = Wire(tags=[(0x88A8, 100 | 5 << 13), (0x8100, 410 | 3 << 13)])
wire.arp(PUMP, GATEWAY)
talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())
talk.answer(server_hello())
talk.close()
with wire.dropped():
    wire.syn(PUMP, PUMP_SERVER, 23)

with wire.tagged((0x8100, 100), (0x8100, 410)):  # another TPID, the same VLANs
    talk = wire.tcp(PUMP, PUMP_SERVER, 443)
    talk.send(client_hello())
    talk.answer(server_hello())

with wire.tagged((0x88A8, 100), (0x8100, 411)):  # of no segment
    wire.arp(STRANGER, GATEWAY)
    wire.syn(STRANGER, PUMP_SERVER, 23)

wire.save(__file__)
