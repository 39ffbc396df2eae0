#!/usr/bin/env python3
"""Makes an inventory of a size that a hospital group has, the same one for the same arguments.

    perf/inventory/make_inventory.py [--devices N] [--conversations N] [--register FILE] inventory.db

All values are a hash of the row's number, computed by SQLite itself: five million rows take a minute or two. The schema
is the one of controlplane/inventory/schema.cpp, with the indexes that the reports need.
"""

import argparse
import pathlib
import re
import sqlite3
import time

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "controlplane" / "inventory"
NOW = 1_793_600_000_000_000  # microseconds; 2026-11-02, 07:33 UTC
DAY = 86_400_000_000


def made(salt, of, column="i"):
    """SQL: a number from 0 to of-1 that looks random, of the row's number. SQLite has no exclusive or: two remainders of
    a multiplicative hash are multiplied instead."""
    mixed = f"((({column}) * 2654435761 + {salt * 40503}) & 4294967295)"
    return f"((({mixed} % 65521) * ({mixed} % 64037) >> 5) % {of})"


def one_of(words, salt, column="i"):
    cases = " ".join(f"WHEN {n} THEN '{word}'" for n, word in enumerate(words))
    return f"CASE {made(salt, len(words), column)} {cases} END"


CLASSES = ["infusion-pump", "patient-monitor", "workstation", "ip-camera", "smart-tv", "imaging-modality", "lab-analyser",
           "unidentified", "smart-bed", "building-controller"]
VENDORS = ["ICU Medical", "Philips", "GE HealthCare", "Siemens Healthineers", "B. Braun", "Axis", "Dell", "HP", "Baxter",
           "Hikvision", "Mindray", "Roche", "Espressif", ""]
APPS = ["tls", "hl7-mllp", "dicom", "dns", "ntp", "http", "smb", "unclassified", "quic", "dhcp", "snmp", "modbus"]
KINDS = ["end_of_support_os", "rogue_hardware_vendor", "contradiction", "unexpected_segment", "duplicate_ip", "moved"]
WORDS = APPS + ["tcp", "udp", "allow", "block", "would_block"]
PEERS = 60_000
SEVERITIES = ["critical", "high", "medium", "low", "info"]


def word(text):
    """The number of a word among the names."""
    return 2_000_000 + WORDS.index(text)


def numbers(count):
    return f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<{count - 1})"


def device_id(column):
    return f"printf('dev-02%010x', {column})"


def make_schema(database):
    for sql in re.findall(r'R"sql\((.*?)\)sql"', (SOURCES / "schema.cpp").read_text(), re.S):
        database.executescript(sql)
    version = re.search(r"kSchemaVersion = (\d+)", (SOURCES / "schema.h").read_text())[1]
    database.execute(f"PRAGMA user_version={version}")


def make_devices(database, count):
    seen = f"{NOW} - {made(5, 30)}*{DAY} - {made(6, 80000)}*1000000"
    database.execute(
        f"""{numbers(count)} INSERT INTO device SELECT {device_id('i')}, {one_of(CLASSES, 1)}, 'claims 30 + place 30',
        '', '', 80, 'workstation=20', {one_of(VENDORS, 2)}, 'model-' || {made(3, 40)}, 'os-' || {made(4, 9)}, '4.1', '',
        printf('host-%06d', i), '', 'ward-' || {made(7, 200)}, CASE {made(8, 10)} WHEN 0 THEN '' ELSE
        'sw-' || {made(9, 1500)} END, 'Gi1/0/' || {made(10, 48)}, 'inherit', CASE {made(11, 400)} WHEN 0 THEN 'contain'
        ELSE 'none' END, {made(12, 10)}<>0, {NOW - 200 * DAY} + i, {seen} FROM n""")
    database.execute(
        f"""{numbers(count)} INSERT INTO interface SELECT {device_id('i')}, 0, printf('00:03:b1:%02x:%02x:%02x',
        i>>16, (i>>8)&255, i&255), 'segment-' || {made(13, 60)}, printf('10.%d.%d.%d', i>>16, (i>>8)&255, i&255)
        FROM n""")
    database.execute(
        f"""{numbers(count * 6)} INSERT INTO evidence SELECT {device_id('i/6')}, i%6, CASE i%6 WHEN 0 THEN 'oui' WHEN 1 THEN
        'option-82' ELSE 'dhcp' END, CASE i%6 WHEN 0 THEN 'vendor' WHEN 1 THEN 'place.switch' ELSE 'dhcp.params' END, 'value ' || i,
        30, 2*(i%6=1), {NOW - 90 * DAY}, {NOW} - {made(14, 40)}*{DAY} FROM n""")


