#include "scram.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/net/digest.hpp>

namespace toolkit::probe {
namespace {

// The value of one attribute: "r=…,s=…,i=4096".
std::string_view attribute(std::string_view message, char name) {
  for (const std::string_view part : split(message, ',')) {
    if (part.size() > 2 && part[0] == name && part[1] == '=') {
      return part.substr(2);
    }
  }
  return {};
}

std::string exclusive_or(std::string left, std::string_view right) {
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    left[i] = static_cast<char>(left[i] ^ right[i]);
  }
  return left;
}

}  // namespace

Scram::Scram(std::string user, std::string password, std::string nonce)
    : password_(std::move(password)),
      nonce_(std::move(nonce)),
      first_bare_("n=" + user + ",r=" + nonce_) {}

std::string Scram::first_message() const { return "n,," + first_bare_; }

std::optional<std::string> Scram::final_message(std::string_view server_first) {
  const std::string_view nonce = attribute(server_first, 'r');
  const auto salt = net::from_base64(attribute(server_first, 's'));
  const auto iterations = parse_whole(attribute(server_first, 'i'));
  if (nonce_.empty() || nonce.size() <= nonce_.size() || !nonce.starts_with(nonce_) || !salt ||
      salt->empty() || !iterations || *iterations < 1 || *iterations > kMostIterations) {
    return std::nullopt;
  }
  // RFC 5802 3: "biws" is the base64 of "n,,".
  const std::string final_bare = "c=biws,r=" + std::string(nonce);
  const std::string all = first_bare_ + "," + std::string(server_first) + "," + final_bare;
  const std::string salted = net::pbkdf2_sha256(password_, *salt, static_cast<int>(*iterations));
  const std::string client_key = net::hmac_sha256(salted, "Client Key");
  const std::string proof =
      exclusive_or(client_key, net::hmac_sha256(net::sha256(client_key), all));
  server_signature_ = net::to_base64(net::hmac_sha256(net::hmac_sha256(salted, "Server Key"), all));
  return final_bare + ",p=" + net::to_base64(proof);
}

bool Scram::is_genuine(std::string_view server_final) const {
  return !server_signature_.empty() && attribute(server_final, 'v') == server_signature_;
}

}  // namespace toolkit::probe
