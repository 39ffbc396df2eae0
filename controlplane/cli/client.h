#pragma once
#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "controlplane/cli/exit_code.h"

namespace wardline::cli {

struct ClientFailure {
  ExitCode exit = kNoDaemon;
  std::string what;  // a sentence
};

// Sends one line to the daemon's unix socket and returns the one line it answers, without the newline. The limit is
// for the whole exchange.
std::expected<std::string, ClientFailure> ask_daemon(const std::string& socket, std::string_view request,
                                                     std::chrono::milliseconds limit);

}  // namespace wardline::cli
