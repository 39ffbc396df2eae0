#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dataplane/error.h"

struct pollfd;

namespace wardline::daemon {

// The unix socket that `wardline` speaks to: one JSON object a line, one line back. Who asks is told by the kernel
// (SO_PEERCRED), never by the request. Bounded: kMaxClients, kMaxRequest bytes a request, one request of a client in a
// turn and none while its last answer is unread; a client that does not read for kPatience is closed. One thread.
class ControlSocket {
 public:
  static constexpr std::size_t kMaxClients = 64, kMaxRequest = 1 << 20;
  static constexpr std::chrono::seconds kPatience{10};
  // `client` is a number that is never used again, so an answer that comes late reaches nobody else. Answers at once,
  // or returns nothing and calls answer(client, ...) later.
  using Handler = std::function<void(int client, const std::string& request, const std::string& user)>;

  // Replaces a socket that no process listens on any more; refuses one that is in use.
  static Result<ControlSocket> listen(const std::string& path);
  ~ControlSocket();
  ControlSocket(ControlSocket&& other) noexcept;
  ControlSocket& operator=(ControlSocket&&) = delete;

  // Waits up to `timeout_ms` for requests and hands each to `handle`.
  void serve(int timeout_ms, const Handler& handle);
  // Sends one line. A client that is gone is no fault.
  void answer(int client, std::string_view line);

 private:
  ControlSocket(std::string path, int listener) : path_(std::move(path)), listener_(listener) {}
  struct Client {
    int descriptor = -1;
    std::string user, input, output;
    std::chrono::steady_clock::time_point unread_since{};  // of `output`
  };
  bool accept_one();
  bool has_request(const Client& client) const;
  bool read_some(Client& client);
  bool write_some(Client& client);
  void handle_one(int client, const Handler& handle);
  void close_client(int client);

  std::string path_;
  int listener_ = -1;
  std::map<int, Client> clients_;
  int next_client_ = 0;
};

}  // namespace wardline::daemon
