#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import HTTP_RESPONSE, hl7_acknowledgement
from ward import GATEWAY, HL7_GATEWAY, PUMP, SIGNAGE_SERVER, TV

wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.arp(TV, GATEWAY)
talk = wire.tcp(PUMP, HL7_GATEWAY, 2575)
talk.send(b"\x0bMSH|^~\\&|PUMP|4B|GW|H|2026||ORU^R01|1|P|2.6\rOBX|1|ST|X||WARDLINE-TEST-THREAT\r\x1c\r")
talk.answer(hl7_acknowledgement())
talk.close()
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
with wire.dropped():
    talk.send(b"GET /WARDLINE-TEST-THREAT HTTP/1.1\r\nHost: signage.test\r\n\r\n")
    talk.answer(HTTP_RESPONSE)
    talk.close()

wire.save(__file__)
