#pragma once
#include <string>
#include <vector>

#include "controlplane/identity/identity.h"

namespace wardline::identity::test {

enum class By { kClient, kServer };

// What is told of bytes that a device sent.
std::vector<Observation> observed(const std::string& app, By by, const std::string& bytes);

// Cut off at every length, the bytes tell nothing that the whole does not tell; with any byte bent, nothing that is
// too long for a record.
void expect_stands_up_to_hostile_bytes(const std::string& app, By by, const std::string& whole);

// Numbers as they stand on the wire.
std::string big16(unsigned number);
std::string big32(unsigned number);
std::string little16(unsigned number);
std::string little32(unsigned number);

// Each letter as a little-endian unit of UTF-16.
std::string utf16(const std::string& ascii);

}  // namespace wardline::identity::test
