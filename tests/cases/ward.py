"""The hosts of the ward: those of ward/devices.yaml, and the servers of ward/site.yaml."""
from frames import Host

ROUTER = "02:00:00:00:00:01"  # every server is behind it

PUMP = Host("02:00:00:00:01:01", "10.20.1.11")
TV = Host("02:00:00:00:01:02", "10.20.1.12")
MONITOR = Host("02:00:00:00:01:03", "10.20.1.13")
CONTROLLER = Host("02:00:00:00:01:04", "10.20.1.14")
WORKSTATION = Host("02:00:00:00:01:05", "10.20.1.15")
STRANGER = Host("02:00:00:00:01:99", "10.20.1.99")  # in no register

GATEWAY = Host(ROUTER, "10.20.0.1")
NAME_SERVER = Host(ROUTER, "10.40.0.2")  # DHCP and DNS
PUMP_SERVER = Host(ROUTER, "10.40.2.5")
HL7_GATEWAY = Host(ROUTER, "10.40.2.9")
FILE_SERVER = Host(ROUTER, "10.40.1.10")
BUILDING_SERVER = Host(ROUTER, "10.50.2.10")
SIGNAGE_SERVER = Host(ROUTER, "10.50.3.10")
INTERNET = Host(ROUTER, "203.0.113.10")
