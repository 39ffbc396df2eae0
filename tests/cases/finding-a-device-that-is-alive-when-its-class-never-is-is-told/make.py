#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire
from payloads import dns_answer, dns_question
from ward import MONITOR, NAME_SERVER, PUMP, TV

HOUR = 3600 * SECOND
wire = Wire()  # begins at 14:13 UTC on a Monday


def speaks(device):
    port = wire.client_port()
    wire.udp(device, NAME_SERVER, port, 53, dns_question())
    wire.udp(NAME_SERVER, device, 53, port, dns_answer())


for day in range(16):
    for hour in range(3):
        speaks(TV)
        if day > 10:
            speaks(MONITOR)
        wire.wait(HOUR)
    wire.wait(10 * HOUR)
    speaks(PUMP)  # at 3:13, as in every night
    if day == 15:
        speaks(TV)
        speaks(MONITOR)  # its class is known for five days only
    wire.wait(11 * HOUR)
speaks(TV)
wire.save(__file__)
