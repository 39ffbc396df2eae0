#include "controlplane/cli/client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace wardline::cli {
namespace {

using Clock = std::chrono::steady_clock;
using Failure = std::unexpected<ClientFailure>;

constexpr std::size_t kMostAnswer = 256u << 20;  // a daemon that never ends its line must not fill the memory

struct Connection {
  explicit Connection(int descriptor) : fd(descriptor) {}
  ~Connection() {
    if (fd >= 0) close(fd);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  const int fd;
};

Failure not_reached(const std::string& path, int error) {
  if (error == EACCES || error == EPERM)
    return Failure(
        {kNotPermitted, fmt::format("{}: this user may not talk to the daemon; ask as root or as a member of "
                                    "the socket's group",
                                    path)});
  return Failure({kNoDaemon, fmt::format("{}: no wardlined answers here ({}); is it running, and is this its "
                                         "`control_socket`? Another socket: --socket PATH or WARDLINE_SOCKET",
                                         path, std::strerror(error))});
}

// False when the time is over.
bool wait_for(int fd, short what, Clock::time_point end) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
    if (left <= 0) return false;
    pollfd watched{fd, what, 0};
    const int ready = poll(&watched, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

Failure too_late(const std::string& path, std::chrono::milliseconds limit) {
  return Failure({kNoDaemon, fmt::format("{}: the daemon gave no answer in {} s", path, limit.count() / 1000)});
}

}  // namespace

std::expected<std::string, ClientFailure> ask_daemon(const std::string& path, std::string_view request,
                                                     std::chrono::milliseconds limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return Failure({kBadInput, fmt::format("\"{}\": the path of a unix socket has 1 to 107 bytes", path)});
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);

  const Connection connection(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (connection.fd < 0 || connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return not_reached(path, errno);

  const auto end = Clock::now() + limit;
  std::string output = std::string(request) + "\n";
  while (!output.empty()) {
    const auto sent = send(connection.fd, output.data(), output.size(), MSG_NOSIGNAL);
    if (sent > 0)
      output.erase(0, static_cast<std::size_t>(sent));
    else if (errno != EAGAIN && errno != EINTR)
      return not_reached(path, errno);
    else if (!wait_for(connection.fd, POLLOUT, end))
      return too_late(path, limit);
  }

  std::string answer;
  std::array<char, 65536> room;
  while (answer.size() < kMostAnswer) {
    if (!wait_for(connection.fd, POLLIN, end)) return too_late(path, limit);
    const auto got = recv(connection.fd, room.data(), room.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) return Failure({kNoDaemon, path + ": the daemon closed the connection without an answer"});
    const std::string_view piece(room.data(), static_cast<std::size_t>(got));
    const auto newline = piece.find('\n');
    answer.append(piece.substr(0, newline));
    if (newline != std::string_view::npos) return answer;
  }
  return Failure({kNoDaemon, path + ": the daemon's answer does not end"});
}

}  // namespace wardline::cli
