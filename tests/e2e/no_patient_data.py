#!/usr/bin/python3
"""No name, number or address of a patient leaves: those that stand in the HL7 and DICOM captures are looked for in all that a
replay of them says, which is what the daemon logs and sends, in every byte of the inventory that it keeps, and in the pages of the
reports. Likewise those of a CARESCAPE discovery, of which no capture is at hand: it names the bed and then the patient."""
# test: {me}
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build"))
WARDLINE = BUILD / "controlplane/cli/wardline"
CAPTURES = pathlib.Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
sys.path.insert(0, str(ROOT / "tests/cases"))
from frames import BROADCAST_MAC, SECOND, Host, Wire, write_pcap  # noqa: E402

QUESTIONS = ("connected", "unauthorised", "behaviour", "changes", "assessment")
SHORTEST = 4  # bytes: shorter ones stand in other words by chance
# PID-3 numbers, PID-5 name, PID-11 address, PID-13 telephone; NK1-2 next of kin (HL7 2.5, 3.4.2 and 3.4.5).
HL7_FIELDS = {b"PID": (3, 5, 9, 11, 13, 19), b"NK1": (2, 4, 5)}
# Explicit VR little endian: group 0010, an element, its VR, a length of two bytes (PS3.5, 7.1.2).
DICOM_PATIENT = re.compile(rb"\x10\x00[\x10\x20\x30\x40]\x00(?:PN|LO|SH)(..)", re.DOTALL)


def words_of_hl7(data):
    for segment in re.finditer(rb"(PID|NK1)\|[^\r\n\x1c]{4,2000}", data):
        fields = segment.group().split(b"|")
        for number in HL7_FIELDS[segment.group(1)]:
            if number < len(fields):
                yield from re.split(rb"[\^~&]", fields[number])


def words_of_dicom(data):
    for found in DICOM_PATIENT.finditer(data):
        length = int.from_bytes(found.group(1), "little")
        yield from re.split(rb"[\^=]", data[found.end():found.end() + min(length, 64)])


def patient_words(data):
    words = {word.strip(b" \0") for word in (*words_of_hl7(data), *words_of_dicom(data))}
    return {word.decode() for word in words if len(word) >= SHORTEST and word.isascii() and word.decode().isprintable()}


def carescape_capture(path):
    """Two monitors, one minute of their discovery; the words that may be said, and those that may not."""
    wire, to_all = Wire(), Host(BROADCAST_MAC, "126.255.255.255")
    beds = [("ICU1|BED7", "ZIMMERMANN,ANNA"), ("ICU1234|BED87654", "ZYWICKA,KAROLIN")]
    for turn in range(6):
        for number, (place, patient) in enumerate(beds):
            monitor = Host(f"00:02:a2:01:02:0{number}", f"126.1.2.{number}")
            wire.udp(monitor, to_all, 7000, 7000, struct.pack(">I4BI16s15s", 0x01040000, 126, 1, 2, number, 0x6B000000 + turn, place.encode(),
                     patient.encode()) + bytes([1]) + struct.pack(">HH", 3, 2000) + bytes(40))
        wire.wait(10 * SECOND)
    write_pcap(path, wire.frames)
    return ({word for place, _ in beds for word in place.split("|")}, {word for _, patient in beds for word in patient.split(",")})


def run(*command):
    return subprocess.run([WARDLINE, *command], capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def all_that_is_said(capture, side, work):
    """Records and errors of a replay, the bytes of its inventory, and the pages of all reports; and what went wrong."""
    inventory = pathlib.Path(work) / f"{capture.name}-{side.replace('/', '-')}.db"
    replayed = run("replay", "--policy", ROOT / "policies", "--device-side", side, "--json", "--cache", work, "--inventory", inventory, capture)
    if replayed.returncode != 0:
        return "", replayed.stderr.strip()
    pages = [run("report", question, "--db", inventory, "--policy", ROOT / "policies", "--html") for question in QUESTIONS]
    wrong = [page.stderr for page in pages if page.returncode != 0]
    kept = "".join(path.read_bytes().decode("latin-1") for path in inventory.parent.glob(inventory.name + "*"))
    return "\n".join([replayed.stdout, replayed.stderr, kept, *(page.stdout for page in pages)]), " ".join(wrong)


def leaked(words, said):
    return sorted(word for word in words if re.search(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])", said))


def main():
    if not CAPTURES.is_dir():
        print(f"skip - no patient data leaves: {CAPTURES} is not there")
        return 0
    failed, words_seen = False, 0
    with tempfile.TemporaryDirectory() as work:
        for capture in sorted((CAPTURES / "medical").glob("*.pcap*")):
            words = patient_words(capture.read_bytes())
            words_seen += len(words)
            for side in ("auto", "0.0.0.0/0") if words else ():  # each end as the device, too
                said, wrong = all_that_is_said(capture, side, work)
                shown = wrong or ", ".join(leaked(words, said))
                failed = failed or bool(shown)
                print(f"{'not ok' if shown else 'ok'} - of {len(words)} words about patients in {capture.name} none is said, kept or shown"
                      f" ({side}){': ' + shown if shown else ''}", flush=True)
        capture = pathlib.Path(work) / "carescape.pcap"
        places, words = carescape_capture(capture)
        said, wrong = all_that_is_said(capture, "126.0.0.0/8", work)
        missing = ", ".join(sorted(places - set(leaked(places, said))))
        shown = wrong or ", ".join(leaked(words, said)) or missing and f"not one of {missing}, so it was not read"
        failed = failed or bool(shown)
        print(f"{'not ok' if shown else 'ok'} - of a CARESCAPE discovery unit and bed are kept, and the patient's name is not{': ' + shown if shown else ''}",
              flush=True)
    failed = failed or words_seen < 10
    print(f"{'ok' if words_seen >= 10 else 'not ok'} - the captures speak of patients: {words_seen} words")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
