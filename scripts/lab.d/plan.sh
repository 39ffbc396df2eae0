# The machines of the lab: one small hospital network, 10.20.0.0/24, cut in two by Wardline.
# Read by the shell scripts here (sourced) and by lab.py (through `bash -c`), and the names are those
# of scripts/lab.d/policy. A line is a machine; columns are separated by `|`.

# Ward side: every device has its own network namespace and its own MAC behind one bridge.
#   name | MAC | address | host name | DHCP vendor class (option 60) | DHCP parameters asked for (option 55, in order)
lab_devices='
pump        | 58:46:e1:10:00:21 | 10.20.0.21 | spectrum-4b-07 | BAXTER SIGMA SPECTRUM    | 1,3,6,12,15,28,42
monitor     | 00:09:fb:10:00:22 | 10.20.0.22 | intellivue-4b-2| PHILIPS INTELLIVUE       | 1,3,6,15,28,42,43
modality    | 44:4b:5d:10:00:23 | 10.20.0.23 | ct-1           | GE HEALTHCARE CT         | 1,28,2,3,15,6,12
analyser    | 00:0e:2f:10:00:24 | 10.20.0.24 | cobas-lab-1    | ROCHE COBAS              | 1,3,6,15,119
bed         | 00:14:b8:10:00:25 | 10.20.0.25 | bed-4b-12      | HILLROM SMARTBED         | 1,3,6,15,42
camera      | b8:a4:4f:10:00:26 | 10.20.0.26 | axis-b8a44f    | AXIS,Network Camera,M3106| 1,3,6,12,15,42,66,67
tv          | d0:d0:03:10:00:27 | 10.20.0.27 | tv-room-12     | Samsung Hospitality TV   | 1,3,6,12,15,28,33
workstation | 98:e7:43:10:00:28 | 10.20.0.28 | ws-4b-nurse    | MSFT 5.0                 | 1,3,6,15,31,33,43,44,46,47,119,121,249,252
'

# Core side: real servers, each in its own namespace on the core bridge.
#   name | MAC | address | what runs there
lab_servers='
pacs     | 02:c0:00:00:00:10 | 10.20.0.10 | storescp, AE title PACS, port 104
hl7      | 02:c0:00:00:00:11 | 10.20.0.11 | HL7 listener over MLLP, port 2575
names    | 02:c0:00:00:00:12 | 10.20.0.12 | dnsmasq: DHCP and DNS
web      | 02:c0:00:00:00:13 | 10.20.0.13 | the pump server: HTTP on 80, HTTPS on 443
siem     | 02:c0:00:00:00:14 | 10.20.0.14 | rsyslog, UDP port 514
clock    | 02:c0:00:00:00:15 | 10.20.0.15 | SNTP responder, port 123
'

lab_network=10.20.0.0/24
lab_domain=hospital.lab
lab_gateway=10.20.0.1          # the way out, on the core side
lab_internet=203.0.113.10      # a host beyond it, with an HTTP server
lab_management=192.0.2.1       # the appliance's own address, on a wire to the SIEM that no device shares
lab_siem=192.0.2.14            # the SIEM at the other end of it
