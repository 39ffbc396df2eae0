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
    return fail("daemon.socket", path,
                "the path of a unix socket has at most 107 bytes; choose a shorter `control_socket`");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  if (somebody_listens(address))
    return fail("daemon.socket", path,
                "another wardlined listens here; stop it, or give this one its own `control_socket`");
  unlink(path.c_str());
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  // Before the name exists: between bind and a chmod anybody might connect.
  fchmod(listener, 0660);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 16) != 0) {
    const std::string why = std::strerror(errno);
    close(listener);
    return fail("daemon.socket", path, "cannot listen for `wardline`: " + why);
  }
  return ControlSocket(path, listener);
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : path_(std::move(other.path_)),
      listener_(std::exchange(other.listener_, -1)),
      clients_(std::move(other.clients_)),
      next_client_(other.next_client_) {}

ControlSocket::~ControlSocket() {
  if (listener_ < 0) return;
  for (const auto& [client, state] : clients_) close(state.descriptor);
  close(listener_);
  unlink(path_.c_str());
}

bool ControlSocket::has_request(const Client& client) const {
  return client.output.empty() && client.input.find('\n') != std::string::npos;
}

void ControlSocket::serve(int timeout_ms, const Handler& handle) {
  std::vector<pollfd> watched{{listener_, POLLIN, 0}};
  std::vector<int> clients;
  for (const auto& [client, state] : clients_) {
    watched.push_back({state.descriptor, static_cast<short>(state.output.empty() ? POLLIN : POLLOUT), 0});
    clients.push_back(client);
    if (has_request(state)) timeout_ms = 0;
  }
  if (poll(watched.data(), watched.size(), timeout_ms) < 0) return;
  const auto now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    const auto seen = watched[i + 1].revents;
    const auto found = clients_.find(clients[i]);
    if (found == clients_.end()) continue;
    auto& state = found->second;
    bool alive = (seen & (POLLIN | POLLHUP | POLLERR)) == 0 || read_some(state);
    if (alive && (seen & POLLOUT) != 0) alive = write_some(state);
    if (!alive || (!state.output.empty() && now - state.unread_since > kPatience))
      close_client(clients[i]);
    else
      handle_one(clients[i], handle);
  }
  if ((watched[0].revents & POLLIN) != 0)
    for (std::size_t i = 0; i < kMaxClients && accept_one(); ++i) {
    }
}

bool ControlSocket::accept_one() {
  const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (descriptor < 0) return false;
  if (clients_.size() >= kMaxClients) {
    close(descriptor);
    return true;
  }
  auto& client = clients_[next_client_++];
  client.descriptor = descriptor;
  client.user = peer_user(descriptor);
  return true;
}

// False when the client is gone, or sends a request without end.
bool ControlSocket::read_some(Client& client) {
  std::array<char, 4096> room;
  while (client.input.size() <= kMaxRequest) {
    const auto got = recv(client.descriptor, room.data(), room.size(), 0);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    client.input.append(room.data(), static_cast<std::size_t>(got));
  }
  return client.input.find('\n') != std::string::npos;
}

void ControlSocket::handle_one(int client, const Handler& handle) {
  const auto found = clients_.find(client);
  if (found == clients_.end() || !has_request(found->second)) return;
  auto& state = found->second;
  const auto end = state.input.find('\n');
  const std::string request = state.input.substr(0, end);
  state.input.erase(0, end + 1);
  const std::string user = state.user;
  handle(client, request, user);  // its answer may close the client
}

void ControlSocket::answer(int client, std::string_view line) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  auto& state = found->second;
  if (state.output.empty()) state.unread_since = std::chrono::steady_clock::now();
  state.output.append(line).push_back('\n');
  if (!write_some(state)) close_client(client);
}

bool ControlSocket::write_some(Client& client) {
  const auto sent = send(client.descriptor, client.output.data(), client.output.size(), MSG_NOSIGNAL);
  if (sent < 0) return errno == EAGAIN || errno == EINTR;
  client.output.erase(0, static_cast<std::size_t>(sent));
  client.unread_since = std::chrono::steady_clock::now();
  return true;
}

void ControlSocket::close_client(int client) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  close(found->second.descriptor);
  clients_.erase(found);
}

}  // namespace wardline::daemon
