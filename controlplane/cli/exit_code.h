#pragma once

namespace wardline::cli {

// What `wardline` ends with; scripts build on these numbers.
enum ExitCode : int {
  kFine = 0,
  kAnswerIsNo = 1,  // a policy that fails its check, a device nobody knows
  kBadInput = 2,    // wrong usage, or a file that cannot be read
  kNoDaemon = 3,    // nobody listens, or no answer in time
  kNotPermitted = 4,
};

}  // namespace wardline::cli
