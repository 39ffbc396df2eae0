#!/usr/bin/env bash
# The command line's contract: --help and an example of every command, the exit codes, one line of JSON a record.
# test: {me}
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
wardline=${WARDLINE_BUILD:-$root/build}/controlplane/cli/wardline
[ -x "$wardline" ] || { echo "not ok - $wardline is built"; exit 1; }
work=$(mktemp -d)
daemon=
finish() { [ -z "$daemon" ] || kill "$daemon" 2>/dev/null; rm -rf "$work"; }
trap finish EXIT
export WARDLINE_SOCKET=$work/none.sock
failed=0

tell() {  # 0|1, sentence
  if [ "$1" -eq 0 ]; then echo "ok - $2"; return; fi
  echo "not ok - $2"; failed=1
  sed 's/^/      /' "$work/out" "$work/err" 2>/dev/null | head -n 12
}
ends_with() {  # exit code, sentence, arguments ...
  local code=$1 sentence=$2 got; shift 2
  timeout 20 "$wardline" "$@" >"$work/out" 2>"$work/err" </dev/null; got=$?
  [ "$got" -eq "$code" ]; tell $? "$sentence: exit $code (wardline $*: $got)"
}
says() { grep -q -- "$1" "$work/out" "$work/err"; tell $? "$2"; }

commands=("policy check" "policy schema" "policy docs" "policy reload" "replay" "device list" "device show" "flow list" "violation list" "explain"
          "quarantine add" "quarantine list" "quarantine approve" "quarantine reject" "quarantine release" "hold" "status" "top" "trace"
          "signature import" "fingerprint import" "asset import" "asset diff" "asset replace" "place import" "capture")
for command in "${commands[@]}"; do
  # shellcheck disable=SC2086
  ends_with 0 "--help of $command" $command --help
  says "Example: wardline $command" "--help of $command has an example"
done
ends_with 0 "--help" --help
for word in policy signature fingerprint capture replay device flow violation explain quarantine hold status top trace; do says "$word" "--help names $word"; done

for noun in policy signature fingerprint device flow violation quarantine finding asset place; do
  ends_with 0 "--help of $noun" "$noun" --help
  says "wardline $noun VERB --help" "--help of $noun speaks of its own verbs"
done

timeout 20 "$root/scripts/test" --help >"$work/out" 2>"$work/err"; tell $? "scripts/test --help builds nothing"
says "scripts/test \[unit" "and tells its kinds"

ends_with 2 "no command"
ends_with 2 "an unknown command" frobnicate
ends_with 2 "a noun without its verb" device
ends_with 2 "an unknown option" status --frobnicate
ends_with 2 "a missing argument" device show
ends_with 2 "a duration without a unit" hold somebody --for 3
ends_with 2 "an unknown profile" quarantine add somebody --profile harsh --reason x
ends_with 2 "a limit of 0" flow list --limit 0
ends_with 2 "a capture without its time" capture arp
ends_with 2 "a capture over a file that is there" capture arp --for 1s --out "$0"
ends_with 2 "a database of another format" fingerprint import "$root/tests/e2e/fingerprints/lab.fp" --format satori
echo kept >"$work/there.yaml"
ends_with 2 "a file of fingerprints that is there" fingerprint import "$root/tests/e2e/fingerprints/lab.fp" --out "$work/there.yaml"
ends_with 2 "a file of signatures that is there" signature import "$root/tests/e2e/rules/many_kinds.rules" --out "$work/there.yaml"
[ "$(cat "$work/there.yaml")" = kept ]; tell $? "it stays as it is"
ends_with 2 "a port that is none" trace 10.0.0.1 10.0.0.2 70000
ends_with 2 "a time to watch without --live" trace 10.0.0.1 10.0.0.2 --for 5s
ends_with 2 "an interval without a unit" top --interval 2
ends_with 2 "a policy that is no directory" policy check "$work/nothing"
ends_with 2 "a socket path that is too long" --socket "$(printf 'x%.0s' {1..120})" status

ends_with 0 "a good policy" policy check "$root/policies"
[ "$(head -n 1 "$work/out" | grep -c "is fine")" -eq 1 ]; tell $? "the first line says that it is fine"
says "signatures: .* of applications, .* of threats, .* of devices, .* of behaviour" "it counts the signatures by kind"
says "classes.*rules.*applications.*segments.*hash [0-9a-f]\{64\}" "it has the numbers and the hash"
ends_with 0 "a good policy as JSON" policy check "$root/policies" --json
python3 -c 'import json,sys; json.loads(sys.stdin.read())' <"$work/out"; tell $? "it is JSON"
cp -r "$root/policies" "$work/policy"
echo 'frobnicate: 1' >>"$work/policy/site.yaml"
ends_with 1 "a bad policy" policy check "$work/policy"
says '^site.yaml:[0-9]*:[0-9]*: .*frobnicate' "the problem has its file, line and column"
says '^[0-9]* problems\?$' "the last line counts the problems"

