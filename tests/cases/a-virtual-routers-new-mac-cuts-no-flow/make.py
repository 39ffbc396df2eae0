#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import dataclasses

from frames import Wire
from payloads import client_hello, server_hello, tls_data
from ward import GATEWAY, PUMP, PUMP_SERVER

OTHER_ROUTER = "00:00:5e:00:01:0a"  # VRRP (RFC 5798 section 7.3)

wire = Wire()
wire.arp(PUMP, GATEWAY)
talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())
talk.server = dataclasses.replace(PUMP_SERVER, mac=OTHER_ROUTER)
talk.answer(server_hello())
for number in range(6):
    talk.server = dataclasses.replace(PUMP_SERVER, mac=OTHER_ROUTER if number % 2 else PUMP_SERVER.mac)
    talk.answer(tls_data())
    talk.send(tls_data())
talk.close()

wire.save(__file__)
