#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import client_hello, hl7_acknowledgement, hl7_message, server_hello
from ward import GATEWAY, HL7_GATEWAY, INTERNET, MONITOR, PUMP, PUMP_SERVER

wire = Wire()
wire.arp(MONITOR, GATEWAY)
wire.arp(PUMP, GATEWAY)
for server in (HL7_GATEWAY, INTERNET):
    talk = wire.tcp(MONITOR, server, 2575)
    talk.send(hl7_message())
    talk.answer(hl7_acknowledgement())
    talk.close()
talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())
talk.answer(server_hello())
talk.close()
wire.save(__file__)
