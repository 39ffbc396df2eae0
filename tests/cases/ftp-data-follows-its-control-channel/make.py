#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import FILE_SERVER, GATEWAY, WORKSTATION

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
control = wire.tcp(WORKSTATION, FILE_SERVER, 21)
control.answer(b"220 (vsFTPd 3.0.3)\r\n")
control.send(b"USER images\r\n")
control.answer(b"331 Please specify the password.\r\n")
control.send(b"PASS x\r\n")
control.answer(b"230 Login successful.\r\n")


def transfer(talk, from_server):
    (talk.answer if from_server else talk.send)(bytes(range(256)) * 4)
    talk.close()


control.send(b"PASV\r\n")
control.answer(b"227 Entering Passive Mode (10,40,1,10,195,80).\r\n")
transfer(wire.tcp(WORKSTATION, FILE_SERVER, 195 * 256 + 80), True)
control.send(b"EPSV\r\n")
control.answer(b"229 Entering Extended Passive Mode (|||50001|)\r\n")
transfer(wire.tcp(WORKSTATION, FILE_SERVER, 50001), False)
control.send(b"PORT 10,20,1,15,195,90\r\n")
control.answer(b"200 PORT command successful.\r\n")
transfer(wire.tcp(FILE_SERVER, WORKSTATION, 195 * 256 + 90, client_port=20), False)

with wire.dropped():
    wire.syn(WORKSTATION, FILE_SERVER, 195 * 256 + 80)  # announced once, used once
    wire.syn(WORKSTATION, FILE_SERVER, 50002)
    wire.syn(FILE_SERVER, WORKSTATION, 50090)

wire.save(__file__)
