#pragma once
#include <string>

#include "controlplane/signature_import/convert.h"

namespace wardline::signature_import {

// The signature as an entry of a `signatures:` list, with this payload as its example and one that just misses it.
std::string yaml_of(const Signature& signature, const std::string& example, const std::string& near_miss);

}  // namespace wardline::signature_import
