#include "controlplane/daemon/control_socket.h"

#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace wardline::daemon {
namespace {

std::string peer_user(int client) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(client, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return "unknown";
  std::array<char, 1024> room;
  passwd entry{};
  passwd* found = nullptr;
  getpwuid_r(peer.uid, &entry, room.data(), room.size(), &found);
  return found != nullptr ? std::string(found->pw_name) : "uid-" + std::to_string(peer.uid);
}

bool somebody_listens(const sockaddr_un& address) {
  const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool answered = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return answered;
}

}  // namespace

Result<ControlSocket> ControlSocket::listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail("daemon.socket", path, "the path of a unix socket has at most 107 bytes; choose a shorter `control_socket`");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  if (somebody_listens(address))
    return fail("daemon.socket", path, "another wardlined listens here; stop it, or give this one its own `control_socket`");
  unlink(path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 16) != 0) {
    const std::string why = std::strerror(errno);
    close(listener);
    return fail("daemon.socket", path, "cannot listen for `wardline`: " + why);
  }
  chmod(path.c_str(), 0660);
  return ControlSocket(path, listener);
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : path_(std::move(other.path_)), listener_(std::exchange(other.listener_, -1)), clients_(std::move(other.clients_)) {}

ControlSocket::~ControlSocket() {
  if (listener_ < 0) return;
  for (const auto& [client, state] : clients_) close(client);
  close(listener_);
  unlink(path_.c_str());
}

void ControlSocket::serve(int timeout_ms, const Handler& handle) {
  std::vector<pollfd> watched{{listener_, POLLIN, 0}};
  for (const auto& [client, state] : clients_)
    watched.push_back({client, static_cast<short>(POLLIN | (state.output.empty() ? 0 : POLLOUT)), 0});
  if (poll(watched.data(), watched.size(), timeout_ms) <= 0) return;
  if ((watched[0].revents & POLLIN) != 0) accept_one();
  for (std::size_t i = 1; i < watched.size(); ++i) {
    const auto [client, asked, seen] = watched[i];
    bool alive = true;
    if ((seen & (POLLIN | POLLHUP | POLLERR)) != 0) alive = read_some(client, handle);
    if (alive && (seen & POLLOUT) != 0 && clients_.contains(client)) alive = write_some(client);
    if (!alive) close_client(client);
  }
}

void ControlSocket::accept_one() {
  const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  if (clients_.size() >= kMaxClients) {
    close(client);
    return;
  }
  clients_[client].user = peer_user(client);
}

bool ControlSocket::read_some(int client, const Handler& handle) {
  std::array<char, 4096> room;
  for (;;) {
    const auto got = recv(client, room.data(), room.size(), 0);
    if (got == 0) return false;
    if (got < 0) {
      if (errno != EAGAIN && errno != EINTR) return false;
      break;
    }
    auto& input = clients_[client].input;
    input.append(room.data(), static_cast<std::size_t>(got));
    if (input.size() > kMaxRequest) return false;
  }
  for (;;) {
    auto& state = clients_[client];
    const auto end = state.input.find('\n');
    if (end == std::string::npos) return true;
    const std::string request = state.input.substr(0, end);
    state.input.erase(0, end + 1);
    handle(client, request, std::string(state.user));
    if (!clients_.contains(client)) return true;  // its answer could not be sent
  }
}

void ControlSocket::answer(int client, std::string_view line) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  found->second.output.append(line).push_back('\n');
  if (!write_some(client)) close_client(client);
}

bool ControlSocket::write_some(int client) {
  auto& output = clients_[client].output;
  const auto sent = send(client, output.data(), output.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  output.erase(0, static_cast<std::size_t>(sent));
  return true;
}

void ControlSocket::close_client(int client) {
  if (clients_.erase(client) != 0) close(client);
}

}  // namespace wardline::daemon
