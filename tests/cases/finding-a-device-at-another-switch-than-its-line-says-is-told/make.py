#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire, ip_bytes
from payloads import dhcp, relay_agent
from ward import GATEWAY, NAME_SERVER, PUMP, TV

wire = Wire()
for device, port in ((PUMP, b"Gi1/0/11"), (TV, b"Gi1/0/12")):
    wire.arp(device, GATEWAY)
    option_82 = relay_agent(port, b"sw-4b-1")
    wire.udp(device, NAME_SERVER, 68, 67, dhcp(1, 3, device.mac, options=option_82))
    wire.udp(NAME_SERVER, device, 67, 68, dhcp(2, 5, device.mac, given=ip_bytes(device.ip), options=option_82))
    wire.wait(2 * SECOND)
wire.arp(PUMP, GATEWAY)
wire.save(__file__)
