#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import SSH_CLIENT, SSH_SERVER, TELNET_CLIENT, TELNET_SERVER
from ward import FILE_SERVER, GATEWAY, PUMP, PUMP_SERVER, SIGNAGE_SERVER, TV

wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.arp(TV, GATEWAY)
talk = wire.tcp(PUMP, PUMP_SERVER, 23)
talk.answer(TELNET_SERVER)
talk.send(TELNET_CLIENT)
talk.close()
talk = wire.tcp(TV, SIGNAGE_SERVER, 443)
talk.answer(SSH_SERVER)
talk.send(SSH_CLIENT)
talk.close()
for port in range(6000, 6010):
    wire.syn(TV, FILE_SERVER, port)

wire.save(__file__)
