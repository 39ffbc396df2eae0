#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import FILE_SERVER, GATEWAY, INTERNET, TV, WORKSTATION

wire = Wire()
wire.arp(TV, GATEWAY)
wire.arp(WORKSTATION, GATEWAY)


def login(client, server, account, password):
    talk = wire.tcp(client, server, 21)
    talk.answer(b"220 ready\r\n")
    talk.send(b"USER " + account + b"\r\n")
    talk.answer(b"331 and your password\r\n")
    talk.send(b"PASS " + password + b"\r\n")
    talk.answer(b"230 welcome\r\n")
    talk.close()


login(INTERNET, TV, b"root", b"xc3511")
login(WORKSTATION, FILE_SERVER, b"ward4b", b"Tr0ub4dor&3x")
wire.save(__file__)
