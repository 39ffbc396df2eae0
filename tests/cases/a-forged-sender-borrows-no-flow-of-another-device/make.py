#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import dataclasses

from frames import Wire
from payloads import client_hello, server_hello, tls_data
from ward import GATEWAY, PUMP, PUMP_SERVER, TV

wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.arp(TV, GATEWAY)
talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())
talk.answer(server_hello())
for number in range(3):
    with wire.dropped():
        talk.client = dataclasses.replace(PUMP, mac=TV.mac)
        talk.send(tls_data(), sequence=60 + number)
    talk.client = PUMP
    talk.send(tls_data())
    talk.answer(tls_data())
talk.close()

wire.save(__file__)
