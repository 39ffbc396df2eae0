#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import LINUX_OPTIONS, SECOND, WINDOWS_OPTIONS, Host, Wire
from ward import CONTROLLER, FILE_SERVER, GATEWAY, MONITOR, ROUTER, TV, WORKSTATION

VIRTUAL_ROUTER = Host("00:00:5e:00:01:0a", "10.20.1.2")  # VRRP (RFC 9568 section 7.3)

wire = Wire()
for device in (WORKSTATION, TV, CONTROLLER, MONITOR):
    wire.arp(device, GATEWAY)


def opens(device, options, hop_limit):
    wire.opening(device, FILE_SERVER, 21 if device == WORKSTATION else 8080, options, hop_limit)
    wire.wait(10 * SECOND)


for _ in range(3):
    opens(WORKSTATION, LINUX_OPTIONS, 63)  # two machines behind it, each one router away
    opens(WORKSTATION, WINDOWS_OPTIONS, 127)
with wire.dropped():
    for _ in range(3):  # a telephone, and the computer on the same cable: a MAC each
        opens(TV, LINUX_OPTIONS, 64)
        opens(CONTROLLER, WINDOWS_OPTIONS, 128)
    for _ in range(3):  # a virtual router: whichever machine of its group is the active one
        opens(VIRTUAL_ROUTER, LINUX_OPTIONS, 63)
        opens(VIRTUAL_ROUTER, WINDOWS_OPTIONS, 127)
    for options, hops in ((LINUX_OPTIONS, 64), (WINDOWS_OPTIONS, 128)):  # one that is installed anew
        for _ in range(3):
            opens(MONITOR, options, hops)
    for _ in range(3):  # a hairpin: what the router sends down again has one hop less, and is not the device's word
        wire.opening(TV, Host(ROUTER, MONITOR.ip), 8081, LINUX_OPTIONS, 64)
        wire.opening(Host(ROUTER, TV.ip), MONITOR, 8081, LINUX_OPTIONS, 63)
        wire.wait(10 * SECOND)
wire.save(__file__)
