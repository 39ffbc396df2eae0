#!/usr/bin/python3
"""How right the inventory is about devices of which something is known: each capture with ground truth is replayed under the
shipped policy, and what the inventory says is compared with it, attribute by attribute. Precision: of what it said, how much was
right. Recall: of what is known, how much it said rightly."""
# test: {me}
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build"))
WARDLINE = BUILD / "controlplane/cli/wardline"
CAPTURES = pathlib.Path(os.environ.get("WARDLINE_SHARED", ROOT.parent / "shared")) / "captures"
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.90

# Capture, MAC of the device, and what is known of it: from the descriptions of the captures, not from what Wardline says.
# A text is right that holds these words, whatever their case; of a class the name must be the same.
TRUTH = [
    ("iot/d-link-cam-setup-a1.pcap", "b0:c5:54:25:5b:0e", {"vendor": "D-Link", "hostname": "DCS-935L", "model": "DCS-935L", "class": "ip-camera"}),
    ("iot/d-link-daycam-setup-a1.pcap", "b0:c5:54:1c:71:85", {"vendor": "D-Link", "hostname": "DCS-930LB", "model": "DCS-930LB", "class": "ip-camera"}),
    ("iot/d-link-home-hub-setup-a1.pcap", "1c:5f:2b:aa:fd:4e", {"vendor": "D-Link", "hostname": "DCH-G020", "model": "DCH-G020", "class": "smart-home"}),
    ("iot/edimax-cam1-setup-a1.pcap", "74:da:38:80:7a:08", {"vendor": "Edimax", "class": "ip-camera"}),
    ("iot/edimax-plug1101w-setup-a1.pcap", "74:da:38:4a:76:49", {"vendor": "Edimax", "class": "smart-home"}),
    ("iot/ednet-gateway-setup-a1.pcap", "ac:cf:23:62:3c:6e", {"hostname": "HF-LPB100", "class": "smart-home"}),
    ("iot/homematic-plug-setup-c1.pcap", "00:1a:22:05:c4:2e", {"vendor": "eQ-3", "class": "smart-home"}),
    ("iot/hue-bridge-setup-c1.pcap", "00:17:88:24:76:ff", {"vendor": "Philips", "hostname": "Philips-hue", "class": "smart-home"}),
    ("iot/lightify-setup-c1.pcap", "84:18:26:7b:5f:6b", {"vendor": "Osram", "hostname": "Lightify-7B5F6B", "class": "smart-home"}),
    ("iot/smarter-coffee-setup-a1.pcap", "5c:cf:7f:07:ae:fb", {"hostname": "ESP_07AEFB", "class": "smart-home"}),
    ("iot/tapo-p115-plug.pcap", "40:ae:30:46:6e:a8", {"vendor": "TP-Link", "hostname": "P115", "model": "P115", "class": "smart-home"}),
    ("iot/tp-link-hs110-setup-a1.pcap", "50:c7:bf:00:c7:03", {"vendor": "TP-Link", "hostname": "HS110(EU)", "model": "HS110", "class": "smart-home"}),
    ("iot/wemo-insight-setup-c1.pcap", "94:10:3e:41:c2:05", {"vendor": "Belkin", "class": "smart-home"}),
    ("iot/wemo-switch-setup-a1.pcap", "94:10:3e:35:01:c1", {"vendor": "Belkin", "class": "smart-home"}),
    ("iot/withings-scale-setup-a1.pcap", "00:24:e4:24:80:2a", {"vendor": "Withings"}),
    ("iot/alexa-app.pcapng", "78:f8:82:d3:fb:c2", {"vendor": "LG", "hostname": "android-1c1335ec95a27318", "os": "Android", "class": "personal-device"}),
    ("identity/cdp-3560.pcap", "00:19:06:ea:b8:85", {"vendor": "Cisco", "hostname": "Switch", "model": "WS-C3560G-24PS", "class": "network-switch"}),
    ("identity/cdp-v1.pcap", "00:e0:1e:d5:d5:15", {"vendor": "Cisco", "hostname": "R1", "model": "cisco 1601"}),
    ("identity/lldp-detailed.pcap", "00:01:30:f9:ad:a0", {"vendor": "Extreme", "hostname": "Summit300-48", "class": "network-switch"}),
    ("identity/lldp-med-civic-location.pcap", "00:13:21:57:ca:7f", {"vendor": "Hewlett Packard", "hostname": "ProCurve Switch 2600-8-PWR", "class": "network-switch"}),
    ("identity/lldp-mud-url.pcap", "00:23:54:c2:57:02", {"hostname": "upstairs.ofcourseimright.com", "os": "Ubuntu"}),
    ("identity/lldp-zeek.pcap", "00:22:2d:81:db:10", {"vendor": "SMC", "hostname": "SMCGS8P-Smart", "class": "network-switch"}),
    ("identity/lldp-and-cdp.pcap", "00:18:ba:98:68:8f", {"vendor": "Cisco", "class": "network-switch"}),
    ("identity/lldp-and-cdp.pcap", "00:19:2f:a7:b2:8d", {"vendor": "Cisco", "class": "network-switch"}),
    ("identity/dhcp-full-exchange.pcap", "90:b1:1c:99:49:29", {"vendor": "Dell", "hostname": "btest.is.cool"}),
    ("identity/dhcp-many-incl-relay.pcap", "00:0c:29:59:fd:21", {"vendor": "VMware", "hostname": "ubuntu2"}),
    ("identity/dhcp-many-incl-relay.pcap", "00:90:f5:91:cd:1f", {"hostname": "pop-os"}),
    ("identity/gen-dhcp-relay-client-side.pcap", "00:12:21:aa:bb:01", {"vendor": "B. Braun", "hostname": "PUMP-0042"}),
    ("identity/gen-dhcp-relay-client-side.pcap", "58:42:e4:00:00:77", {"vendor": "Baxter", "hostname": "HD-ROOM-3"}),
    ("identity/gen-lldp-med-bed-monitor.pcap", "00:09:fb:0a:0b:0c", {"vendor": "TESTMON", "hostname": "BED-14-MON", "model": "TM-900", "serial": "SN0042"}),
    ("identity/nbns-arkime.pcap", "00:50:56:33:78:9e", {"vendor": "VMware", "hostname": "MDJR98"}),
    ("identity/mdns.pcap", "8a:3c:d6:e1:4d:c4", {"hostname": "johanna-QEMU-Virtual-Machine"}),
    ("identity/gen-ws-discovery-hello-probe-resolve-get-bye.pcap", "00:50:56:8a:10:10", {"hostname": "RADWS07"}),
    ("identity/ipp-printer.pcap", "00:12:79:80:69:60", {"vendor": "Hewlett Packard", "class": "printer"}),
    ("medical/gen-dicom-c-store-ct01-pacs1.pcap", "44:4b:5d:01:02:03", {"vendor": "GE Healthcare"}),
    ("medical/hl7-mllp-adt-udi-obx-hospira.pcap", "00:03:b1:b5:b6:48", {"vendor": "ICU Medical"}),
    ("medical/gen-hl7-pcd01-oru-five-messages.pcap", "00:09:fb:0a:0b:0c", {"vendor": "Philips"}),
]


