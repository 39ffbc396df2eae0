#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import dhcp, dhcp_client
from ward import GATEWAY, NAME_SERVER, TV, WORKSTATION

wire = Wire()
for device, vendor_class in ((WORKSTATION, "MSFT 98"), (TV, "MSFT 5.0")):
    wire.arp(device, GATEWAY)
    wire.udp(device, NAME_SERVER, 68, 67, dhcp(1, 3, device.mac, options=dhcp_client([1, 3, 6, 15], vendor_class)))
wire.save(__file__)
