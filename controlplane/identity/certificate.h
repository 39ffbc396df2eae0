#pragma once
#include <string_view>

#include "controlplane/identity/observers.h"

namespace wardline::identity {

// Names of an X.509 certificate (RFC 5280, 4.1); views into its bytes, empty where it does not say.
struct CertificateNames {
  std::string_view subject, subject_organisation, issuer_organisation;
};

// `der` may be cut off behind the names.
CertificateNames read_certificate(Bytes der);

}  // namespace wardline::identity
