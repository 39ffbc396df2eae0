#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import bacnet_request
from ward import BUILDING_SERVER, CONTROLLER, GATEWAY

READ, WRITE = 12, 15

wire = Wire()
wire.arp(CONTROLLER, GATEWAY)
wire.udp(BUILDING_SERVER, CONTROLLER, 47808, 47808, bacnet_request(1, READ))
with wire.dropped():
    wire.udp(BUILDING_SERVER, CONTROLLER, 47808, 47808, bacnet_request(2, WRITE))
wire.udp(BUILDING_SERVER, CONTROLLER, 47808, 47808, bacnet_request(3, READ))

wire.save(__file__)
