#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import dns_answer, dns_question
from ward import GATEWAY, NAME_SERVER, PUMP, TV

wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.arp(TV, GATEWAY)
for number in range(60):
    wire.udp(PUMP, NAME_SERVER, 40_100, 53, dns_question())
    wire.udp(NAME_SERVER, PUMP, 53, 40_100, dns_answer())
    name = f"{number * 7919:08x}{'k7' * 20}.t.example"
    wire.udp(TV, NAME_SERVER, 40_200, 53, dns_question(name))
    wire.udp(NAME_SERVER, TV, 53, 40_200, dns_answer(name))
wire.save(__file__)
