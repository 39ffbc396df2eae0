#pragma once
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "dataplane/runtime/options.h"
#include "dataplane/runtime/port.h"

namespace wardline::runtime {

// Things to tell, until somebody takes them. Bounded: the oldest go first, for the latest state is what matters.
class NoticeBoard {
 public:
  void post(Notice notice);
  std::vector<Notice> take();

 private:
  static constexpr std::size_t kMost = 256;
  std::mutex mutex_;
  std::vector<Notice> notices_;
};

// Looks at every carrier ten times a second, at what it runs at once a second, and tells lanes (Port::usable) and
// people. Frames toward a leg without a link are dropped by the lane as `tx_error`: af_packet would call them sent, and
// block once its ring is full.
class LinkWatch {
 public:
  struct Leg {
    std::string name;
    Port* port;
  };
  LinkWatch(std::vector<Leg> legs, NoticeBoard& board);
  ~LinkWatch();

  void look();  // one round; the thread's own, and for tests

 private:
  void run(const std::stop_token& stop);

  void look_at_speeds();

  std::vector<Leg> legs_;
  NoticeBoard& board_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // last: it ends before what it uses
};

}  // namespace wardline::runtime
