#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "controlplane/policy/signatures.h"

// What the shipped signatures find in a capture, flow by flow, with the worker's parser and gatherer but no worker.
namespace wardline::classify {

struct FoundFlow {
  std::string app;  // of the highest confidence that any scan gave; "" for none
  std::string signature;
  int confidence = 0;
  std::set<std::string> threats;
  int failed_scans = 0;
};

// By "tcp 10.0.0.1:80 10.0.0.2:1024", the endpoints in the order of their texts. A capture that cannot be read is
// empty.
std::map<std::string, FoundFlow> flows_of_capture(const std::string& path, const policy::SignatureSet& signatures);

// The key of a flow whose endpoints are written "address:port".
std::string flow_key_text(const std::string& proto, const std::string& one, const std::string& other);

}  // namespace wardline::classify
