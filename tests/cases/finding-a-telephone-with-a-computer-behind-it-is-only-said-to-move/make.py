#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import LINUX_OPTIONS, SECOND, WINDOWS_OPTIONS, Host, Wire
from payloads import dhcp, dhcp_client, lldp_med
from ward import FILE_SERVER, GATEWAY, NAME_SERVER, PUMP_SERVER, WORKSTATION

PHONE = Host("00:15:65:10:00:01", "10.20.1.61")
LLDP_GROUP, LLDP = "01:80:c2:00:00:0e", 0x88CC

wire = Wire()


def leases(device, vendor_class, address):
    wire.udp(device, NAME_SERVER, 68, 67, dhcp(1, 3, device.mac, options=dhcp_client([1, 3, 6, 15], vendor_class)))
    wire.udp(NAME_SERVER, device, 67, 68, dhcp(2, 5, device.mac, given=address))


wire.arp(WORKSTATION, GATEWAY)
leases(WORKSTATION, "MSFT 5.0", b"\x0a\x14\x01\x0f")
wire.ethernet(PHONE, LLDP_GROUP, LLDP, lldp_med(PHONE.mac, "Yealink", "SIP-T54W"))
leases(PHONE, "yealink", b"\x0a\x14\x01\x3d")
for _ in range(6):
    wire.opening(WORKSTATION, FILE_SERVER, 21, WINDOWS_OPTIONS, 128)
    with wire.tagged(20):
        wire.arp(PHONE, GATEWAY)
        leases(PHONE, "yealink", b"\x0a\x14\x01\x3d")
        wire.opening(PHONE, PUMP_SERVER, 5061, LINUX_OPTIONS, 64)
    wire.wait(10 * SECOND)
wire.save(__file__)
