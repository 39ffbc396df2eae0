#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import FILE_SERVER, GATEWAY, STRANGER, WORKSTATION

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
wire.arp(STRANGER, GATEWAY)
talk = wire.tcp(WORKSTATION, FILE_SERVER, 21)
talk.answer(b"220 ready\r\n")
talk.send(b"USER anonymous\r\n")
talk.answer(b"331 who are you\r\n")
with wire.dropped():
    for port in range(1000, 1060):
        wire.syn(STRANGER, FILE_SERVER, port, times=1)
wire.save(__file__)
