#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import hl7_acknowledgement, hl7_message
from ward import GATEWAY, HL7_GATEWAY, MONITOR

wire = Wire()
wire.arp(MONITOR, GATEWAY)
talk = wire.tcp(MONITOR, HL7_GATEWAY, 2575)
for number in (1, 2):
    talk.send(hl7_message(number))
    talk.answer(hl7_acknowledgement(number))
with wire.dropped():
    talk.send(hl7_message(3).replace(b"ORU^R01^ORU_R01", b"ADT^A01^ADT_A01"))
    talk.send(hl7_message(4))

wire.save(__file__)
