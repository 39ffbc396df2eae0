#include <algorithm>

#include "controlplane/identity/dns_message.h"
#include "dataplane/facts/wire_text.h"

namespace wardline::identity {
namespace {

using facts::equal_caseless;

struct Key {
  std::string_view key, attribute;
};

// Keys of TXT records that name the product (RFC 6763, 6.4: in any case): of printing, AirPlay, Google Cast, HomeKit
// and `_device-info`.
constexpr Key kKeys[] = {
    {"ty", "mdns.model"},
    {"md", "mdns.model"},
    {"model", "mdns.model"},
    {"product", "mdns.model"},
    {"am", "mdns.model"},
    {"usb_mdl", "mdns.model"},
    {"mfg", "mdns.vendor"},
    {"usb_mfg", "mdns.vendor"},
    {"manufacturer", "mdns.vendor"},
    {"vendor", "mdns.vendor"},
    {"fv", "mdns.firmware"},
    {"fw", "mdns.firmware"},
    {"firmware", "mdns.firmware"},
    {"osxvers", "mdns.firmware"},
    {"sn", "mdns.serial"},
    {"serial", "mdns.serial"},
    {"serialnumber", "mdns.serial"},
};

bool is_local(const Labels& name) {
  return name.size() >= 2 && equal_caseless(name.back(), "local");
}

void tell_host(const Labels& name, Observations& out) {
  if (is_local(name)) tell(out, "mdns", "mdns.hostname", dotted({name.begin(), name.end() - 1}));
}

// `Instance._service._tcp.local` (RFC 6763, 4.1), or the type alone.
void tell_service(const Labels& name, Observations& out) {
  if (!is_local(name) || name.size() < 3 || name.size() > 4) return;
  const auto type = name[name.size() - 3], transport = name[name.size() - 2];
  if (!type.starts_with('_') || (!equal_caseless(transport, "_tcp") && !equal_caseless(transport, "_udp"))) return;
  tell(out, "mdns", "mdns.service", dotted({type, transport}));
  if (name.size() == 4) tell(out, "mdns", "mdns.instance", name.front());
}

void tell_text(Bytes strings, Observations& out) {
  packet::Cursor in(strings);
  while (in.left() > 0) {
    const auto pair = as_text(in.take(in.u8()));
    const auto equals = pair.find('=');
    if (in.failed()) return;
    if (equals == std::string_view::npos) continue;
    const auto key = pair.substr(0, equals);
    auto value = pair.substr(equals + 1);
    const auto known = std::ranges::find_if(kKeys, [&](const Key& each) { return equal_caseless(each.key, key); });
    if (known == std::end(kKeys)) continue;
    // A printer's product is that of its PostScript, in parentheses.
    if (value.starts_with('(') && value.ends_with(')')) value = value.substr(1, value.size() - 2);
    tell(out, "mdns", known->attribute, value);
  }
}

void tell_record(Bytes message, const DnsRecord& record, Observations& out) {
  if (record.ttl == 0) return;  // goodbye: no longer claimed (RFC 6762, 10.1)
  packet::Cursor data(record.data);
  if (record.type == kDnsA || record.type == kDnsAaaa) {
    tell_host(record.name, out);
  } else if (record.type == kDnsPtr) {
    if (const auto named = read_dns_name(message, data)) tell_service(*named, out);
  } else if (record.type == kDnsTxt) {
    tell_service(record.name, out);
    tell_text(record.data, out);
  } else if (record.type == kDnsSrv) {
    tell_service(record.name, out);
    data.skip(6);  // priority, weight and port
    const auto target = read_dns_name(message, data);
    if (target) tell_host(*target, out);
  }
}

}  // namespace

// The answers of a query are those that the asker knows of others (RFC 6762, 7.1); the authority section of a probe
// holds what it is about to claim (8.1).
void observe_mdns(Bytes payload, const Speech&, Observations& out) {
  const auto message = read_dns_message(payload);
  if (!message || message->opcode() != 0) return;
  if (!message->response()) {
    for (const auto& record : message->authorities) tell_record(payload, record, out);
    return;
  }
  for (const auto& record : message->answers) tell_record(payload, record, out);
  for (const auto& record : message->additionals) tell_record(payload, record, out);
}

}  // namespace wardline::identity
