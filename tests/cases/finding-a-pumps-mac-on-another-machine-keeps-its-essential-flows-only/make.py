#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import MILLISECOND, SECOND, Wire
from payloads import (HTTP_REQUEST, HTTP_RESPONSE, client_hello, dhcp, dhcp_client, hl7_acknowledgement, hl7_message, server_hello,
                      tls_data)
from ward import GATEWAY, HL7_GATEWAY, NAME_SERVER, PUMP, PUMP_SERVER

wire = Wire()
wire.arp(PUMP, GATEWAY)


def lease(client):
    wire.udp(PUMP, NAME_SERVER, 68, 67, dhcp(1, 3, PUMP.mac, has=b"\x0a\x14\x01\x0b", options=client))
    wire.udp(NAME_SERVER, PUMP, 67, 68, dhcp(2, 5, PUMP.mac, given=b"\x0a\x14\x01\x0b"))
    wire.wait(100 * MILLISECOND)


def fetch():
    talk = wire.tcp(PUMP, PUMP_SERVER, 80)
    talk.send(HTTP_REQUEST)
    talk.answer(HTTP_RESPONSE)
    talk.close()


def essential():
    talk = wire.tcp(PUMP, PUMP_SERVER, 443)
    talk.send(client_hello())
    talk.answer(server_hello())
    talk.send(tls_data())
    talk.close()
    talk = wire.tcp(PUMP, HL7_GATEWAY, 2575)
    talk.send(hl7_message())
    talk.answer(hl7_acknowledgement())
    talk.close()


lease(dhcp_client([1, 3, 6, 12], "BAXTER SIGMA SPECTRUM"))
fetch()
essential()
wire.wait(300 * SECOND)  # it roams to another controller: a new lease, asked for as before
lease(dhcp_client([1, 3, 6, 12], "BAXTER SIGMA SPECTRUM"))
fetch()
wire.wait(300 * SECOND)
lease(dhcp_client([1, 28, 2, 3, 15, 6]))  # the other machine
with wire.dropped():
    wire.syn(PUMP, PUMP_SERVER, 80)
essential()
lease(dhcp_client([1, 28, 2, 3, 15, 6]))
wire.save(__file__)
