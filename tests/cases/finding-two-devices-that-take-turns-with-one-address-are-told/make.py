#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Host, Wire
from payloads import dns_question
from ward import CONTROLLER, GATEWAY, MONITOR, NAME_SERVER, PUMP, STRANGER, TV, WORKSTATION

wire = Wire()


def uses(device, ip):
    wire.udp(Host(device.mac, ip), NAME_SERVER, wire.client_port(), 53, dns_question())
    wire.wait(30 * SECOND)


for device in (PUMP, TV, MONITOR, WORKSTATION, STRANGER):
    wire.arp(device, GATEWAY)
for _ in range(3):
    uses(WORKSTATION, "10.20.1.50")
    uses(STRANGER, "10.20.1.50")
for _ in range(3):
    uses(TV, "10.20.1.51")
for _ in range(3):  # it got the address of one that is gone
    uses(MONITOR, "10.20.1.51")
for _ in range(3):  # two routers of one group: the active one has the address
    uses(Host("00:00:5e:00:01:0a"), "10.20.1.2")
    uses(Host("00:00:0c:07:ac:0a"), "10.20.1.2")
for machine in (CONTROLLER, PUMP, CONTROLLER, CONTROLLER):  # the active one of a group without a MAC fails, and comes back
    uses(machine, "10.20.1.3")
wire.save(__file__)
