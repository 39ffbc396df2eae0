#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import dicom_association, dicom_command
from ward import FILE_SERVER, GATEWAY, WORKSTATION

STORE, FIND, ECHO = 0x0001, 0x0020, 0x0030
ANSWER = 0x8000

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
talk = wire.tcp(WORKSTATION, FILE_SERVER, 104)
talk.send(dicom_association(1))
talk.answer(dicom_association(2))
for command in (ECHO, STORE):
    talk.send(dicom_command(command))
    talk.answer(dicom_command(command | ANSWER))
with wire.dropped():
    talk.send(dicom_command(FIND))
    talk.send(dicom_command(ECHO))

wire.save(__file__)
