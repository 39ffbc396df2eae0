#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, PSH, Wire
from payloads import HTTP_REQUEST
from ward import GATEWAY, SIGNAGE_SERVER, TV

THREAT = b"GET /WARDLINE-TEST-THREAT HTTP/1.1\r\nHost: signage.test\r\n\r\n"


def backwards(pieces):
    return pieces[::-1]


wire = Wire()
wire.arp(TV, GATEWAY)
# Whole, and cut so that the threat lies over three pieces, in order and backwards: no byte of it comes out.
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
with wire.dropped():
    talk.send(THREAT)
for arrange in (list, backwards):
    talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
    with wire.dropped(), wire.cut(32, arrange):
        talk.send(THREAT)
# Nothing speaks against this one, in any order.
for arrange in (list, backwards):
    talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
    with wire.cut(32, arrange):
        talk.send(HTTP_REQUEST)
# And by ports: no fragment gets around a rule.
with wire.dropped(), wire.cut(32):
    talk = wire.tcp_midstream(TV, SIGNAGE_SERVER, 445)
    talk.frame(True, PSH | ACK, bytes(100))

wire.save(__file__)
