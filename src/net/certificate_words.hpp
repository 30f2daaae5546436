#pragma once
// What is wrong with a certificate, in plain words.

#include <openssl/x509.h>

#include <string>

namespace toolkit::net {

/// For an error of verification (X509_V_ERR_*): "the certificate has expired", "the certificate is
/// for other.example, not for db". `leaf` may be null.
[[nodiscard]] std::string certificate_words(int error, X509* leaf, const std::string& wanted);

}  // namespace toolkit::net
