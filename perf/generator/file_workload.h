#pragma once
#include <expected>
#include <memory>
#include <string>

#include "perf/generator/workload.h"

namespace wardline::perf {

// A workload file, replayed for ever; no pass repeats a conversation of one shortly before.
std::expected<std::unique_ptr<Workload>, std::string> make_file_workload(const std::string& path, Share share);

}  // namespace wardline::perf
