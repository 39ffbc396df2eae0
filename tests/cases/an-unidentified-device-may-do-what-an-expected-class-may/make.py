#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import client_hello, hl7_acknowledgement, hl7_message, server_hello
from ward import HL7_GATEWAY, PUMP_SERVER, SIGNAGE_SERVER, STRANGER

wire = Wire()
talk = wire.tcp(STRANGER, PUMP_SERVER, 443)
talk.send(client_hello())
talk.answer(server_hello())
talk.close()
talk = wire.tcp(STRANGER, HL7_GATEWAY, 2575)
talk.send(hl7_message())
talk.answer(hl7_acknowledgement())
with wire.dropped():
    wire.syn(STRANGER, SIGNAGE_SERVER, 80)
    wire.syn(STRANGER, PUMP_SERVER, 23)

wire.save(__file__)
