#include "tests/unit/dataplane/runtime/quiet/traffic.h"

#include "tests/unit/dataplane/facts/hello.h"
#include "tests/unit/dataplane/facts/quic_seal.h"

namespace wardline::test {
namespace {

using facts::Fact;
using Words = PolicyWords;

constexpr auto kPumpMac = "02:00:00:00:00:10", kTvMac = "02:00:00:00:00:20", kUnknownMac = "02:00:00:00:00:30",
               kScannerMac = "02:00:00:00:00:40", kRouter = "02:00:00:00:00:fe", kPumpIp = "10.1.0.10",
               kTvIp = "10.1.0.20", kUnknownIp = "10.1.0.30", kScannerIp = "10.1.0.40", kServer = "10.9.0.1",
               kFileServer = "10.9.0.2", kResolver = "10.9.0.53", kInternet = "203.0.113.7", kTvIp6 = "fd00::20",
               kServer6 = "fd00:9::1";

std::uint16_t port_of(int base, int number) {
  return static_cast<std::uint16_t>(base + number);
}

std::string text_of(const facts::Octets& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

// A TCP connection whose segments are in order unless asked otherwise.
class Session {
 public:
  Session(QuietLane& lane, int device_port, std::uint16_t peer_port, std::string_view mac = kTvMac,
          std::string_view ip = kTvIp, std::string_view peer = kServer)
      : lane_(lane), device_port_(port_of(device_port, 0)), peer_port_(peer_port), mac_(mac), ip_(ip), peer_(peer) {
    send(Side::kDevice, device().flags(packet::kSyn).sequence(next_[0]++));
    send(Side::kCore, core().flags(packet::kSyn | packet::kAck).sequence(next_[1]++).acknowledgement(next_[0]));
    send(Side::kDevice, segment(Side::kDevice, ""));
  }
  Session& says(Side side, std::string_view text) {
    send(side, segment(side, text));
    next_[side == Side::kCore] += static_cast<std::uint32_t>(text.size());
    return *this;
  }
  Session& out_of_order(std::string_view first, std::string_view second) {
    const auto ahead = static_cast<std::uint32_t>(first.size());
    send(Side::kDevice, segment(Side::kDevice, second, ahead));
    send(Side::kDevice, segment(Side::kDevice, first));
    send(Side::kDevice, segment(Side::kDevice, std::string(first.size(), '?')));  // contradicts
    next_[0] += static_cast<std::uint32_t>(first.size() + second.size());
    return *this;
  }
  void ends() {
    for (const Side side : {Side::kDevice, Side::kCore}) {
      send(side, segment(side, "").flags(packet::kFin | packet::kAck));
      ++next_[side == Side::kCore];
    }
    send(Side::kDevice, segment(Side::kDevice, ""));
  }
  void breaks() { send(Side::kCore, segment(Side::kCore, "").flags(packet::kRst | packet::kAck)); }
  FrameBuilder segment(Side side, std::string_view text, std::uint32_t ahead = 0) const {
    const bool from_core = side == Side::kCore;
    return (from_core ? core() : device())
        .sequence(next_[from_core] + ahead)
        .acknowledgement(next_[!from_core])
        .payload(text);
  }

 private:
  FrameBuilder device() const {
    return addressed(frame().from(mac_).to(kRouter), ip_, peer_).tcp(device_port_, peer_port_);
  }
  FrameBuilder core() const {
    return addressed(frame().from(kRouter).to(mac_), peer_, ip_).tcp(peer_port_, device_port_);
  }
  static FrameBuilder addressed(FrameBuilder builder, std::string_view source, std::string_view target) {
    const bool v6 = source.find(':') != std::string_view::npos;
    return v6 ? builder.ipv6(source, target) : builder.ipv4(source, target);
  }
  void send(Side side, const FrameBuilder& builder) { lane_.give(builder.bytes(), side); }

  QuietLane& lane_;
  std::uint16_t device_port_, peer_port_;
  std::string mac_, ip_, peer_;
  std::uint32_t next_[2] = {1000, 5000};
};

FrameBuilder from_tv(std::string_view peer) {
  return frame().from(kTvMac).to(kRouter).ipv4(kTvIp, peer);
}
FrameBuilder to_tv(std::string_view peer) {
  return frame().from(kRouter).to(kTvMac).ipv4(peer, kTvIp);
}

std::string modbus(std::uint8_t function) {
  const char request[] = {0, 1, 0, 0, 0, 6, 1, static_cast<char>(function), 0, 0, 0, 1};
  return {request, sizeof request};
}

}  // namespace

PolicyWords quiet_policy() {
  Words words;
  words.infrastructure({{.peer = kResolver, .apps = {Words::kBeta}, .port = 53, .living = true},
                        {.peer = "broadcast", .apps = {Words::kDhcp}, .living = true},
                        {.peer = "any", .apps = {Words::kPing}, .proto = 1}});
  const std::vector<Words::RuleWords> rules{
      {.peer = kServer, .apps = {Words::kAlpha, Words::kBeta}},
      {.peer = kFileServer, .apps = {Words::kFtp}, .port = 21},
      {.peer = kFileServer, .apps = {Words::kTftp}, .port = 69},
      {.peer = kServer, .apps = {Words::kModbus}, .port = 502, .when = {{Fact::kModbusAccess, {"read"}}}},
      {.peer = kServer, .apps = {Words::kWeb}, .port = 80, .when = {{Fact::kHttpMethod, {"GET"}}}},
      {.peer = kServer,
       .apps = {Words::kHello, Words::kQuic},
       .port = 443,
       .when = {{Fact::kTlsSni, {"*.maker.example"}}}},
      {.peer = "class:1", .apps = {Words::kAlpha}}};
  words.rules(Words::kTv, rules);
  words.rules(Words::kPump, {{.peer = kServer, .apps = {Words::kAlpha}, .port = 443, .essential = true}});
  words.expects({Words::kPump, Words::kTv});
  words.device_class(Words::kTv).inspect_bytes = enforce::kInspectAll;
  words.device_class(Words::kTv).on_violation = enforce::OnViolation::kReject;
  auto& detectors = words.plain().detectors;
  for (std::size_t i = 0; i < detect::kDetectorCount; ++i)
    detectors[i] = {.enabled = true, .count = 5, .within_seconds = 60, .signature = static_cast<SignatureId>(100 + i)};
  return words;
}

WorkerOptions quiet_options() {
  auto options = Rig::small();
  options.flows_v4 = options.flows_v6 = 1024;
  options.inspected = options.framed = options.kept_facts = 64;
  options.hellos = 64;
  options.fragments = 64;
  options.watched = 64;
  options.events = 1024;
  return options;
}

void add_devices(QuietLane& lane) {
  const auto add = [&](std::string_view text, std::string_view ip, ClassId device_class) {
    enforce::SlotIdentity identity;
    identity.device_key = enforce::name_hash(text);
    identity.segment = Words::kWard;
    identity.mac = mac(text);
    identity.address = address(ip);
    const SlotId slot = lane.slots().allocate(identity);
    auto& cold = lane.slots().cold(slot);
    cold.threshold = 40;
    cold.within_seconds = 60;
    cold.counts_detections_only = false;
    lane.slots().update(slot, [&](enforce::SlotWord& word) {
      word.device_class = device_class;
      if (text == kScannerMac) word.armed = enforce::Profile::kContain;
      return true;
    });
    lane.slots().bind_peer_address(address(ip), slot);
  };
  add(kTvMac, kTvIp, Words::kTv);
  add(kPumpMac, kPumpIp, Words::kPump);
  add(kScannerMac, kScannerIp, Words::kTv);
}

void frames_without_flow(QuietLane& lane) {
  for (const Side side : {Side::kDevice, Side::kCore}) {
    const auto give = [&](const FrameBuilder& builder) { lane.give(builder.bytes(), side); };
    for (const char* ip : {kTvIp, kPumpIp, kUnknownIp})
      for (const std::uint16_t operation : {1, 2})
        give(frame().from(kTvMac).to("ff:ff:ff:ff:ff:ff").arp(operation, ip, kServer));
    for (const std::uint16_t type : {0x88f7, 0x88cc, 0x8863, 0x1234})
      give(frame().from(kTvMac).to(kRouter).ethertype(type).payload(std::string(60, 'x')));
    give(frame().from(kTvMac).to("01:80:c2:00:00:00").llc(0x42, 0x42, 3).payload(std::string(40, 'b')));
    give(frame()
             .from(kTvMac)
             .to("ff:ff:ff:ff:ff:ff")
             .ipv4("0.0.0.0", "255.255.255.255")
             .udp(68, 67)
             .payload(std::string("\1\1\6\0", 4) + std::string(300, '\0')));
    give(frame().from(kTvMac).to("01:00:5e:00:00:fb").ipv4(kTvIp, "224.0.0.251").udp(5353, 5353).payload("BETA"));
    give(frame()
             .from(kTvMac)
             .to("01:00:5e:00:00:16")
             .ipv4(kTvIp, "224.0.0.22")
             .proto(2)
             .payload(std::string("\x22\0\0\0\0\0\0\0", 8)));
    for (const std::uint8_t type : {133, 134, 135, 136, 128})
      give(frame()
               .from(kTvMac)
               .to("33:33:00:00:00:01")
               .ipv6("fe80::20", "ff02::1")
               .ttl(255)
               .icmp(type, 0)
               .payload(std::string(32, '\0')));
    give(frame().from(kTvMac).to(kRouter).ipv4(kTvIp, kServer).proto(47).payload(std::string(40, 'g')));
    give(from_tv(kServer).udp(9, 9).payload("x").total_length_field(4000));  // malformed
    give(frame().from(kTvMac).to(kRouter).vlan(20).ipv4("10.7.0.1", kServer).udp(1000, 2000).payload("ALPHA"));
  }
}

void datagrams(QuietLane& lane, int round) {
  for (int i = 0; i < 200; ++i) {
    const auto port = port_of(10'000 + 200 * (round % 100), i);
    static constexpr std::string_view kTexts[] = {"ALPHA hello",       "BETA",      "EVIL", "ODD one",
                                                  "nobody knows this", "ALPHA EVIL"};
    const auto text = kTexts[static_cast<std::size_t>(i) % std::size(kTexts)];
    lane.give(from_tv(i % 3 == 0 ? kInternet : kServer).udp(port, port_of(4000, i % 40)).payload(text).bytes(),
              Side::kDevice);
    lane.give(frame().from(kUnknownMac).to(kRouter).ipv4(kUnknownIp, kServer).udp(port, 4000).payload(text).bytes(),
              Side::kDevice);
    lane.give(frame().from(kTvMac).to(kRouter).ipv6(kTvIp6, kServer6).udp(port, 4000).payload(text).bytes(),
              Side::kDevice);
  }
  for (int i = 0; i < 200; ++i)
    lane.give(to_tv(kServer)
                  .udp(port_of(4000, i % 40), port_of(10'000 + 200 * (round % 100), i))
                  .payload("BETA back")
                  .bytes(),
              Side::kCore);
  for (std::uint16_t i = 0; i < 20; ++i) {
    lane.give(from_tv(kServer).echo_request(7, i).payload(std::string(200, 'p')).bytes(), Side::kDevice);
    lane.give(to_tv(kServer).echo_reply(7, i).bytes(), Side::kCore);
    lane.give(to_tv("10.9.0.254").icmp(3, 3).quoting(from_tv(kServer).udp(port_of(10'000, i), 4000)).bytes(),
              Side::kCore);
  }
}

void connections(QuietLane& lane, int round) {
  for (int i = 0; i < 20; ++i) {
    const int port = 20'000 + 20 * (round % 100) + i;
    Session classified(lane, port, 8080);
    classified.says(Side::kDevice, "ALPHA").says(Side::kCore, "ALPHA").says(Side::kDevice, std::string(1400, 'x'));
    i % 2 == 0 ? classified.ends() : classified.breaks();
    Session unidentified(lane, port, 8080, kUnknownMac, kUnknownIp);
    unidentified.says(Side::kDevice, "AL").says(Side::kDevice, "PHA").ends();
    Session six(lane, port, 8080, kTvMac, kTvIp6, kServer6);
    six.says(Side::kCore, "BETA").says(Side::kDevice, "ODD").ends();
    Session undecided(lane, port, 9000);
    for (int n = 0; n < 25; ++n) undecided.says(Side::kDevice, std::string(300, static_cast<char>('a' + n)));
    Session(lane, port, 9001).out_of_order("ALP", "HA and so on");
    Session(lane, port, 443, kPumpMac, kPumpIp).says(Side::kDevice, "BETA").ends();  // essential, not as its rule says
    Session(lane, port, 8081).says(Side::kDevice, "ALPHA EVIL").says(Side::kDevice, "on and on");
    Session(lane, port, 8082, kTvMac, kTvIp, kPumpIp).says(Side::kDevice, "ALPHA").ends();  // another device
    lane.give(from_tv(kServer).tcp(port_of(port, 0), 8083).sequence(77).payload("from the middle").bytes(),
              Side::kDevice);
  }
}

void messages(QuietLane& lane, int round) {
  const int port = 30'000 + 20 * (round % 100);
  for (int i = 0; i < 4; ++i) {
    Session reads(lane, port + i, 502);
    for (int n = 0; n < 8; ++n) reads.says(Side::kDevice, modbus(3)).says(Side::kCore, modbus(3));
    reads.says(Side::kDevice, modbus(3) + modbus(3).substr(0, 5)).says(Side::kDevice, modbus(3).substr(5));
    reads.says(Side::kDevice, modbus(6)).says(Side::kDevice, modbus(3));
    Session web(lane, port + i, 80);
    web.says(Side::kDevice, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .says(Side::kCore, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    web.says(Side::kDevice, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").ends();
    const auto named = [](std::string_view name) {
      return text_of(facts::record(facts::Hello().name(name).handshake()));
    };
    Session(lane, port + i, 443).says(Side::kDevice, named("pump.maker.example")).says(Side::kCore, "answer").ends();
    Session(lane, port + i + 4, 443).says(Side::kDevice, named("pump.maker.example").substr(0, 30));
    Session(lane, port + i + 8, 443).says(Side::kDevice, named("other.example"));
    const auto initial = facts::seal_initial(
        facts::QuicVersion::kV1, facts::crypto_frame(0, facts::Hello().name("a.maker.example").handshake()));
    lane.give(from_tv(kServer).udp(port_of(port, i), 443).payload(text_of(initial)).bytes(), Side::kDevice);
  }
}

void long_streams(QuietLane& lane, int round) {
  for (int i = 0; i < 3; ++i) {
    Session stream(lane, 40'000 + 3 * (round % 100) + i, 8080);
    stream.says(Side::kDevice, "ALPHA").says(Side::kCore, "ALPHA");
    for (int n = 0; n < 30; ++n) stream.says(Side::kCore, std::string(1400, static_cast<char>('a' + n % 26)));
    lane.give(stream.segment(Side::kCore, std::string(9000, 'j')).bytes(), Side::kCore,
              1500);  // a jumbo frame in pieces
    stream.says(Side::kCore, "OD").says(Side::kCore, "D").out_of_order("EV", "IL").says(Side::kCore, "more");
  }
  for (int i = 0; i < 70; ++i)  // more at a time than there are windows
    Session(lane, 52'000 + 70 * (round % 100) + i, 8080).says(Side::kDevice, "ALPHA").says(Side::kCore, "ALPHA");
}

void fragments(QuietLane& lane, int round) {
  const std::string text = "ALPHA" + std::string(2995, 'f');
  for (int i = 0; i < 20; ++i) {
    const auto id = port_of(20 * (round % 1000), i);
    const auto piece = [&](std::size_t from, std::size_t length, bool more) {
      const auto whole = from_tv(kServer).udp(5000, 4000).payload(text).packet();
      Bytes part(whole.begin() + 20 + static_cast<std::ptrdiff_t>(from),
                 whole.begin() + 20 + static_cast<std::ptrdiff_t>(std::min(from + length, whole.size() - 20)));
      return from_tv(kServer)
          .proto(17)
          .fragment(static_cast<std::uint16_t>(from), more, id)
          .payload(std::move(part))
          .bytes();
    };
    lane.give(piece(0, 1480, true), Side::kDevice);
    if (i % 4 != 3) lane.give(piece(1480, 800, true), Side::kDevice);  // every fourth never becomes whole
    if (i % 5 == 4) lane.give(piece(1400, 800, true), Side::kDevice);  // overlaps
    lane.give(piece(2280, 800, false), Side::kDevice);
    lane.give(frame()
                  .from(kTvMac)
                  .to(kRouter)
                  .ipv6(kTvIp6, kServer6)
                  .proto(17)
                  .fragment(0, true, id)
                  .payload(std::string(1200, '6'))
                  .bytes(),
              Side::kDevice);
  }
}

void announcements(QuietLane& lane, int round) {
  const int port = 45'000 + 10 * (round % 100);
  Session control(lane, port, 21, kTvMac, kTvIp, kFileServer);
  control.says(Side::kCore, "220 ready\r\n")
      .says(Side::kDevice, "USER maintenance\r\n")
      .says(Side::kDevice, "PASS 1234\r\n");
  control.says(Side::kDevice, "PASV\r\n").says(Side::kCore, "227 Entering Passive Mode (10,9,0,2,117,48)\r\n");
  Session(lane, port + 1, 30'000, kTvMac, kTvIp, kFileServer).says(Side::kCore, "file").ends();
  control.says(Side::kDevice, "PORT 10,1,0,20,117,49\r\n").ends();
  lane.give(from_tv(kFileServer).udp(port_of(port, 2), 69).payload(std::string("\0\1file\0octet\0", 13)).bytes(),
            Side::kDevice);
  lane.give(to_tv(kFileServer).udp(30'123, port_of(port, 2)).payload(std::string("\0\3\0\1data", 8)).bytes(),
            Side::kCore);
}

void hostile(QuietLane& lane, int round) {
  const auto scanner = [](std::string_view peer) {
    return frame().from(kScannerMac).to(kRouter).ipv4(kScannerIp, peer);
  };
  for (int i = 0; i < 60; ++i) {  // scans: of ports, of hosts; floods
    lane.give(scanner(kServer).tcp(50'000, port_of(1, (60 * round + i) % 60'000)).flags(packet::kSyn).bytes(),
              Side::kDevice);
    lane.give(frame()
                  .from(kRouter)
                  .to(kScannerMac)
                  .ipv4(kServer, kScannerIp)
                  .tcp(port_of(1, (60 * round + i) % 60'000), 50'000)
                  .flags(packet::kRst | packet::kAck)
                  .bytes(),
              Side::kCore);
    lane.give(scanner("198.51.100." + std::to_string(i)).tcp(50'001, 23).flags(packet::kSyn).bytes(), Side::kDevice);
    lane.give(scanner("198.51.100." + std::to_string(i)).udp(50'001, 7).payload("?").bytes(), Side::kDevice);
  }
  for (int i = 0; i < 10; ++i) {  // guesses a password
    Session guess(lane, 51'000 + 10 * (round % 100) + i, 21);
    guess.says(Side::kCore, "220 \r\n")
        .says(Side::kDevice, "USER root\r\n")
        .says(Side::kDevice, "PASS root\r\n")
        .says(Side::kCore, "530 no\r\n")
        .ends();
  }
}

void more_flows_than_places(QuietLane& lane, int round) {
  for (int i = 0; i < 1500; ++i) {
    const auto port = port_of(1000 + (round % 2) * 30'000, i);
    lane.give(from_tv(kServer).udp(port, 4001).payload("ALPHA").bytes(), Side::kDevice);
    lane.give(frame().from(kTvMac).to(kRouter).ipv6(kTvIp6, kServer6).tcp(port, 8080).flags(packet::kSyn).bytes(),
              Side::kDevice);
  }
  for (int i = 0; i < 200; ++i) Session(lane, 2000 + i, 8085).says(Side::kDevice, "A");  // more than can be gathered
}

}  // namespace wardline::test
