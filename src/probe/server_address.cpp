#include "server_address.hpp"

#include <fmt/core.h>

#include <charconv>

namespace toolkit::probe {
namespace {

// The part of the target that a view into its text shows. Where quotes or backslashes were taken
// out the columns do not agree any more, and the whole target stands for it.
condition::Piece piece_of(const condition::Piece& target, std::string_view part) {
  if (target.length != target.text.size() || part.empty()) {
    return target;
  }
  const auto at = static_cast<std::size_t>(part.data() - target.text.data());
  return {std::string(part), target.offset + at, part.size()};
}

struct Parts {
  std::string_view user_info, endpoint, name;
  bool has_user_info = false;
};

Parts take_apart(std::string_view text) {
  Parts parts;
  text.remove_prefix(2);
  const std::string_view authority = text.substr(0, text.find('/'));
  if (authority.size() < text.size()) {
    parts.name = text.substr(authority.size() + 1);
  }
  const std::size_t at = authority.rfind('@');
  parts.has_user_info = at != std::string_view::npos;
  parts.user_info = parts.has_user_info ? authority.substr(0, at) : std::string_view();
  parts.endpoint = parts.has_user_info ? authority.substr(at + 1) : authority;
  return parts;
}

// Whether all of it could be decoded.
bool decode_user_info(std::string_view text, ServerAddress& address) {
  const std::size_t colon = text.find(':');
  const auto user = decode_percent(text.substr(0, colon));
  const auto password =
      colon == std::string_view::npos ? user : decode_percent(text.substr(colon + 1));
  if (!user || !password) {
    return false;
  }
  if (!user->empty()) {
    address.user = *user;
  }
  if (colon != std::string_view::npos) {
    address.password = *password;
  }
  return true;
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc{} || digits.size() != 2 || end != digits.data() + 2 || value == 0) {
      return std::nullopt;
    }
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded.find('\0') == std::string::npos ? std::optional(std::move(decoded)) : std::nullopt;
}

tl::expected<ServerAddress, condition::Mistake> parse_server_address(const condition::Leaf& leaf,
                                                                     std::uint16_t default_port) {
  const std::string example = fmt::format("{}://USER@HOST:{}/NAME", leaf.scheme.text, default_port);
  const auto wrong = [&](std::string_view part, std::string_view what) {
    return mistake(leaf, piece_of(leaf.target, part), fmt::format("{}: {}", leaf.scheme.text, what),
                   example);
  };
  if (auto unknown = unknown_parameter(leaf, {})) {
    return tl::unexpected(std::move(*unknown));
  }
  const std::string_view text = leaf.target.text;
  if (!text.starts_with("//")) {
    return wrong(text, "needs //HOST");
  }
  const Parts parts = take_apart(text);
  if (const std::size_t query = text.find('?'); query != std::string_view::npos) {
    return wrong(text.substr(query), "takes nothing after a question mark");
  }
  auto endpoint = net::parse_endpoint(parts.endpoint, default_port);
  if (!endpoint) {
    return wrong(parts.endpoint, "needs a host, and a number for its port");
  }
  ServerAddress address;
  address.endpoint = std::move(*endpoint);
  if (parts.has_user_info && !decode_user_info(parts.user_info, address)) {
    return wrong(parts.endpoint, "has a broken %-escape before the @");
  }
  const auto name = decode_percent(parts.name);
  if (!name || name->find('/') != std::string::npos) {
    return wrong(parts.name, "needs one name after the host");
  }
  address.name = *name;
  return address;
}

}  // namespace toolkit::probe
