# Sourced by `inside`: the machines of the plan and the wires between them.
#
#   device namespaces -- [bridge in `ward`] -- wire-dev |appliance| wire-core -- [bridge in `core`] -- server namespaces
#                                                                                        `-- gateway -- internet
# The appliance's side is the namespace of this script itself.

# A cable between two namespaces. One queue (AF_XDP serves queue 0 only) and no offloads: a checksum or a large segment
# left for a card to finish would cross Wardline unfinished.
cable() {  # namespace interface namespace interface mtu; "" is the appliance
  local a=$1 a_if=$2 b=$3 b_if=$4 mtu=$5
  ip link add name "$a_if" ${a:+netns "$a"} mtu "$mtu" numtxqueues 1 numrxqueues 1 type veth \
    peer name "$b_if" ${b:+netns "$b"} mtu "$mtu" numtxqueues 1 numrxqueues 1
  plain_port "$a" "$a_if"
  plain_port "$b" "$b_if"
}

plain_port() {  # namespace interface
  ${1:+ip netns exec "$1"} ethtool -K "$2" tx off rx off tso off gso off gro off txvlan off >/dev/null 2>&1
}

# Infrastructure is silent: a bridge or a port that solicits routers would look like one more device.
silent_namespace() {
  ip netns add "$1"
  ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
  ip -n "$1" link set lo up
}

make_switch() {  # namespace, appliance's port
  silent_namespace "$1"
  ip -n "$1" link add name switch type bridge stp_state 0 mcast_snooping 0
  ip -n "$1" link set switch up
  cable "" "$2" "$1" uplink 1508  # room for two VLAN tags
  ip -n "$1" link set uplink master switch up
  ip link set "$2" up
}

make_machine() {  # name, MAC, switch's namespace
  mkdir -p "$LAB_WORK/machines/$1"
  : >"$LAB_WORK/machines/$1/resolv.conf"
  ip netns add "$1"
  cable "$1" eth0 "$3" "$1" 1500
  ip -n "$3" link set "$1" master switch up
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 address "$2" up
}

# Calls a function for each line of a table of the plan, columns as arguments.
for_each() {  # table function
  local line column; local -a columns
  while IFS= read -r line; do
    [ -n "$line" ] || continue
    IFS='|' read -ra columns <<<"$line"
    for column in "${!columns[@]}"; do
      columns[column]=$(sed 's/^ *//; s/ *$//' <<<"${columns[column]}")
    done
    "$2" "${columns[@]}"
  done <<<"$1"
}

make_device() { make_machine "$1" "$2" ward; }
make_server() {
  make_machine "$1" "$2" core
  ip -n "$1" address add "$3/24" dev eth0
  ip -n "$1" route add default via "$lab_gateway"
}

make_way_out() {
  make_machine gateway 02:c0:00:00:00:01 core
  ip -n gateway address add "$lab_gateway/24" dev eth0
  mkdir -p "$LAB_WORK/machines/internet"; : >"$LAB_WORK/machines/internet/resolv.conf"
  ip netns add internet
  cable gateway outside internet eth0 1500
  ip -n gateway address add "${lab_internet%.*}.1/24" dev outside
  ip -n gateway link set outside up
  ip netns exec gateway sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
  ip -n internet address add "$lab_internet/24" dev eth0
  ip -n internet link set lo up
  ip -n internet link set eth0 up
  ip -n internet route add default via "${lab_internet%.*}.1"
}

make_management_wire() {
  cable "" manage siem manage 1500
  ip address add "$lab_management/24" dev manage
  ip link set manage up
  ip -n siem address add "$lab_siem/24" dev manage
  ip -n siem link set manage up
}

make_network() {
  ip link set lo up
  echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  make_switch ward wire-dev
  make_switch core wire-core
  for_each "$lab_devices" make_device
  for_each "$lab_servers" make_server
  make_way_out
  make_management_wire
}
