#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from payloads import HTTP_REQUEST
from ward import GATEWAY, SIGNAGE_SERVER, TV


def teardrop(pieces):
    """The second piece begins within the first, with other bytes."""
    (at, first, _), (_, second, _), *rest = pieces
    return [(at, first, 1), (at + 16, b"!" * (len(first) - 16) + second, 1), *rest]


def twice_with_other_bytes(pieces):
    (at, first, more), *rest = pieces
    return [(at, first, more), (at, first[:-1] + b"!", more), *rest]


def beyond_the_end(pieces):
    return [pieces[-1], (pieces[-1][0] + 32, bytes(8), 1), *pieces[:-1]]


wire = Wire()
wire.arp(TV, GATEWAY)
for arrange in (teardrop, twice_with_other_bytes, beyond_the_end):
    talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
    with wire.dropped(), wire.cut(32, arrange):
        talk.send(HTTP_REQUEST)

# A piece that comes twice as it is does no harm: the second is dropped, the datagram goes on.
talk = wire.tcp(TV, SIGNAGE_SERVER, 80)
segment = []
with wire.cut(32, lambda pieces: segment.extend(pieces) or pieces[:1]):
    talk.send(HTTP_REQUEST)
wire._number -= 1
talk.next[0] -= len(HTTP_REQUEST)
with wire.dropped(), wire.cut(32, lambda pieces: pieces[:1]):
    talk.send(HTTP_REQUEST)
wire._number -= 1
talk.next[0] -= len(HTTP_REQUEST)
with wire.cut(32, lambda pieces: pieces[1:]):
    talk.send(HTTP_REQUEST)

wire.save(__file__)
