#include "dataplane/runtime/veth_peer.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace wardline::runtime {
namespace {

struct LinkAnswer {
  unsigned other_end = 0;
  bool elsewhere = false;  // in another network namespace
};

LinkAnswer read_attributes(const nlmsghdr* message) {
  LinkAnswer answer;
  auto rest = static_cast<int>(message->nlmsg_len - NLMSG_LENGTH(sizeof(ifinfomsg)));
  const auto* info = static_cast<const ifinfomsg*>(NLMSG_DATA(message));
  for (const auto* item = IFLA_RTA(info); RTA_OK(item, rest); item = RTA_NEXT(item, rest)) {
    if (item->rta_type == IFLA_LINK) std::memcpy(&answer.other_end, RTA_DATA(item), sizeof answer.other_end);
    if (item->rta_type == IFLA_LINK_NETNSID) answer.elsewhere = true;
  }
  return answer;
}

std::optional<LinkAnswer> ask_kernel(int fd, unsigned interface) {
  struct {
    nlmsghdr header;
    ifinfomsg info;
  } question{};
  question.header.nlmsg_len = NLMSG_LENGTH(sizeof question.info);
  question.header.nlmsg_type = RTM_GETLINK;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.info.ifi_index = static_cast<int>(interface);
  if (send(fd, &question, question.header.nlmsg_len, 0) < 0) return std::nullopt;
  alignas(nlmsghdr) std::array<char, 16384> room;
  const auto length = recv(fd, room.data(), room.size(), 0);
  const auto* message = reinterpret_cast<const nlmsghdr*>(room.data());
  if (length <= 0 || !NLMSG_OK(message, static_cast<unsigned>(length)) || message->nlmsg_type != RTM_NEWLINK)
    return std::nullopt;
  return read_attributes(message);
}

}  // namespace

std::optional<std::string> peer_of_veth(const std::string& name) {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return std::nullopt;
  const unsigned own = if_nametoindex(name.c_str());
  const auto answer = ask_kernel(fd, own);
  close(fd);
  std::array<char, IFNAMSIZ> peer{};
  if (!answer || answer->elsewhere || answer->other_end == 0 || answer->other_end == own) return std::nullopt;
  if (if_indextoname(answer->other_end, peer.data()) == nullptr) return std::nullopt;
  return std::string(peer.data());
}

}  // namespace wardline::runtime
