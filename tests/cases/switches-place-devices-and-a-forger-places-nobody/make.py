#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Host, Wire, ip_bytes
from payloads import dhcp, lldp, lldp_capabilities, relay_agent
from ward import GATEWAY, MONITOR, NAME_SERVER, PUMP, STRANGER, TV

LLDP = "01:80:c2:00:00:0e"
SWITCH, PHONE = Host("02:00:00:00:01:f0"), Host("02:00:00:00:01:f1")
BRIDGE, TELEPHONE = 0x04, 0x20

wire = Wire()
for device in (PUMP, MONITOR, TV, STRANGER):
    wire.arp(device, GATEWAY)


def lease(device, option_82, sender=None):
    wire.udp(sender or device, NAME_SERVER, 68, 67, dhcp(1, 3, device.mac, options=option_82))
    wire.udp(NAME_SERVER, sender or device, 67, 68, dhcp(2, 5, device.mac, given=ip_bytes(device.ip), options=option_82))
    wire.wait(SECOND)


def hello(sender, name, capabilities):
    wire.ethernet(sender, LLDP, 0x88CC, lldp(sender.mac, "Gi1/0/24", (5, name.encode()), lldp_capabilities(capabilities)))


lease(PUMP, relay_agent(bytes.fromhex("0004 0014 01 0c"), bytes.fromhex("0006 001e14abcd00")))
lease(MONITOR, relay_agent(b"x", b"sw-lie"), sender=STRANGER)
hello(PHONE, "sw-lie", BRIDGE | TELEPHONE)
hello(SWITCH, "sw-4b-1", BRIDGE)
wire.tcp(TV, GATEWAY, 443)
wire.arp(TV, GATEWAY)
wire.save(__file__)
