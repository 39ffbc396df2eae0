#pragma once
#include <vector>

#include "controlplane/fingerprint_import/entry.h"
#include "controlplane/fingerprint_import/xml_file.h"

namespace wardline::fingerprint_import {

// Satori's DHCP fingerprints: one entry a test, of those that look into option 55 or 60 of a client's messages.
std::vector<Entry> read_satori(const XmlFile& file);

}  // namespace wardline::fingerprint_import
