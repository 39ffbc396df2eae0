"""What other decoders say a flow is: {(transport, frozenset of ends): set of their names} for a capture.

tshark's words come with the catalogue's facts, nDPI's and Arkime's as their own projects' expected results. What a decoder
told by the port alone is no opinion of the payload and is left out.
"""
import collections
import json
import re

NDPI_FLOW = re.compile(r"^\t\d+\t(TCP|UDP) (\S+) (?:<->|->|<-) (\S+) \[proto: [\d.]+/([^\]]+)\].*?\[Confidence: DPI[^\]]*\]", re.MULTILINE)


def of_tshark(fact, _):
    opinions = collections.defaultdict(list)
    for flow in fact["flows"]:
        opinions[flow["p"], frozenset((flow["src"], flow["dst"]))] += flow["app"]
    return opinions


def of_ndpi(fact, results):
    path = results / "ndpi" / (fact["path"].rsplit("/", 1)[-1] + ".out")
    opinions = collections.defaultdict(list)
    if fact["source"] == "ntop/nDPI" and path.exists():
        for transport, one, other, name in NDPI_FLOW.findall(path.read_text(errors="replace")):
            opinions[transport.lower(), frozenset((one, other))] += name.split(".")
    return opinions


def of_arkime(fact, results):
    path = results / "arkime" / (fact["path"].rsplit("/", 1)[-1].rsplit(".", 1)[0] + ".test")
    opinions = collections.defaultdict(list)
    if fact["source"] == "arkime/arkime" and path.exists():
        for session in json.loads(path.read_text())["sessions3"]:
            body = session["body"]
            ends = frozenset(end(body[side]["ip"], body[side]["port"]) for side in ("source", "destination"))
            opinions[{6: "tcp", 17: "udp"}.get(body["ipProtocol"]), ends] += body.get("protocol", [])
    return opinions


def end(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


DECODERS = {"tshark": of_tshark, "ndpi": of_ndpi, "arkime": of_arkime}
