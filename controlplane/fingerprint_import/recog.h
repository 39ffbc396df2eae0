#pragma once
#include <vector>

#include "controlplane/fingerprint_import/entry.h"
#include "controlplane/fingerprint_import/xml_file.h"

namespace wardline::fingerprint_import {

// A database of Recog. Each entry's own examples are run: one that does not match, or gives other values than the
// example says, refuses it.
std::vector<Entry> read_recog(const XmlFile& file);

}  // namespace wardline::fingerprint_import
