#pragma once
#include "controlplane/identity/observers.h"

namespace wardline::identity {

// What C-STORE says of the equipment that made an object, in the PDUs behind an association request. Of a data set five
// elements are read by their tags, and no other value: the others are a patient's.
void tell_stored_device(Bytes pdus, Observations& out);

}  // namespace wardline::identity
