#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Host, Wire
from payloads import dhcp, dhcp_client
from ward import GATEWAY, NAME_SERVER, STRANGER, TV

TELEVISION = "Samsung Hospitality TV"
TV_OF_NOBODY = Host("d0:d0:03:10:00:27", "10.20.1.27")
WORKSTATION_OF_SOMEBODY = Host("d4:be:d9:10:00:28", "10.20.1.28")

wire = Wire()


def asks(device, vendor_class):
    wire.arp(device, GATEWAY)
    wire.udp(device, NAME_SERVER, 68, 67, dhcp(1, 3, device.mac, options=dhcp_client([1, 3, 6, 15], vendor_class)))


asks(TV, TELEVISION)
asks(TV_OF_NOBODY, TELEVISION)
asks(WORKSTATION_OF_SOMEBODY, "MSFT 5.0")
asks(STRANGER, "")
wire.save(__file__)
