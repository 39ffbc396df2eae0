#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire
from payloads import lldp, lldp_power
from ward import CONTROLLER, GATEWAY, MONITOR, TV

LLDP = "01:80:c2:00:00:0e"
SUPPLIED = {3: (127, b"\x00\x12\x0f\x02\x07\x01\x04"), 4: (127, b"\x00\x12\x0f\x02\x07\x01\x05")}  # a supplier's word

wire = Wire()


def hello(device, power):
    wire.ethernet(device, LLDP, 0x88CC, lldp(device.mac, "eth0", power))


def a_minute(monitor, supplied):
    for device in (MONITOR, TV, CONTROLLER):
        wire.arp(device, GATEWAY)
    hello(MONITOR, lldp_power(monitor))
    hello(TV, lldp_power(3))
    hello(CONTROLLER, SUPPLIED[supplied])
    wire.wait(70 * SECOND)


a_minute(2, 3)
a_minute(2, 3)
a_minute(4, 4)
a_minute(2, 3)
a_minute(2, 3)
wire.arp(MONITOR, GATEWAY)
wire.save(__file__)
