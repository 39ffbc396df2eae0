#pragma once
#include <csignal>
#include <ctime>

namespace wardline::cli {

// While it lives, SIGINT and SIGTERM end a wait, and nothing else: what is being asked or printed comes to its end.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals_, &former_);
  }
  ~StopSignals() { sigprocmask(SIG_SETMASK, &former_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // True when a signal came before the time was over.
  bool wait(std::time_t seconds) const {
    const timespec time{seconds, 0};
    return sigtimedwait(&signals_, nullptr, &time) > 0;
  }

 private:
  sigset_t signals_{}, former_{};
};

}  // namespace wardline::cli
