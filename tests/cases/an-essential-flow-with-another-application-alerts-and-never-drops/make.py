#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import SSH_CLIENT, SSH_SERVER
from ward import GATEWAY, PUMP, PUMP_SERVER

wire = Wire()
wire.arp(PUMP, GATEWAY)
talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.answer(SSH_SERVER)
talk.send(SSH_CLIENT)
talk.answer(bytes(range(200)))
talk.send(bytes(range(200)))
talk.close()

wire.save(__file__)
