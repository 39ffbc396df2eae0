#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import client_hello_for, server_hello, tls_data
from ward import GATEWAY, SIGNAGE_SERVER, TV

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, SIGNAGE_SERVER, 443)
talk.send(client_hello_for("north.signage.example"))
talk.answer(server_hello())
talk.send(tls_data())
talk.close()
talk = wire.tcp(TV, SIGNAGE_SERVER, 443)
with wire.dropped():
    talk.send(client_hello_for("relay.other.example"))

wire.save(__file__)