ends_with 2 "a capture that is missing" replay --policy "$root/policies" --device-side auto "$work/none.pcap"
ends_with 2 "a capture that is none" replay --policy "$root/policies" --device-side auto "$0"
ends_with 2 "a device side that is none" replay --policy "$root/policies" --device-side nowhere "$0"
ends_with 2 "a policy that is bad" replay --policy "$work/policy" --device-side auto "$0"
ends_with 2 "a bundle without a name" replay --policy "$root/policies" --bundle ":$0"
says "expected a name and the captures of its two legs" "what a bundle is told as"
ends_with 2 "captures and bundles at once" replay --policy "$root/policies" --bundle "east:$0" --device-side auto "$0"
ends_with 2 "neither captures nor bundles" replay --policy "$root/policies"

ends_with 3 "no daemon" status
says "$work/none.sock" "which socket was tried is told"
ends_with 3 "no daemon to look at" top --count 1
ends_with 3 "a capture without a daemon" capture arp --for 1s --out "$work/taken.pcapng"
[ ! -e "$work/taken.pcapng" ]; tell $? "leaves no file"
ends_with 3 "no daemon, with --json behind the command" device list --json
[ ! -s "$work/out" ]; tell $? "nothing but records goes to the output"

# Answers as the daemon gives them, so that every exit code is met without a running appliance.
cat >"$work/daemon.py" <<'PY'
import json, socket, sys, time
ANSWERS = {
    "status": {"ok": True, "status": {"appliance": "a", "policy": None, "counters": {"received": 3, "created": 0, "forwarded": 2,
               "dropped": {"no_rule": 1}, "held": 0}, "ports": [{"spec": "eth1", "link": "down"}], "classes": {"smart-tv": 1}}},
    "device.list": {"ok": True, "records": [{"device_id": "d-1", "class": "smart-tv", "interfaces": [], "hostname": None},
                                            {"device_id": "d-2", "class": None, "hostname": "h" * 300}]},
    "device.show": {"ok": False, "exit": 1, "errors": [{"code": "device.unknown", "where": "x", "what": "no such device was seen"}]},
    "trace": {"ok": True, "trace": {"from": {"addresses": ["10.0.0.1"], "device_id": None}, "to": {"addresses": ["10.0.0.2"], "device_id": None},
              "flows": [], "conversations": [], "untold": [], "outcome": "not_seen", "conclusion": "not seen: nothing"}},
    "quarantine.approve": {"ok": False, "exit": 4, "errors": [{"code": "quarantine.same-user", "where": "", "what": "another user must"}]},
    "quarantine.reject": {"ok": False, "exit": 2, "errors": []},
    "policy.reload": {"ok": False, "exit": 1, "errors": [{"code": "c", "where": "site.yaml:1:1", "what": "something is wrong here"}]},
}
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen(8)
while True:
    client, _ = server.accept()
    request = json.loads(client.makefile().readline())
    if request["op"] == "flow.list":
        client.sendall(b"this is no JSON\n")
    elif request["op"] == "violation.list":
        time.sleep(8)
    else:
        text = json.dumps(ANSWERS[request["op"]]) + "\n"
        client.sendall(text[:20].encode())
        time.sleep(0.05)  # an answer in two pieces is one answer
        client.sendall(text[20:].encode())
    client.close()
PY
WARDLINE_SOCKET=$work/daemon.sock
python3 "$work/daemon.py" "$WARDLINE_SOCKET" & daemon=$!
for _ in $(seq 50); do [ -S "$WARDLINE_SOCKET" ] && break; sleep 0.1; done

ends_with 0 "a status" status
says "3 received + 0 created = 2 forwarded + 1 dropped + 0 held" "the counters add up in plain sight"
says "No policy is in force" "a missing policy is told"
ends_with 0 "a status as JSON" status --json
[ "$(wc -l <"$work/out")" -eq 1 ]; tell $? "it is one record on one line"
ends_with 0 "two looks" top --interval 1s --count 2
says "1 dropped\|0 dropped" "it tells what was dropped"
! grep -q $'\x1b' "$work/out"; tell $? "nothing is drawn where there is no terminal"
ends_with 0 "a look as JSON" top --interval 1s --count 1 --json
[ "$(wc -l <"$work/out")" -eq 1 ]; tell $? "it is one object an interval"
ends_with 0 "a trace" trace 10.0.0.1 10.0.0.2 443
[ "$(tail -n 1 "$work/out")" = "not seen: nothing" ]; tell $? "its last line is the conclusion"
ends_with 0 "a list" device list
! grep -q $'\x1b' "$work/out"; tell $? "there is no colour where there is no terminal"
ends_with 0 "a list as JSON" --json device list
[ "$(wc -l <"$work/out")" -eq 2 ]; tell $? "it is one record a line"
ends_with 1 "a device nobody knows" device show x
says "no such device was seen" "the daemon's sentence is told"
ends_with 4 "what is not permitted" quarantine approve q-1
ends_with 2 "what the daemon cannot read" quarantine reject q-1
ends_with 1 "a reload of a bad policy" policy reload
says "^site.yaml:1:1: something is wrong here" "its problems are told as a check tells them"
ends_with 3 "an answer that is none" flow list
ends_with 3 "no answer in time" violation list
exit $failed
