#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import lldp_med
from ward import GATEWAY, MONITOR, PUMP, TV, WORKSTATION

LLDP_GROUP, LLDP = "01:80:c2:00:00:0e", 0x88CC

wire = Wire()
for device in (PUMP, MONITOR, TV):
    wire.arp(device, GATEWAY)
wire.ethernet(PUMP, LLDP_GROUP, LLDP, lldp_med(PUMP.mac, "B.BRAUN Melsungen AG", "Infusomat Space 871-3050"))
wire.ethernet(MONITOR, LLDP_GROUP, LLDP, lldp_med(MONITOR.mac, "Draeger", "Infinity Delta"))
with wire.tagged(30):
    wire.arp(WORKSTATION, GATEWAY)
wire.save(__file__)
