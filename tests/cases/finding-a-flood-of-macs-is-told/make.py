#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import MILLISECOND, SECOND, Host, Wire
from ward import GATEWAY

wire = Wire()


def newcomers(first, count, pause):
    for number in range(first, first + count):
        wire.arp(Host(f"00:1b:21:00:{number // 256:02x}:{number % 256:02x}", f"10.20.1.{number % 200 + 20}"), GATEWAY)
        wire.wait(pause)


newcomers(0, 60, 20 * MILLISECOND)  # a ward after a power cut
wire.wait(5 * SECOND)
newcomers(100, 300, 0)
wire.save(__file__)
