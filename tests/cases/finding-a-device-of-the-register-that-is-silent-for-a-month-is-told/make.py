#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Wire
from payloads import dns_answer, dns_question
from ward import NAME_SERVER, PUMP, TV

DAY = 86_400 * SECOND
wire = Wire()  # begins on 21 September


def speaks(device):
    port = wire.client_port()
    wire.udp(device, NAME_SERVER, port, 53, dns_question())
    wire.udp(NAME_SERVER, device, 53, port, dns_answer())
    wire.wait(300 * SECOND)


speaks(PUMP)
speaks(TV)
speaks(PUMP)  # so that the television's flow ends before the month begins
wire.wait(29 * DAY)
speaks(PUMP)
wire.wait(2 * DAY)
speaks(PUMP)
speaks(TV)
speaks(PUMP)
wire.save(__file__)
