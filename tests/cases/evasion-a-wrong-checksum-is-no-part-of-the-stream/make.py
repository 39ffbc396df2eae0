#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, PSH, TCP, Wire, tcp_segment
from ward import GATEWAY, SIGNAGE_SERVER, TV

REQUEST = b"GET /programme HTTP/1.1\r\nX: "
THREAT = b"WARDLINE-TEST-THREAT"

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
talk.send(REQUEST)
with wire.dropped():
    decoy = tcp_segment(TV.ip, SIGNAGE_SERVER.ip, *talk.ports, talk.next[0], talk.next[1], PSH | ACK, b"n" * len(THREAT))
    wire.ip(TV, SIGNAGE_SERVER, TCP, decoy[:16] + bytes([decoy[16] ^ 0x55]) + decoy[17:])
    talk.send(THREAT)

wire.save(__file__)
