#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, PSH, SECOND, Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE, client_hello
from ward import FILE_SERVER, GATEWAY, PUMP, PUMP_SERVER, SIGNAGE_SERVER, TV, WORKSTATION

wire = Wire()
for device in (PUMP, TV, WORKSTATION):
    wire.arp(device, GATEWAY)
for _ in range(6):
    talk = wire.tcp_midstream(PUMP, PUMP_SERVER, 443)  # the answers go another way
    talk.send(client_hello())
    for _ in range(9):
        talk.frame(True, PSH | ACK, bytes(400))
    wire.wait(SECOND)
    talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
    talk.send(HTTP_REQUEST)
    talk.answer(HTTP_RESPONSE)
    talk.close()
    wire.syn(WORKSTATION, FILE_SERVER, 21, times=5)  # a server that is down
wire.wait(8000 * SECOND)  # connections end by themselves
wire.arp(PUMP, GATEWAY)
wire.save(__file__)
