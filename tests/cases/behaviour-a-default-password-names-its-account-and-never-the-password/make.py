#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import FILE_SERVER, GATEWAY, WORKSTATION

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
talk = wire.tcp(WORKSTATION, FILE_SERVER, 21)
talk.answer(b"220 ready\r\n")
talk.send(b"USER root\r\n")
talk.answer(b"331 and your password\r\n")
talk.send(b"PASS xc3511\r\n")
talk.answer(b"230 welcome\r\n")
talk.close()
wire.save(__file__)
