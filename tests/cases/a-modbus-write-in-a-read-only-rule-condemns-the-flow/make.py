#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import FIN, ACK, Wire
from payloads import modbus
from ward import BUILDING_SERVER, CONTROLLER, GATEWAY

READ = b"\0\x10\0\x02"
VALUES = b"\x04\0\x15\0\x16"
WRITE = b"\0\x10\0\x63"

wire = Wire()
wire.arp(CONTROLLER, GATEWAY)
talk = wire.tcp(BUILDING_SERVER, CONTROLLER, 502)
talk.send(modbus(1, 3, READ))
talk.answer(modbus(1, 3, VALUES))
talk.send(modbus(2, 4, READ)[:5])
talk.send(modbus(2, 4, READ)[5:])
talk.answer(modbus(2, 4, VALUES))
with wire.dropped():
    talk.send(modbus(3, 6, WRITE))
    talk.send(modbus(4, 3, READ))
    talk.answer(modbus(4, 3, VALUES))
    talk.frame(True, FIN | ACK)

talk = wire.tcp(BUILDING_SERVER, CONTROLLER, 502)
talk.send(modbus(5, 3, READ))
talk.answer(modbus(5, 3, VALUES))
talk.close()

wire.save(__file__)