def device_of(capture, mac):
    """Its last record, or None and why there is none."""
    run = subprocess.run([WARDLINE, "replay", "--policy", ROOT / "policies", "--device-side", mac, "--json", CAPTURES / capture],
                         capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        return None, run.stderr.strip()
    found = None
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record["type"] == "device" and any(interface["mac"] == mac for interface in record["interfaces"]):
            found = record
    return found, "no such device was seen"


def is_right(attribute, said, known):
    return said == known if attribute == "class" else known.lower() in said.lower()


def main():
    if not CAPTURES.is_dir():
        print(f"skip - how right the inventory is: {CAPTURES} is not there")
        return 0
    counts, wrong, failed = {}, [], False
    for capture, mac, known in TRUTH:
        record, why = device_of(capture, mac)
        for attribute, value in known.items():
            said = (record or {}).get(attribute) or ""
            if said == "unidentified":
                said = ""
            of = counts.setdefault(attribute, {"known": 0, "said": 0, "right": 0})
            of["known"] += 1
            of["said"] += said != ""
            if is_right(attribute, said, value):
                of["right"] += 1
            else:
                wrong.append(f"{capture} {mac}: {attribute} is {value!r}, found {said!r}" + ("" if record else f" ({why})"))
    for line in wrong:
        print("      " + line)
    print(f"      {'attribute':<10} known  said right precision recall")
    for attribute, of in counts.items():
        precision, recall = of["right"] / max(of["said"], 1), of["right"] / of["known"]
        print(f"      {attribute:<10} {of['known']:>5} {of['said']:>5} {of['right']:>5} {precision:>9.2f} {recall:>6.2f}")
        for name, share, least in (("precision", precision, LEAST_PRECISION), ("recall", recall, LEAST_RECALL)):
            good = share >= least
            failed = failed or not good
            print(f"{'ok' if good else 'not ok'} - {name} of {attribute}: {share:.2f}, at least {least:.2f}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
