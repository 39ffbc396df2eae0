#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE, dhcp, dhcp_client
from ward import GATEWAY, NAME_SERVER, PUMP, PUMP_SERVER

wire = Wire()
wire.arp(PUMP, GATEWAY)


def lease(vendor_class):
    wire.udp(PUMP, NAME_SERVER, 68, 67, dhcp(1, 3, PUMP.mac, options=dhcp_client([1, 3, 6, 12], vendor_class)))
    wire.wait(SECOND)


lease("BAXTER SIGMA SPECTRUM")
lease("PXEClient:Arch:00007")  # its firmware, before it boots
talk = wire.tcp(PUMP, PUMP_SERVER, 80)
talk.send(HTTP_REQUEST)
talk.answer(HTTP_RESPONSE)
talk.close()
lease("MSFT 5.0")
with wire.dropped():
    wire.syn(PUMP, PUMP_SERVER, 80)
wire.save(__file__)
