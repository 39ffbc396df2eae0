#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, FIN, Wire
from ward import GATEWAY, SIGNAGE_SERVER, TV

REQUEST = b"GET /programme HTTP/1.1\r\nX: "
THREAT = b"WARDLINE-TEST-THREAT"

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
talk.send(REQUEST)
talk.frame(True, FIN | ACK)
with wire.dropped():
    talk.send(THREAT, sequence=len(REQUEST))

wire.save(__file__)
