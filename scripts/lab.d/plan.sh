# The lab's address plan, for bash: who is on the ward, who in the core. Sourced by scripts/lab; the policy in
# scripts/lab.d/policy is written for the same addresses. The first three bytes of each MAC belong to the maker that
# ieee-data names beside it, because the classes of policies/ are recognised by maker among other things.
#
# One Ethernet segment, 10.20.0.0/24: the devices at Wardline's device side, the servers and the gateway at its core side.

LAB_PREFIX=24
LAB_GATEWAY_IP=10.20.0.1
LAB_GATEWAY_MAC=02:57:4c:00:00:01
LAB_DOMAIN=ward.example

# Device side. Addresses come from LAB_DHCP by DHCP, fixed to the MAC.
LAB_DEVICES=(pump monitor ct analyser bed camera tv workstation)

PUMP_IP=10.20.0.21         PUMP_MAC=58:42:e4:10:00:21         # Baxter International
MONITOR_IP=10.20.0.22      MONITOR_MAC=00:09:fb:10:00:22      # Philips Patient Monitoring
CT_IP=10.20.0.23           CT_MAC=44:4b:5d:10:00:23           # GE Healthcare
ANALYSER_IP=10.20.0.24     ANALYSER_MAC=00:06:6b:10:00:24     # Sysmex
BED_IP=10.20.0.25          BED_MAC=00:14:b8:10:00:25          # Hill-Rom
CAMERA_IP=10.20.0.26       CAMERA_MAC=00:40:8c:10:00:26       # Axis Communications
TV_IP=10.20.0.27           TV_MAC=98:2d:68:10:00:27           # Samsung Electronics
WORKSTATION_IP=10.20.0.28  WORKSTATION_MAC=00:06:5b:10:00:28  # Dell
# Comes later, when nothing is known of it: an unidentified device on a ward that expects pumps.
STRANGER_IP=10.20.0.29     STRANGER_MAC=02:57:4c:10:00:29     # locally administered: no maker

# What each device says of itself in DHCP: vendor class (option 60), host name (12) and the order of option 55.
PUMP_DHCP_CLASS="SIGMA Spectrum IQ"           PUMP_DHCP_NAME=pump-4b-01          PUMP_DHCP_PARAMS="1 3 6 15 42"
MONITOR_DHCP_CLASS="Philips IntelliVue MX750" MONITOR_DHCP_NAME=mon-4b-01        MONITOR_DHCP_PARAMS="1 3 6 12 15 42"
CT_DHCP_CLASS="GE Revolution CT"              CT_DHCP_NAME=ct-01                 CT_DHCP_PARAMS="1 3 6 15"
ANALYSER_DHCP_CLASS="Sysmex XN-1000"          ANALYSER_DHCP_NAME=xn-01           ANALYSER_DHCP_PARAMS="1 3 6 15 44 46"
BED_DHCP_CLASS="Hill-Rom Centrella"           BED_DHCP_NAME=bed-4b-01            BED_DHCP_PARAMS="1 3 6 28"
CAMERA_DHCP_CLASS="AXIS,Network Camera,M3045" CAMERA_DHCP_NAME=axis-00408c100026 CAMERA_DHCP_PARAMS="1 3 6 12 15 28 42"
TV_DHCP_CLASS="Samsung SmartTV Tizen"         TV_DHCP_NAME=samsung-tv            TV_DHCP_PARAMS="1 3 6 12 15 28 40"
WORKSTATION_DHCP_CLASS="MSFT 5.0"             WORKSTATION_DHCP_NAME=ws-4b-01
WORKSTATION_DHCP_PARAMS="1 3 6 15 31 33 43 44 46 47 119 121 249 252"

# DICOM titles and HL7 sending applications, which the classes know too.
CT_AE_TITLE=CT_REV_01
PACS_AE_TITLE=PACS
PUMP_HL7_APP=SIGMAGW
MONITOR_HL7_APP=INTELLIVUE
ANALYSER_HL7_APP=SYSMEX-XN

# Core side, all with fixed addresses.
LAB_SERVERS=(pacs hl7 dhcp pumpserver siem ntp internet)

PACS_IP=10.20.0.10        PACS_MAC=02:57:4c:00:00:10        PACS_PORTS="104 11112"  # storescp
HL7_IP=10.20.0.11         HL7_MAC=02:57:4c:00:00:11         HL7_PORT=2575           # MLLP
DHCP_IP=10.20.0.12        DHCP_MAC=02:57:4c:00:00:12                                # dnsmasq: DHCP 67, DNS 53
PUMPSERVER_IP=10.20.0.13  PUMPSERVER_MAC=02:57:4c:00:00:13  PUMPSERVER_HTTP_PORT=80 PUMPSERVER_TLS_PORTS="443 8443"
SIEM_IP=10.20.0.14        SIEM_MAC=02:57:4c:00:00:14        SIEM_PORT=514           # rsyslog, UDP
NTP_IP=10.20.0.15         NTP_MAC=02:57:4c:00:00:15
# The "internet", behind the gateway.
INTERNET_IP=203.0.113.10
