#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, SYN, Wire
from ward import GATEWAY, SIGNAGE_SERVER, TV

REQUEST = b"GET /programme HTTP/1.1\r\nX: "
THREAT = b"WARDLINE-TEST-THREAT"

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp_midstream(TV, SIGNAGE_SERVER, 80)
talk.frame(True, SYN, REQUEST + THREAT[:10])
talk.frame(False, SYN | ACK)
with wire.dropped():
    talk.send(THREAT[10:])

wire.save(__file__)
