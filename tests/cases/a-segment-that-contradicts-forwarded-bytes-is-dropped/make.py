#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE
from ward import GATEWAY, SIGNAGE_SERVER, TV

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
talk.send(HTTP_REQUEST[:10])
with wire.dropped():
    talk.send(b"SSH-2.0-x\n", sequence=0)
talk.send(HTTP_REQUEST[:10], sequence=0)
talk.send(HTTP_REQUEST[10:])
talk.answer(HTTP_RESPONSE)
talk.close()

wire.save(__file__)
