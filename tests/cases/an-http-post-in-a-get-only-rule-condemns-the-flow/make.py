#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import HTTP_REQUEST, HTTP_RESPONSE
from ward import GATEWAY, SIGNAGE_SERVER, TV

POST = b"POST /upload HTTP/1.1\r\nHost: signage.test\r\nContent-Length: 4\r\n\r\ndata"

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
talk.send(HTTP_REQUEST)
talk.answer(HTTP_RESPONSE)
talk.send(HTTP_REQUEST)
talk.answer(HTTP_RESPONSE)
with wire.dropped():
    talk.send(POST)
    talk.send(HTTP_REQUEST)

wire.save(__file__)
