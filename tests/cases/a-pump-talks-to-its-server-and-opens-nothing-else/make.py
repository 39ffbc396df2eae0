#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import client_hello, hl7_acknowledgement, hl7_message, server_hello, tls_data
from ward import GATEWAY, HL7_GATEWAY, INTERNET, PUMP, PUMP_SERVER, SIGNAGE_SERVER

wire = Wire()
wire.arp(PUMP, GATEWAY)

talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())
talk.answer(server_hello())
talk.send(tls_data())
talk.answer(tls_data(1400))
talk.close()

talk = wire.tcp(PUMP, HL7_GATEWAY, 2575)
talk.send(hl7_message())
talk.answer(hl7_acknowledgement())
talk.close()

with wire.dropped():
    wire.syn(PUMP, INTERNET, 443, times=3)
    wire.syn(PUMP, PUMP_SERVER, 22, times=3)
    wire.syn(PUMP, SIGNAGE_SERVER, 80, times=3)

wire.save(__file__)
