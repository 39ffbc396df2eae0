#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, TCP, Wire, tcp_segment, with_checksum
from ward import GATEWAY, SIGNAGE_SERVER, TV

REQUEST = b"GET /programme HTTP/1.1\r\nX: "
THREAT = b"WARDLINE-TEST-THREAT"

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
talk.send(REQUEST)
segment = tcp_segment(TV.ip, SIGNAGE_SERVER.ip, *talk.ports, talk.next[0], talk.next[1], ACK | 0x20, THREAT[:10] + b"!")
urgent = segment[:18] + b"\x00\x0b" + segment[20:]  # the byte before the eleventh's end
wire.ip(TV, SIGNAGE_SERVER, TCP, with_checksum(urgent[:16] + b"\0\0" + urgent[18:], 16, TV.ip, SIGNAGE_SERVER.ip, TCP))
talk.next[0] += 11
with wire.dropped():
    talk.send(THREAT[10:])

wire.save(__file__)
