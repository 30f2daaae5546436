#include <toolkit/net/digest.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/random.h>

#include <algorithm>

namespace toolkit::net {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// A configuration that loads a provider module would crash a static binary.
void start_without_configuration() {
  (void)::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

std::string digest(const EVP_MD* kind, std::string_view bytes) {
  start_without_configuration();
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  const bool done =
      ::EVP_Digest(bytes.data(), bytes.size(), bytes_of(result), &size, kind, nullptr) == 1;
  result.resize(done ? size : 0);
  return result;
}

}  // namespace

std::string md5(std::string_view bytes) { return digest(::EVP_md5(), bytes); }
std::string sha1(std::string_view bytes) { return digest(::EVP_sha1(), bytes); }
std::string sha256(std::string_view bytes) { return digest(::EVP_sha256(), bytes); }

PiecewiseDigest::PiecewiseDigest(Kind kind) : context_(::EVP_MD_CTX_new()) {
  start_without_configuration();
  (void)::EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_.get()),
                            kind == Kind::md5 ? ::EVP_md5() : ::EVP_sha256(), nullptr);
}

void PiecewiseDigest::add(std::string_view bytes) {
  (void)::EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_.get()), bytes.data(), bytes.size());
}

std::string PiecewiseDigest::take() {
  auto* context = static_cast<EVP_MD_CTX*>(context_.get());
  std::string result(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  (void)::EVP_DigestFinal_ex(context, bytes_of(result), &size);
  (void)::EVP_DigestInit_ex(context, nullptr, nullptr);
  result.resize(size);
  return result;
}

void PiecewiseDigest::Free::operator()(void* context) const {
  ::EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context));
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  start_without_configuration();
  std::string result(32, '\0');
  unsigned size = 0;
  const auto* done = ::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
                            bytes_of(bytes), bytes.size(), bytes_of(result), &size);
  result.resize(done != nullptr ? size : 0);
  return result;
}

std::string pbkdf2_sha256(std::string_view password, std::string_view salt, int iterations) {
  start_without_configuration();
  std::string result(32, '\0');
  const int done =
      ::PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), bytes_of(salt),
                          static_cast<int>(salt.size()), iterations, ::EVP_sha256(),
                          static_cast<int>(result.size()), bytes_of(result));
  result.resize(done == 1 ? result.size() : 0);
  return result;
}

std::string random_bytes(std::size_t count) {
  std::string result(count, '\0');
  // Up to 256 bytes come whole (getrandom(2)).
  const ssize_t got = ::getrandom(result.data(), result.size(), 0);
  return got == static_cast<ssize_t>(count) ? result : std::string();
}

std::string to_base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // and the NUL that is written
  const int size =
      ::EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  // EVP_DecodeBlock(3) skips blanks, and takes padding anywhere.
  const std::string_view padding = text.substr(std::min(text.find('='), text.size()));
  if (text.size() % 4 != 0 || text.find_first_of(" \t\r\n") != std::string_view::npos ||
      (!padding.empty() && padding != "=" && padding != "==")) {
    return std::nullopt;
  }
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size =
      ::EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size()));
  if (size < 0) {
    return std::nullopt;
  }
  bytes.resize(static_cast<std::size_t>(size) - padding.size());  // which is counted as bytes
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

}  // namespace toolkit::net
