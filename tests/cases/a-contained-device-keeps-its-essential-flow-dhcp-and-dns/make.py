#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE, dhcp, dns_answer, dns_question, hl7_acknowledgement, hl7_message
from ward import FILE_SERVER, GATEWAY, HL7_GATEWAY, MONITOR, NAME_SERVER

wire = Wire()
wire.arp(MONITOR, GATEWAY)
signs = wire.tcp(MONITOR, HL7_GATEWAY, 2575)
signs.send(hl7_message(1))
signs.answer(hl7_acknowledgement(1))
update = wire.tcp(MONITOR, FILE_SERVER, 80)
update.send(HTTP_REQUEST)
update.answer(HTTP_RESPONSE)

with wire.dropped():
    for port in (22, 23, 445):
        wire.syn(MONITOR, FILE_SERVER, port)
    update.send(HTTP_REQUEST)
    update.answer(HTTP_RESPONSE)

signs.send(hl7_message(2))
signs.answer(hl7_acknowledgement(2))
signs = wire.tcp(MONITOR, HL7_GATEWAY, 2575)
signs.send(hl7_message(3))
signs.answer(hl7_acknowledgement(3))
wire.arp(MONITOR, GATEWAY)
wire.udp(MONITOR, NAME_SERVER, 68, 67, dhcp(1, 3, MONITOR.mac, has=b"\x0a\x14\x01\x0d"))
wire.udp(NAME_SERVER, MONITOR, 67, 68, dhcp(2, 5, MONITOR.mac, given=b"\x0a\x14\x01\x0d"))
wire.udp(MONITOR, NAME_SERVER, 40100, 53, dns_question())
wire.udp(NAME_SERVER, MONITOR, 53, 40100, dns_answer())

wire.save(__file__)
