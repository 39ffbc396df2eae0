// The readers of announcements over any bytes: bounded, and never more than they may say.
#include <cstdlib>
#include <vector>

#include "dataplane/related/ftp.h"
#include "dataplane/related/h323.h"
#include "dataplane/related/portmap.h"
#include "dataplane/related/rtsp.h"
#include "dataplane/related/sdp.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wardline;
  if (size == 0) return 0;
  const auto control = data[0];
  const std::vector<std::byte> exact(reinterpret_cast<const std::byte*>(data) + 1,
                                     reinterpret_cast<const std::byte*>(data) + size);
  const auto check = [](const related::Announcements& said) {
    for (const auto& one : said)
      if (one.port == 0 || (one.proto != packet::kProtoTcp && one.proto != packet::kProtoUdp)) std::abort();
  };
  const bool first = (control & 1) != 0;
  check(related::read_ftp(exact, first));
  check(related::read_sdp(exact));
  check(related::read_rtsp(exact, first));
  check(related::read_h323(exact, Address::v4(0x0a000000u | control)));
  related::read_reply_number(exact, first);
  if (const auto call = related::read_portmap_call(exact, first); call && call->proto == 0) std::abort();
  for (const std::uint8_t version : {2, 3, 4})
    check(related::read_portmap_reply(exact, first, {.xid = 0, .version = version, .proto = packet::kProtoUdp}));
  return 0;
}
