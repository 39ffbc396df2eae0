#pragma once
#include <string>

#include "controlplane/identity/observers.h"

namespace wardline::identity {

// What a message of NTLM (MS-NLMP, 2.2.1) tells of the machine that wrote it. Empty where it does not say.
struct NtlmSpeaker {
  std::string hostname, domain;
  std::string os;  // "Windows 10.0.17763"
};

// The first NTLM message in a token of SPNEGO, or by itself: of a server's challenge its own names, of a client's the
// work station. Never the user, nor the user's domain.
NtlmSpeaker read_ntlm(Bytes token);

}  // namespace wardline::identity