def make_names(database, devices):
    """Numbers: devices from 0, peers from a million, the rest from two million in the order of WORDS."""
    database.execute(f"{numbers(devices)} INSERT INTO name SELECT i, {device_id('i')} FROM n")
    database.execute(f"{numbers(PEERS)} INSERT INTO name SELECT 1000000+i, printf('10.40.%d.%d', i/250, i%250) FROM n")
    database.executemany("INSERT INTO name VALUES(?,?)", [(2_000_000 + n, word) for n, word in enumerate(WORDS)])


def make_conversations(database, count, devices):
    verdict = (f"CASE WHEN {made(20, 50)}=0 THEN {word('would_block')} WHEN {made(21, 200)}=0 THEN {word('block')} "
               f"ELSE {word('allow')} END")
    database.execute(
        f"""{numbers(count)} INSERT OR IGNORE INTO conversation_row SELECT NULL, i%{devices}, i%5=0,
        1000000+{made(22, PEERS)}, 2000000+{made(24, len(APPS))}, CASE i%4 WHEN 0 THEN {word('udp')} ELSE {word('tcp')} END,
        {made(25, 65535)}, {verdict}, {NOW - 60 * DAY}, {NOW} - {made(26, 60)}*{DAY}, 1+{made(27, 500)}, {made(28, 90000)},
        {made(29, 9000000)}, {made(30, 9000000)} * ({made(42, 40)}<>0) FROM n""")


def make_records(database, devices):
    database.execute(
        f"""{numbers(200_000)} INSERT INTO record(type, id, time, device_id, verdict, rule, json) SELECT
        CASE i%4 WHEN 0 THEN 'detection' ELSE 'flow' END, 'r-' || i, {NOW} - {made(31, 30)}*{DAY},
        {device_id(made(32, devices))}, 'allow', '', json_object('type', 'detection', 'signature', CASE i%40 WHEN 0 THEN
        'clear-text-password' ELSE 'signature-' || {made(33, 90)} END, 'severity', {one_of(SEVERITIES, 34)},
        'explanation', printf('%.400c', 'x')) FROM n""")
    database.execute(
        f"""{numbers(devices // 3)} INSERT OR IGNORE INTO finding SELECT 'n-' || i, {one_of(KINDS, 35)}, {one_of(SEVERITIES, 36)},
        {device_id(made(37, devices))}, 'subject ' || i, 'Something was seen that should not be.', '[]',
        CASE i%5 WHEN 0 THEN 'resolved' ELSE 'open' END, '', '', NULL, {NOW - 40 * DAY}, {NOW} - {made(38, 40)}*{DAY}, 1
        FROM n""")
    database.execute(
        f"""{numbers(devices * 5)} INSERT INTO history SELECT {device_id(made(39, devices))}, {NOW} - {made(40, 180)}*{DAY},
        {one_of(['ward', 'switch', 'class', 'firmware', 'hostname'], 41)}, 'former', 'new' FROM n""")


def write_register(path, devices):
    """Nine of ten devices, as devices.yaml would list them; a policy file may have 1 MiB, so only the first of them."""
    lines = ["devices:\n"]
    for i in range(min(devices, 6000)):
        mac = f"00:03:b1:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x}"
        lines.append(f'  - {{id: dev-02{i:010x}, class: infusion-pump, macs: ["{mac}"], vendor: ICU Medical, ward: w}}\n')
    pathlib.Path(path).write_text("".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--devices", type=int, default=100_000)
    parser.add_argument("--conversations", type=int, default=5_000_000)
    parser.add_argument("--register", help="also write such a devices.yaml")
    parser.add_argument("file")
    given = parser.parse_args()
    pathlib.Path(given.file).unlink(missing_ok=True)
    started = time.monotonic()
    database = sqlite3.connect(given.file)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;")
    make_schema(database)
    make_devices(database, given.devices)
    make_names(database, given.devices)
    make_conversations(database, given.conversations, given.devices)
    make_records(database, given.devices)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    if given.register:
        write_register(given.register, given.devices)
    print(f"{given.file}: {given.devices} devices, {given.conversations} conversations in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
