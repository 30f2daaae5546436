#pragma once
// Where the certificates of the authorities are that this machine trusts.

#include <string>

namespace toolkit::net {

/// `given` if there is one, else $SSL_CERT_FILE, else the first file that exists among the places
/// of Debian, Red Hat, SUSE and Alpine (the list of Go's crypto/x509, root_linux.go). Empty for
/// none.
[[nodiscard]] std::string ca_bundle(const std::string& given);

}  // namespace toolkit::net
