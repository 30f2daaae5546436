#include "certificate_words.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <openssl/x509v3.h>

#include <memory>
#include <vector>

namespace toolkit::net {
namespace {

constexpr std::size_t kNamesShown = 3;

std::string bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

// The names and addresses that it is for (RFC 6125: subjectAltName).
std::vector<std::string> names_of(X509* leaf) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_DNS) {
      names.push_back(printable(bytes_of(name->d.dNSName)));
    } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
      const unsigned char* part = ASN1_STRING_get0_data(name->d.iPAddress);
      names.push_back(fmt::format("{}.{}.{}.{}", part[0], part[1], part[2], part[3]));
    }
  }
  return names;
}

std::string other_name(X509* leaf, const std::string& wanted) {
  const auto names = leaf != nullptr ? names_of(leaf) : std::vector<std::string>{};
  if (names.empty()) {
    return fmt::format("the certificate names no host, and is wanted for {}", wanted);
  }
  std::string list;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    list += (i == 0 ? "" : ", ") + names[i];
  }
  return fmt::format("the certificate is for {}{}, not for {}", list,
                     names.size() > kNamesShown ? ", …" : "", wanted);
}

}  // namespace

std::string certificate_words(int error, X509* leaf, const std::string& wanted) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the certificate is not valid yet: is this machine's clock right?";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return other_name(leaf, wanted);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "the certificate is signed by itself, and not a trusted one";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return "the certificate is signed by an authority that is not trusted here";
    case X509_V_ERR_CERT_REVOKED:
      return "the certificate has been revoked";
    case X509_V_ERR_INVALID_PURPOSE:
      return "the certificate is not one for servers";
    default:
      return fmt::format("the certificate is not accepted: {}",
                         X509_verify_cert_error_string(error));
  }
}

}  // namespace toolkit::net
