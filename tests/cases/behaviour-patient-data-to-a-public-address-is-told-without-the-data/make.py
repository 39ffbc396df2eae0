#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import GATEWAY, INTERNET, TV

wire = Wire()
wire.arp(TV, GATEWAY)
talk = wire.tcp(TV, INTERNET, 2575)
talk.send(b"\x0bMSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.6\rPID|1||4711||MUSTERFRAU^ERIKA\r\x1c\r")
talk.close()
wire.save(__file__)
