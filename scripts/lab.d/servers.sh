# Sourced by `inside`: the servers of the core side. Each writes to its own folder, $LAB_WORK/machines/NAME.

# Starts a server in the background; what it says goes to NAME/PROGRAM.log.
serve() {  # machine program args...
  local machine=$1 program=$2; shift 2
  (cd "$LAB_WORK/machines/$machine" && exec "$lab/at" "$machine" "$program" "$@" >"${program##*/}.log" 2>&1 </dev/null) &
}

start_pacs() {
  mkdir -p "$LAB_WORK/machines/pacs/store"
  serve pacs storescp --verbose --aetitle PACS --bit-preserving --output-directory store 104
}

host_line() { echo "dhcp-host=$2,$3"; echo "address=/$1.$lab_domain/$3"; }
server_line() { echo "address=/$1.$lab_domain/$3"; }

# --no-ping: else every lease takes three seconds.
start_names() {
  local folder=$LAB_WORK/machines/names
  {
    for_each "$lab_devices" host_line
    for_each "$lab_servers" server_line
    cat <<CONF
address=/www.example.net/$lab_internet
dhcp-range=10.20.0.100,10.20.0.199,255.255.255.0,2m
dhcp-option=option:router,$lab_gateway
dhcp-option=option:dns-server,10.20.0.12
dhcp-option=option:ntp-server,10.20.0.15
dhcp-option=option:domain-name,$lab_domain
CONF
  } >"$folder/dnsmasq.conf"
  serve names dnsmasq --keep-in-foreground --user=root --conf-file="$folder/dnsmasq.conf" --interface=eth0 --bind-interfaces \
    --no-ping --no-resolv --no-hosts --dhcp-authoritative --log-dhcp --log-facility=- \
    --dhcp-leasefile="$folder/leases" --pid-file="$folder/pid"
}

start_web() {
  local folder=$LAB_WORK/machines/web
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=web.$lab_domain" -addext "subjectAltName=DNS:web.$lab_domain" \
    -keyout "$folder/key.pem" -out "$folder/cert.pem" 2>/dev/null
  mkdir -p "$folder/pages" "$LAB_WORK/machines/internet/pages"
  head -c 3000000 /dev/urandom >"$folder/pages/library.bin"
  echo 'a page of the internet' >"$LAB_WORK/machines/internet/pages/index.html"
  serve web "$lab/web_server.py" pages 80 443 cert.pem key.pem
  serve internet "$lab/web_server.py" pages 80
}

# Run from the unpacked package (see scripts/packages): its modules are not where the program looks for them.
start_siem() {
  local vendor=$LAB_ROOT/.cache/vendor/rsyslog folder=$LAB_WORK/machines/siem library=usr/lib/x86_64-linux-gnu
  cat >"$folder/rsyslog.conf" <<CONF
global(workDirectory="$folder")
module(load="imudp")
template(name="as_it_came" type="string" string="%rawmsg%\\n")
input(type="imudp" port="514")
action(type="omfile" file="$folder/received.log" template="as_it_came")
CONF
  : >"$folder/received.log"
  serve siem env LD_LIBRARY_PATH="$vendor/$library" "$vendor/usr/sbin/rsyslogd" -n -f "$folder/rsyslog.conf" \
    -i "$folder/pid" -M "$vendor/$library/rsyslog"
}

start_servers() {
  start_pacs
  serve hl7 "$lab/hl7_listener.py" messages.jsonl 2575
  start_names
  start_web
  start_siem
  serve clock "$lab/sntp_server.py"
  local tries=0
  until servers_listen; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "The lab's servers did not all start:" >&2; tail -n 5 "$LAB_WORK"/machines/*/*.log >&2; return 1; }
    sleep 0.1
  done
}

# /proc/net/{tcp,udp} name local ports in hex.
listens() { ip netns exec "$1" grep -q ":$(printf %04X "$3") 0" "/proc/net/$2"; }  # machine tcp|udp port
servers_listen() {
  listens pacs tcp 104 && listens hl7 tcp 2575 && listens names udp 67 && listens names udp 53 && listens web tcp 80 &&
    listens web tcp 443 && listens internet tcp 80 && listens siem udp 514 && listens clock udp 123
}
