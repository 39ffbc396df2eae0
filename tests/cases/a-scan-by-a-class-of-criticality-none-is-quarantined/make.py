#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE, dhcp, dns_answer, dns_question
from ward import FILE_SERVER, GATEWAY, NAME_SERVER, SIGNAGE_SERVER, TV

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
talk.send(HTTP_REQUEST)
talk.answer(HTTP_RESPONSE)

with wire.dropped():
    wire.syn(TV, FILE_SERVER, 21, times=4)  # one and the same: counts once
    for port in (22, 23, 25, 445, 3389, 5900):
        wire.syn(TV, FILE_SERVER, port)
    talk.send(HTTP_REQUEST)
    wire.syn(TV, SIGNAGE_SERVER, 80)

wire.arp(TV, GATEWAY)
wire.udp(TV, NAME_SERVER, 68, 67, dhcp(1, 3, TV.mac, has=b"\x0a\x14\x01\x0c"))
wire.udp(NAME_SERVER, TV, 67, 68, dhcp(2, 5, TV.mac, given=b"\x0a\x14\x01\x0c"))
wire.udp(TV, NAME_SERVER, 40100, 53, dns_question())
wire.udp(NAME_SERVER, TV, 53, 40100, dns_answer())

wire.save(__file__)
