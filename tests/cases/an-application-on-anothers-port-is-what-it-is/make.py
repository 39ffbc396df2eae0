#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, Wire
from payloads import SSH_CLIENT, SSH_SERVER
from ward import GATEWAY, SIGNAGE_SERVER, TV

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 443)
with wire.dropped():
    talk.answer(SSH_SERVER)
    talk.send(SSH_CLIENT)
    talk.answer(SSH_SERVER, sequence=0)
    talk.frame(True, ACK)

wire.save(__file__)
