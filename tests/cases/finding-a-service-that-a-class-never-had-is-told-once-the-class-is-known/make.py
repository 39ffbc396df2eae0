#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE
from ward import BUILDING_SERVER, FILE_SERVER, GATEWAY, TV, WORKSTATION

DAY = 86400 * SECOND
wire = Wire()


def serves(device):
    talk = wire.tcp(BUILDING_SERVER, device, 8080)
    talk.send(HTTP_REQUEST)
    talk.answer(HTTP_RESPONSE)
    talk.close()


wire.arp(WORKSTATION, GATEWAY)
for _ in range(8):
    wire.wait(DAY)
    wire.arp(WORKSTATION, GATEWAY)
wire.arp(TV, GATEWAY)
serves(WORKSTATION)
serves(TV)  # seen for the first time: nobody knows what its class does
talk = wire.tcp(WORKSTATION, FILE_SERVER, 80)  # a client is no server
talk.send(HTTP_REQUEST)
talk.answer(HTTP_RESPONSE)
talk.close()
wire.save(__file__)
