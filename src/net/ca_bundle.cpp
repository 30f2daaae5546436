#include "ca_bundle.hpp"

#include <unistd.h>

#include <cstdlib>

namespace toolkit::net {
namespace {

constexpr const char* kPlaces[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Gentoo, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, Red Hat 6
    "/etc/ssl/ca-bundle.pem",                             // SUSE
    "/etc/pki/tls/cacert.pem",                            // OpenELEC
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // CentOS, Red Hat 7
    "/etc/ssl/cert.pem",                                  // Alpine
};

}  // namespace

std::string ca_bundle(const std::string& given) {
  if (!given.empty()) {
    return given;
  }
  if (const char* named = std::getenv("SSL_CERT_FILE"); named != nullptr && *named != '\0') {
    return named;
  }
  for (const char* place : kPlaces) {
    if (::access(place, R_OK) == 0) {
      return place;
    }
  }
  return {};
}

}  // namespace toolkit::net
