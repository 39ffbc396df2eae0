#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import LINUX_OPTIONS, SECOND, Wire
from payloads import client_hello, dhcp, dhcp_client, server_hello
from ward import GATEWAY, NAME_SERVER, PUMP, PUMP_SERVER, TV

wire = Wire()


def works():
    wire.arp(PUMP, GATEWAY)
    client = dhcp_client([1, 3, 6, 12], "BAXTER SIGMA SPECTRUM")
    wire.udp(PUMP, NAME_SERVER, 68, 67, dhcp(1, 3, PUMP.mac, has=b"\x0a\x14\x01\x0b", options=client))
    wire.udp(NAME_SERVER, PUMP, 67, 68, dhcp(2, 5, PUMP.mac, given=b"\x0a\x14\x01\x0b"))
    wire.opening(PUMP, PUMP_SERVER, 443, LINUX_OPTIONS, 64)
    talk = wire.tcp(PUMP, PUMP_SERVER, 443)
    talk.send(client_hello())
    talk.answer(server_hello())
    talk.close()
    wire.wait(60 * SECOND)


for tag in (410, 411, 410, 411):
    with wire.tagged(tag):
        works()
with wire.tagged(411):
    wire.arp(TV, GATEWAY)
wire.save(__file__)
