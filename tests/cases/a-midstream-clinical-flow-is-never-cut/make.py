#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, Wire
from payloads import hl7_acknowledgement, hl7_message, tls_data
from ward import HL7_GATEWAY, MONITOR, PUMP, PUMP_SERVER

wire = Wire()
signs = wire.tcp_midstream(MONITOR, HL7_GATEWAY, 2575)
signs.send(hl7_message(1)[30:])  # the rest of a message
signs.answer(hl7_acknowledgement(1))
for number in range(2, 8):
    signs.send(hl7_message(number))
    signs.answer(hl7_acknowledgement(number))

server_first = wire.tcp_midstream(PUMP, PUMP_SERVER, 443)
server_first.frame(False, ACK)
for number in range(8):
    server_first.answer(tls_data(700)[300:])  # the inside of a record: no pattern knows it
    server_first.send(tls_data(500)[number:])
server_first.close()

wire.save(__file__)
