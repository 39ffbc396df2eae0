#pragma once
#include <cstdint>
#include <string>

#include "controlplane/fingerprint_import/entry.h"

namespace wardline::fingerprint_import {

// The fingerprint as an entry of a `fingerprints:` list.
std::string yaml_of(const Fingerprint& told, const std::string& id, const std::string& title,
                    const std::string& source);

// A name for it: what stands before, and the title in small letters, digits and hyphens; at most 56 bytes.
std::string id_of(const std::string& before, const std::string& title);

}  // namespace wardline::fingerprint_import
