#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, PSH, SYN, Host, Talk, Wire
from payloads import client_hello, server_hello, tls_data
from ward import GATEWAY, PUMP, PUMP_SERVER
from ward import TV as TV_ELSEWHERE

TV = Host(TV_ELSEWHERE.mac, PUMP.ip)

wire = Wire()
with wire.tagged(410):
    wire.arp(PUMP, GATEWAY)
with wire.tagged(440):
    wire.arp(TV, GATEWAY)
pump = Talk(wire, PUMP, PUMP_SERVER, 40001, 443, midstream=True)
tv = Talk(wire, TV, PUMP_SERVER, 40001, 443, midstream=True)


def both(from_client, flags, payload=b""):
    with wire.tagged(410):
        pump.frame(from_client, flags, payload)
    if from_client:  # nobody answers the TV
        with wire.tagged(440), wire.dropped():
            tv.frame(from_client, flags, payload)


both(True, SYN)
both(False, SYN | ACK)
both(True, ACK)
both(True, PSH | ACK, client_hello())
both(False, PSH | ACK, server_hello())
both(True, PSH | ACK, tls_data())

wire.save(__file__)
